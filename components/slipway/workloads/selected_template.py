"""The arguments of workloads that find their pods by a selector, and that may have been made by something else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields, replace
from typing import Any, cast

from pulumi_kubernetes.core import v1 as core

from slipway.parts.arguments.checked import checked
from slipway.parts.labels import WorkloadKind
from slipway.parts.merge import merge
from slipway.parts.names import LONGEST
from slipway.parts.replicas import Replicas
from slipway.parts.workload import Workload
from slipway.workloads.pod_rendering import render_pod
from slipway.workloads.pod_template import PodTemplate, Spread

_BESIDE_A_TEMPLATE = {"namespace", "before", "image", "ports", "resources", "labels", "annotations"}
"""The fields that describe the pods to others, or that are not about the pods."""


@checked
@dataclass(frozen=True, kw_only=True)
class SelectedTemplate(PodTemplate):
    """Pods that their controller finds by a selector, which Kubernetes never changes, and

    - `selector`: the selector of a workload that something else has made; None for the labels that follow from the name
      and the kind. The pods get these labels and no others but `labels`. A Service calls their ports by number.
    - `template`: the raw pod template of such a workload, as it runs. It is taken as it is, so its pods stay. It needs
      the `selector`, and a container with the `image`. `ports` and `resources` describe it to others; all other fields
      of pods and containers are refused (ValueError). Without it, the next deployment makes the pods anew.
    """

    selector: Mapping[str, str] | None = None
    template: core.PodTemplateSpecPatchArgsDict | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.selector is not None and not self.selector:
            raise ValueError("selector is empty, and would select all pods: give the labels of the workload, or None")
        for key, value in (self.selector or {}).items():
            if self.labels.get(key, value) != value:
                raise ValueError(
                    f"label {key!r} is {self.labels[key]!r} and selects the pods as {value!r}: leave it out"
                )
        if self.template is not None:
            self._check_template(merge({}, cast("Mapping[str, Any]", self.template)))

    def _check_template(self, template: dict[str, Any]) -> None:
        if not self.selector:
            raise ValueError(
                "template is that of an existing workload, whose selector never changes: give selector too"
            )
        for part in fields(PodTemplate):
            if part.name not in _BESIDE_A_TEMPLATE and getattr(self, part.name) != _default(self, part.name):
                raise ValueError(f"{part.name} has no effect on a template, which is taken as it is: change it there")
        labels: Mapping[str, Any] = template.get("metadata", {}).get("labels", {})
        if missing := [key for key, value in self.selector.items() if labels.get(key, None) != value]:
            raise ValueError(
                f"label {missing[0]!r} of the selector is not in the template: give those that belong together"
            )
        images = [one.get("image") for one in template.get("spec", {}).get("containers", ())]
        if isinstance(self.image, str) and self.image not in images:
            raise ValueError(
                f"image {self.image!r} is in no container of the template: give {' or '.join(map(repr, images))}"
            )

    def described(
        self,
        name: str,
        kind: WorkloadKind,
        *,
        api_version: str = "apps/v1",
        longest: int = LONGEST,
        replicas: Replicas | None = None,
    ) -> Workload:
        """Describe the workload `name` to others. Raises ValueError for an invalid name."""
        found = super().described(name, kind, api_version=api_version, longest=longest, replicas=replicas)
        return replace(found, former_selector=self.selector)

    def rendered(self, workload: Workload, *, revision_label: str | None = None) -> core.PodTemplateSpecArgsDict:
        """The pod template: the given one, or else the one that `render_pod` makes."""
        if self.template is None:
            return render_pod(workload, self, revision_label=revision_label)
        return cast("core.PodTemplateSpecArgsDict", merge({}, cast("Mapping[str, Any]", self.template)))


def _default(args: PodTemplate, name: str) -> Any:
    found = cast("Field[Any]", type(args).__dataclass_fields__[name])
    return found.default_factory() if found.default_factory is not MISSING else found.default


@checked
@dataclass(frozen=True, kw_only=True)
class ServerTemplate(SelectedTemplate):
    """Pods that serve requests: they go on serving for a while when told to end, and they are spread out.

    - `pre_stop`: five seconds by default.
    """

    pre_stop: int = 5
    spread: Spread | None = "preferred"
