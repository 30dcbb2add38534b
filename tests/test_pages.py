"""Whether a page that has gone stale is noticed: each test is of a fault in a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pages import Command, Edit, steps

SAID = """registry localhost:5001, as the cluster offers it
Step 1/9 : FROM golang
localhost:5001/shop:a0e157dddf92: is in the registry already
http: shop.shop-dev.svc:8080, 10.96.7.50:8080
1 failed, 2 passed in 2.84s
"""
PAGE = """registry localhost:5001, as the cluster offers it
…
localhost:5001/shop:a0e157dddf92: built and pushed
http: shop.shop-dev.svc:8080, 10.96.5.205:8080
1 failed, 2 passed in 3.88s
"""


def printed(page: str) -> bool:
    return Command(command="make apply", output=page).printed(SAID)


def test_times_addresses_and_what_an_earlier_run_has_pushed_are_no_difference():
    assert printed(PAGE)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("the cluster offers", "a cluster offers"),
        ("a0e157dddf92", "a0e157dddf93"),
        ("1 failed", "2 failed"),
        ("http: shop.shop-dev.svc:8080", "http: shop.shop-dev.svc:8081"),
        ("http: shop.shop-dev.svc:8080, 10.96.5.205:8080\n", ""),
        ("…\n", ""),
        ("3.88s\n", "3.88s\nand more\n"),
    ],
)
def test_any_other_line_is(was: str, now: str):
    assert was in PAGE
    assert not printed(PAGE.replace(was, now))


def test_an_edit_of_what_is_not_there_or_there_twice_fails(tmp_path: Path):
    edit = Edit(path="a.py", before="one\ntwo\n", after="one\nthree\n")
    assert list(steps("```diff\n@@ a.py @@\n one\n-two\n+three\n```\n")) == [edit]
    for text in ("one\ntow\n", "one\ntwo\none\ntwo\n"):
        (tmp_path / "a.py").write_text(text)
        with pytest.raises(AssertionError, match="does not have this once"):
            edit.make(tmp_path)
    (tmp_path / "a.py").write_text("zero\none\ntwo\n")
    edit.make(tmp_path)
    assert (tmp_path / "a.py").read_text() == "zero\none\nthree\n"


@pytest.mark.parametrize(
    "block",
    ["```sh\nmake test\n```\n", "```\nmake test\n```\n", "```diff\n-two\n```\n", "```diff\n@@ a @@\ntwo\n```\n"],
)
def test_a_block_that_nothing_would_run_fails(block: str):
    with pytest.raises(AssertionError):
        list(steps(block))
