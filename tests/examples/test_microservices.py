"""What the environments of the shop differ in, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from tests.preview.running import result
from tests.repository import ROOT


def leaves(value: object, path: str) -> Iterator[tuple[str, object]]:
    """The plain values in an object, by their paths."""
    if isinstance(value, dict):
        for key, item in cast("dict[str, object]", value).items():
            yield from leaves(item, f"{path} {key}")
    elif isinstance(value, list):
        for place, item in enumerate(cast("list[object]", value)):
            yield from leaves(item, f"{path} {place}")
    else:
        yield path, value


def planned(stack: str) -> dict[str, object]:
    """Every value of every object of a stack, as if the stack had another name."""
    found = result(ROOT / "examples/microservices", stack)
    assert found.manifests, found.diagnostics
    texts = (leaf for one in found.manifests for leaf in leaves(one.body, f"{one.kind} {one.urn.rpartition('::')[2]}"))
    return {
        path.replace(stack, "STACK"): value.replace(f"shop-{stack}", "shop-STACK") if isinstance(value, str) else value
        for path, value in texts
    }


def test_prod_differs_from_dev_in_its_host_its_issuer_its_pods_and_its_disk():
    dev, prod = planned("dev"), planned("prod")
    scaled = ("catalog", "orders", "packer", "web")
    differing = {path: (dev.get(path), prod.get(path)) for path in dev | prod if dev.get(path) != prod.get(path)}
    assert differing == {
        **{f"HorizontalPodAutoscaler {name} spec minReplicas": (1, 3) for name in scaled},
        **{f"HorizontalPodAutoscaler {name} spec maxReplicas": (3, 9) for name in scaled},
        "StatefulSet postgres spec volumeClaimTemplates 0 spec resources requests storage": ("1Gi", "100Gi"),
        "Certificate shop spec issuerRef name": ("letsencrypt-staging", "letsencrypt"),
        "Certificate shop spec dnsNames 0": ("shop.dev.example.com", "shop.example.com"),
        "Ingress shop spec rules 0 host": ("shop.dev.example.com", "shop.example.com"),
        "Ingress shop spec tls 0 hosts 0": ("shop.dev.example.com", "shop.example.com"),
    }
