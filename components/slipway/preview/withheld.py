"""Keeps values unknown that cannot be known here: unread secrets, and answers that only providers have."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import pulumi
from pulumi.output import UNKNOWN
from pulumi_kubernetes.core import v1 as core

from slipway.preview.config import StackConfig
from slipway.preview.model import Diagnostic, Severity
from slipway.preview.monitor import Monitor
from slipway.preview.project import is_users
from slipway.preview.unknown import UnknownValue

Warn = Callable[[Diagnostic], object]

_PASSPHRASE = "let the preview read it (PULUMI_CONFIG_PASSPHRASE)"


class Secrets:
    """Makes the SDK's getters return "secret and unknown" for secrets that could not be read.

    A required secret that nobody has set gets the same answer and a warning, because reviewers of a change may
    not have the stack's secrets. `asked` are the keys for which the program got such an answer.
    """

    def __init__(self, config: StackConfig, stack: str, root: Path, warn: Warn) -> None:
        self.asked: set[str] = set()
        self._config = config
        self._stack = stack
        self._root = root
        self._warn = warn
        self._said: set[str] = set()
        for kind in ("", "_bool", "_int", "_float", "_object"):
            for form in ("get", "require"):
                self._patch(f"{form}{kind}", f"{form}_secret{kind}", plain=True)
                self._patch(f"{form}_secret{kind}", f"{form}_secret{kind}", plain=False)

    def _patch(self, name: str, secret_form: str, *, plain: bool) -> None:
        original = getattr(pulumi.Config, name)
        required = name.startswith("require_secret")

        def getter(config: pulumi.Config, key: str, *default: Any, **named: Any) -> Any:
            full = config.full_key(key)
            command = f"pulumi config set --stack {self._stack} --secret {full} <value>"
            if full in self._config.missing or (required and pulumi.runtime.get_config(full) is None):
                self._say(f"secret {full} is not set: {command}")
                way_out = f"the secret {full} is needed here, and it is not set: {command}"
            elif full in self._config.withheld:
                use = f"take it with {secret_form}"
                way_out = f"the secret {full} is needed here, and it is not read: {use} and an apply, or {_PASSPHRASE}"
                if plain:
                    told = f"{name}({key!r}) takes the secret {full} in clear, which is not read here"
                    self._say(f"{told}, so everything that derives from it is unknown: {use}, or {_PASSPHRASE}", plain)
            else:
                return original(config, key, *default, **named)
            self.asked.add(full)
            return UnknownValue(way_out, secret=True) if plain else pulumi.Output.secret(UNKNOWN)

        setattr(pulumi.Config, name, getter)

    def _say(self, text: str, placed: bool = False) -> None:
        source = _line_of_program(self._root) if placed else None
        if text not in self._said:
            self._said.add(text)
            self._warn(Diagnostic(severity=Severity.WARNING, message=text, source=source))


def _line_of_program(root: Path) -> str | None:
    """The innermost line of the project's own code that is running, as `file:line`."""
    for frame in reversed(traceback.extract_stack()):
        if is_users(Path(frame.filename), root):
            return f"{Path(frame.filename).relative_to(root)}:{frame.lineno}"
    return None


def withhold_answers() -> None:
    """Makes the plain result of a provider function unknown if nobody answers. Its output form is unknown already."""
    # `pulumi.runtime.invoke` is a function, which hides the module of the same name.
    module: Any = sys.modules["pulumi.runtime.invoke"]
    original = module._invoke

    async def invoke(token: str, *arguments: Any, **named: Any) -> Any:
        result = await original(token, *arguments, **named)
        if not result.is_known:
            way_out = f"what {token} answers is needed here, and nothing asks a provider offline"
            result.value = UnknownValue(f"{way_out}: use its output form and an apply", secret=False)
        return result

    module._invoke = invoke


def keep_secret_keys(monitor: Monitor) -> None:
    """Tells the monitor the keys of each Kubernetes Secret.

    If one value is unknown, the SDK makes the whole `data` unknown. The keys are not secret, and readers of the
    preview want to see them.
    """
    original = core.Secret._internal_init  # pyright: ignore[reportPrivateUsage, reportUnknownMemberType, reportUnknownVariableType]

    def init(self: core.Secret, resource_name: str, *args: Any, **named: Any) -> None:
        for field, data in (("data", named.get("data")), ("stringData", named.get("string_data"))):
            if isinstance(data, Mapping):
                monitor.secret_keys[resource_name, field] = sorted(cast("Mapping[str, Any]", data))
        original(self, resource_name, *args, **named)

    core.Secret._internal_init = init  # pyright: ignore[reportAttributeAccessIssue, reportPrivateUsage]
