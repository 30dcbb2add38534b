"""A password that nobody has to make up, and that stays as it is."""

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
    """What a `Password` is made from, beside what all `ObjectArgs` have. Raises ValueError for a weak one.

    - `key`: under which key the Secret has it.
    - `length`: how many characters, 12 or more.
    - `lower`, `upper`, `digits`, `special`: the classes it is made of, at least one of each. `special` is the
      characters, as in "!-_"; "" for none, since many a URL and shell reads them otherwise.
    - `keepers`: another value of any of these makes another password; nothing else does. The length and the classes
      count when a password is made: to change them later changes nothing until a keeper does.
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
    """A random password in a Secret named `name`, or `name` and eight digits where it is versioned.

    `password.secret` is for its readers; `password.value` is the password, for what is made of it, such as a URL among
    the secrets of a Config. It is kept in the stack's state, encrypted: what `slipway apply` deploys has no state, and
    is refused.
    https://www.pulumi.com/registry/packages/random/api-docs/randompassword/
    """

    value: pulumi.Output[str]
    secret: ConfigObject

    def __init__(self, name: str, args: PasswordArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        args.check_name(name, "password")
        _random()
        super().__init__("slipway:index:Password", name, None, opts)
        self.resource: RandomPassword = _random().RandomPassword(
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
    """Imported where it is used: it belongs to an extra, and `from slipway import *` has to work without."""
    try:
        return import_module("pulumi_random")
    except ModuleNotFoundError:
        raise ValueError("Password needs the package pulumi-random: pip install 'slipway[password]'") from None


_MADE_WITH = [
    *("length", "lower", "upper", "numeric", "special", "overrideSpecial"),
    *("minLower", "minUpper", "minNumeric", "minSpecial"),
]


def _generation(name: str, keepers: Mapping[str, str]) -> str:
    """What the resource is called: another one for other keepers, so that it takes their length and classes too."""
    if not keepers:
        return name
    told = "\n".join(f"{key}={to_base64(value)}" for key, value in sorted(keepers.items()))
    return f"{name}-{quick_digest(told.encode())}"
