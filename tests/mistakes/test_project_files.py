"""Mistakes in Pulumi.yaml and misplaced files. Each is reported in one line."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.mistakes.project_files import FILE, PROJECT, Row, is_told, make_project, named, told, write
from tests.mistakes.test_stack_files import KEYS, VALUES, YAML
from tests.preview.running import preview_of


def project_row(old: str, new: str, line: int | None, told: str) -> Row:
    """This project's own Pulumi.yaml, with a mistake."""
    assert PROJECT.count(old) == 1, old
    return Row(PROJECT.replace(old, new), line, told)


CONFIG = PROJECT[PROJECT.index("config:\n") :]
AT = PROJECT[: PROJECT.index("config:\n")].count("\n") + 1
PROJECTS = [
    project_row("name: slipway\n", "", 1, "has no name: add `name: <project>`"),
    project_row("name: slipway\n", "name:\n", 1, "has no name"),
    project_row("name: slipway\n", "nme: slipway\n", 1, "nme is not a key of a project: did you mean name?"),
    project_row("name: slipway\n", "name: 3\n", 1, "name is a number, not text: quote it"),
    project_row("name: slipway\n", "name: my project\n", 1, "letters, digits, '-', '_' and '.' are accepted"),
    project_row("name: slipway\n", "name: [slipway]\n", 1, "name is a list, not text"),
    project_row("runtime:\n  name: python\n", "runtime:\n  name: pyton\n", 4, "did you mean python?"),
    project_row("runtime:\n  name: python\n", "runtime:\n  name: nodejs\n", 4, "the preview runs Python programs only"),
    project_row("runtime:\n  name: python\n", "runtime:\n  nam: python\n", 4, "did you mean name?"),
    project_row("runtime:\n  name: python\n", "runtime:\n", 3, "has no runtime: add `runtime: python`"),
    project_row("runtime:\n  name: python\n", "runtimes:\n  name: python\n", 3, "did you mean runtime?"),
    Row("name: slipway\n", 1, "has no runtime: add `runtime: python`"),
    Row("name: slipway\nruntime: Python\n", 2, "did you mean python?"),
    Row("name: slipway\nruntime: [python]\n", 2, "the preview runs Python programs only"),
    project_row("stackConfigDir: stacks\n", "stackConfigDir: stack\n", 8, "'stack', which is not a folder here"),
    project_row("stackConfigDir: stacks\n", "stackConfigDir: __main__.py\n", 8, "which is not a folder here"),
    project_row("stackConfigDir: stacks\n", "stackConfigDir: [stacks]\n", 8, "is a list, not the path of a folder"),
    project_row("stackConfigDir: stacks\n", "stackConfigdir: stacks\n", 8, "did you mean stackConfigDir?"),
    project_row("stackConfigDir: stacks\n", "stackConfigDir: stacks\nmain: infra\n", 9, "infra/__main__.py is missing"),
    project_row("stackConfigDir: stacks\n", "stackConfigDir: stacks\nmain: main.py\n", 9, "is missing: create it"),
    project_row("stackConfigDir: stacks\n", "stackConfigDir: stacks\nmain: 3\n", 9, "main is a number, not the path"),
    project_row(CONFIG, "config: []\n", AT, "config holds a list, not keys and values"),
    project_row(CONFIG, "config: stacks\n", AT, "config holds text, not keys and values"),
    project_row(CONFIG, "config:\n  greeting:\n", AT + 1, "config.greeting says nothing: give it a type or a value"),
    project_row(CONFIG, "config:\n  greeting: {type: sting}\n", AT + 1, "did you mean string?"),
    project_row(CONFIG, "config:\n  greeting: {type: float}\n", AT + 1, "known are string, integer, boolean"),
    project_row(CONFIG, "config:\n  greeting: {typ: string}\n", AT + 1, "did you mean type?"),
    project_row(CONFIG, "config:\n  port:\n    type: integer\n    default: many\n", AT + 3, "default is 'many'"),
    project_row(CONFIG, "config:\n  port: {default: 1, value: 2}\n", AT + 1, "default and value exclude each other"),
    project_row(CONFIG, "config:\n  hosts: {type: array}\n", AT + 1, "items is missing: say what the array holds"),
    project_row(CONFIG, "config:\n  token: {type: string, secret: yes}\n", AT + 1, "secret is text: true or false"),
    project_row(CONFIG, "config:\n  aws:region: {type: string}\n", AT + 1, "type is for the project's own keys"),
    project_row(CONFIG, "config:\n  aws:region: {default: eu}\n", AT + 1, "default is for the project's own keys"),
    project_row(CONFIG, "config:\n  aws:region: {description: x}\n", AT + 1, "value is missing"),
    Row("", 1, "has no name"),
    Row("- name: slipway\n", 1, "holds a list, not keys and values"),
    Row("name: slipway\nname: slipway\n", 2, "name is there twice: line 1 has it already"),
    Row("name: slipway\n\truntime: python\n", 2, "a tab is here"),
    Row(b"name: slipway\ndescription: Gr\xfc\xdfe\n", 2, "is not UTF-8"),
]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return make_project(tmp_path, monkeypatch)


