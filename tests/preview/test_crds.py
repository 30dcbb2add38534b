"""`--crds PATH`, and the line that says which CRDs a stack needs."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from slipway.preview.crds import read_crds
from slipway.preview.project import ProjectError
from slipway.testing import deploy
from slipway.testing.deployed import Program
from tests.preview.checks.crd import crd, widget
from tests.preview.running import shown_by, write_project

DECLARED = """
import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.yaml import v2

CustomResource("web", api_version="example.com/v1", kind="Widget", metadata={"name": "web", "namespace": "default"},
    spec={"size": "3"})
"""
BUNDLE = f"{DECLARED}\nv2.ConfigFile('crds', file='crds.yaml')\n"
FOUND = 'Widget default/web spec.size: "3" is not an integer: write it as one [schema/type]'


def text(*bodies: Any) -> str:
    return yaml.safe_dump_all(bodies)


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A folder with a CRD below it, and with what is none."""
    folder = tmp_path / "given"
    (folder / "deep").mkdir(parents=True)
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "other"}}
    (folder / "deep" / "all.yaml").write_text(text(service, crd()))
    (folder / "README.md").write_text("# not: [yaml")
    return folder


def test_the_tree_says_what_is_needed_and_what_is_not_known(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    ended = shown_by(capfd, write_project(tmp_path, DECLARED))
    assert "\n  needs the CRDs: Widget example.com/v1 (not known here)\n" in ended.out
    assert (ended.code, "[schema/no-schema]" in ended.out) == (0, True)


@pytest.mark.parametrize("named", ["given", "given/deep/all.yaml"])
def test_a_given_crd_judges(named: str, given: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    ended = shown_by(capfd, write_project(tmp_path, DECLARED), "--crds", given.parent / named)
    assert ended.code == 1
    assert FOUND in ended.out
    assert "needs the CRDs: Widget example.com/v1 (given)" in ended.out


def test_a_crd_of_a_bundle_judges_without_being_given(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    ended = shown_by(capfd, write_project(tmp_path, BUNDLE, files={"crds.yaml": text(crd())}))
    assert FOUND in ended.out
    assert "needs the CRDs: Widget example.com/v1 (declared here)" in ended.out


def test_other_forms_say_it_too(given: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    project = write_project(tmp_path, DECLARED)
    as_yaml = shown_by(capfd, project, "--format", "yaml", "--crds", given)
    assert "needs the CRDs: Widget example.com/v1 (given)" in as_yaml.err
    assert [one["kind"] for one in yaml.safe_load_all(as_yaml.out)] == ["Widget"]
    as_json = shown_by(capfd, project, "--format", "json", "--crds", given)
    [stack] = json.loads(as_json.out)["stacks"]
    known = {"api_version": "example.com/v1", "kind": "Widget", "crd": "widgets.example.com", "origin": "given"}
    assert stack["crds"] == [known]


def test_a_stack_without_custom_resources_says_nothing(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "CRD" not in shown_by(capfd, write_project(tmp_path, "import pulumi")).out


def test_standard_input_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps({"kind": "List", "items": [crd()]})))
    [found] = read_crds([Path("-")])
    assert found["metadata"]["name"] == "widgets.example.com"


OLD = {**crd(), "apiVersion": "apiextensions.k8s.io/v1beta1"}
HALF = {**crd(), "spec": {"group": "example.com"}}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "crds.yaml cannot be read: No such file or directory"),
        ("", "crds.yaml holds no CustomResourceDefinition"),
        ("a: [", "crds.yaml: line 2 is not YAML"),
        ("- a", "crds.yaml: the document at line 1 holds list"),
        (text(OLD), "widgets.example.com is of apiextensions.k8s.io/v1beta1, which Kubernetes no longer serves"),
        (text(HALF), "CustomResourceDefinition widgets.example.com has no spec.group, no spec.names.kind or no"),
    ],
)
def test_bad_input_is_one_line(content: str | None, told: str, tmp_path: Path) -> None:
    file = tmp_path / "crds.yaml"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ProjectError) as refused:
        read_crds([file])
    assert str(refused.value).startswith("--crds: ")
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_bad_input_ends_the_preview_with_2(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    ended = shown_by(capfd, write_project(tmp_path, DECLARED), "--crds", tmp_path / "nowhere.yaml")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("preview: --crds: ")


def program() -> Program:
    from pulumi_kubernetes.apiextensions import CustomResource  # noqa: PLC0415

    body = widget()
    body["spec"]["colour"] = "red"

    def declare() -> None:
        CustomResource("web", api_version="example.com/v1", kind="Widget", metadata=body["metadata"], spec=body["spec"])

    return declare


def test_the_test_kit_judges_by_given_crds(given: Path) -> None:
    assert [one.rule for one in deploy(program()).findings] == ["schema/no-schema"]
    with pytest.raises(AssertionError, match=r"did you mean `color`\? \[schema/unknown-field\]"):
        deploy(program(), crds=[given]).check()


def test_the_test_kit_refuses_what_holds_no_crd(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"^crds: .* holds no CustomResourceDefinition"):
        deploy(program(), crds=[tmp_path])
