"""Renders a stack of the user's program, as `slipway preview` does."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from slipway.preview.config import StackConfig, load_config
from slipway.preview.crds import read_crds
from slipway.preview.declared import as_text, full_key
from slipway.preview.model import Severity
from slipway.preview.near import near
from slipway.preview.project import ProjectError, find_project
from slipway.testing.faults import faults
from slipway.testing.places import folder_of_caller
from slipway.testing.process import programs
from slipway.testing.recording import Recording

_NOTHING: Mapping[str, Any] = {}


class Render:
    """Renders each stack once: another call with the same project, stack and secrets returns the same recording."""

    def __init__(self) -> None:
        self._recordings: dict[object, Recording] = {}

    def __call__(
        self,
        stack: str,
        *,
        secrets: Mapping[str, Any] = _NOTHING,
        project: str | Path | None = None,
        crds: Sequence[str | Path] = (),
    ) -> Recording:
        """Run the program of the nearest Pulumi.yaml above the test's file with the configuration of `stack`.

        As with `slipway preview`, it needs no engine, cluster, login or passphrase. Secrets are not read: a value that
        depends on one is an `Unknown`. `secrets` gives the values of secrets, by their key in the stack's configuration
        (`apiToken`, or `shop:apiToken`). `project` is another folder from which to look for Pulumi.yaml. `crds` are
        files and folders of CRDs, as `slipway preview --crds` takes them, relative to the project's root.

        Raises ProjectError for a project or a stack file that Pulumi would refuse, for a key of `secrets` that is not
        secret, and for `crds` without a CRD. Raises AssertionError if the program fails, with its file and line, or if
        nothing can be tested: nothing is registered, two resources have the same URN, or a component never called
        register_outputs.
        """
        __tracebackhide__ = True
        found = find_project(Path(project) if project else folder_of_caller())
        given = {full_key(found.name, key): as_text(value) for key, value in secrets.items()}
        definitions = tuple(found.root / path for path in crds)
        key = (found.root, stack, frozenset(given.items()), definitions)
        if key not in self._recordings:
            config = _with_secrets(load_config(found, stack), given, stack)
            known = read_crds(definitions, "crds")
            recording = Recording(run=programs().run(found, stack, config), config=config, crds=known)
            # If the program failed, do not report missing resources as well.
            if wrong := _failures(recording) or list(faults(recording)):
                raise AssertionError(f"stack {stack}: " + "\n".join(wrong))
            self._recordings[key] = recording
        return self._recordings[key]


def render(
    stack: str,
    *,
    secrets: Mapping[str, Any] = _NOTHING,
    project: str | Path | None = None,
    crds: Sequence[str | Path] = (),
) -> Recording:
    """As `Render`, once for each stack in a process. For code that cannot use the fixture."""
    __tracebackhide__ = True
    return _of_this_process()(stack, secrets=secrets, project=project or folder_of_caller(), crds=crds)


@functools.cache
def _of_this_process() -> Render:
    return Render()


def _with_secrets(config: StackConfig, given: Mapping[str, str], stack: str) -> StackConfig:
    for key in given:
        # A key that is in no file is a secret that only the program knows of.
        if key not in config.secret and (meant := near(key, config.secret)):
            raise ProjectError(f"secrets: {key} is no secret of stack {stack}: did you mean {meant}?")
        if key in config.values and key not in config.secret:
            raise ProjectError(f"secrets: {key} is no secret of stack {stack}, whose file states it in clear")
    return replace(
        config,
        values={**config.values, **given},
        secret=config.secret | given.keys(),
        withheld=config.withheld - given.keys(),
        missing=config.missing - given.keys(),
        plaintexts=frozenset(given.values()),
    )


def _failures(recording: Recording) -> list[str]:
    said = [one for one in recording.result.diagnostics if one.severity is Severity.ERROR]
    return [f"{one.source}: {one.message}" if one.source else one.message for one in said]
