"""Checks a stack's file: its keys, the namespaces of its configuration, and its encrypted values.

The CLI ignores an unknown key. Here it is refused if it is evident what was meant.
https://www.pulumi.com/docs/iac/concepts/projects/stack-settings-file/
"""

from __future__ import annotations

import base64
import functools
import importlib.util
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from slipway.preview.declared import declarations, full_key
from slipway.preview.near import hint, near
from slipway.preview.project import Project, is_users
from slipway.preview.yaml_file import YamlFile, kind

# If a declared key is missing, a less similar one is probably it: `greet` is `greeting`.
_LIKELY = 0.7
_KEEPERS = ("encryptionsalt", "encryptedkey", "secretsprovider")
_KEYS = ("config", "environment", *_KEEPERS)
_SALT = r"v1:[^:]+:v1:[^:]+:[^:]+"
_SEALED = r"v1:([^:]+):([^:]+)"


def check_stack_file(project: Project, file: YamlFile) -> dict[str, Any]:
    """The configuration in the file by full key. Raises ProjectError, with the line, for a mistake."""
    _check_top(file)
    config = file.mapping("config")
    stated: dict[str, Any] = {}
    for key, value in config.items():
        full = _checked_key(project, file, key, value, config)
        if full in stated:
            raise file.refusal(f"{full} is there twice, as {key} too: keep one of them", "config", key)
        if value is None and full.startswith(f"{project.name}:"):
            raise file.refusal(f'{full} has no value: give it one, "" if it is to be empty', "config", key)
        for path, said in _damaged(file, value, ("config", key)):
            raise file.refusal(f"{full}: {said}", *path)
        # The CLI takes an absent value of another namespace for an empty text.
        stated[full] = "" if value is None else value
    return stated


def line_of(project: Project, file: YamlFile, full: str) -> str:
    """The line of a key in the file, or the line below which it would be added."""
    written = (key for key in file.mapping("config") if full_key(project.name, key) == full)
    return file.place("config", next(written, None))


def _check_top(file: YamlFile) -> None:
    for key, value in file.data.items():
        if ":" in str(key):
            raise file.refusal(f"{key} is at the top: indent it, under config", key)
        # Compose files keep YAML anchors under such keys too.
        if key not in _KEYS and not str(key).startswith("x-"):
            raise file.refusal(f"{key} is not a key of a stack's file: {hint(key, _KEYS)}", key)
        if key in _KEEPERS and (not isinstance(value, str) or not value.strip()):
            empty = value is None or value == ""
            said = "is empty" if empty else f"is {kind(value)}, not text"
            raise file.refusal(f"{key} {said}: restore it from version control", key)
    salt = file.data.get("encryptionsalt")
    if salt is not None and not (re.fullmatch(_SALT, salt) and all(map(_is_base64, salt.split(":")[1::2]))):
        said = "encryptionsalt is not of the form v1:<salt>:<check>: restore it from version control"
        raise file.refusal(said, "encryptionsalt")


def _checked_key(project: Project, file: YamlFile, key: str, value: Any, config: dict[str, Any]) -> str:
    """The full key. Raises ProjectError if the key is invalid or evidently misspelt."""

    def refuse(said: str) -> Exception:
        return file.refusal(said, "config", key)

    if key in _KEEPERS:
        raise refuse(f"{key} is under config: its place is at the top, in the first column")
    providers = _providers()
    full = full_key(project.name, key)
    namespace, _, name = full.partition(":")
    nested = ":" not in key and key in (project.name, *providers)
    if nested and (value is None or isinstance(value, dict)):
        first = next(iter(cast("dict[str, Any]", value or {})), "<key>")
        raise refuse(f"{key} is a namespace, which nests nothing: write each key whole, as in {key}:{first}")
    if full.count(":") != 1 or not namespace or not name or re.search(r"\s", full):
        raise refuse(f"{key!r} is not of the form <namespace>:<key>")
    known = (project.name, "pulumi", *providers)
    if namespace not in known and (meant := near(namespace, known)) and not _is_named(project, namespace):
        raise refuse(f"{key}: nothing reads the namespace {namespace!r}: did you mean {meant}:{name}?")
    if namespace == project.name:
        declared = [one.partition(":")[2] for one, _ in declarations(project.name, project.config)]
        stated = {full_key(project.name, one).partition(":")[2] for one in config}
        # A declared key that is set already cannot be what another key was meant to be.
        declared = declared if name in declared else [one for one in declared if one not in stated]
        if name not in declared and (meant := near(name, declared, likeness=_LIKELY)) and not _is_named(project, name):
            raise refuse(f"{full} is not a key that Pulumi.yaml declares: did you mean {namespace}:{meant}?")
    elif (options := _options(namespace)) and name not in options and (meant := near(name, options)):
        raise refuse(f"{full} is not a setting of the {namespace} provider: did you mean {namespace}:{meant}?")
    return full


