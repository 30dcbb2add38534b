"""Released images: their names, the check in their registry, and the image lock file."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pulumi
import yaml

from slipway.images.registry import RegistryError, find_digest, is_offline
from slipway.parts.arguments.checked import checked

LOCK_FILE = "images.lock.yaml"
"""The name of the image lock file. It is beside the stack files."""

_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class ReleaseError(pulumi.RunError):
    """A release is not in its registry, or the lock file is invalid. `pulumi up` shows the message in one line."""


@checked
@dataclass(frozen=True, kw_only=True)
class Release:
    """An image that was built and pushed.

    - `repository`, `tag`: its name, as in `ImageArgs`.
    - `digest`: runs exactly the image with this digest (`sha256:…`). None means the image that the tag names.
    - `pin_digest`: looks the digest up in the registry. An offline preview does not know the digest.

    Raises ValueError for a tag or digest that is not valid in a registry.
    """

    repository: str
    tag: str
    digest: str | None = None
    pin_digest: bool = False

    def __post_init__(self) -> None:
        if not _TAG.fullmatch(self.tag):
            raise ValueError(f"tag {self.tag!r} of {self.repository} is not one: use letters, digits, '_', '.' and '-'")
        if self.digest is not None and not _DIGEST.fullmatch(self.digest):
            raise ValueError(f"digest {self.digest!r} of {self.repository} is not one: sha256: and 64 hex digits")

    @property
    def reference(self) -> str:
        return f"{self.repository}:{self.tag}" + (f"@{self.digest}" if self.digest else "")

    def verified(self) -> Release:
        """This release, after a check that its registry has it. With `pin_digest`, the result has the digest.

        Raises ReleaseError if the registry does not have the image, and RegistryError if the registry does not say.
        In `pulumi preview` both are only warnings, as a pull request may run it without a login and before the image is
        built. Nothing is checked if the program runs offline (`registry.is_offline`).
        """
        if is_offline():
            return self
        try:
            digest = find_digest(self.repository, self.digest or self.tag)
            if digest is None:
                raise ReleaseError(
                    f"{self.reference} is not in its registry: deploy the stack that builds it, or `make image` it"
                )
        except (RegistryError, ReleaseError) as error:
            if not pulumi.runtime.is_dry_run():
                raise
            pulumi.log.warn(f"an update would be refused: {error}")
            return self
        return replace(self, digest=digest) if self.pin_digest else self


@checked
def read_lock(file: Path) -> dict[str, Release]:
    """The releases in an image lock file, by repository. Empty if the file does not exist.

    The file is YAML, with the `tag` and `digest` of the latest release under each repository. `make release` writes it.
    To promote a release, commit the file. Raises ReleaseError for any other content.
    """
    try:
        stated: Any = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        return {name: _entry(name, entry) for name, entry in stated.items()}
    except FileNotFoundError:
        return {}
    except (yaml.YAMLError, AttributeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise ReleaseError(f"{file} is no image lock file ({reason}): restore it, or `make release` again") from None


def _entry(name: Any, entry: Any) -> Release:
    match entry:
        case {"tag": str(tag), "digest": str(digest), **more} if isinstance(name, str) and not more:
            return Release(repository=name, tag=tag, digest=digest)
        case _:
            raise ValueError(f"{name} has not a tag and a digest, in quotes, and nothing else")
