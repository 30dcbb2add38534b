"""Fixtures that all tests share."""

from __future__ import annotations

from tests.isolation import isolate

isolate()
# What reads the environment when it is imported comes after.
from collections.abc import Callable  # noqa: E402

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

from slipway.parts import digests  # noqa: E402
from tests.recorder import Recording, record  # noqa: E402

# How long an example takes says how busy the machine is.
settings.register_profile("slipway", deadline=None)
settings.load_profile("slipway")


@pytest.fixture(autouse=True)
def cheap_digests(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret's digest takes a tenth of a second by design; it does in a test that is marked `costly`."""
    if "costly" not in request.keywords:
        monkeypatch.setattr(digests, "COST", 2**4)


@pytest.fixture
def deploy() -> Callable[..., Recording]:
    """`deploy(program)` runs it to its end and tells what it registered (see `tests.recorder.record`)."""
    return record
