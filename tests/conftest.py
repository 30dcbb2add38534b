"""Fixtures that all tests share."""

from __future__ import annotations

from tests.isolation import isolate

isolate()
# What reads the environment when it is imported comes after.
from collections.abc import Callable  # noqa: E402

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

from tests.recorder import Recording, record  # noqa: E402

# How long an example takes says how busy the machine is.
settings.register_profile("slipway", deadline=None)
settings.load_profile("slipway")


@pytest.fixture
def deploy() -> Callable[..., Recording]:
    """`deploy(program)` runs it to its end and tells what it registered (see `tests.recorder.record`)."""
    return record
