"""Parses an image name by the grammar that registries and kubelets use.

https://github.com/distribution/reference/blob/main/reference.go
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:]+\])(?::[0-9]+)?"
_STEP = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
_PATH = rf"{_STEP}(?:/{_STEP})*"
_TAG = r"\w[\w.-]{0,127}"
_ALGORITHM = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*"
_REFERENCE = re.compile(
    rf"(?:(?P<host>{_HOST})/)?(?P<path>{_PATH})(?::(?P<tag>{_TAG}))?(?:@(?P<digest>{_ALGORITHM}:[0-9A-Fa-f]{{32,}}))?",
    re.ASCII,
)
_DIGITS = {"sha256": 64, "sha384": 96, "sha512": 128}
_LONGEST = 1024
_LONGEST_PATH = 255


@dataclass(frozen=True, kw_only=True)
class ImageName:
    """An image as a kubelet reads it. `host` is None for an image on Docker Hub that is named without a host."""

    host: str | None
    path: str
    tag: str | None
    digest: str | None

    @property
    def official(self) -> str | None:
        """The name of an official image of Docker Hub, such as `nginx`; None for any other image."""
        if self.host not in (None, "docker.io", "index.docker.io"):
            return None
        path = self.path.removeprefix("library/")
        return path if "/" not in path else None


def parse(image: str) -> ImageName | str:
    """The parsed image; or, for an invalid name, a clause that says what is wrong and what to do."""
    found = _REFERENCE.fullmatch(image) if len(image) <= _LONGEST else None
    if found is None:
        return _fault(image)
    host, path, tag, digest = found.group("host", "path", "tag", "digest")
    if digest and (fault := _digest_fault(digest)):
        return fault
    if len(path) > _LONGEST_PATH:
        return f"its path has {len(path)} characters and may have {_LONGEST_PATH}: shorten it"
    if re.fullmatch(r"[0-9a-f]{64}", image):
        return "64 hex digits are an image's id, which no registry knows: name the repository it is in"
    # `team/web` is on Docker Hub; a host has a dot, a port or a capital, or is `localhost`.
    if host and not (re.search(r"[.:A-Z]", host) or host == "localhost"):
        host, path = None, f"{host}/{path}"
    return ImageName(host=host, path=path, tag=tag, digest=digest)


def _fault(image: str) -> str:
    if len(image) > _LONGEST:
        return f"it has {len(image)} characters, more than any image's name: shorten it"
    if image.startswith("urn:pulumi:"):
        kind = image.split("::")[-2].rpartition(":")[2] if image.count("::") > 1 else "resource"
        return f"it is the URN of a resource of type {kind}: pass the image's name instead, such as `image.ref`"
    if "Output[T]" in image or "<pulumi." in image:
        return "it is the text of an Output instead of its value: build it by `pulumi.Output.format` or `apply`"
    if scheme := re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", image):
        return f"an image has no `{scheme[0]}`: leave it out"
    if re.search(r"\s", image):
        return "it has a space or a line's end in it: leave that out"
    name, at, digest = image.partition("@")
    if at and not _REFERENCE.fullmatch(f"a@{digest}"):
        return _digest_fault(digest) or "what follows `@` is no digest: write `sha256:` and 64 hex digits"
    repository, colon, tag = name.rpartition(":")
    if colon and "/" not in tag:
        if _REFERENCE.fullmatch(repository) and not re.fullmatch(_TAG, tag, re.ASCII):
            return _tag_fault(tag)
    else:
        repository = name
    if not repository:
        return "it names no repository: write `repository:tag`"
    lower = repository.lower()
    if lower != repository and _REFERENCE.fullmatch(lower):
        return f"a repository has no capitals: did you mean `{lower}{image.removeprefix(repository)}`?"
    return "its repository is not lower-case letters and digits, with single `.`, `_`, `-` and `/` between them"


def _tag_fault(tag: str) -> str:
    if not tag:
        return "it ends in `:` and no tag follows: add the tag"
    if len(tag) > 128:
        return f"its tag has {len(tag)} characters and may have 128: shorten it"
    return f"its tag `{tag}` is not letters, digits, `_`, `.` and `-`, not starting with `.` or `-`: correct it"


def _digest_fault(digest: str) -> str | None:
    algorithm, _, digits = digest.partition(":")
    if algorithm not in _DIGITS:
        return f"its digest is of no kind that is known: use {', '.join(_DIGITS)}" if digits else None
    if len(digits) != _DIGITS[algorithm]:
        return f"its digest has {len(digits)} hex digits, and {algorithm} has {_DIGITS[algorithm]}: copy all of it"
    if not re.fullmatch(r"[0-9a-f]+", digits):
        return "its digest is not hex digits in lower case: copy it as the registry gives it"
    return None
