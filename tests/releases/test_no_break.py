"""Programs that were written for the last release: this code does nothing to what they have made."""

from __future__ import annotations

import subprocess
import sys
from copy import deepcopy
from typing import Any

import pytest

from tests.releases.differences import differences
from tests.releases.record import last_record, version
from tests.repository import ROOT

NAMESPACE = "urn:pulumi:dev::shop::slipway:index:Namespace$kubernetes:core/v1:Namespace::shop"
PLAN: dict[str, Any] = {
    "dev": {
        "outputs": {"host": "web.shop.svc"},
        "resources": {NAMESPACE: {"inputs": {"metadata": {"name": "shop", "finalizers": ["a"]}}}},
    }
}
SHOWN = NAMESPACE.split("::", 2)[2]


def test_programs_of_the_last_release_have_a_plan_without_an_operation() -> None:
    # In a process of its own: digests at their full cost, and no stacks but those of the record.
    command = [sys.executable, "-m", "tests.releases.record", "check"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert not ran.stdout, (
        f"`pulumi up` would change what programs of {last_record().name} have made:\n{ran.stdout}"
        "give what was renamed an alias; before the release, scripts/record-release writes the record anew"
    )


def test_the_last_release_is_the_version_of_this_code_or_one_before() -> None:
    def numbers(text: str) -> list[int]:
        return [int(part) for part in text.split(".")]

    assert numbers(last_record().name) <= numbers(version())


def moved(urn: str, *aliases: str) -> dict[str, Any]:
    now = deepcopy(PLAN)
    resource = now["dev"]["resources"].pop(NAMESPACE)
    now["dev"]["resources"][urn] = {**resource, "aliases": list(aliases)}
    return now


def changed(path: list[Any], value: object) -> dict[str, Any]:
    now: Any = deepcopy(PLAN)
    inside = now["dev"]
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    return now


INPUTS = ["resources", NAMESPACE, "inputs", "metadata"]
TOKEN, CHILD = NAMESPACE.replace("index:N", "access:N"), f"{NAMESPACE}-room"


@pytest.mark.parametrize(
    ("now", "lines"),
    [
        (PLAN, []),
        (
            moved(TOKEN),
            [f"{TOKEN.split('::', 2)[2]} is made anew: no alias names one that there was", f"{SHOWN} is deleted"],
        ),
        (moved(CHILD), [f"{SHOWN}-room is made anew: no alias names one that there was", f"{SHOWN} is deleted"]),
        (moved(TOKEN, NAMESPACE), []),
        (changed([*INPUTS, "name"], "shops"), [f"{SHOWN}: metadata.name was 'shop', is 'shops'"]),
        (changed([*INPUTS, "labels"], {"a": "b"}), [f"{SHOWN}: metadata.labels was None, is {{'a': 'b'}}"]),
        (changed([*INPUTS, "finalizers"], ["b"]), [f"{SHOWN}: metadata.finalizers[0] was 'a', is 'b'"]),
        (changed([*INPUTS, "finalizers"], []), [f"{SHOWN}: metadata.finalizers was ['a'], is []"]),
        (changed(["outputs"], {}), ["output host was 'web.shop.svc', is None"]),
        (
            changed(["resources", CHILD], {"inputs": {}}),
            [f"{SHOWN}-room is made anew: no alias names one that there was"],
        ),
        ({}, [f"{SHOWN} is deleted", "output  was {'host': 'web.shop.svc'}, is None"]),
    ],
    ids=[
        "nothing",
        "token",
        "child",
        "alias",
        "field",
        "new field",
        "item",
        "items",
        "output",
        "new resource",
        "stack",
    ],
)
def test_what_an_engine_would_do_is_told(now: dict[str, Any], lines: list[str]) -> None:
    assert differences(PLAN, now) == [f"dev: {line}" for line in lines]
