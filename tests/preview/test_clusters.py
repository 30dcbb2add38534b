"""A program with several providers has several clusters: the preview keeps their objects apart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from slipway.capacity.asking import answers
from slipway.capacity.model import CapacityError
from slipway.preview.checks import check
from slipway.preview.clusters import by_cluster, cluster_of
from slipway.preview.config import StackConfig
from slipway.preview.diagram import diagram
from slipway.preview.manifests import manifests
from slipway.preview.model import COMPUTED, Manifest, Registration, StackRun
from slipway.preview.render import files, write
from slipway.preview.report import as_json, show, stream
from slipway.preview.result import Result, result_of

TYPE = "pulumi:providers:kubernetes"


def provider(name: str = "x", **inputs: Any) -> Registration:
    return Registration(urn=f"urn:{TYPE}::{name}", type=TYPE, name=name, parent="", custom=True, inputs=inputs)


def made(kind: str, of: Registration | None, spec: dict[str, Any] | None = None, api: str = "v1") -> Registration:
    """An object `web` in the namespace `shop`, or the namespace."""
    name = "shop" if kind == "Namespace" else "web"
    where = {} if kind == "Namespace" else {"namespace": "shop"}
    inputs = {"apiVersion": api, "kind": kind, "metadata": {"name": name, **where}, **({"spec": spec} if spec else {})}
    return Registration(
        urn=f"urn:{of.name if of else ''}:{kind}::{name}",
        type=f"kubernetes:{api}:{kind}",
        name=name,
        parent="",
        custom=True,
        inputs=inputs,
        options={"provider": f"{of.urn}::an-id"} if of else {},
    )


EU, US = provider("a", context="eu"), provider("b", context="us")
LABELS = {"app": "web"}
POD = {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}
DEPLOYMENT = {"selector": {"matchLabels": LABELS}, "template": POD}


def service(of: Registration | None) -> Registration:
    return made("Service", of, {"selector": LABELS, "ports": [{"port": 80}]})


def deployment(of: Registration | None) -> Registration:
    return made("Deployment", of, DEPLOYMENT, "apps/v1")


def result(*registered: Registration, **config: str) -> Result:
    values = {key.replace("_", ":"): value for key, value in config.items()}
    ran = StackRun(stack="dev", registrations=[EU, US, *registered], diagnostics=[])
    return result_of(ran, StackConfig(values=values))


@pytest.mark.parametrize(
    ("inputs", "cluster"),
    [
        ({"context": "eu"}, "eu"),
        ({"context": "eu", "kubeconfig": "/home/me/config"}, "eu"),
        ({"context": "eu", "kubeconfig": COMPUTED}, "x"),
        ({"context": "eu", "cluster": "other"}, "x"),
        ({"context": COMPUTED}, "x"),
        ({"namespace": "shop"}, None),
    ],
)
def test_the_cluster_of_a_provider_is_its_context_unless_it_has_a_kubeconfig_of_its_own(
    inputs: dict[str, Any], cluster: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", "/home/me/config")
    assert cluster_of(provider(**inputs)) == cluster


def test_the_stacks_own_cluster_needs_no_name() -> None:
    known = [EU, US, made("Namespace", EU), made("Namespace", US), made("Namespace", None)]
    assert [one.cluster for one in manifests(known)] == [None, "eu", "us"]
    assert [one.cluster for one in manifests(known, {"kubernetes:context": "eu"})] == [None, None, "us"]
    assert list(by_cluster(manifests(known))) == [None, "eu", "us"]


def test_one_name_in_two_clusters_is_no_duplicate_but_twice_in_one_is() -> None:
    assert not [one for one in result(made("Namespace", EU), made("Namespace", US)).findings if "dupl" in one.rule]
    same = result(made("Namespace", EU), made("Namespace", None), kubernetes_context="eu")
    assert [one.rule for one in same.findings if "dupl" in one.rule] == ["duplicate/object"]


def test_a_service_does_not_select_the_pods_of_another_cluster() -> None:
    apart = result(service(EU), deployment(US)).findings
    assert [one.where for one in apart if one.rule == "reference/selects-nothing"] == ["Service shop/web in eu"]
    together = check(manifests([EU, service(EU), deployment(EU)]))
    assert not [one for one in together if one.rule == "reference/selects-nothing"], "else it is found anyway"


def test_each_cluster_has_a_folder_that_can_be_applied_by_itself(tmp_path: Path) -> None:
    shown = result(made("Namespace", EU), made("Namespace", US))
    write([shown], tmp_path, private=False)
    write([shown], tmp_path, private=False)
    found = sorted(str(one.relative_to(tmp_path / "dev")) for one in tmp_path.rglob("*.yaml"))
    each = ["000-namespace-shop.yaml", "kustomization.yaml"]
    assert found == [*(f"eu/{name}" for name in each), "kustomization.yaml", *(f"us/{name}" for name in each)]
    assert "[]" in files(shown.manifests)["kustomization.yaml"], "the stack's own cluster has none of them"
    (tmp_path / "dev/eu/mine.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(Exception, match=r"mine\.yaml was not rendered here"):
        write([shown], tmp_path, private=False)


def test_every_format_says_in_which_cluster_an_object_is(capsys: pytest.CaptureFixture[str]) -> None:
    shown = result(made("Namespace", EU), made("Namespace", None))
    assert stream([shown]).count("# in cluster eu\n") == 1
    assert json.loads(as_json([shown]))["stacks"][0]["clusters"] == [None, "eu"]
    show([shown], "tree")
    tree = capsys.readouterr().out
    assert tree.count("Namespace shop  in eu") == 1
    assert "kubernetes a  context eu" in tree


def test_a_diagram_has_a_box_for_each_cluster_and_no_line_between_them() -> None:
    def drawn(*registered: Registration) -> str:
        return diagram(manifests([EU, US, *registered]))

    apart = drawn(service(EU), deployment(US))
    assert 'subgraph c1["Cluster eu"]\n    subgraph n1["Namespace shop"]' in apart
    assert 'subgraph c2["Cluster us"]\n    subgraph n2["Namespace shop"]' in apart
    assert "serves" not in apart
    assert "serves" in drawn(service(EU), deployment(EU))


def test_capacity_is_asked_of_one_cluster() -> None:
    class Cluster:
        where = "nodes.dev.yaml"

    ran = StackRun(stack="dev", registrations=[EU, US, deployment(EU), deployment(US)], diagnostics=[])
    cluster, asked = Cluster(), object()
    runs: Any = {"dev": (ran, StackConfig(values={}), cluster)}
    anything: Any = asked
    with pytest.raises(CapacityError, match=r"in 2 clusters \(eu, us\), and nodes\.dev\.yaml has the nodes of one"):
        answers(runs, model="default", asked=anything)


def test_an_object_is_called_by_its_cluster_if_that_is_not_the_stacks() -> None:
    body = {"kind": "Service", "metadata": {"name": "web", "namespace": "shop"}}
    assert str(Manifest(urn="", body=body, cluster="eu")) == "Service shop/web in eu"
    assert str(Manifest(urn="", body=body)) == "Service shop/web"
