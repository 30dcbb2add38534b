"""`--out` writes one folder per stack with exactly its objects, or changes nothing."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml

from slipway.preview.manifests import manifests
from slipway.preview.model import Registration
from slipway.preview.project import ProjectError
from slipway.preview.render import write
from slipway.preview.result import Result

HEADER = "# Rendered by `slipway preview`: what is changed here is lost with the next one.\n"


def registered(kind: str, logical: str, **inputs: Any) -> Registration:
    return Registration(
        urn=f"urn:pulumi:dev::shop::kubernetes:core/v1:{kind}::{logical}",
        type=f"kubernetes:core/v1:{kind}",
        name=logical,
        parent="",
        custom=True,
        inputs={"apiVersion": "v1", "kind": kind, "metadata": {"name": logical}, **inputs},
    )


def result_with(*registrations: Registration, stack: str = "dev") -> Result:
    return Result(
        stack=stack,
        failed=False,
        registrations=[],
        manifests=manifests(registrations),
        findings=[],
        needs=[],
        diagnostics=[],
        outputs={},
    )


def contents(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(file.relative_to(folder)): file.read_text(encoding="utf-8") for file in files}


def test_each_object_is_a_file_whose_name_sorts_in_the_order_to_apply(tmp_path: Path) -> None:
    objects = [registered(kind, "x") for kind in ("Service", "Namespace", "Widget", "Pod", "ConfigMap")]
    write([result_with(*objects)], tmp_path, private=False)
    names = sorted(path.name for path in (tmp_path / "dev").iterdir())
    assert names == [
        "000-namespace-x.yaml",
        "013-configmap-x.yaml",
        "016-service-x.yaml",
        "500-widget-x.yaml",
        "900-pod-x.yaml",
        "kustomization.yaml",
    ], "so that `kubectl apply -f` takes them in order"
    kinds = [yaml.safe_load((tmp_path / "dev" / name).read_text())["kind"] for name in names[:-1]]
    assert kinds == ["Namespace", "ConfigMap", "Service", "Widget", "Pod"]


def test_the_kustomization_lists_every_file_in_that_order(tmp_path: Path) -> None:
    write([result_with(registered("Service", "b"), registered("Namespace", "a"))], tmp_path, private=False)
    text = (tmp_path / "dev/kustomization.yaml").read_text()
    assert text.startswith(HEADER)
    assert yaml.safe_load(text) == {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": ["000-namespace-a.yaml", "016-service-b.yaml"],
    }


def test_a_stack_without_objects_is_an_empty_list(tmp_path: Path) -> None:
    write([result_with()], tmp_path, private=False)
    assert yaml.safe_load((tmp_path / "dev/kustomization.yaml").read_text())["resources"] == []


def test_objects_whose_file_names_would_be_equal_have_separate_files(tmp_path: Path) -> None:
    objects = [registered("ConfigMap", name) for name in ("a/b", "a b", "A:b", "a" * 300, "a" * 301)]
    write([result_with(*objects)], tmp_path, private=False)
    files = contents(tmp_path / "dev")
    names = {yaml.safe_load(text)["metadata"]["name"] for name, text in files.items() if name != "kustomization.yaml"}
    assert names == {"a/b", "a b", "A:b", "a" * 300, "a" * 301}, "none is written over another"
    assert {"013-configmap-a-b.yaml", "013-configmap-a-b~2.yaml", "013-configmap-a-b~3.yaml"} <= files.keys()


def test_a_file_holds_the_object(tmp_path: Path) -> None:
    data = {"a": "1", "lines": "one\ntwo\n", "yes": "yes", "ö": "✓", "on": "null", "long": "x " * 300}
    one = registered("ConfigMap", "x", data=data)
    write([result_with(one)], tmp_path, private=False)
    text = (tmp_path / "dev/013-configmap-x.yaml").read_text(encoding="utf-8")
    assert text.startswith(HEADER)
    assert yaml.safe_load(text)["data"] == data
    assert "  lines: |\n    one\n    two\n" in text, "lines are shown as they are read"
    assert "ö: ✓" in text, "and letters too"
    assert f"  long: '{'x ' * 300}'\n" in text, "a long line is not broken"


def test_files_of_objects_that_are_gone_are_removed(tmp_path: Path) -> None:
    write([result_with(registered("ConfigMap", "old")), result_with(stack="staging")], tmp_path, private=False)
    write([result_with(registered("ConfigMap", "new"))], tmp_path, private=False)
    assert contents(tmp_path).keys() == {
        "dev/013-configmap-new.yaml",
        "dev/kustomization.yaml",
        "staging/kustomization.yaml",
    }, "of the stacks that are rendered; another's folder stays, and nothing is left lying about"
    assert {path.name for path in tmp_path.iterdir()} == {"dev", "staging"}


@pytest.mark.parametrize("foreign", ["dev/mine.yaml", "dev/folder/x", "staging/mine.yaml"])
def test_a_folder_that_holds_anything_else_is_refused_and_nothing_is_touched(foreign: str, tmp_path: Path) -> None:
    write([result_with(registered("ConfigMap", "old"))], tmp_path, private=False)
    (tmp_path / foreign).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / foreign).write_text("mine", encoding="utf-8")
    before = contents(tmp_path)
    with pytest.raises(ProjectError, match="was not rendered here and would be lost: name another folder"):
        write([result_with(registered("ConfigMap", "new")), result_with(stack="staging")], tmp_path, private=False)
    assert contents(tmp_path) == before


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dev").write_text(HEADER, encoding="utf-8")
    with pytest.raises(ProjectError, match="dev is a file: name a folder"):
        write([result_with()], tmp_path, private=False)


def test_a_write_that_fails_halfway_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write([result_with(registered("ConfigMap", "old"))], tmp_path, private=False)
    before = contents(tmp_path)

    def full_disk(manifest: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("slipway.preview.render.to_yaml", full_disk)
    with pytest.raises(ProjectError, match=f"--out: {tmp_path} cannot be written: No space left on device"):
        write([result_with(registered("ConfigMap", "new"))], tmp_path, private=False)
    assert contents(tmp_path) == before, "all of it or none"
    assert [path.name for path in tmp_path.iterdir()] == ["dev"], "and nothing is left lying about"


@pytest.mark.parametrize(("private", "mode"), [(True, 0o600), (False, 0o644)])
def test_only_the_owner_can_read_files_with_secrets(private: bool, mode: int, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write([result_with(registered("Secret", "x"))], tmp_path, private=private)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "dev/012-secret-x.yaml").stat().st_mode) == mode


def test_missing_parent_folders_are_made(tmp_path: Path) -> None:
    write([result_with()], tmp_path / "a/b", private=False)
    assert (tmp_path / "a/b/dev/kustomization.yaml").exists()
