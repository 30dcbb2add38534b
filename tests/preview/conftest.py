"""What the tests of the preview share."""

from __future__ import annotations

import functools
import os

import pytest

import preview.config
from preview.secrets import decrypter

_decrypter = functools.lru_cache(decrypter)


@pytest.fixture(autouse=True)
def _one_derivation_a_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    """The key's derivation is slow on purpose: half a second, once for all tests of a process."""
    monkeypatch.setattr(preview.config, "decrypter", _decrypter)


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    """What whoever runs the tests has set for Pulumi or a terminal is not theirs to know."""
    for name in os.environ:
        if name.startswith("PULUMI_") or name in ("NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name)