@pytest.mark.parametrize("row", PROJECTS, ids=named)
def test_a_mistake_in_pulumi_yaml_is_one_line(row: Row, project: Path) -> None:
    write(project / "Pulumi.yaml", row.text)
    is_told(told(project), "Pulumi.yaml", row)


FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "two files of one stack": (
        lambda root: shutil.copy(root / FILE, root / "stacks/Pulumi.dev.yml"),
        f"{FILE}:1: Pulumi.dev.yml is beside it: move what it holds here, and delete it",
    ),
    "two files of the project": (
        lambda root: shutil.copy(root / "Pulumi.yaml", root / "Pulumi.yml"),
        "Pulumi.yaml:1: Pulumi.yml is beside it",
    ),
    "a folder for a file": (
        lambda root: ((root / FILE).unlink(), (root / FILE).mkdir()),
        f"{FILE}: is a folder: put a file in its place",
    ),
    "a folder for Pulumi.yaml": (
        lambda root: ((root / "Pulumi.yaml").unlink(), (root / "Pulumi.yaml").mkdir()),
        "Pulumi.yaml: is a folder: put a file in its place",
    ),
    "a link to nothing": (
        lambda root: ((root / FILE).unlink(), (root / FILE).symlink_to("gone.yaml")),
        f"{FILE}: cannot be read: No such file or directory",
    ),
    "another case": (
        lambda root: (root / FILE).rename(root / "stacks/pulumi.dev.yaml"),
        f"stacks/pulumi.dev.yaml:1: is not read: name it {FILE}",
    ),
    "two endings": (
        lambda root: (root / FILE).rename(root / "stacks/Pulumi.dev.yaml.yaml"),
        f"stacks/Pulumi.dev.yaml.yaml:1: is not read: name it {FILE}",
    ),
    "a hyphen for a dot": (
        lambda root: (root / FILE).rename(root / "stacks/Pulumi-dev.yaml"),
        f"stacks/Pulumi-dev.yaml:1: is not read: name it {FILE}",
    ),
    "another folder": (
        lambda root: (root / FILE).rename(root / "Pulumi.dev.yaml"),
        f"Pulumi.dev.yaml:1: is not read: name it {FILE}",
    ),
    "no file": (
        lambda root: (root / FILE).rename(root / "stacks/Pulumi.develop.yaml"),
        f"stack 'dev' has no {FILE}: did you mean develop?",
    ),
    "no project": (lambda root: (root / "Pulumi.yaml").unlink(), "no Pulumi.yaml in "),
    "no program": (lambda root: (root / "__main__.py").unlink(), "Pulumi.yaml:1: program __main__.py is missing"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_misplaced_file_is_one_line(case: str, project: Path) -> None:
    spoil, expected = FILES[case]
    spoil(project)
    said = told(project)
    assert "\n" not in said
    assert said.startswith(expected), said


def test_most_lines_name_a_file_and_a_line() -> None:
    placed = [row.line is not None for row in (*KEYS, *VALUES, *YAML, *PROJECTS)]
    placed += [":1: " in expected for _, expected in FILES.values()]
    assert len(placed) >= 180
    assert sum(placed) / len(placed) >= 0.95


def test_the_command_ends_with_2_and_the_one_line(project: Path) -> None:
    write(project / "Pulumi.yaml", PROJECTS[0].text)
    ended = preview_of(project, "dev")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "preview: Pulumi.yaml:1: has no name: add `name: <project>`\n"
