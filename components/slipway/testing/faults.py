"""What ends well without an engine and is wrong: a test must not pass on it."""

from __future__ import annotations

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
        # Of a component that is not ours one cannot tell whether it is one that has outputs at all.
        if one.type.startswith("slipway:") and one.outputs is None:
            yield unfinished(one)


def unfinished(component: Registration) -> str:
    place = f" ({component.source})" if component.source else ""
    return (
        f"{component.type} {component.name}{place}: register_outputs was not called, as its __init__ lacks that or "
        "an exception in it was swallowed"
    )
