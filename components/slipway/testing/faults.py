"""Finds faults that do not fail a program without an engine, so that no test passes despite them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from slipway.preview.model import Registration
from slipway.preview.result import STACK_TYPE
from slipway.testing.recording import Recording


def faults(recording: Recording) -> Iterator[str]:
    """A sentence for each fault of a program that raised no exception."""
    resources = [one for one in recording.registrations if one.type != STACK_TYPE]
    if not resources and not recording.outputs:
        yield "the program registered nothing, so that nothing was tested"
    counted = Counter(one.urn for one in resources)
    for urn, times in counted.items():
        if times > 1:
            places = ", ".join(str(one.source) for one in resources if one.urn == urn)
            yield f"the engine refuses a URN twice: {urn} ({places})"
    for one in resources:
        # Components of others may not register outputs at all.
        if one.type.startswith("slipway:") and one.outputs is None:
            yield unfinished(one)


def unfinished(component: Registration) -> str:
    place = f" ({component.source})" if component.source else ""
    return (
        f"{component.type} {component.name}{place}: register_outputs was not called, as its __init__ lacks that or "
        "an exception in it was swallowed"
    )
