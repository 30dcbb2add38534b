"""Fixtures that all tests share."""

from __future__ import annotations

from tests.isolation import isolate

isolate()
# Import modules that read the environment only after this.
import functools  # noqa: E402
import traceback  # noqa: E402
from typing import Any  # noqa: E402

import pulumi.runtime.resource as sdk  # noqa: E402
import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

from slipway.parts import digests  # noqa: E402

# How long an example takes depends on how busy the machine is.
settings.register_profile("slipway", deadline=None)
settings.load_profile("slipway")

_position: Any = sdk._get_source_position_for_frame  # pyright: ignore[reportPrivateUsage]


@functools.cache
def _position_of(file: str, line: int) -> Any:
    return _position(traceback.FrameSummary(file, line, "", lookup_line=False))


def _position_of_frame(frame: traceback.FrameSummary) -> Any:
    return _position_of(frame.filename, frame.lineno or 0)


# For each resource, the SDK makes a URI of each frame on the stack. There are many below a test.
sdk.__dict__["_get_source_position_for_frame"] = _position_of_frame


@pytest.fixture(autouse=True)
def cheap_digests(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the digests of secrets cheap, except in tests marked `costly`. By design one takes a tenth of a second."""
    if "costly" not in request.keywords:
        monkeypatch.setattr(digests, "COST", 2**4)
