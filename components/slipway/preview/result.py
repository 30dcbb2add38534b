"""The complete result of a preview for one stack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slipway.preview.checks import check
from slipway.preview.checks.definitions import Definitions, Need
from slipway.preview.config import StackConfig
from slipway.preview.manifests import is_object, manifests
from slipway.preview.model import Diagnostic, Finding, Manifest, Registration, Severity, StackRun
from slipway.preview.redact import redacted, revealed

STACK_TYPE = "pulumi:pulumi:Stack"


@dataclass(frozen=True, kw_only=True)
class Result:
    """`manifests` hold secrets only if the user asked for them. No other field ever does.

    `needs` are the kinds that the cluster has to serve by CRDs.
    """

    stack: str
    failed: bool
    registrations: list[Registration]
    manifests: list[Manifest]
    findings: list[Finding]
    needs: list[Need]
    diagnostics: list[Diagnostic]
    outputs: dict[str, Any]

    @property
    def incomplete(self) -> bool:
        """Whether a deployment makes Kubernetes objects that are not in `manifests`."""
        return any(said.incomplete for said in self.diagnostics)

    def worst(self) -> Severity | None:
        """The highest severity of all findings and messages; None if there are none."""
        return max((said.severity for said in (*self.findings, *self.diagnostics)), default=None)


def result_of(
    run: StackRun, config: StackConfig, *, show_secrets: bool = False, crds: Sequence[dict[str, Any]] = ()
) -> Result:
    """Renders and checks what a stack's program registered. `crds` are CRDs that it does not declare itself."""
    safe = redacted(run, config.plaintexts)
    rendered = manifests(safe.registrations, config.values)
    resources = [one for one in safe.registrations if one.type != STACK_TYPE]
    definitions = Definitions(rendered, crds)
    outputs = next((one.outputs for one in safe.registrations if one.type == STACK_TYPE), None)
    return Result(
        stack=run.stack,
        failed=safe.failed,
        registrations=resources,
        manifests=manifests(map(revealed, run.registrations), config.values) if show_secrets else rendered,
        findings=[
            *_same_urn(resources),
            *check(rendered, complete=_complete(safe), existing=_existing(resources), definitions=definitions),
        ],
        needs=definitions.needed(rendered),
        diagnostics=safe.diagnostics,
        outputs=outputs or {},
    )


def _existing(registrations: list[Registration]) -> list[tuple[str, str, str]]:
    """What the program says that somebody else makes, by `existing_secret` and its like."""
    told = [one.outputs or {} for one in registrations if one.type.startswith("slipway:index:Existing")]
    return [(one["kind"], one["name"], one["namespace"]) for one in told if {"kind", "name", "namespace"} <= one.keys()]


def _complete(run: StackRun) -> bool:
    """Whether a reference can be called missing, because nothing else may make or hold its target."""
    if any(said.incomplete for said in run.diagnostics):
        return False
    others = [one for one in run.registrations if one.custom and not is_object(one)]
    makers = {one.urn for one in others if one.type.startswith("kubernetes:")}
    return makers <= {one.parent for one in run.registrations}


def _same_urn(registrations: list[Registration]) -> list[Finding]:
    """Finds resources with the same type, name and parents. The engine refuses the second one.

    Kubernetes objects are left out, because the checks report those.
    """
    first: dict[str, Registration] = {}
    findings: list[Finding] = []
    for one in sorted(registrations, key=lambda one: (one.urn, one.source or "")):
        if not is_object(one) and (other := first.setdefault(one.urn, one)) is not one:
            kind, name = one.type.rpartition(":")[2], one.name
            findings.append(
                Finding(
                    severity=Severity.ERROR,
                    rule="duplicate/urn",
                    where=f"{kind} {name}",
                    message=f"two resources have the URN {one.urn} (the other is made at {other.source}), which the "
                    f"engine refuses: give one of them another name or parent",
                    source=one.source,
                )
            )
    return findings
