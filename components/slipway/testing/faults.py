"""What ends well without an engine and is wrong: a test must not pass on it."""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Iterator

from slipway.preview.model import Registration
from slipway.preview.result import STACK_TYPE
from slipway.testing.recording import Recording


def faults(recording: Recording) -> Iterator[str]:
    """A sentence for each reason why nothing true can be said of a program that ended well."""
    resources = [one for one in recording.registrations if one.type != STACK_TYPE]
    if not resources and not recording.outputs:
        yield "the program registered nothing, so that nothing was tested"
    counted = Counter(one.urn for one in resources)
    for urn, times in counted.items():
        if times > 1:
            places = ", ".join(str(one.source) for one in resources if one.urn == urn)
            yield f"the engine refuses a URN twice: {urn} ({places})"
    for one in resources:
        if _has_no_outputs(one):
            place = f" ({one.source})" if one.source else ""
            yield (
                f"{one.type} {one.name} never called register_outputs{place}: it is not finished, "
                "or an exception in its __init__ was swallowed"
            )


def _has_no_outputs(one: Registration) -> bool:
    """Of a component of somebody's package one cannot ask more than that it works."""
    package = one.type.partition(":")[0].replace("-", "_")
    return not one.custom and one.outputs is None and importlib.util.find_spec(f"pulumi_{package}") is None
