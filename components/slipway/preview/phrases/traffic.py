"""Traffic: who is reached, under which name and port, and who may reach whom."""

from __future__ import annotations

from typing import Any

from slipway.preview.model import Placeholder
from slipway.preview.phrases.values import at, count, each, first, joined, referred, selected, words


def _service(inputs: dict[str, Any]) -> str:
    kind = at(inputs, "spec", "type") or "ClusterIP"
    if kind == "ExternalName":
        return f"ExternalName {at(inputs, 'spec', 'externalName')}"
    headless = ["headless"] if at(inputs, "spec", "clusterIP") == "None" else [str(kind)]
    return " ".join([*headless, *each(_port, inputs, "spec", "ports")])


def _port(port: Any) -> str:
    return f"{at(port, 'name') or ''}:{at(port, 'port')}"


def _ingress(inputs: dict[str, Any]) -> str:
    rules, tls = each(_ingress_rule, inputs, "spec", "rules"), at(inputs, "spec", "tls")
    default = _ingress_backend(at(inputs, "spec", "defaultBackend"))
    encrypted = f"TLS: {tls}" if isinstance(tls, Placeholder) else "TLS" if tls else "no TLS"
    return joined(first([*rules, f"else to {default}" if default else ""]), encrypted)


def _ingress_rule(rule: Any) -> str:
    host = at(rule, "host") or "any host"

    def tell(path: Any) -> str:
        return f"{host}{at(path, 'path') or '/'} to {_ingress_backend(at(path, 'backend'))}"

    return first(each(tell, rule, "http", "paths")) or str(host)


def _ingress_backend(backend: Any) -> str:
    if backend is None or isinstance(backend, Placeholder):
        return str(backend or "")
    service, resource = at(backend, "service"), at(backend, "resource")
    if service is None:
        return f"{at(resource, 'kind')} {at(resource, 'name')}"
    port = at(service, "port", "name") or at(service, "port", "number")
    return f"{at(service, 'name')}:{port}"


def _network_policy(inputs: dict[str, Any]) -> str:
    """https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies"""
    spec = at(inputs, "spec")

    def direction(name: Any) -> str:
        rules = at(spec, name.lower())
        return f"{name.lower()} by {count(rules, 'rule')}" if rules else f"no {name.lower()}"

    # Without types a policy is for ingress, and for egress where it has such rules.
    types = at(spec, "policyTypes") or ["Ingress", *(["Egress"] if at(spec, "egress") else [])]
    return joined(selected(at(spec, "podSelector")) or "all pods", *each(direction, types))


def _route(inputs: dict[str, Any]) -> str:
    spec = at(inputs, "spec")
    parents = ", ".join(each(lambda one: str(at(one, "name")), spec, "parentRefs"))
    to = ", ".join(dict.fromkeys(each(_route_rule, spec, "rules")))
    return joined(words(spec, "hostnames") or "any host", f"by {parents}" if parents else "", f"to {to}" if to else "")


def _route_rule(rule: Any) -> str:
    return ", ".join(each(_route_backend, rule, "backendRefs"))


def _route_backend(one: Any) -> str:
    port, weight = at(one, "port"), at(one, "weight")
    return f"{at(one, 'name')}{f':{port}' if port else ''}{f' (weight {weight})' if weight is not None else ''}"


def _gateway(inputs: dict[str, Any]) -> str:
    listeners = first(each(_listener, inputs, "spec", "listeners"))
    return joined(f"class {at(inputs, 'spec', 'gatewayClassName')}", listeners)


def _listener(one: Any) -> str:
    return f"{at(one, 'protocol')} {at(one, 'port')} {at(one, 'hostname') or 'any host'}"


def _certificate(inputs: dict[str, Any]) -> str:
    by = referred(at(inputs, "spec", "issuerRef"), "Issuer")
    names = words(inputs, "spec", "dnsNames") or str(at(inputs, "spec", "commonName") or "")
    return joined(names, f"by {by}" if by else "", f"into Secret {at(inputs, 'spec', 'secretName')}")


PHRASES = {
    "kubernetes:cert-manager.io:Certificate": _certificate,
    "kubernetes:core:Service": _service,
    "kubernetes:gateway.networking.k8s.io:GRPCRoute": _route,
    "kubernetes:gateway.networking.k8s.io:Gateway": _gateway,
    "kubernetes:gateway.networking.k8s.io:HTTPRoute": _route,
    "kubernetes:networking.k8s.io:Ingress": _ingress,
    "kubernetes:networking.k8s.io:NetworkPolicy": _network_policy,
}
