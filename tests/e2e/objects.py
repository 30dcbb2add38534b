"""What a few lines of a program make, put into the cluster without the engine."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from slipway.testing import deploy
from slipway.testing.deployed import Program
from tests.e2e.site import Site


def rendered(program: Program) -> list[dict[str, Any]]:
    """The objects that the program makes, in the order in which they are applied."""
    return deploy(program).objects()


def as_list(objects: list[dict[str, Any]]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})


@contextmanager
def applied(site: Site, program: Program) -> Generator[None]:
    """The program's objects are in the cluster, and gone afterwards."""
    objects = as_list(rendered(program))
    try:
        site.kubectl("apply", "--server-side", "-f-", stdin=objects)
        yield
    finally:
        site.kubectl("delete", "--ignore-not-found", "--wait=false", "-f-", stdin=objects)
