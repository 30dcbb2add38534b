"""Finds the base images of a Dockerfile and takes them from a mirror.

https://docs.docker.com/reference/dockerfile/#understand-how-arg-and-from-interact
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")
_HEREDOC = re.compile(r"(?:^|\s)\d*<<-?([\"']?)(\w+)\1(?:\s|$)")


def mirrored(dockerfile: Path, mirror: str, build_args: Mapping[str, str]) -> dict[str, str]:
    """The build arguments that make a Dockerfile take its base images from a mirror.

    With the mirror `mirror.example.com/all`, `ARG GO_IMAGE=golang:1.26` and `FROM ${GO_IMAGE}` give
    `{"GO_IMAGE": "mirror.example.com/all/docker.io/library/golang:1.26"}`. The mirror holds each image under its full
    name. Arguments in `build_args` stay as they are. Raises ValueError for an image that no argument can change.
    """
    defaults: dict[str, str] = {}
    stages: list[str] = []
    found: dict[str, str] = {}
    for line, instruction in _instructions(dockerfile):
        word, *rest = instruction.split()
        if word.upper() == "ARG" and not stages:
            defaults |= _defaults(instruction)
            continue
        if word.upper() == "FROM":
            image, *named = (one for one in rest if not one.startswith("--"))
            asked = [image]
            stages.append(named[-1].lower() if named else "")
        elif word.upper() == "COPY":
            asked = [one.removeprefix("--from=") for one in rest if one.startswith("--from=")]
        else:
            continue
        for image in asked:
            name = _variable(image)
            if name in defaults:
                if name not in build_args:
                    found[name] = f"{mirror}/{_full_name(defaults[name])}"
            elif name not in build_args and not image.isdecimal() and image.lower() not in ("scratch", *stages):
                raise ValueError(
                    f"{dockerfile}:{line}: {image} cannot be taken from the mirror {mirror}: give it as the default "
                    f"of an ARG before the first FROM, as in `FROM ${{BASE_IMAGE}}`"
                )
    return found


def _instructions(dockerfile: Path) -> Iterator[tuple[int, str]]:
    """Each instruction with the number of its first line. Leaves out comments and the text of heredocs."""
    begun: list[str] = []
    first, heredoc = 0, ""
    for number, line in enumerate(dockerfile.read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        if heredoc:
            heredoc = "" if text == heredoc else heredoc
        elif text and not text.startswith("#"):
            first = first if begun else number
            begun.append(text.removesuffix("\\"))
            if not text.endswith("\\"):
                yield first, " ".join(begun)
                begun = []
                heredoc = found[2] if (found := _HEREDOC.search(text)) else ""


def _defaults(instruction: str) -> dict[str, str]:
    stated = (word.partition("=") for word in shlex.split(instruction)[1:])
    return {name: default for name, equals, default in stated if equals}


def _variable(image: str) -> str:
    found = _VARIABLE.fullmatch(image)
    return found[1] or found[2] if found else ""


def _full_name(image: str) -> str:
    """The full name of an image, as Docker completes it: `golang:1.26` is `docker.io/library/golang:1.26`."""
    host, slash, _ = image.partition("/")
    if slash and ("." in host or ":" in host or host == "localhost"):
        return image
    return f"docker.io/{image}" if slash else f"docker.io/library/{image}"
