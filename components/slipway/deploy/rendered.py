"""A stack as it will be deployed: what the preview renders, with secrets in clear.

Only this module holds them in clear. They go to `kubectl` through a pipe, to `docker` by its environment, and nowhere
else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from slipway.deploy.errors import DeployError
from slipway.deploy.images import NOT_BUILT, builds, builds_with_secrets, located
from slipway.preview.config import StackConfig, load_config
from slipway.preview.model import Diagnostic, Manifest, Placeholder, Registration, Severity, StackRun
from slipway.preview.project import Project, ProjectError, find_project
from slipway.preview.redact import in_clear
from slipway.preview.result import Result, result_of
from slipway.preview.runner import Runs
from slipway.preview.secrets import PassphraseError, passphrase_from_environment


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A stack of a project, with its configuration."""

    project: Project
    name: str
    config: StackConfig

    @property
    def full_name(self) -> str:
        """A name for the stack that is unique in the cluster, as long as project names are unique."""
        return f"{self.project.name}-{self.name}"

    @property
    def folder(self) -> Path:
        """The folder where the stack's program runs. Relative paths start here."""
        return self.project.program.parent

    @property
    def file(self) -> str:
        return str(self.project.stack_file(self.name).relative_to(self.project.root))


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """What the program declares: its objects in apply order, its other resources, its outputs.

    `lost` are the messages about declared objects that could not be rendered. `unread` are the secrets that the program
    asked for and that could not be read. `build_secrets` are the values of build secrets by id, in clear, by the URN of
    what builds the image.
    """

    stack: Stack
    manifests: list[Manifest]
    registrations: list[Registration]
    outputs: Mapping[str, Any]
    lost: Sequence[Diagnostic] = ()
    unread: Sequence[str] = ()
    build_secrets: Mapping[str, Mapping[str, str] | Placeholder] = field(default_factory=dict[str, Any], repr=False)

    def part(self, cluster: str | None) -> Rendered:
        """The objects of one cluster, and all else."""
        return replace(self, manifests=[one for one in self.manifests if one.cluster == cluster])

    def applicable(self) -> list[Manifest]:
        """All objects, completely known. Raises DeployError if one is missing or has an unknown value."""
        for each in self.lost:
            raise DeployError(f"{each.source or self.stack.file}: {each.message}, or use `make up`, which deploys it")
        if self.unread:
            # Whole objects that depend on a secret may be missing, and missing objects would be deleted.
            variables = ", ".join(_variable(self.stack.project.name, key) for key in self.unread)
            raise DeployError(
                f"what derives from {', '.join(self.unread)} is unknown, as secrets are not read: set {variables}, "
                "or set PULUMI_CONFIG_PASSPHRASE to the stack's passphrase"
            )
        for manifest in self.manifests:
            for path in _placeholders(manifest.body):
                raise DeployError(
                    f"{manifest} is not known whole ({path}): use `make up` for what only the engine knows"
                )
        return self.manifests


def find_stack(folder: Path, name: str) -> Stack:
    """The stack, with the secrets that the passphrase or the environment gives. Raises DeployError."""
    try:
        project = find_project(folder)
        config = load_config(project, name, passphrase_from_environment())
    except (ProjectError, PassphraseError) as error:
        raise DeployError(str(error)) from None
    return Stack(project=project, name=name, config=_with_secrets(project, config, os.environ))


def run(stack: Stack) -> StackRun:
    """Runs the stack's program. Raises DeployError if it cannot be run at all."""
    try:
        [ended] = Runs(stack.project, {stack.name: stack.config}, jobs=1)
    except ProjectError as error:
        raise DeployError(str(error)) from None
    return ended


def render(stack: Stack) -> Rendered:
    """What the stack's program declares. Raises DeployError if the program fails or the checks find an error."""
    ended = run(stack)
    result = result_of(ended, stack.config, show_secrets=True)
    if wrong := _errors(result):
        raise DeployError("\n".join(wrong))
    return Rendered(
        stack=stack,
        manifests=result.manifests,
        registrations=result.registrations,
        outputs=result.outputs,
        lost=[said for said in result.diagnostics if said.incomplete],
        unread=ended.unread,
        build_secrets={one.urn: in_clear(one.inputs["secrets"]) for one in builds_with_secrets(ended.registrations)},
    )


def render_with_digests(stack: Stack) -> Rendered:
    """As `render`, with the digest of each image that is to run by the one that its registry has.

    Raises DeployError, also if a registry does not have such an image.
    """
    rendered = render(stack)
    pinned = [build for build in builds(rendered.registrations) if build.pinned]
    told = {build.urn: build.outputs(located(build.release, NOT_BUILT).digest or "") for build in pinned}
    return render(replace(stack, config=replace(stack.config, told=told))) if told else rendered


def _errors(result: Result) -> list[str]:
    said = [
        f"{one.source}: {one.message}" if one.source else one.message
        for one in result.diagnostics
        if one.severity is Severity.ERROR
    ]
    found = [f"{one.where}: {one.message} [{one.rule}]" for one in result.findings if one.severity is Severity.ERROR]
    return [*said, *found]


def _with_secrets(project: Project, config: StackConfig, environment: Mapping[str, str]) -> StackConfig:
    """The configuration with secrets from the environment: `SLIPWAY_SECRET_API_TOKEN` is `slipway:apiToken`."""
    prefix = _prefix(project.name)
    given = {
        f"{project.name}:{_camel(name.removeprefix(prefix))}": value
        for name, value in environment.items()
        if name.startswith(prefix)
    }
    keys = frozenset(given)
    return replace(
        config,
        values={**config.values, **given},
        secret=config.secret | keys,
        withheld=config.withheld - keys,
        missing=config.missing - keys,
        plaintexts=config.plaintexts | frozenset(given.values()),
    )


def _prefix(project: str) -> str:
    return re.sub(r"\W", "_", project).upper() + "_SECRET_"


def _variable(project: str, key: str) -> str:
    """The environment variable from which `_with_secrets` takes a secret."""
    words = re.sub(r"(?<!^)(?=[A-Z])", "_", key.partition(":")[2])
    return f"{_prefix(project)}{words.upper()}"


def _camel(name: str) -> str:
    first, *others = name.lower().split("_")
    return first + "".join(map(str.capitalize, others))


def _placeholders(value: Any, path: str = "") -> Iterator[str]:
    """The paths of unknown values."""
    match value:
        case Placeholder():
            yield path
        case dict():
            for key, item in value.items():  # pyright: ignore[reportUnknownVariableType]
                yield from _placeholders(item, f"{path}.{key}" if path else str(key))  # pyright: ignore[reportUnknownArgumentType]
        case list():
            for index, item in enumerate(value):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
                yield from _placeholders(item, f"{path}[{index}]")
        case _:
            pass
