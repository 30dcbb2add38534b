"""A Helm chart shows the output of `helm template`, as each of its three classes deploys it."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest

from slipway.preview.bundles.lookups import looks_up
from slipway.preview.model import COMPUTED, SECRET, Placeholder, Severity
from slipway.preview.result import Result
from tests.preview.bundles.fakes import CONFIG_MAP, Fake
from tests.preview.bundles.test_yaml import below
from tests.preview.running import PROGRAMS, errors, result, said, write_project

K8S = "import pulumi\nimport pulumi_kubernetes as k8s\nfrom pulumi_kubernetes.helm import v3, v4\n"
CHART = {"chart/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n"}
HOOK = """---
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations: {helm.sh/hook: pre-install}
"""
TEST = HOOK.replace("migrate", "tested").replace("pre-install", "test")


@pytest.fixture
def helm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    fake = Fake("helm", tmp_path, monkeypatch)
    fake.prints(CONFIG_MAP + HOOK + TEST)
    return fake


def rendered(root: Path, call: str, **files: str) -> Result:
    return result(write_project(root, f"{K8S}{call}\n", files=CHART | files))


def test_the_newest_class_gives_helm_what_the_provider_does(helm: Fake, tmp_path: Path) -> None:
    call = (
        "v4.Chart('c', chart='./chart', name='n', namespace='ns', skip_crds=True, resource_prefix='p', values={"
        "'a': {'b': 1, 'gone': None}, 's': pulumi.Output.secret('hidden'), 'text': pulumi.StringAsset('of a file')},"
        "value_yaml_files=[pulumi.FileAsset('one.yaml'), pulumi.StringAsset('a: {d: on}')],"
        "post_renderer={'command': 'sed', 'args': ['-e', 's/a/b/']})"
    )
    found = rendered(tmp_path, call, **{"one.yaml": "a: {b: 0, c: 0o10, d: x}\nlist: [1]\n"})
    assert errors(found) == []
    assert helm.arguments == [
        *("template", "n", "./chart", "--namespace", "ns", "--values", "-", "--kube-version", "1.36.0"),
        *("--post-renderer", "sed", "--post-renderer-args=-e", "--post-renderer-args=s/a/b/"),
    ]
    given = {values["s"]: values for values in map(json.loads, helm.given)}
    assert given["hidden"] == {
        "a": {"b": 1, "c": 8, "d": True, "gone": None},
        "list": [1],
        "s": "hidden",
        "text": "of a file",
    }, "later files win over earlier ones, values over files, and null is for Helm to take out a default"
    assert helm.proxy == "http://127.0.0.1:9", "it cannot reach the network"
    assert below(found, "c") == ["core/v1:ConfigMap::p:ns/made"], "the provider leaves hooks out"
    assert not found.incomplete


def test_the_first_class_has_hooks_but_no_tests(helm: Fake, tmp_path: Path) -> None:
    call = (
        "v3.Chart('c', v3.LocalChartOpts(path='./chart', namespace='ns', values={'a': 1}, resource_prefix='p', "
        "api_versions=['example.com/v1'], kube_version='1.30'))"
    )
    found = rendered(tmp_path, call)
    assert errors(found) == []
    assert helm.arguments == [
        *("template", "p-c", "./chart", "--namespace", "ns", "--values", "-", "--include-crds"),
        *("--kube-version", "1.30", "--api-versions", "example.com/v1"),
    ]
    assert helm.given == {'{"a": 1}'}
    assert below(found, "p-c") == ["batch/v1:Job::ns/migrate", "core/v1:ConfigMap::ns/made"]


def test_tests_are_shown_if_the_program_asks_for_them(helm: Fake, tmp_path: Path) -> None:
    found = rendered(tmp_path, "v3.Chart('c', v3.LocalChartOpts(path='./chart', include_test_hook_resources=True))")
    assert below(found, "c") == ["batch/v1:Job::migrate", "batch/v1:Job::tested", "core/v1:ConfigMap::made"]
    assert helm.arguments[:5] == ["template", "c", "./chart", "--namespace", "default"]


def test_what_helm_installs_is_shown_under_the_release(helm: Fake, tmp_path: Path) -> None:
    found = rendered(
        tmp_path, "pulumi.export('name', v3.Release('r', chart='./chart', create_namespace=True, namespace='ns').name)"
    )
    name = found.outputs["name"]
    assert helm.arguments[:5] == ["template", name, "./chart", "--namespace", "ns"]
    assert name.startswith("r-"), "the provider makes a name where there is none"
    assert [str(one) for one in found.manifests] == ["Namespace ns", "ConfigMap ns/made"]
    assert {one.name: one.by_helm for one in found.registrations} == {"r": False, "r:ns": True, "r:ns/made": True}
    [warning] = said(found, Severity.WARNING)
    assert warning == "Release r: its hooks are not rendered, as Helm runs them itself while it installs: Job migrate"
    assert found.incomplete, "a deployment runs the hook as well"


@pytest.mark.parametrize("extra", ["", ", disable_webhooks=True"])
def test_a_release_without_hooks_is_complete(helm: Fake, tmp_path: Path, extra: str) -> None:
    helm.prints(CONFIG_MAP + (HOOK if extra else "") + TEST)
    found = rendered(tmp_path, f"v3.Release('r', chart='./chart'{extra})")
    assert [str(one) for one in found.manifests] == ["ConfigMap default/made"]
    assert not found.incomplete, "tests run only on request"


LOCAL = [
    "v4.Chart('c', chart='./chart')",
    "v3.Chart('c', v3.LocalChartOpts(path='./chart'))",
    "v3.Release('c', chart='./chart')",
]
REMOTE = [
    "v4.Chart('c', chart='far', version='1.2.3', repository_opts={'repo': 'https://charts.example.com'})",
    "v3.Chart('c', v3.ChartOpts(chart='far', version='1.2.3', fetch_opts=v3.FetchOpts(repo='https://charts.example.com')))",
    "v3.Release('c', chart='far', version='1.2.3', repository_opts={'repo': 'https://charts.example.com'})",
]


@pytest.mark.parametrize("call", LOCAL)
def test_without_helm_the_preview_is_incomplete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = rendered(tmp_path, call)
    [warning] = [one for one in found.diagnostics if one.severity is Severity.WARNING]
    assert "is not rendered: helm is not on PATH, which renders the chart ./chart: install it" in warning.message
    assert warning.source == "__main__.py:4"
    assert found.incomplete


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize("call", REMOTE)
def test_a_chart_of_a_repository_is_not_downloaded(helm: Fake, tmp_path: Path, call: str) -> None:
    found = rendered(tmp_path, call)
    [warning] = said(found, Severity.WARNING)
    assert "would be downloaded, and a preview never uses the network" in warning
    assert "run `helm pull far --repo https://charts.example.com --version 1.2.3 --untar`" in warning
    assert found.incomplete
    assert helm.arguments == [], "helm is not called"


@pytest.mark.parametrize("call", LOCAL)
def test_what_helm_refuses_fails_the_program_in_one_line(helm: Fake, tmp_path: Path, call: str) -> None:
    helm.prints(err="Error: execution error at (c/templates/x.yaml:1:4): set a name\n\nUse --debug flag to …\n", code=1)
    found = rendered(tmp_path, call)
    [(source, message)] = errors(found)
    assert source == "__main__.py:4"
    assert message.endswith(": helm: execution error at (c/templates/x.yaml:1:4): set a name")


def test_a_chart_without_its_dependencies_is_reported_with_the_way_out(helm: Fake, tmp_path: Path) -> None:
    helm.prints(err="Error: An error occurred: found in Chart.yaml, but missing in charts/ directory: cache\n", code=1)
    found = rendered(tmp_path, LOCAL[0])
    [warning] = said(found, Severity.WARNING)
    assert warning.endswith("lacks the charts that it depends on: run `helm dependency build ./chart`")
    assert found.incomplete


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize(
    "call",
    [
        "v4.Chart('c', chart='./chart', values={'a': {'b': unknown}})",
        "v3.Chart('c', v3.LocalChartOpts(path='./chart', values={'a': {'b': unknown}}))",
        "v3.Release('c', chart='./chart', values={'a': {'b': unknown}})",
    ],
)
def test_an_unknown_value_makes_the_chart_unknown(tmp_path: Path, call: str) -> None:
    unknown = "unknown = k8s.core.v1.Service('s', spec={'ports': [{'port': 80}]}).status.load_balancer.apply(str)\n"
    found = rendered(tmp_path, unknown + call)
    assert errors(found) == []
    [warning] = said(found, Severity.WARNING)
    assert " c is not rendered: " in warning
    assert "is not known before a deployment" in warning
    assert found.incomplete


def test_what_depends_on_an_unread_secret_is_unknown(helm: Fake, tmp_path: Path) -> None:
    project = write_project(
        tmp_path,
        f"{K8S}v4.Chart('c', chart='./chart', values={{'password': pulumi.Config().require_secret('password')}})\n",
        settings="config: {password: {type: string, secret: true}}",
        files=CHART,
    )
    found = result(project)
    assert "Chart c is not rendered: values.password is not known before a deployment" in " ".join(
        said(found, Severity.WARNING)
    )
    assert helm.arguments == [], "helm is not called"


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize("folder", ["chart/templates", "chart/charts/below/templates"])
def test_a_template_that_asks_the_cluster_is_reported(tmp_path: Path, folder: str) -> None:
    lookup = '{{- $found := (lookup "v1" "Secret" .Release.Namespace "x") -}}'
    for call in (LOCAL[0], "v3.Release('c', chart='./chart', disable_webhooks=True)"):
        found = rendered(tmp_path, call, **{f"{folder}/a.yaml": lookup, "chart/values.yaml": "lookup: {{ no }}"})
        [warning] = said(found, Severity.WARNING)
        assert " c: its templates ask the cluster for objects (lookup), and find none here" in warning
        assert not rendered(tmp_path, call, **{f"{folder}/a.yaml": "kind: lookup"}).diagnostics


def test_a_chart_in_an_archive_may_ask_the_cluster_too(tmp_path: Path) -> None:
    (tmp_path / "below/templates").mkdir(parents=True)
    (tmp_path / "below/templates/a.yaml").write_text('{{ lookup "v1" "Pod" "" "" }}', encoding="utf-8")
    (tmp_path / "chart/charts").mkdir(parents=True)
    with tarfile.open(tmp_path / "chart/charts/below.tgz", "w:gz") as archive:
        archive.add(tmp_path / "below", "below")
    assert looks_up(tmp_path / "chart")
    assert looks_up(tmp_path / "chart/charts/below.tgz")
    assert not looks_up(tmp_path / "chart/none")


@pytest.fixture(scope="module")
def charts() -> Result:
    if not shutil.which("helm"):
        pytest.skip("helm is not on PATH")
    return result(PROGRAMS / "charts")


def test_a_real_chart_has_the_same_objects_in_all_classes(charts: Result) -> None:
    assert errors(charts) == []
    assert below(charts, "four") == [
        "apiextensions.k8s.io/v1:CustomResourceDefinition::four:crontabs.stable.example.com",
        "apps/v1:Deployment::four:shop/four-shop",
        "core/v1:ConfigMap::four:shop/four-cache",
        "core/v1:ConfigMap::four:shop/four-shop",
        "core/v1:Secret::four:shop/four-chance",
        "core/v1:Secret::four:shop/four-shop",
        "stable.example.com/v1:CronTab::four:shop/four-shop",
    ]
    assert below(charts, "bare") == [
        "apps/v1:Deployment::b:default/other-shop",
        "core/v1:ConfigMap::b:default/other-shop",
        "core/v1:Secret::b:default/other-chance",
        "core/v1:Secret::b:default/other-shop",
        "stable.example.com/v1:CronTab::b:other-shop",
    ], "without its definition, nobody here knows whether a kind lives in a namespace"
    assert below(charts, "three") == [
        "apps/v1:Deployment::shop/three-shop",
        "batch/v1:Job::shop/three-shop-migrate",
        "core/v1:ConfigMap::shop/three-cache",
        "core/v1:ConfigMap::shop/three-shop",
        "core/v1:Secret::shop/three-chance",
        "core/v1:Secret::shop/three-shop",
        "stable.example.com/v1:CronTab::shop/three-shop",
    ]


def test_the_values_of_a_real_chart_are_merged_as_helm_does(charts: Result) -> None:
    bodies: dict[str, Any] = {str(one): one.body for one in charts.manifests}
    four, config = bodies["Deployment shop/four-shop"], bodies["ConfigMap shop/four-shop"]["data"]
    assert four["spec"]["replicas"] == 2
    assert four["spec"]["template"]["spec"]["containers"][0]["image"] == "registry.example.com/shop:4"
    assert config["kubernetes"] == "v1.36.0"
    assert json.loads(config["extra"]) == {"kept": "yes", "port": 1000000}, "null removes a default"
    assert bodies["ConfigMap shop/four-cache"]["data"] == {"size": "64Mi"}, "a chart sets the values of its subcharts"
    assert config["url"] == SECRET
    assert bodies["Secret shop/four-shop"]["stringData"] == {"password": SECRET}
    assert four["spec"]["template"]["metadata"]["annotations"] == {"checksum/secret": SECRET}, (
        "a digest can be guessed at"
    )
    assert charts.outputs["kept"] == COMPUTED, "a custom resource among them has no ID yet"
    assert "hunter2" not in repr(charts)


def test_what_a_real_chart_makes_of_chance_or_time_is_unknown(charts: Result) -> None:
    annotations = {
        one.urn.rpartition("::")[2]: one.body["metadata"]["annotations"]
        for one in charts.manifests
        if one.name.endswith("-chance")
    }
    assert annotations["four:shop/four-chance"] == {"made": COMPUTED}
    assert annotations["shop/three-chance"] == {"made": f"({COMPUTED})"}
    assert isinstance(annotations["shop/three-chance"]["made"], Placeholder), (
        "`make apply` refuses an incomplete preview"
    )
