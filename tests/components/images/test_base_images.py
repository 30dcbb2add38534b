"""Base images come from a mirror by the arguments that name them, or the Dockerfile is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from slipway.images.base_images import mirrored

MIRROR = "mirror.example.com/all"


@pytest.fixture
def dockerfile(tmp_path: Path) -> Path:
    return tmp_path / "Dockerfile"


@pytest.mark.parametrize(
    ("image", "full"),
    [
        ("golang:1.26", "docker.io/library/golang:1.26"),
        ("grafana/loki:3@sha256:abc", "docker.io/grafana/loki:3@sha256:abc"),
        ("gcr.io/distroless/static:nonroot", "gcr.io/distroless/static:nonroot"),
        ("registry:5000/base", "registry:5000/base"),
        ("localhost/base", "localhost/base"),
    ],
)
def test_an_image_is_in_the_mirror_under_its_full_name(dockerfile: Path, image: str, full: str) -> None:
    dockerfile.write_text(f"ARG BASE={image}\nFROM ${{BASE}}\n")
    assert mirrored(dockerfile, MIRROR, {}) == {"BASE": f"{MIRROR}/{full}"}


def test_only_what_images_are_taken_from_is_changed(dockerfile: Path) -> None:
    dockerfile.write_text("""# syntax=docker/dockerfile:1
ARG GO="golang:1.26" VERSION=1.2
arg RUN='alpine:3'
from --platform=$BUILDPLATFORM \\
# a comment of its own, in the middle

  $GO as build
ARG RUN=other
RUN echo $((1<<2))
RUN <<-"END" && true
echo first
FROM nowhere
END
FROM ${RUN}
COPY --from=build --chmod=755 /app /app
COPY --from=0 /app /app
COPY --from=Build /app /app
FROM build AS debug
FROM scratch
""")
    assert mirrored(dockerfile, MIRROR, {}) == {
        "GO": f"{MIRROR}/docker.io/library/golang:1.26",
        "RUN": f"{MIRROR}/docker.io/library/alpine:3",
    }


def test_an_image_that_the_arguments_state_is_left_where_it_is(dockerfile: Path) -> None:
    dockerfile.write_text("ARG A=a\nARG B\nARG C=c\nFROM $A\nFROM ${B}\nFROM $C\n")
    assert mirrored(dockerfile, MIRROR, {"A": "mine", "B": "mine"}) == {"C": f"{MIRROR}/docker.io/library/c"}


@pytest.mark.parametrize(
    ("text", "line", "image"),
    [
        ("FROM golang:1.26", 1, "golang:1.26"),
        ("ARG V=1\n\nFROM \\\n  golang:${V}", 3, "golang:${V}"),
        ("ARG A\nFROM $A", 2, "$A"),
        ("FROM scratch\nARG A=a\nFROM $A", 3, "$A"),
        ("FROM scratch\nCOPY --from=busybox:1 /bin /bin", 2, "busybox:1"),
    ],
)
def test_an_image_that_no_argument_changes_is_refused_with_its_line(
    dockerfile: Path, text: str, line: int, image: str
) -> None:
    dockerfile.write_text(text)
    with pytest.raises(ValueError, match="cannot be taken from the mirror") as told:
        mirrored(dockerfile, MIRROR, {})
    assert str(told.value).startswith(f"{dockerfile}:{line}: {image} cannot")


def test_the_applications_own_dockerfile_can_be_mirrored() -> None:
    found = mirrored(Path("app/Dockerfile"), MIRROR, {})
    assert found.keys() == {"GO_IMAGE", "RUNTIME_IMAGE"}
