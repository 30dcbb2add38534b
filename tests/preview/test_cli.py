"""The command line: what it prints where, its exit codes, and that it is the same each time."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.preview.running import NOTHING, PROGRAMS, Ended, preview_of, shown_by, write_project

K8S = "import pulumi\nimport pulumi_kubernetes as k8s\n"
WARNING = f"{K8S}k8s.core.v1.ConfigMap('c', metadata={{'name': 'c', 'namespace': 'nowhere'}}, data={{}})\n"
INFO = f"{K8S}k8s.apiextensions.CustomResource('c', api_version='example.com/v1', kind='Widget')\n"
ERROR = f"{WARNING}k8s.core.v1.ConfigMap('d', metadata={{'name': 'c', 'namespace': 'nowhere'}}, data={{}})\n"
FAILURE = f"{WARNING}raise ValueError('no')\n"


@pytest.fixture
def show(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Any:
    """`show(program, *arguments)` writes a project with one stack, and previews it."""

    def run(main: str, *arguments: str) -> Ended:
        return shown_by(capfd, write_project(tmp_path, main), *arguments)

    return run


@pytest.mark.parametrize(
    ("main", "fail_on", "code"),
    [
        ("", "info", 0),
        (INFO, "error", 0),
        (INFO, "warning", 0),
        (INFO, "info", 1),
        (WARNING, "error", 0),
        (WARNING, "warning", 1),
        (WARNING, "info", 1),
        (ERROR, "error", 1),
        ("import pulumi\npulumi.log.warn('w')", "warning", 1),
        ("import pulumi\npulumi.log.info('i')", "warning", 0),
        (FAILURE, "error", 2),
        ("import pulumi\npulumi.log.error('e')", "error", 2),
    ],
)
def test_the_exit_code_follows_the_severity(main: str, fail_on: str, code: int, show: Any) -> None:
    assert show(main, "--fail-on", fail_on).code == code


def test_an_error_is_what_fails_by_default(show: Any) -> None:
    assert [show(main).code for main in (WARNING, ERROR)] == [0, 1]


def test_the_worst_stack_decides(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    main = "import pulumi\nif pulumi.get_stack() == 'a':\n    raise ValueError('no')\n"
    ended = shown_by(capfd, write_project(tmp_path, main, config={"a": "", "b": ""}))
    assert ended.code == 2
    assert "b: 0 Kubernetes objects, 0 other resources, 0 errors, 0 warnings" in ended.out, "the others are shown"


def test_existing_resources_are_shown_as_read_and_counted_apart(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    main = f"""{K8S}
k8s.core.v1.Service.get("api", "default/kubernetes")
k8s.apps.v1.Deployment.get("web", "shop/web")
"""
    ended = shown_by(capfd, write_project(tmp_path, main))
    assert ended.out == (
        "dev\n├── Service api  read: default/kubernetes\n└── Deployment web  read: shop/web\n"
        "dev: 0 Kubernetes objects, 0 other resources, 2 read, 0 errors, 0 warnings\n"
    ), "no type, port or replica is made up for it"
    written = shown_by(capfd, tmp_path, "--format=yaml")
    assert written.out == ""


TREE = """\
dev
├── Shop web
│   ├── ConfigMap settings  a, b (immutable)
│   └── Secret hidden  token
└── Namespace shop  enforces restricted
  output name = shop
  info dev: printed
