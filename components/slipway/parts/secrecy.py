"""What is kept in clear holds no secrets: many may read a ConfigMap or a Deployment who may read no Secret."""

from __future__ import annotations

import pulumi

from slipway.parts.arguments.refusal import caller


def in_clear(value: pulumi.Input[str], what: str) -> pulumi.Input[str]:
    """The value, for all to read: where it turns out to be secret, an Output that fails (RunError).

    `what` is how the error calls it, as in "config 'web' key 'a'".
    """
    if isinstance(value, str):
        return value
    place = caller()
    given = pulumi.Output.from_input(value)

    async def checked(text: str) -> str:
        if await given.is_secret():
            # No ValueError: of one, the SDK tells all inputs of the resource, with their values.
            raise pulumi.RunError(
                f"{place}: {what} is secret and would be kept in clear: put it into the secrets of a Config or "
                f"WebService, or pulumi.Output.unsecret() it if anyone may read it"
            )
        return text

    # Whether it is secret is known where its value is not, so a preview says it too.
    return given.apply(checked, run_with_unknowns=True)
