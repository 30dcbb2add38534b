"""The manifests of every stack, as they are kept beside the tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from slipway.testing import Golden, Render

GOLDEN = Path(__file__).parent / "golden"
STACKS = ("dev", "prod", "staging")


@pytest.mark.parametrize("stack", STACKS)
def test_the_stacks_render_what_is_kept(stack: str, render: Render, golden: Golden) -> None:
    golden(render(stack))


def test_every_stack_is_kept_and_no_other() -> None:
    assert sorted(folder.name for folder in GOLDEN.iterdir()) == sorted(STACKS)


def test_what_is_kept_holds_no_secret() -> None:
    texts = [file.read_text(encoding="utf-8") for file in GOLDEN.rglob("*.yaml")]
    secrets = [text for text in texts if "kind: Secret\n" in text]
    assert secrets, "staging and prod have a Secret"
    assert all("API_TOKEN: '[secret]'" in text for text in secrets)
