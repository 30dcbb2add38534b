"""Images that exist already: how they are named, found in their registry, and kept in the lock file."""

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
"""What the image lock file is called, which stands beside the stacks' own files."""

_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class ReleaseError(pulumi.RunError):
    """A release that is not where it is said to be. One line, which `pulumi up` shows without a traceback."""


@checked
@dataclass(frozen=True, kw_only=True)
class Release:
    """An image that was built and pushed.

    - `repository` and `tag`: its name, as in `ImageArgs`.
    - `digest`: as in `sha256:…`, where exactly this is to run; None for what the tag says.
    - `pin_digest`: where no digest is given, the registry's is used. An offline preview does not know it.

    Raises ValueError for a tag or digest that no registry takes.
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
        """Itself, once its registry has said that it has it; with the digest, if that is to be pinned.

        Raises ReleaseError where the registry has no such image, and RegistryError where it does not
        say. Both are warnings in `pulumi preview`, which a pull request may run without a login and
        before anything of it is built. Unchanged where no registry is asked (`registry.is_offline`).
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
    """The releases in an image lock file, by repository; none where there is no such file.

    The file is YAML: under each repository the `tag` and `digest` of its latest release. `make
    release` writes it, and committing it is what promotes. Raises ReleaseError for any other content.
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
