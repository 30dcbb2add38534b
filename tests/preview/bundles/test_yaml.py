"""YAML files and groups of both generations show the children that the engine would get."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from slipway.preview.model import SECRET, Severity
from slipway.preview.result import Result
from tests.preview.running import PROGRAMS, errors, result, said, write_project

K8S = "import pulumi\nimport pulumi_kubernetes as k8s\nfrom pulumi_kubernetes.yaml import v2 as yaml\n"
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: b}\n"


@pytest.fixture(scope="module")
def bundles() -> Result:
    return result(PROGRAMS / "yaml")


def below(found: Result, name: str) -> list[str]:
    """The types and names of a component's children, from the ends of their URNs."""
    [parent] = [one for one in found.registrations if one.name == name]
    return sorted(one.urn.rpartition("$kubernetes:")[2] for one in found.registrations if one.parent == parent.urn)


def test_a_file_has_each_of_its_objects_once_as_children(bundles: Result) -> None:
    assert below(bundles, "odd") == [
        "apps/v1:Deployment::odd:default/odd",
        "core/v1:ConfigMap::odd:default/twins",
        "core/v1:ConfigMap::odd:default/when",
        "core/v1:ConfigMap::odd:shop/twins",
    ], "lists and empty documents are none"
    assert bundles.outputs["objects"] == 4, "the program gets them as the component's resources"


def test_a_groups_children_go_where_its_provider_says(bundles: Result) -> None:
    assert below(bundles, "group") == [
        "apiextensions.k8s.io/v1:CustomResourceDefinition::g:crontabs.stable.example.com",
        "core/v1:ConfigMap::g:pinned/text",
        "core/v1:Secret::g:pinned/given",
        "other.example.com/v1:Unheard::g:of",
        "stable.example.com/v1:CronTab::g:pinned/nightly",
    ]
    [warning] = [one for one in bundles.diagnostics if "ConfigGroup group" in one.message]
    assert "whether other.example.com/v1/Unheard lives in a namespace only the cluster knows" in warning.message
    assert not bundles.incomplete, "it is rendered, if for its namespace"


def test_the_older_class_keeps_its_own_names(bundles: Result) -> None:
    assert below(bundles, "first-older") == ["core/v1:ServiceAccount::first-shop/older"]


def test_children_have_the_line_of_the_program_that_declares_the_bundle(bundles: Result) -> None:
    [program] = [file.read_text(encoding="utf-8") for file in (PROGRAMS / "yaml").glob("__main__.py")]
    line = next(number for number, text in enumerate(program.splitlines(), 1) if "ConfigFile(" in text)
    [manifest] = [one for one in bundles.manifests if str(one) == "Deployment default/odd"]
    assert manifest.source == f"__main__.py:{line}"
    assert {each.source for each in bundles.findings if each.where == "Deployment default/odd"} == {manifest.source}


def test_values_are_read_as_the_provider_reads_them(bundles: Result) -> None:
    bodies: dict[str, Any] = {str(one): one.body for one in bundles.manifests}
    pod = bodies["Deployment default/odd"]["spec"]["template"]["spec"]
    assert pod["enableServiceLinks"] is False
    assert pod["containers"][0]["ports"] == [{"containerPort": 8080}]
    assert [volume["configMap"]["defaultMode"] for volume in pod["volumes"]] == [0o755, 0o644]
    assert bodies["ConfigMap default/when"]["data"] == {"time": "12:30", "day": "2024-01-01"}
    assert bodies["Secret pinned/given"]["stringData"] == {"key": SECRET}
    assert "plaintext" not in repr(bundles)


def test_a_transform_of_the_program_changes_the_children_too(tmp_path: Path) -> None:
    main = f"""
        {K8S.replace(chr(10), chr(10) + " " * 8)}
        def label(args):
            if args.type_ == "kubernetes:core/v1:ConfigMap":
                return pulumi.ResourceTransformResult({{**args.props, "data": {{"a": "changed"}}}}, args.opts)

        pulumi.runtime.register_resource_transform(label)
        yaml.ConfigFile("f", file="m.yaml")
        """
    found = result(write_project(tmp_path, main, files={"m.yaml": MAP}))
    assert errors(found) == []
    assert [one.body["data"] for one in found.manifests] == [{"a": "changed"}]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("yaml.ConfigFile('f', file='none.yaml')", "ConfigFile f: none.yaml cannot be read: No such file or directory"),
        ("yaml.ConfigGroup('g', files=['bad.yaml'])", "ConfigGroup g: bad.yaml: line 3 is not YAML"),
        ("yaml.ConfigGroup('g', yaml='kind: Pod')", "ConfigGroup g: an object has no kind or apiVersion"),
    ],
)
def test_what_the_provider_refuses_fails_the_program_at_its_line(tmp_path: Path, call: str, told: str) -> None:
    project = write_project(tmp_path, f"{K8S}{call}\n", files={"bad.yaml": "a:\n b: [\n"})
    [(source, message)] = errors(result(project))
    assert source == "__main__.py:4"
    assert message.startswith(told)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("yaml.ConfigFile('f', file=unknown)", "ConfigFile f is not rendered: file is not known before a deployment"),
        (
            "yaml.ConfigGroup('g', objs=[{'data': {'a': unknown}}])",
            "ConfigGroup g is not rendered: objs[0].data.a is not known before a deployment",
        ),
        (
            "yaml.ConfigFile('f', file='https://example.com/all.yaml')",
            "ConfigFile f is not rendered: https://example.com/all.yaml would be downloaded",
        ),
    ],
)
def test_what_cannot_be_known_makes_the_preview_incomplete(tmp_path: Path, call: str, told: str) -> None:
    unknown = "unknown = k8s.core.v1.Service('s', spec={'ports': [{'port': 80}]}).status.load_balancer.apply(str)\n"
    found = result(write_project(tmp_path, f"{K8S}{unknown}{call}\n"))
    assert errors(found) == []
    [warning] = said(found, Severity.WARNING)
    assert warning.startswith(told)
    assert found.incomplete


def test_a_component_of_another_package_is_reported_as_not_rendered(tmp_path: Path) -> None:
    main = f"{K8S}pulumi.ComponentResource('other:index:Cluster', 'c', {{}}, None, True)\n"
    found = result(write_project(tmp_path, main))
    assert said(found, Severity.WARNING) == [
        "Cluster c is not rendered: the package other builds it, and does not run offline"
    ]
    assert found.incomplete
