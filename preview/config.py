"""The configuration that a stack's program reads, as the CLI would hand it over.

https://www.pulumi.com/docs/iac/concepts/config/
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from preview.project import Project, ProjectError, load_yaml
from preview.secrets import PassphraseError, decrypter

WITHHELD = "[secret]"
"""What stands in for a secret that is not read, where a program does not ask by the SDK's getters."""

_SCALARS = {"string": r"(?s:.*)", "integer": r"[+-]?\d+", "boolean": "true|false"}


@dataclass(frozen=True, kw_only=True)
class StackConfig:
    """Values by full key (`project:key`), as the strings that the SDK reads.

    `secret` are the keys to keep secret, `withheld` those of them whose value could not be read:
    they have stand-ins, and what is derived from them is unknown. `missing` are the withheld ones
    that nobody has set. `plaintexts` are the secret strings that were read, for whoever has to keep
    them out of sight.
    """

    values: dict[str, str]
    secret: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    plaintexts: frozenset[str] = frozenset()


def load_config(project: Project, stack: str, passphrase: str | None = None) -> StackConfig:
    """The configuration of `stack`: its own file over the project's values and defaults.

    Without `passphrase`, or where the stack's secrets are kept by another provider, secrets are
    withheld. Raises ProjectError for a file that cannot be read, a wrong passphrase, and a value
    that is missing or not of the type that `Pulumi.yaml` declares, as the CLI does.
    """
    file = project.stack_file(stack)
    data = load_yaml(file)
    given: Any = data.get("config") or {}
    if not isinstance(given, dict):
        raise ProjectError(f"{file.parent.name}/{file.name}: config holds no keys and values")
    own = {_full(project, key): value for key, value in cast("dict[str, Any]", given).items()}
    stated: dict[str, Any] = {**_project_values(project), **own}
    sealed = {key for key, value in stated.items() if any(True for _ in _secure_parts(value))}
    decrypt = None
    try:
        if sealed and passphrase is not None and (salt := data.get("encryptionsalt")):
            decrypt = _unlocked(passphrase, str(salt))
        values = {key: _opened(value, decrypt) for key, value in stated.items()}
        read = {decrypt(part) for key in sealed for part in _secure_parts(stated[key])} if decrypt else set[str]()
    except PassphraseError as error:
        raise ProjectError(f"{file.parent.name}/{file.name}: {error}") from None
    withheld = set[str]() if decrypt else set(sealed)
    missing: set[str] = set()
    for key, form in _schema(project):
        if form.get("secret") and key not in sealed:
            # In clear, which the CLI refuses, or not at all: either way there is nothing to show.
            read |= set(map(_text, _leaves(values[key]))) if key in values else set()
            missing |= set() if key in values else {key}
            withheld.add(key)
            values[key] = WITHHELD
        elif key not in values:
            raise ProjectError(
                f"{file.parent.name}/{file.name}: {key} is missing, and Pulumi.yaml declares it: "
                f"pulumi config set --stack {stack} {key} <{form['type']}>"
            )
        elif key not in sealed and not _fits(values[key], form):
            raise ProjectError(
                f"{file.parent.name}/{file.name}: {key} is {values[key]!r}, and Pulumi.yaml declares a {form['type']}"
            )
    return StackConfig(
        values={key: _text(value) for key, value in values.items()},
        secret=frozenset(sealed | withheld),
        withheld=frozenset(withheld),
        missing=frozenset(missing),
        plaintexts=frozenset(read),
    )


def _unlocked(passphrase: str, salt: str) -> Callable[[str], str] | None:
    try:
        return decrypter(passphrase, salt)
    except PassphraseError:
        if passphrase:
            raise
        # Where CI withholds its secrets, as from a fork's pull request, their variables are empty.
        return None


def _schema(project: Project) -> list[tuple[str, dict[str, Any]]]:
    """The keys that `Pulumi.yaml` declares, with their type."""
    return [
        (_full(project, key), {"type": "string", **cast("dict[str, Any]", form)})
        for key, form in project.config.items()
        if isinstance(form, dict) and {"type", "secret"} & form.keys()
    ]


def _fits(value: Any, form: dict[str, Any]) -> bool:
    """As the CLI sees it: `pulumi config set` writes every number and boolean as a string."""
    if form["type"] == "array":
        items: dict[str, Any] = {"type": "", **(form.get("items") or {})}
        return isinstance(value, list) and all(_fits(item, items) for item in cast("list[Any]", value))
    if form["type"] not in _SCALARS:
        return True
    return not isinstance(value, (dict, list)) and re.fullmatch(_SCALARS[form["type"]], _text(value)) is not None


def _full(project: Project, key: object) -> str:
    return str(key) if ":" in str(key) else f"{project.name}:{key}"


def _project_values(project: Project) -> dict[str, Any]:
    """What `Pulumi.yaml` itself gives every stack."""
    values: dict[str, Any] = {}
    for key, form in project.config.items():
        given = cast("dict[str, Any]", form) if isinstance(form, dict) else {"value": form}
        if "value" in given or "default" in given:
            values[_full(project, key)] = given.get("value", given.get("default"))
    return values


def _secure_parts(value: Any) -> Iterator[str]:
    """The encrypted strings in a value, at any depth."""
    return (cast("dict[str, str]", leaf)["secure"] for leaf in _leaves(value) if isinstance(leaf, dict))


def _leaves(value: Any) -> Iterator[Any]:
    """The scalars in a value, at any depth; an encrypted one is the mapping that the file has for it."""
    match value:
        case {"secure": str(), **rest} if not rest:
            yield value
        case dict():
            for part in value.values():  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
                yield from _leaves(part)
        case list():
            for part in value:  # pyright: ignore[reportUnknownVariableType]
                yield from _leaves(part)
        case _:
            yield value


def _opened(value: Any, decrypt: Callable[[str], str] | None) -> Any:
    """The value with each encrypted string replaced by its plaintext, or by a stand-in."""
    match value:
        case {"secure": str(sealed), **rest} if not rest:
            return decrypt(sealed) if decrypt else WITHHELD
        case dict():
            return {key: _opened(part, decrypt) for key, part in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        case list():
            return [_opened(part, decrypt) for part in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value


def _text(value: Any) -> str:
    """As the CLI hands a value to a program: a string as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
