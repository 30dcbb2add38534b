"""A random password that stays the same in later deployments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Annotated

import pulumi

if TYPE_CHECKING:
    from pulumi_random import RandomPassword

from slipway.configuration.config_object import ConfigObject
from slipway.configuration.objects import ObjectArgs, secret
from slipway.parts.arguments.annotations import MAY_BE_EMPTY
from slipway.parts.arguments.checked import checked
from slipway.parts.digests import quick_digest, to_base64
from slipway.parts.names import check_data_key

_SHORTEST = 12


@checked
@dataclass(frozen=True, kw_only=True)
class PasswordArgs(ObjectArgs):
    """Arguments of a `Password`, in addition to those of `ObjectArgs`.

    - `key`: the key of the password in the Secret.
    - `length`: the number of characters, 12 or more.
    - `lower`, `upper`, `digits`: whether it contains such characters. It contains at least one of each chosen class.
    - `special`: special characters to use, as in "!-_". "" means none, since they have a meaning in URLs and shells.
    - `keepers`: a change of these values makes a new password. Nothing else does: a new length or class has an effect
      only when a keeper changes too.

    Raises ValueError for a shorter length, and if no class is chosen.
    """

    key: str = "password"
    length: int = 32
    lower: bool = True
    upper: bool = True
    digits: bool = True
    special: Annotated[str, MAY_BE_EMPTY] = ""
    keepers: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        super().__post_init__()
        check_data_key(self.key, "secret")
        if self.length < _SHORTEST:
            raise ValueError(f"length {self.length} is too short to be safe: give {_SHORTEST} or more")
        if not (self.lower or self.upper or self.digits or self.special):
            raise ValueError("a password of no characters: leave lower, upper or digits on, or give special ones")


@checked
class Password(pulumi.ComponentResource):
    """A random password in a Secret named `name`. With the rollout `versioned`, eight hexadecimal digits follow.

    - `password.secret`: the Secret, for its readers.
    - `password.value`: the password itself, for example to build a URL for the secrets of a Config.

    The password is kept encrypted in the stack's state. `slipway apply` keeps no state, so it refuses a Password.
    https://www.pulumi.com/registry/packages/random/api-docs/randompassword/
    """

    value: pulumi.Output[str]
    secret: ConfigObject

    def __init__(self, name: str, args: PasswordArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        args.check_name(name, "password")
        random = _random()
        super().__init__("slipway:index:Password", name, None, opts)
        self.resource: RandomPassword = random.RandomPassword(
            _generation(name, args.keepers),
            length=args.length,
            lower=args.lower,
            upper=args.upper,
            numeric=args.digits,
            special=bool(args.special),
            override_special=args.special or None,
            min_lower=int(args.lower),
            min_upper=int(args.upper),
            min_numeric=int(args.digits),
            min_special=int(bool(args.special)),
            keepers=args.keepers or None,
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=_MADE_WITH),
        )
        self.value = pulumi.Output.secret(self.resource.result)
        self.secret = secret(self, name, args, {args.key: self.value})
        self.register_outputs(self.secret.outputs)


def _random() -> ModuleType:
    """The package pulumi_random. It is optional: `from slipway import *` has to work without it."""
    try:
        return import_module("pulumi_random")
    except ModuleNotFoundError:
        raise ValueError("Password needs the package pulumi-random: pip install 'slipway[password]'") from None


_MADE_WITH = [
    *("length", "lower", "upper", "numeric", "special", "overrideSpecial"),
    *("minLower", "minUpper", "minNumeric", "minSpecial"),
]


def _generation(name: str, keepers: Mapping[str, str]) -> str:
    """The name of the RandomPassword. New keepers give a new name, so that a new resource takes the current length."""
    if not keepers:
        return name
    told = "\n".join(f"{key}={to_base64(value)}" for key, value in sorted(keepers.items()))
    return f"{name}-{quick_digest(told.encode())}"
