"""What the tests of the preview share."""

from __future__ import annotations

import functools

import pytest

from slipway.preview import config
from slipway.preview.secrets import decrypter

_decrypter = functools.lru_cache(decrypter)


@pytest.fixture(autouse=True)
def _one_derivation_a_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    """Deriving the key is slow on purpose (half a second), so each process of tests does it once."""
    monkeypatch.setattr(config, "decrypter", _decrypter)
