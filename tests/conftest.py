"""Fixtures that all tests share."""

from __future__ import annotations

from tests.isolation import isolate

isolate()
# Import modules that read the environment only after this.
import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

from slipway.parts import digests  # noqa: E402

# How long an example takes depends on how busy the machine is.
settings.register_profile("slipway", deadline=None)
settings.load_profile("slipway")


@pytest.fixture(autouse=True)
def cheap_digests(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the digests of secrets cheap, except in tests marked `costly`. By design one takes a tenth of a second."""
    if "costly" not in request.keywords:
        monkeypatch.setattr(digests, "COST", 2**4)
