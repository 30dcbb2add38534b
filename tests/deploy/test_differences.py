"""`slipway diff` tells what would change, and shows no secret."""

from __future__ import annotations

from typing import Any

import pytest

from slipway.deploy.differences import compared

Object = dict[str, Any]


def deployment(*, image: str = "web:1", replicas: int = 2, **metadata: Any) -> Object:
    template = {"spec": {"containers": [{"name": "web", "image": image}]}}
    own = {"name": "web", "namespace": "shop", "resourceVersion": image, "managedFields": [image], **metadata}
    return {
        "kind": "Deployment",
        "metadata": own,
        "spec": {"replicas": replicas, "template": template},
        "status": image,
    }


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (deployment(), []),
        (deployment(resourceVersion="9", generation=3), []),
        (
            deployment(replicas=3, labels={"app.kubernetes.io/name": "web"}),
            [
                "Deployment shop/web: changed in place, its pods stay",
                '  + metadata.labels: {"app.kubernetes.io/name": "web"}',
                "  ~ spec.replicas: 2 -> 3",
            ],
        ),
        (
            deployment(image="web:2"),
            [
                "Deployment shop/web: new pods",
                "  ~ spec.template.spec.containers[web].image: web:1 -> web:2",
            ],
        ),
    ],
    ids=["the same", "the server's own", "in place", "new pods"],
)
def test_each_field_is_told_and_what_happens_to_the_pods(after: Object, told: list[str]) -> None:
    assert list(compared(deployment(), after, frozenset())) == told


def test_a_container_that_goes_is_told_whole_and_short() -> None:
    before = deployment()
    before["spec"]["template"]["spec"]["containers"].append({"name": "log", "args": ["x" * 200]})
    _, line = compared(before, deployment(), frozenset())
    assert line.startswith('  - spec.template.spec.containers[log]: {"name": "log", "args": ["xxx')
    assert line.endswith("…")
    assert len(line) < 150


def test_no_secret_is_shown() -> None:
    def secret(value: str) -> Object:
        told = {"kubectl.kubernetes.io/last-applied-configuration": value}
        metadata = {"name": "web", "annotations": told, "labels": {"app": value[:1]}}
        return {"kind": "Secret", "metadata": metadata, "data": {"token": value}}

    lines = list(compared(secret("aaaa"), secret("bbbb"), frozenset()))
    assert lines == [
        "Secret web: changed in place",
        "  ~ metadata.annotations.kubectl.kubernetes.io/last-applied-configuration: [secret] -> [secret]",
        "  ~ metadata.labels.app: a -> b",
        "  ~ data.token: [secret] -> [secret]",
    ]
    given = frozenset({"t0ps3cret"})
    [_, line] = compared(deployment(), deployment(annotations={"url": "https://u:t0ps3cret@x"}), given)
    assert "t0ps3cret" not in line
