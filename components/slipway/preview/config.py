"""The configuration of a stack, as the CLI would pass it to the program.

https://www.pulumi.com/docs/iac/concepts/config/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from slipway.preview.declared import as_text, declarations, fits, project_values
from slipway.preview.project import Project, ProjectError
from slipway.preview.secrets import PassphraseError, decrypter, passphrase_from_environment
from slipway.preview.stack_file import check_stack_file, line_of
from slipway.preview.yaml_file import YamlFile

WITHHELD = "[secret]"
"""The stand-in for an unread secret if a program does not use the SDK's getters."""


@dataclass(frozen=True, kw_only=True)
class StackConfig:
    """Values by full key (`project:key`), as the strings that the SDK reads.

    `secret` are the keys to keep secret. `withheld` are those of them whose value could not be read: they have
    stand-ins, and everything that derives from them is unknown. `missing` are the withheld keys that nobody
    has set. `plaintexts` are the secret strings that were read, so that they can be hidden in the output. `told` are
    the outputs of resources that are known before a deployment, by URN.
    """

    values: dict[str, str]
    secret: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    plaintexts: frozenset[str] = frozenset()
    told: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])


def load_configs(project: Project, stacks: Sequence[str] = ()) -> dict[str, StackConfig]:
    """The configurations of `stacks`, of all that have a file if none is named, by stack.

    Takes the passphrase from the environment. Raises ProjectError and PassphraseError, as `load_config` does.
    """
    names = list(dict.fromkeys(stacks or project.stacks()))
    if not names:
        raise ProjectError(f"{project.config_dir} has no Pulumi.<stack>.yaml: create one, or set stackConfigDir")
    passphrase = passphrase_from_environment()
    return {name: load_config(project, name, passphrase) for name in names}


def load_config(project: Project, stack: str, passphrase: str | None = None) -> StackConfig:
    """The configuration of `stack`: its own file, on top of the project's values and defaults.

    Secrets are withheld without `passphrase`, and if another provider encrypted the stack's secrets. Raises
    ProjectError for a file that cannot be read, a key that is evidently misspelt, a wrong passphrase, and a
    value that is missing or does not have the type that `Pulumi.yaml` declares.
    """
    file = YamlFile(project.stack_file(stack), project.root)
    own = check_stack_file(project, file)
    stated: dict[str, Any] = {**project_values(project.name, project.config), **own}
    sealed = {key for key, value in stated.items() if any(True for _ in _secure_parts(value))}
    decrypt = None
    try:
        if sealed and passphrase is not None and (salt := file.data.get("encryptionsalt")):
            decrypt = _unlocked(passphrase, salt)
    except PassphraseError as error:
        raise file.refusal(str(error), "encryptionsalt") from None
    values: dict[str, Any] = {}
    read: set[str] = set()
    for key, value in stated.items():
        try:
            values[key] = _opened(value, decrypt)
            read |= {decrypt(part) for part in _secure_parts(value)} if decrypt else set()
        except PassphraseError as error:
            raise ProjectError(f"{line_of(project, file, key)}: {key}: {error}") from None
    withheld = set[str]() if decrypt else set(sealed)
    missing: set[str] = set()
    for key, form in declarations(project.name, project.config):

        def refuse(said: str, key: str = key) -> ProjectError:
            return ProjectError(f"{line_of(project, file, key)}: {key} {said}")

        if form.get("secret") and key not in sealed:
            if key in values:
                raise refuse(
                    f"is written in clear, and Pulumi.yaml declares it secret: "
                    f"pulumi config set --stack {stack} --secret {key} <value>"
                )
            missing.add(key)
            withheld.add(key)
            values[key] = WITHHELD
        elif key not in values:
            raise refuse(
                f"is missing, and Pulumi.yaml declares it: pulumi config set --stack {stack} {key} <{form['type']}>"
            )
        elif key not in sealed and not fits(values[key], form):
            shown = repr(values[key]) if isinstance(values[key], str) else as_text(values[key])
            raise refuse(f"is {shown}, which is not of the type that Pulumi.yaml declares: {form['type']}")
    return StackConfig(
        values={key: as_text(value) for key, value in values.items()},
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
        # If CI withholds its secrets, as in a pull request from a fork, their variables are empty.
        return None


def _secure_parts(value: Any) -> Iterator[str]:
    """The encrypted strings in a value, at any depth."""
    return (cast("dict[str, str]", leaf)["secure"] for leaf in _leaves(value) if isinstance(leaf, dict))


def _leaves(value: Any) -> Iterator[Any]:
    """The scalars in a value, at any depth. An encrypted one is a mapping, `{"secure": …}`."""
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
    """The value with each encrypted string replaced by its plaintext, or by a stand-in if it cannot be read."""
    match value:
        case {"secure": str(sealed), **rest} if not rest:
            return decrypt(sealed) if decrypt else WITHHELD
        case dict():
            return {key: _opened(part, decrypt) for key, part in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        case list():
            return [_opened(part, decrypt) for part in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value
