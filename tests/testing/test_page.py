"""The examples in docs/testing.md run as they are written there."""

from __future__ import annotations

import re

import pytest

from tests.repository import ROOT
from tests.testing import programs

assert programs
PAGE = (ROOT / "docs/testing.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^```(?:python|yaml)\n# (\S+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
(SHOWN,) = re.findall(r"^```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_examples_pass_and_the_one_that_is_wrong_fails_as_shown(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    for name, text in FILES.items():
        file = pytester.path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    result = pytester.runpytest_inprocess("-Werror", "-pno:cacheprovider", "-pno:xdist", "--update-golden")
    result.assert_outcomes(passed=9, failed=1)
    assert [line for line in SHOWN.splitlines() if line not in result.outlines] == []
    assert len(re.findall("^```python", PAGE, re.MULTILINE)) == sum(name.endswith(".py") for name in FILES)
    golden = "\n".join(file.read_text() for file in (pytester.path / "tests/golden/prod").iterdir())
    assert "kind: Deployment" in golden
    assert "for-tests" not in golden