dev: 3 Kubernetes objects, 0 other resources, 0 errors, 0 warnings
"""
TREE_PROGRAM = f"""{K8S}
class Shop(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("a:b:Shop", name)
        inside = pulumi.ResourceOptions(parent=self)
        metadata = {{"name": "settings", "namespace": "shop"}}
        k8s.core.v1.ConfigMap("zzz", metadata=metadata, data={{"b": "", "a": ""}}, immutable=True, opts=inside)
        k8s.core.v1.Secret(
            "zzzz", metadata={{"name": "hidden", "namespace": "shop"}}, string_data={{"token": "a-value"}}, opts=inside
        )

labels = {{"pod-security.kubernetes.io/enforce": "restricted"}}
shop = k8s.core.v1.Namespace("zz", metadata={{"name": "shop", "labels": labels}})
Shop("web")
pulumi.export("name", shop.metadata.name)
print("printed")
"""


def test_the_tree_is_followed_by_messages_and_the_summary_line(show: Any) -> None:
    ended = show(TREE_PROGRAM)
    assert ended.out == TREE
    assert ended.err == "", "everything goes to standard output"


def test_quiet_leaves_out_trees_and_outputs(show: Any) -> None:
    assert show(TREE_PROGRAM, "--quiet").out.splitlines() == TREE.splitlines()[-2:]


def test_the_summary_line_says_that_a_program_failed(show: Any) -> None:
    lines = show(FAILURE).out.splitlines()
    assert "  error dev: __main__.py:4: ValueError: no" in lines
    assert lines[-1] == "dev: the program failed; 1 Kubernetes object, 0 other resources, 1 error, 1 warning"


def test_a_finding_is_shown_with_object_field_rule_and_line(show: Any) -> None:
    [line] = [line for line in show(WARNING).out.splitlines() if "warning" in line and "Kubernetes object" not in line]
    assert line.startswith("  warning dev: ConfigMap nowhere/c metadata.namespace: nothing in this program creates ")
    assert line.endswith(" [reference/missing-namespace] (__main__.py:3)")


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_standard_output_holds_only_data(form: str, show: Any) -> None:
    ended = show(f"{WARNING}print('printed')\npulumi.log.info('logged')\n", f"--format={form}")
    read: Any = json.loads(ended.out) if form == "json" else list(yaml.safe_load_all(ended.out))
    bodies = read["stacks"][0]["manifests"] if form == "json" else read
    assert [body["metadata"]["name"] for body in bodies] == ["c"]
    assert "printed" in ended.err, "messages go to standard error"
    assert "logged" in ended.err
    assert "reference/missing-namespace" in ended.err
    assert "├" not in ended.err, "no tree"


def test_the_yaml_of_a_failing_program_is_empty(show: Any) -> None:
    ended = show(FAILURE, "--format=yaml")
    assert (ended.code, ended.out) == (2, ""), "a pipe into kubectl would apply half of it"
    assert "ValueError: no" in ended.err


def test_json_has_everything(show: Any) -> None:
    [stack] = json.loads(show(f"{WARNING}pulumi.export('x', 1)\npulumi.log.warn('w')", "--format=json").out)["stacks"]
    assert stack["stack"] == "dev"
    assert stack["failed"] is False
    assert stack["incomplete"] is False
    urn = "urn:pulumi:dev::shop::kubernetes:core/v1:ConfigMap::c"
    assert stack["resources"] == [
        {
            "urn": urn,
            "type": "kubernetes:core/v1:ConfigMap",
            "name": "c",
            "parent": "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev",
            "read": False,
            "source": "__main__.py:3",
            "by_helm": False,
        }
    ]
    assert stack["outputs"] == {"x": 1}
    assert stack["diagnostics"] == [{"severity": "warning", "message": "w", "source": None, "incomplete": False}]
    [finding] = stack["findings"]
    assert finding.pop("message")
    assert finding == {
        "severity": "warning",
        "rule": "reference/missing-namespace",
        "where": "ConfigMap nowhere/c",
        "path": "metadata.namespace",
        "source": "__main__.py:3",
    }


def test_every_format_reports_what_is_not_rendered(show: Any) -> None:
    main = "from pulumi_kubernetes.helm import v4\nv4.Chart('far', chart='oci://registry.example.com/far')"
    ended = show(main)
    assert ended.code == 0
    assert ended.out.splitlines()[-1].startswith("dev: incomplete, as more is deployed than is shown; 0 Kubernetes")
    [stack] = json.loads(show(main, "--format=json").out)["stacks"]
    assert stack["incomplete"] is True
    manifests = show(main, "--format=yaml")
    assert manifests.out == ""
    assert "Chart far is not rendered" in manifests.err, "a reader of the manifests sees it at least on standard error"


def test_json_of_a_program_that_fails_says_so(show: Any) -> None:
    ended = show(FAILURE, "--format=json")
    [stack] = json.loads(ended.out)["stacks"]
    assert (ended.code, stack["failed"]) == (2, True)


@pytest.mark.parametrize("asked", [("c", "a", "b"), ("b", "c", "a", "b"), ()])
@pytest.mark.parametrize("jobs", ["1", "3"])
def test_stacks_are_shown_in_the_order_of_the_arguments(
    asked: tuple[str, ...], jobs: str, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    main = """
        import time, pulumi
        time.sleep(0.1 if pulumi.get_stack() == "c" else 0)
        pulumi.export("me", pulumi.get_stack())
    """
    project = write_project(tmp_path, main, config={"b": "", "a": "", "c": ""})
    ended = shown_by(capfd, project, "--format=json", "--jobs", jobs, *asked)
    stacks = [(stack["stack"], stack["outputs"]["me"]) for stack in json.loads(ended.out)["stacks"]]
    assert stacks == [(name, name) for name in dict.fromkeys(asked or "abc")], "each stack once, from its own program"


def test_one_job_runs_one_program_at_a_time(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    main = f"""
        import os, time, pulumi
        running = {str(tmp_path / "running")!r}
        pulumi.export("alone", not os.path.exists(running))
        open(running + "-order", "a").write(pulumi.get_stack())
        open(running, "w").close()
        time.sleep(0.05)
        os.remove(running)
    """
    project = write_project(tmp_path, main, config={"a": "", "b": ""})
    ended = shown_by(capfd, project, "--jobs=1", "--format=json", "b", "a")
    assert (tmp_path / "running-order").read_text(encoding="utf-8") == "ba", "in the order of the arguments"
    assert [stack["outputs"] for stack in json.loads(ended.out)["stacks"]] == [{"alone": True}] * 2


def test_a_stack_whose_process_dies_does_not_affect_the_others(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    main = "import os, pulumi\nif pulumi.get_stack() == 'a':\n    os._exit(0)\npulumi.export('x', 1)"
    ended = shown_by(capfd, write_project(tmp_path, main, config={"a": "", "b": ""}), "--format=json")
    stacks = json.loads(ended.out)["stacks"]
    assert [(stack["failed"], stack["outputs"]) for stack in stacks] == [(True, {}), (False, {"x": 1})]
    assert stacks[0]["diagnostics"][0]["message"] == "the program ended its own process, with exit code 0"


def test_each_stack_has_a_process_of_its_own(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    main = "import pulumi, kept\nkept.seen.append(pulumi.get_stack())\npulumi.export('seen', kept.seen)"
    project = write_project(tmp_path, main, config={"a": "", "b": ""}, files={"kept.py": "seen = []"})
    ended = shown_by(capfd, project, "--format=json")
    assert [stack["outputs"]["seen"] for stack in json.loads(ended.out)["stacks"]] == [["a"], ["b"]]


def test_the_programs_own_modules_are_imported_only_after_the_stack_is_set(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"pulumi_house.py": "import pulumi\nSTACK = pulumi.get_stack()\n"}
    main = "import pulumi, pulumi_house\nimport pulumi_house\npulumi.export('stack', pulumi_house.STACK)"
    project = write_project(tmp_path, main, config={"a": "", "b": ""}, files=files)
    monkeypatch.setattr("sys.path", [str(project), *sys.path])
    ended = shown_by(capfd, project, "--format=json")
    assert [stack["outputs"] for stack in json.loads(ended.out)["stacks"]] == [{"stack": "a"}, {"stack": "b"}], (
        "although its name is that of a package of Pulumi's, which are imported once for all stacks"
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("stagin",), "stack 'stagin' has no Pulumi.stagin.yaml: did you mean staging?"),
        (("x",), "stack 'x' has no Pulumi.x.yaml: known are dev, staging"),
        (("dev", "x"), "stack 'x' has no Pulumi.x.yaml: known are dev, staging"),
    ],
)
def test_an_unknown_stack_is_one_line(
    arguments: tuple[str, ...], told: str, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ended = shown_by(capfd, write_project(tmp_path, config={"dev": "", "staging": ""}), *arguments)
    assert ended == Ended(code=2, out="", err=f"preview: {told}\n")


def test_a_folder_without_a_project_or_without_stacks_is_one_line(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    told = f"preview: no Pulumi.yaml in {tmp_path} or above it: run this in a Pulumi project\n"
    assert shown_by(capfd, tmp_path) == Ended(code=2, out="", err=told)
    (write_project(tmp_path) / "Pulumi.dev.yaml").unlink()
    told = f"preview: {tmp_path} has no Pulumi.<stack>.yaml: create one, or set stackConfigDir\n"
    assert shown_by(capfd, tmp_path) == Ended(code=2, out="", err=told)


@pytest.mark.parametrize("arguments", [("--format=xml",), ("--jobs=0",), ("--fail-on=never",), ("--nonsense",)])
def test_a_wrong_option_is_refused(arguments: tuple[str, ...], show: Any) -> None:
    ended = show("raise SystemExit(9)", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert arguments[0].partition("=")[0] in ended.err


def test_out_writes_what_is_shown_and_nothing_for_a_failing_program(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    project = write_project(tmp_path / "p", TREE_PROGRAM)
    ended = shown_by(capfd, project, "--out", str(tmp_path / "o"), "--format=yaml")
    files = sorted((tmp_path / "o/dev").glob("[0-9]*.yaml"))
    written = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    assert sorted(written, key=str) == sorted(yaml.safe_load_all(ended.out), key=str)
    ended = shown_by(capfd, write_project(tmp_path / "p", FAILURE), "--out", str(tmp_path / "o"))
    assert ended.code == 2
    assert sorted((tmp_path / "o/dev").glob("[0-9]*.yaml")) == files, "earlier files are left alone"


@pytest.mark.parametrize("form", ["tree", "yaml"])
def test_a_failing_stack_is_left_out_with_a_message_and_the_others_are_written(
    form: str, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    main = f"{WARNING}if pulumi.get_stack() == 'bad':\n    raise ValueError('no')\n"
    project = write_project(tmp_path / "p", main, config={"bad": "", "good": ""})
    ended = shown_by(capfd, project, "--format", form, "--out", str(tmp_path / "o"))
    assert ended.code == 2
    assert [path.name for path in (tmp_path / "o").iterdir()] == ["good"]
    assert "  error bad: none of its objects are written, since its program failed\n" in ended.out + ended.err
    assert "good: none" not in ended.out + ended.err
    if form == "yaml":
        assert [body["kind"] for body in yaml.safe_load_all(ended.out)] == ["ConfigMap"], "only files of the good stack"


def test_without_files_to_write_no_message_says_that_a_stack_is_left_out(show: Any) -> None:
    assert "none of its objects" not in show(FAILURE).out


def test_with_show_secrets_only_the_owner_can_read_the_files(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    project = write_project(tmp_path / "p", TREE_PROGRAM)
    for arguments, mode, value in (((), 0o644, "[secret]"), (("--show-secrets",), 0o600, "a-value")):
        shown_by(capfd, project, "--out", str(tmp_path / "o"), *arguments)
        file = tmp_path / "o/dev/012-secret-zzzz.yaml"
        assert yaml.safe_load(file.read_text(encoding="utf-8"))["stringData"] == {"token": value}
        assert file.stat().st_mode & 0o777 == mode & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_folder_that_cannot_be_written_is_one_line(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    project = write_project(tmp_path / "p")
    ended = shown_by(capfd, project, "--quiet", "--out", "/proc/nothing")
    assert (ended.code, ended.out) == (2, ""), "and no output that looks like success"
    assert ended.err == "preview: --out: /proc/nothing cannot be written: No such file or directory\n"
    (tmp_path / "file").touch()
    ended = shown_by(capfd, project, "--quiet", "--out", str(tmp_path / "file"))
    assert (ended.code, ended.err) == (2, f"preview: --out: {tmp_path}/file is a file: name a folder\n")
    (tmp_path / "o/dev").mkdir(parents=True)
    (tmp_path / "o/dev/mine").touch()
    ended = shown_by(capfd, project, "--quiet", "--out", str(tmp_path / "o"))
    assert (ended.code, ended.err) == (
        2,
        f"preview: --out: {tmp_path}/o/dev/mine was not rendered here and would be lost: name another folder\n",
    )


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[bytes]]:
    """The files and the output of two runs whose differences should not matter."""
    found: dict[str, list[bytes]] = {}
    for seed, form in (("1", "json"), ("2", "json")):
        folder = tmp_path_factory.mktemp("out")
        env = {**NOTHING, "PYTHONHASHSEED": seed, "COLUMNS": seed * 2, "LANG": "C"}
        ended = preview_of(PROGRAMS / "clean", "--format", form, "--out", folder, env=env, cwd=folder)
        assert ended.code == 0, ended.err
        for name, text in (("out", ended.out), ("err", ended.err)):
            found.setdefault(name, []).append(text.encode())
        for file in sorted(folder.rglob("*.yaml")):
            found.setdefault(str(file.relative_to(folder)), []).append(file.read_bytes())
    return found


def test_two_runs_write_the_same_bytes_and_need_only_python(twice: dict[str, list[bytes]]) -> None:
    assert len(twice) == 2 + 12, "eleven objects, their list, and the two outputs"
    assert b"  info dev: a word to standard output\n    a word from a child process\n" in twice["err"][0], (
        "it is all there"
    )
    for name, (first, second) in twice.items():
        assert first == second, f"{name} differs between two runs without a PATH, a HOME or a terminal"
