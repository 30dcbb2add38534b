"""What a stack's `Pulumi.<stack>.yaml` may say, typed and checked once.

The only reader of Pulumi's configuration: everything else takes a `Settings`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

S = TypeVar("S", bound="Settings")


_REGISTRY = r"^[a-z0-9.-]+(:\d+)?(/[a-z0-9._-]+)*$"


class SettingsError(pulumi.RunError):
    """Settings that are missing, unknown or wrong: one line each, which says what to do.

    A RunError, so that `pulumi up` prints the lines and no traceback.
    """


class Settings(BaseModel):
    """What every stack has; keys in the file are camelCase, as in `slipway:logLevel`.

    A field's description is what an error says is accepted.
    """

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, arbitrary_types_allowed=True)

    greeting: str = Field(min_length=1, description="the text that the service greets with")
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
    go_image: str | None = Field(default=None, min_length=1, description="the image that compiles the service")
    runtime_image: str | None = Field(default=None, min_length=1, description="the image that the service runs in")
    service_type: Literal["ClusterIP", "NodePort", "LoadBalancer"] = Field(
        default="ClusterIP", description="ClusterIP, NodePort or LoadBalancer, whose address is awaited and exported"
    )
    api_token: pulumi.Output[str] | None = Field(
        default=None, description="a secret that guards /private; left out, /private is closed"
    )


class GuardedSettings(Settings):
    """Where guarding `/private` is not a choice."""

    api_token: pulumi.Output[str] = Field(description="a secret that guards /private")  # pyright: ignore[reportGeneralTypeIssues, reportIncompatibleVariableOverride]


def load(model: type[S]) -> S:
    """The selected stack's settings. Raises SettingsError."""
    config = pulumi.Config()
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    stated = {key.partition(":")[2]: value for key, value in _configuration() if key.startswith(f"{config.name}:")}
    found: dict[str, Any] = {}
    mistakes: list[str] = []
    for key in {**stated, **{key: None for key, field in fields.items() if field.is_required()}}:
        if key not in fields or not _is_secret(fields[key]):
            if key in stated:
                # Text at once: what is set as a secret and not read here is refused, with the way out.
                found[key] = str(config.require(key))
        elif key in stated and not is_config_secret(config.full_key(key)):
            mistakes.append(f"{_place(key)} is written in clear: {_secret_command(key)}")
        elif key in stated and not stated[key].strip():
            mistakes.append(f"{_place(key)} is empty ({fields[key].description}): {_secret_command(key)}")
        else:
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
            if wrong["loc"][0] not in named
        ]
    else:
        if not mistakes:
            return settings
    raise SettingsError("\n".join(mistakes))


def _configuration() -> Iterator[tuple[str, str]]:
    # Pulumi has no public way to list keys. The CLI hands them over in the environment; the
    # Automation API, the preview and tests set them.
    return iter({**get_config_env(), **CONFIG.get()}.items())


def _is_secret(field: FieldInfo) -> bool:
    return "Output" in str(field.annotation)


def _mistake(key: str, kind: str, stated: dict[str, str], fields: dict[str, FieldInfo]) -> str:
    if key not in fields:
        hint = _hint(key, fields) or f"known are {', '.join(fields)}"
        return f"{_place(key)} is not a setting: {hint}"
    accepted = fields[key].description
    if kind == "missing":
        return f"{_place(key)} is missing ({accepted}): pulumi config set {key} <value>"
    # A key that nobody expects to be secret may have been set as one.
    if is_config_secret(pulumi.Config().full_key(key)):
        return f"{_place(key)}: [secret] is not accepted: {accepted}"
    choices = [choice for choice in get_args(fields[key].annotation) if isinstance(choice, str)]
    hint = _hint(stated[key], choices)
    return f"{_place(key)}: {stated[key]!r} is not accepted: {accepted}{hint and f'; {hint}'}"


def _hint(written: str, known: Iterable[str]) -> str:
    """What was meant, if one of the known comes close, in whatever case."""
    as_known = {one.lower(): one for one in known}
    close = difflib.get_close_matches(written.lower(), as_known, n=1)
    return f"did you mean {as_known[close[0]]}?" if close else ""


def _secret_command(key: str) -> str:
    return f"pulumi config set --secret {key} <value>"


def _place(key: str) -> str:
    """The key, behind the file and line that state it, if one does."""
    name = f"{pulumi.get_project()}:{key}"
    file = Path(__file__).with_name(f"Pulumi.{pulumi.get_stack()}.yaml")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    for number, line in enumerate(lines, 1):
        if re.match(rf"""\s+["']?{re.escape(name)}["']?\s*:""", line):
            return f"{file.parent.name}/{file.name}:{number}: {name}"
    return name