def _damaged(file: YamlFile, value: Any, path: tuple[object, ...]) -> Iterator[tuple[tuple[object, ...], str]]:
    """The paths of damaged encrypted values, and what is wrong with each. Never shows their content."""
    match value:
        case {"secure": str(sealed), **rest} if not rest:
            if said := _unsealable(file, sealed):
                yield (*path, "secure"), said
        # A setting may have this name and be true or false.
        case {"secure": given, **rest} if not rest and not isinstance(given, bool):
            yield (*path, "secure"), f"secure holds {kind(cast('object', given))}: set it again"
        case dict():
            for key, part in cast("dict[Any, Any]", value).items():
                sealed = isinstance(part, str) and re.fullmatch(_SEALED, part)
                if sealed and key == "secure":
                    yield (*path, key), "secure stands alone: nothing else is beside it"
                elif sealed and near(key, ["secure"]):
                    yield (*path, key), f"{key} holds an encrypted value: did you mean secure?"
                else:
                    yield from _damaged(file, part, (*path, key))
        case list():
            for number, part in enumerate(cast("list[Any]", value)):
                yield from _damaged(file, part, (*path, number))
        case str() if (found := re.fullmatch(_SEALED, value)) and all(map(_is_base64, found.groups())):
            yield path, "is an encrypted value in the place of a plain one: put `secure:` before it"
        case _:
            pass


def _unsealable(file: YamlFile, sealed: str) -> str | None:
    """Why nobody can decrypt a value; None if it is well formed."""
    if not sealed:
        return "secure holds nothing: set it again"
    found = re.fullmatch(_SEALED, sealed)
    keeper = {"encryptionsalt", "encryptedkey"} & file.data.keys()
    if keeper or sealed.startswith("v1:"):
        if not found:
            return "a secure value is not of the form v1:<nonce>:<ciphertext>: set it again"
        if not all(map(_is_base64, found.groups())):
            return "a secure value is damaged (not base64): set it again"
        if not keeper:
            return "a secure value cannot be opened: encryptionsalt is missing: restore it from version control"
    elif not _is_base64(sealed):
        # Pulumi Cloud writes plain Base64.
        return "a secure value is damaged (not base64): set it again"
    return None


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except ValueError:
        return False


@functools.cache
def _providers() -> list[str]:
    """The namespaces of the providers whose packages are installed."""
    names = (module.name.partition("_") for module in pkgutil.iter_modules() if module.ispkg)
    return [name.replace("_", "-") for prefix, _, name in names if prefix == "pulumi" and name]


@functools.cache
def _options(namespace: str) -> list[str]:
    """The settings of an installed provider: the arguments of its `Provider` class, in camelCase."""
    found = importlib.util.find_spec(f"pulumi_{namespace.replace('-', '_')}")
    file = Path(found.origin).with_name("provider.py") if found and found.origin else None
    if not file or not file.is_file():
        return []
    names = re.findall(r'pulumi\.set\(__self__, "(\w+)"', file.read_text(encoding="utf-8"))
    return [re.sub(r"_(\w)", lambda letter: letter[1].upper(), name) for name in names]


def _is_named(project: Project, word: str) -> bool:
    """Whether the program contains the key or namespace in quotes. Then it is not a misspelling."""
    quoted = re.compile(rf"""(["']){re.escape(word)}\1""")
    files = (file for file in project.root.rglob("*.py") if is_users(file, project.root))
    return any(
        quoted.search(file.read_text(encoding="utf-8", errors="replace"))
        for file in files
        if "tests" not in file.relative_to(project.root).parts
    )
