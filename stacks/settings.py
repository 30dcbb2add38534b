"""The settings that a stack's `Pulumi.<stack>.yaml` may have, typed and checked once.

Only this module reads Pulumi's configuration. Everything else takes a `Settings`.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

S = TypeVar("S", bound="Settings")


# https://github.com/distribution/reference: a host has a dot or a port, or is localhost. Otherwise it is on Docker Hub.
_LABEL = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_PORT = r":(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})"
_PATH = r"(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*"
_REGISTRY = rf"^((localhost|{_LABEL}(\.{_LABEL})+)({_PORT})?|{_LABEL}{_PORT}){_PATH}$"


_LIKELY, _EVIDENT = 0.6, 0.8
"""How similar a word must be to a known one to be suggested, and to evidently mean it."""


class SettingsError(pulumi.RunError):
    """Settings are missing, unknown or wrong. The message has one line for each, which says what to do.

    It is a RunError, so that `pulumi up` prints the lines without a traceback.
    """


class Settings(BaseModel):
    """The settings of every stack. Keys in the file are camelCase, as in `slipway:logLevel`.

    Errors quote a field's description as what is accepted.
    """

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, arbitrary_types_allowed=True)

    greeting: str = Field(pattern=r"\S", description="the text that the service greets with")
    log_level: Literal["debug", "info", "warn", "error"] = Field(
        default="info", description="debug, info, warn or error"
    )
    registry: str | None = Field(
        default=None,
        pattern=_REGISTRY,
        description="where images are pushed, as in registry.example.com/team; left out, the local engine keeps them",
    )
    registry_mirror: str | None = Field(
        default=None,
        pattern=_REGISTRY,
        description="where base images are under their full names, as in mirror.example.com/all",
    )
    go_image: str | None = Field(
        default=None, pattern=r"^\S+$", description="the image that compiles the service, as in golang:1.26"
    )
    runtime_image: str | None = Field(
        default=None, pattern=r"^\S+$", description="the image that the service runs in, as in gcr.io/distroless/static"
    )
    service_type: Literal["ClusterIP", "NodePort", "LoadBalancer"] = Field(
        default="ClusterIP", description="ClusterIP, NodePort or LoadBalancer, whose address is awaited and exported"
    )
    api_token: pulumi.Output[str] | None = Field(
        default=None, description="a secret that guards /private; left out, /private is closed"
    )

    @field_validator("*", mode="before")
    @classmethod
    def _is_text(cls, value: object) -> object:
        # Pulumi passes a list, or a mapping, as JSON.
        if isinstance(value, str) and value.startswith(("[", "{")):
            with contextlib.suppress(json.JSONDecodeError):
                json.loads(value)
                raise ValueError("not text")
        return value


class GuardedSettings(Settings):
    """Settings of stacks that must guard `/private`."""

    api_token: pulumi.Output[str] = Field(description="a secret that guards /private")  # pyright: ignore[reportGeneralTypeIssues, reportIncompatibleVariableOverride]


def load(model: type[S]) -> S:
    """The settings of the selected stack. Raises SettingsError."""
    config = pulumi.Config()
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    given = dict(_configuration())
    stated = {key.partition(":")[2]: value for key, value in given.items() if key.startswith(f"{config.name}:")}
    found: dict[str, Any] = {}
    strayed = {key: meant for key in given if (meant := _strayed(key, config.name, fields))}
    mistakes = [f"{_place(key)} is not read: did you mean {config.name}:{meant}?" for key, meant in strayed.items()]
    # A setting that was written under another name is not reported as missing too.
    misnamed = {*strayed.values(), *(_near(key, fields, _LIKELY) for key in stated if key not in fields)}
    misnamed |= fields.keys() if config.name in stated else set()
    for key in {**stated, **{key: None for key, field in fields.items() if field.is_required()}}:
        if key not in fields or not _is_secret(fields[key]):
            if key in stated:
                # Convert at once. If the value is an unread secret, this refuses it and says what to do.
                found[key] = str(config.require(key))
        elif key in stated and not is_config_secret(config.full_key(key)):
            mistakes.append(f"{_place(key)} is written in clear: {_secret_command(key)}")
        elif key in stated and not stated[key].strip():
            mistakes.append(f"{_place(key)} is empty ({fields[key].description}): {_secret_command(key)}")
        elif key in stated or key not in misnamed:
            try:
                found[key] = config.require_secret(key)
            except pulumi.ConfigMissingError:
                mistakes.append(f"{_place(key)} is missing ({fields[key].description}): {_secret_command(key)}")
    try:
        settings = model.model_validate(found)
    except ValidationError as error:
        named = {key for key in fields if any(f":{key} " in mistake for mistake in mistakes)}
        mistakes += [
            _mistake(str(wrong["loc"][0]), wrong["type"], stated, fields)
            for wrong in error.errors(include_url=False, include_input=False)
            if wrong["loc"][0] not in named and not (wrong["type"] == "missing" and wrong["loc"][0] in misnamed)
        ]
    else:
        if not mistakes:
            return settings
    raise SettingsError("\n".join(mistakes))


def _configuration() -> Iterator[tuple[str, str]]:
    # Pulumi has no public way to list keys. The CLI passes them in the environment; the Automation API, the preview
    # and tests set them directly.
    return iter({**get_config_env(), **CONFIG.get()}.items())


def _is_secret(field: FieldInfo) -> bool:
    return "Output" in str(field.annotation)


def _mistake(key: str, kind: str, stated: dict[str, str], fields: dict[str, FieldInfo]) -> str:
    if key not in fields:
        if key == pulumi.get_project():
            return f"{_place(key)} holds keys: write each one whole, as in {key}:greeting"
        meant = hint(key, fields) or f"known are {', '.join(fields)}"
        return f"{_place(key)} is not a setting: {meant}"
    accepted = fields[key].description
    if kind == "missing":
        return f"{_place(key)} is missing ({accepted}): pulumi config set {key} <value>"
    # Somebody may have set this key as a secret, so do not show its value.
    if is_config_secret(pulumi.Config().full_key(key)):
        return f"{_place(key)}: [secret] is not accepted: {accepted}"
    choices = [choice for choice in get_args(fields[key].annotation) if isinstance(choice, str)]
    meant = hint(stated[key], choices) or _registry_meant(key, stated[key])
    return f"{_place(key)}: {stated[key]!r} is not accepted: {accepted}{meant and f'; {meant}'}"


def hint(written: str, known: Iterable[str]) -> str:
    """`did you mean …?`, if a known word is similar, ignoring case; otherwise empty."""
    close = _near(written, known, _LIKELY)
    return f"did you mean {close}?" if close else ""


def _near(written: str, known: Iterable[str], likeness: float) -> str | None:
    as_known = {one.lower(): one for one in known}
    close = difflib.get_close_matches(written.lower(), as_known, n=1, cutoff=likeness)
    return as_known[close[0]] if close else None


def _strayed(key: str, project: str, fields: Iterable[str]) -> str | None:
    """The setting that a key means if its namespace is nearly the project's."""
    namespace, _, name = key.partition(":")
    return _near(name, fields, _EVIDENT) if namespace != project and _near(namespace, [project], _EVIDENT) else None


