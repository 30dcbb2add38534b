"""What a program registered, for a test to check."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from slipway.preview.config import StackConfig
from slipway.preview.manifests import manifests
from slipway.preview.model import Diagnostic, Finding, Manifest, Registration, Severity, StackRun
from slipway.preview.near import near
from slipway.preview.redact import in_clear, revealed
from slipway.preview.result import STACK_TYPE, Result, result_of
from slipway.testing.unknown import ONLY_A_DEPLOYMENT, without_placeholders

_LIKELY = 0.6


@dataclass(frozen=True, kw_only=True)
class Recording:
    """Everything that a program registered and logged.

    Kubernetes objects are plain dicts in the API's camelCase, as they would be sent. Secrets that were given are in
    clear. A value that only a deployment knows is an `Unknown`. Each look-up makes new dicts.

    `crds` are the CRDs that the program needs and does not declare.

    `aliases` are the declared aliases of resources (names, types or URNs), by URN. A recording of `render` has none.
    """

    run: StackRun
    config: StackConfig
    aliases: Mapping[str, list[str]] = field(default_factory=dict[str, list[str]])
    crds: Sequence[dict[str, Any]] = ()

    @property
    def stack(self) -> str:
        return self.run.stack

    @property
    def registrations(self) -> list[Registration]:
        """Every registration, with that of the stack. Unknown values are the preview's placeholders."""
        return self.run.registrations

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What the program printed and logged, and what the preview could not know."""
        return self.run.diagnostics

    @property
    def resources(self) -> list[Registration]:
        """Every resource except the stack: `urn`, `type`, `name`, `inputs`, `options`, `parent`, `outputs`.

        A value that the program marked as secret is wrapped in a `slipway.preview.model.Secret`, as its `value`.
        """
        return [self._readable(one) for one in self.registrations if one.type != STACK_TYPE]

    @property
    def outputs(self) -> dict[str, Any]:
        """The outputs of the stack by name, with secrets in clear. In `one(":Stack")` they are wrapped."""
        exported = [one.outputs or {} for one in self.registrations if one.type == STACK_TYPE]
        return self._known(in_clear(exported[0]) if exported else {}, "the output")

    @property
    def findings(self) -> list[Finding]:
        """The findings of the preview's rules (docs/rules.md), the most severe first."""
        return self.result.findings

    @cached_property
    def result(self) -> Result:
        """The preview of the run, with secrets masked."""
        return result_of(self.run, self.config, crds=self.crds)

    def one(self, type_: str, name: str | None = None) -> Registration:
        """The only resource whose type token ends with `type_` (and whose logical name is `name`).

        Raises AssertionError if there is none or more than one. The message lists all resources.
        """
        __tracebackhide__ = True
        found = [one for one in self.registrations if one.type.endswith(type_) and name in (None, one.name)]
        there = (f"{one.type} {one.name}" for one in self.registrations)
        if len(found) != 1:
            raise AssertionError(_not_one(len(found), "registration", f"{type_} {name or ''}".strip(), there))
        return self._readable(found[0])

    def count(self, type_: str) -> int:
        """The number of resources whose type token ends with `type_`."""
        return sum(one.type.endswith(type_) for one in self.registrations)

    def below(self, urn: str) -> list[Registration]:
        """The children of `urn`, and their children, and so on."""
        children = [self._readable(one) for one in self.registrations if one.parent == urn]
        return [found for child in children for found in (child, *self.below(child.urn))]

    def manifests(self) -> list[Manifest]:
        """The Kubernetes objects in apply order, as the preview's `Manifest`, with secrets in clear."""
        return list(self._manifests)

    def objects(self, kind: str | None = None, namespace: str | None = None) -> list[dict[str, Any]]:
        """The Kubernetes objects in apply order: all, or only those of a kind, a namespace, or both."""
        return [self._body(one) for one in self._manifests if _is(one, kind, None, namespace)]

    def object(self, kind: str, name: str | None = None, namespace: str | None = None) -> dict[str, Any]:
        """The only Kubernetes object of a kind (and of this name, in this namespace).

        Raises AssertionError if there is none or more than one. The message lists the objects.
        """
        __tracebackhide__ = True
        found = [one for one in self._manifests if _is(one, kind, name, namespace)]
        place = "/".join(part for part in (namespace, name) if part)
        # List only objects of this kind, if there are any: a program may have hundreds of objects.
        there = [str(one) for one in self._manifests if one.kind == kind] or [str(one) for one in self._manifests]
        if len(found) != 1:
            raise AssertionError(_not_one(len(found), "object", f"{kind} {place}".strip(), there))
        return self._body(found[0])

    def check(self, severity: Literal["error", "warning", "info"] = "warning", *, ignore: Collection[str] = ()) -> None:
        """Raise AssertionError for findings of `severity` or above. The message has one line for each finding.

        `ignore` are the ids of rules (`image/latest`) whose findings are accepted. An ignored rule without findings
        raises AssertionError too: it is misspelt or no longer needed.
        """
        __tracebackhide__ = True
        if isinstance(ignore, str):
            raise TypeError(f"ignore is {ignore!r}: write it as a tuple, ({ignore!r},)")
        found = sorted({one.rule for one in self.findings})
        for rule in ignore:
            if rule not in found:
                raise AssertionError(f"ignore has {rule!r}, of which nothing was found{_meant(rule, found)}")
        grave = [one for one in self.findings if one.severity >= Severity[severity.upper()] and one.rule not in ignore]
        if grave:
            lines = (f"  {one.severity} {_told(one)}" for one in grave)
            raise AssertionError("\n".join([f"the checks find fault with stack {self.stack}:", *lines]))

    @cached_property
    def _manifests(self) -> list[Manifest]:
        return manifests(map(revealed, self.registrations), self.config.values)

    def _body(self, manifest: Manifest) -> dict[str, Any]:
        return self._known(manifest.body, str(manifest))

    def _readable(self, registration: Registration) -> Registration:
        where = f"{registration.type} {registration.name}"
        known = {name: self._known(getattr(registration, name), where) for name in ("inputs", "outputs")}
        return replace(registration, **known)

    def _known(self, value: Any, where: str) -> Any:
        unread = ", ".join(self.run.unread)
        hint = f", or it follows from a secret that is not read ({unread}): give that with secrets={{…}}"
        return without_placeholders(value, where, ONLY_A_DEPLOYMENT + hint * bool(unread))


def _is(one: Manifest, kind: str | None, name: str | None, namespace: str | None) -> bool:
    return kind in (None, one.kind) and name in (None, one.name) and namespace in (None, one.namespace)


def _not_one(number: int, what: str, wanted: str, there: Iterable[str]) -> str:
    known = list(there)
    meant = "." if number else _meant(wanted, known)
    return f"{number} {what}s of {wanted}{meant} There are: {', '.join(known) or 'none'}"


def _meant(written: str, known: Iterable[str]) -> str:
    close = near(written, known, likeness=_LIKELY)
    return f": did you mean {close}?" if close else "."


def _told(finding: Finding) -> str:
    path = f" {finding.path}" if finding.path else ""
    source = f" ({finding.source})" if finding.source else ""
    return f"{finding.where}{path}: {finding.message} [{finding.rule}]{source}"
