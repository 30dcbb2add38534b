"""Scaling: between how many, by what; and how many must stay."""

from __future__ import annotations

from typing import Any

from slipway.preview.phrases.values import at, each, joined, pairs, referred, selected


def _horizontal(inputs: dict[str, Any]) -> str:
    metrics = each(_metric, inputs, "spec", "metrics")
    low, high = at(inputs, "spec", "minReplicas"), at(inputs, "spec", "maxReplicas")
    return f"{1 if low is None else low} to {high} replicas by {', '.join(metrics) or 'cpu 80 %'}"


def _metric(metric: Any) -> str:
    if at(metric, "type") != "Resource":
        return str(at(metric, "type"))
    target = at(metric, "resource", "target")
    amount = at(target, "averageValue") or f"{at(target, 'averageUtilization')} %"
    return f"{at(metric, 'resource', 'name')} {amount}"


def _vertical(inputs: dict[str, Any]) -> str:
    mode, target = at(inputs, "spec", "updatePolicy", "updateMode"), at(inputs, "spec", "targetRef")
    bounds = each(_bounds, inputs, "spec", "resourcePolicy", "containerPolicies")
    said = "recommends only" if mode == "Off" else f"mode {mode}" if mode else ""
    return joined(referred(target), said, *bounds)


def _bounds(policy: Any) -> str:
    fields = {"at least": "minAllowed", "at most": "maxAllowed"}
    amounts = {word: " ".join(pairs("{1} {0}", at(policy, field))) for word, field in fields.items()}
    said = " ".join(f"{word} {amount}" for word, amount in amounts.items() if amount)
    return f"{at(policy, 'containerName')} {said}" if said else ""


def _scaled_object(inputs: dict[str, Any]) -> str:
    """https://keda.sh/docs/latest/reference/scaledobject-spec/"""
    spec = at(inputs, "spec")
    low, high = at(spec, "minReplicaCount"), at(spec, "maxReplicaCount")
    target = referred(at(spec, "scaleTargetRef"), "Deployment")
    triggers = ", ".join(each(lambda one: str(at(one, "type")), spec, "triggers"))
    return f"{0 if low is None else low} to {100 if high is None else high} replicas of {target} by {triggers}"


def _budget(inputs: dict[str, Any]) -> str:
    spec = at(inputs, "spec")
    least, most = at(spec, "minAvailable"), at(spec, "maxUnavailable")
    # No selector selects nothing, and an empty one all.
    selector = at(spec, "selector")
    pods = "no pods" if selector is None else selected(selector) or "all pods"
    kept = f"at least {least} stay" if least is not None else ""
    return joined(pods, kept, f"at most {most} unavailable" if most is not None else "")


PHRASES = {
    "kubernetes:autoscaling.k8s.io:VerticalPodAutoscaler": _vertical,
    "kubernetes:autoscaling:HorizontalPodAutoscaler": _horizontal,
    "kubernetes:keda.sh:ScaledObject": _scaled_object,
    "kubernetes:policy:PodDisruptionBudget": _budget,
}
