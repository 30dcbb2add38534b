"""The data types that the parts of the preview share."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any


class Placeholder(str):
    """Stands in a manifest for a value that is secret, or unknown before a deployment.

    It is a string, so that the manifest is still plain data for any YAML or JSON writer. A check tells it from
    a real string by its type.
    """

    __slots__ = ()


COMPUTED = Placeholder("<computed>")
"""A value that only the cluster, the registry or an unread secret can decide."""

SECRET = Placeholder("[secret]")
"""A value that is known but never shown."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """One Kubernetes object as the provider would send it.

    `body` is plain data in the API's camelCase (dicts, lists, strings, numbers, booleans, None), with a
    `Placeholder` for each secret or unknown value. `source` is the `file:line` of the user's program that
    declared the object, if it is known. `initial_replicas` is the number of pods that a new workload starts
    with if somebody else sets the number from then on. Its body then has no `replicas`. `cluster` is the one of its
    explicit provider; None stands for the cluster of the stack.
    """

    urn: str
    body: dict[str, Any]
    source: str | None = None
    initial_replicas: int | None = None
    cluster: str | None = None

    @property
    def api_version(self) -> str:
        return str(self.body["apiVersion"])

    @property
    def kind(self) -> str:
        return str(self.body["kind"])

    @property
    def name(self) -> str:
        return str(self.body["metadata"].get("name", ""))

    @property
    def namespace(self) -> str | None:
        """None for a kind without a namespace. `default` is written out, as the provider does."""
        return self.body["metadata"].get("namespace")

    def __str__(self) -> str:
        """The object as a person names it: `Deployment shop/web`, `Namespace shop`, or `Namespace shop in eu`."""
        name = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {name}" + (f" in {self.cluster}" if self.cluster else "")


class Severity(IntEnum):
    """In ascending order, so that `--fail-on` can compare."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A mistake that one rule found in one object.

    `rule` is the id in docs/rules.md. `where` names the object. `path` is the field in it
    (`spec.template.spec.containers[0].image`; empty for the whole object). `message` is one sentence that says
    what is wrong and what to do.
    """

    severity: Severity
    rule: str
    where: str
    message: str
    path: str = ""
    source: str | None = field(default=None)


@dataclass(frozen=True)
class Secret:
    """A value that the program marked secret, inside a registration."""

    value: Any

    def __repr__(self) -> str:
        return str(SECRET)


@dataclass(frozen=True, kw_only=True)
class Registration:
    """One resource as the program registered it.

    `type` and `urn` are as the engine has them. `inputs` is plain data in which a `Secret` wraps what
    is secret and a `Placeholder` stands for what is unknown. `parent` is a URN, "" for the stack
    itself; `options` are those that were given, by their name in the engine's protocol; `aliases` are
    the URNs that it had before. `read` is what exists already and is only looked up. `by_helm` is what
    Helm installs as a part of its parent: the engine has no such resource. `outputs` is what a component
    registered as its own, None where it did not.
    """

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    inputs: dict[str, Any]
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    aliases: tuple[str, ...] = ()
    outputs: dict[str, Any] | None = None
    read: bool = False
    by_helm: bool = False
    source: str | None = None


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """A message of the program, or the reason why it failed. `source` is the `file:line` of the user's code.

    `incomplete` means that a deployment makes more than what is shown here.
    """

    severity: Severity
    message: str
    source: str | None = None
    incomplete: bool = False


@dataclass(frozen=True, kw_only=True)
class StackRun:
    """The result of running the program for one stack.

    `failed` means that the engine would stop too. `unread` are the secrets that the program asked for and that
    could not be read. Everything that depends on them is unknown, even which objects there are.
    """

    stack: str
    registrations: list[Registration]
    diagnostics: list[Diagnostic]
    failed: bool = False
    unread: list[str] = field(default_factory=list[str])