def _registry_meant(key: str, written: str) -> str:
    """A suggestion for a wrong registry: without scheme, capitals, tag, or a slash at the end."""
    if "registry" not in key.lower():
        return ""
    bare = re.sub(r"^\w+:/+|/+$", "", written.strip().lower())
    folder, slash, name = bare.rpartition("/")
    bare = folder + slash + re.split("[:@]", name)[0] if slash else bare
    meant = next((one for one in (bare, f"docker.io/{bare}") if re.match(_REGISTRY, one)), None)
    return f"did you mean {meant}?" if meant else ""


def _secret_command(key: str) -> str:
    return f"pulumi config set --secret {key} <value>"


def _place(key: str) -> str:
    """The full key, after the file and line where it is set or would be added."""
    name = key if ":" in key else f"{pulumi.get_project()}:{key}"
    file = Path(__file__).with_name(f"Pulumi.{pulumi.get_stack()}.yaml")
    if not file.is_file():
        return name
    lines = file.read_text(encoding="utf-8").splitlines()
    # For the CLI, a key without a namespace is the project's.
    stated = rf"""\s+["']?({re.escape(name)}|{re.escape(key)})["']?\s*:(\s|$)"""
    found = (number for form in (stated, "config:") for number, line in enumerate(lines, 1) if re.match(form, line))
    return f"{file.parent.name}/{file.name}:{next(found, 1)}: {name}"
