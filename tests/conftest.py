"""Fixtures that all tests share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.recorder import Recording, record


@pytest.fixture
def deploy() -> Callable[..., Recording]:
    """`deploy(program)` runs it to its end and tells what it registered (see `tests.recorder.record`)."""
    return record
