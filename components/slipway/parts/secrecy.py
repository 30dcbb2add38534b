"""Keeps secrets out of plain text. More people may read a ConfigMap or a Deployment than a Secret."""

from __future__ import annotations

import pulumi

from slipway.parts.arguments.refusal import caller


def in_clear(value: pulumi.Input[str], what: str) -> pulumi.Input[str]:
    """The value, for a field that anyone may read. If it is a secret Output, the result fails with a RunError.

    `what` is the word for the value in the error, such as "config 'web' key 'a'".
    """
    if isinstance(value, str):
        return value
    place = caller()
    given = pulumi.Output.from_input(value)

    async def checked(text: str) -> str:
        if await given.is_secret():
            # Not a ValueError: for a ValueError the SDK prints all inputs of the resource with their values.
            raise pulumi.RunError(
                f"{place}: {what} is secret and would be kept in clear: put it into the secrets of a Config or "
                f"WebService, or pulumi.Output.unsecret() it if anyone may read it"
            )
        return text

    # An Output tells that it is secret even if its value is unknown, so a preview reports the error too.
    return given.apply(checked, run_with_unknowns=True)
