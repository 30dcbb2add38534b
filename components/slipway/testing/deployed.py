"""Runs a function that declares resources, without the Pulumi engine."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypedDict, Unpack, cast

from pulumi.runtime import run_in_stack, set_all_config
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import Settings, configure

from slipway.parts.arguments.refusal import Refusal
from slipway.preview.at_once import AtOnce
from slipway.preview.config import StackConfig
from slipway.preview.crds import read_crds
from slipway.preview.declared import full_key
from slipway.preview.model import StackRun
from slipway.preview.monitor import Engine, Monitor
from slipway.preview.project import is_users
from slipway.testing.faults import faults
from slipway.testing.places import folder_of_caller, project_of
from slipway.testing.recording import Recording
from slipway.testing.unseen import Unseen, watched

Program = Callable[[], object]
Answer = Mapping[str, Any] | Callable[[dict[str, Any]], Mapping[str, Any]]
States = Mapping[str, Mapping[str, Any]]
_NOTHING: Mapping[str, Any] = {}


class Options(TypedDict, total=False):
    """The options of `deploy` and `attempt`.

    - `config`: the stack's configuration. A key without a namespace gets that of the project: the `name` in the nearest
      Pulumi.yaml above the test, or else `project`.
    - `secret_keys`: the keys of `config` that are secret.
    - `stack`: the stack's name; `test` by default.
    - `preview`: whether values that only a deployment knows are unknown, as in a preview. Without it, the ID of each
      resource is its logical name.
    - `states`: outputs that a deployment adds to resources, by their type:
      `{"kubernetes:core/v1:Service": {"status": {…}}}`.
    - `calls`: the results of provider functions, by their token (`aws:ec2/getAmi:getAmi`): a mapping, or a function
      that takes the arguments and returns a mapping.
    - `crds`: files and folders of CRDs by which `findings` and `check` judge custom resources, relative to the
      project's root, or to the test's folder if there is no Pulumi.yaml.
    """

    config: Mapping[str, str]
    secret_keys: tuple[str, ...]
    stack: str
    preview: bool
    states: States
    calls: Mapping[str, Answer]
    crds: Sequence[str | Path]


def deploy(program: Program, **options: Unpack[Options]) -> Recording:
    """Run `program`, which takes no arguments and declares resources, and return what it registered.

    `options` are those of `Options`. Raises what the program raises. Raises AssertionError if the program succeeds here
    but would fail with an engine, or if nothing was tested:

    - It registers nothing, or two resources have the same URN.
    - It calls a provider function without an entry in `calls`.
    - A component never called register_outputs, or an exception in a resource was swallowed.
    - A task failed or was never awaited, or an assertion in an `apply` never ran.
    """
    __tracebackhide__ = True
    recording, error, unseen = _run(program, **options)
    if error:
        raise error
    if wrong := list(dict.fromkeys([*faults(recording), *unseen.told(recording.registrations)])):
        raise AssertionError("\n".join(wrong))
    return recording


def attempt(program: Program, **options: Unpack[Options]) -> tuple[Recording, Exception | None]:
    """As `deploy`, without its checks. Returns what was registered, and the program's exception if it raised one."""
    recording, error, _ = _run(program, **options)
    return recording, error


def refusal(program: Program) -> str:
    """The sentence with which a component of Slipway refuses `program`, without the file and line.

    Raises AssertionError if the program is not refused, if a component was refused only after it was registered, or if
    the refusal names no line. Raises the program's exception if that is not a ValueError.
    """
    __tracebackhide__ = True
    recording, error = attempt(program)
    assert error is not None, "the program was not refused"
    if not isinstance(error, ValueError):
        raise error
    begun = [one.urn for one in recording.registrations if one.type.startswith("slipway:") and one.outputs is None]
    assert not begun, f"refused only after these were begun: {begun} ({error})"
    assert isinstance(error, Refusal), f"a plain ValueError, of which an engine prints a traceback: {error}"
    assert str(error).endswith(f": {error.sentence}"), f"no place is told: {error}"
    return error.sentence


def _run(
    program: Program,
    *,
    config: Mapping[str, str] = _NOTHING,
    secret_keys: tuple[str, ...] = (),
    stack: str = "test",
    preview: bool = False,
    states: States = _NOTHING,
    calls: Mapping[str, Answer] = _NOTHING,
    crds: Sequence[str | Path] = (),
) -> tuple[Recording, Exception | None, Unseen]:
    root, project = project_of(folder_of_caller())
    values = {full_key(project, key): value for key, value in config.items()}
    secret = frozenset(full_key(project, key) for key in secret_keys)
    definitions = read_crds((root / path for path in crds), "crds")
    unseen = Unseen()

    def answer(token: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if token not in calls:
            raise AssertionError(
                f"the program calls {token}, which no test answers: {arguments}; "
                f"say what it returns, with calls={{{token!r}: {{…}}}}"
            )
        given = calls[token]
        return dict(given(arguments) if callable(given) else given)

    engine = Engine()

    def told(_urn: str, type_: str) -> Mapping[str, Any]:
        return states.get(type_, _NOTHING)

    monitor = _Recorder(root=root, preview=preview, calls=answer, told=told)

    def run() -> None:
        configure(
            Settings(project=project, stack=stack, organization="test", monitor=monitor, engine=engine, dry_run=preview)
        )
        set_all_config(values, list(secret))

        def program_without_result() -> None:
            program()

        async def to_its_end() -> None:
            # A failure is raised once. Do not log it again for each Output that waited for it.
            loop = asyncio.get_running_loop()
            loop.set_exception_handler(lambda _loop, _context: None)
            loop.set_default_executor(AtOnce())
            with watched(unseen, loop):
                await run_in_stack(program_without_result)

        asyncio.run(to_its_end())

    error = None
    try:
        contextvars.copy_context().run(run)
    except Exception as raised:
        error = raised.with_traceback(_from_program(raised.__traceback__, root))
    ended = StackRun(
        stack=stack, registrations=monitor.registrations, diagnostics=engine.diagnostics, failed=error is not None
    )
    known = StackConfig(
        values=values, secret=secret, plaintexts=frozenset(values[key] for key in secret if key in values)
    )
    recording = Recording(run=ended, config=known, aliases=monitor.known_aliases, crds=definitions)
    return recording, error, unseen


def _from_program(way: TracebackType | None, root: Path) -> TracebackType | None:
    """The traceback from the program's own first line on. The frames before it are the same for every program."""
    while way and not is_users(Path(way.tb_frame.f_code.co_filename), root):
        way = way.tb_next
    return way


class _Recorder(Monitor):
    """Also records aliases, which a preview does not need."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.known_aliases: dict[str, list[str]] = {}

    def RegisterResource(  # noqa: N802 (the protocol's name)
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        response = super().RegisterResource(request)
        aliases = cast("Any", request).aliases
        self.known_aliases[response.urn] = [
            *request.aliasURNs,
            *(str(one.spec.name or one.spec.type or one.urn) for one in aliases),
        ]
        return response
