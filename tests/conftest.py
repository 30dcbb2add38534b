"""Fixtures that all tests share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import settings

from tests.recorder import Recording, record

# How long an example takes says how busy the machine is.
settings.register_profile("slipway", deadline=None)
settings.load_profile("slipway")


@pytest.fixture
def deploy() -> Callable[..., Recording]:
    """`deploy(program)` runs it to its end and tells what it registered (see `tests.recorder.record`)."""
    return record
