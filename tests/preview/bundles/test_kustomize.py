"""A Kustomize folder shows the output of `kubectl kustomize`, named as both classes name it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from slipway.preview.model import SECRET, Severity
from tests.preview.bundles.fakes import Fake
from tests.preview.bundles.test_yaml import below
from tests.preview.running import PROGRAMS, errors, result, said, write_project

K8S = "import pulumi_kubernetes as k8s\nfrom pulumi_kubernetes.kustomize import v2\n"
HERE = {"folder/kustomization.yaml": "resources: []\n"}


def test_the_newer_class_asks_kubectl_without_restrictions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kubectl = Fake("kubectl", tmp_path, monkeypatch)
    found = result(write_project(tmp_path, f"{K8S}v2.Directory('d', directory='folder', namespace='n')\n", files=HERE))
    assert errors(found) == []
    assert kubectl.arguments == ["kustomize", "folder", "--load-restrictor", "LoadRestrictionsNone"]
    assert kubectl.proxy == "http://127.0.0.1:9", "it cannot reach the network"
    assert below(found, "d") == ["core/v1:ConfigMap::d:n/made"]


def test_the_older_class_asks_kubectl_with_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kubectl = Fake("kubectl", tmp_path, monkeypatch)
    found = result(write_project(tmp_path, f"{K8S}k8s.kustomize.Directory('d', directory='folder')\n", files=HERE))
    assert errors(found) == []
    assert kubectl.arguments == ["kustomize", "folder"]
    assert below(found, "d") == ["core/v1:ConfigMap::made"]


def test_kustomize_uses_helm_if_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helm, kustomize = Fake("helm", tmp_path, monkeypatch), Fake("kustomize", tmp_path, monkeypatch)
    result(write_project(tmp_path, f"{K8S}v2.Directory('d', directory='folder')\n", files=HERE))
    assert kustomize.arguments[:2] == ["build", "folder"], "kustomize is preferred to kubectl"
    assert kustomize.arguments[-3:] == ["--enable-helm", "--helm-command", str(helm.file)]


@pytest.mark.parametrize("call", ["v2.Directory('d', directory='folder')", "k8s.kustomize.Directory('d', 'folder')"])
def test_without_a_program_the_preview_is_incomplete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = result(write_project(tmp_path, f"{K8S}{call}\n", files=HERE))
    [warning] = said(found, Severity.WARNING)
    assert "not rendered: neither kubectl nor kustomize is on PATH: install one of them" in warning
    assert [one.source for one in found.diagnostics] == ["__main__.py:3"]
    assert found.incomplete
    assert errors(found) == []


def test_a_folder_that_kustomize_refuses_fails_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kubectl = Fake("kubectl", tmp_path, monkeypatch)
    kubectl.prints(err="error: accumulating resources:\n  no such file\n", code=1)
    found = result(write_project(tmp_path, f"{K8S}v2.Directory('d', directory='folder')\n", files=HERE))
    assert errors(found) == [("__main__.py:3", "Directory d: kubectl: accumulating resources: no such file")]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("v2.Directory('d', directory='https://example.com/x//y')", "would be cloned"),
        ("k8s.kustomize.Directory('d', 'none')", "would be cloned"),
        (
            "v2.Directory('d', directory='folder')",
            "kubectl wants https://example.com/x.yaml, and a preview never uses the network",
        ),
    ],
)
def test_remote_folders_are_not_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, told: str) -> None:
    kubectl = Fake("kubectl", tmp_path, monkeypatch)
    kubectl.prints(
        err='Get "https://example.com/x.yaml": proxyconnect tcp: dial tcp 127.0.0.1:9: connect: refused', code=1
    )
    found = result(write_project(tmp_path, f"{K8S}{call}\n", files=HERE))
    [warning] = said(found, Severity.WARNING)
    assert told in warning
    assert found.incomplete


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not on PATH")
def test_a_real_overlay_has_the_generated_names_in_both_classes() -> None:
    found = result(PROGRAMS / "kustomize")
    assert errors(found) == []
    assert not found.incomplete
    assert below(found, "blue") == [
        "apps/v1:Deployment::blue:shop/blue-web",
        "core/v1:ConfigMap::blue:shop/blue-settings-6g6gd9868f",
        "core/v1:Secret::blue:shop/blue-token-72kcd44dk5",
        "core/v1:Service::blue:shop/blue-web",
    ]
    assert below(found, "green-green") == [
        "apps/v1:Deployment::green-blue-web",
        "core/v1:ConfigMap::green-blue-settings-6g6gd9868f",
        "core/v1:Secret::green-blue-token-72kcd44dk5",
        "core/v1:Service::green-blue-web",
    ]
    bodies = {str(one): one.body for one in found.manifests}
    pod = bodies["Deployment shop/blue-web"]["spec"]["template"]["spec"]
    assert bodies["Deployment shop/blue-web"]["spec"]["replicas"] == 2
    assert pod["containers"][0]["image"] == "registry.example.com/web:1.2"
    assert pod["containers"][0]["envFrom"] == [{"configMapRef": {"name": "blue-settings-6g6gd9868f"}}]
    assert bodies["Secret shop/blue-token-72kcd44dk5"]["data"] == {"token": SECRET}
