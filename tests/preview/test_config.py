"""A program reads the same configuration as under the CLI. A wrong file is one line before anything runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from slipway.preview.config import StackConfig, load_config
from slipway.preview.project import Project, ProjectError, find_project
from slipway.preview.yaml_file import YamlFile
from tests.preview.running import FIXTURES, PASSPHRASE, result, write_project


def config_of(root: Path, config: str = "", settings: str = "") -> StackConfig:
    return load_config(find_project(write_project(root, settings=settings, config={"dev": config})), "dev")


def refusal(root: Path, config: str = "", settings: str = "") -> str:
    with pytest.raises(ProjectError) as refused:
        config_of(root, config, settings)
    assert "\n" not in str(refused.value), "one line"
    return str(refused.value)


def sample(root: Path, passphrase: str | None) -> StackConfig:
    settings = "name: slipway\nruntime: python\nconfig:\n  slipway:pin: {type: integer, secret: true}\n"
    project = write_project(root, files={"Pulumi.yaml": settings})
    shutil.copy(FIXTURES / "Pulumi.sample.yaml", project)
    return load_config(find_project(project), "sample", passphrase)


def test_values_that_the_cli_encrypted_are_read_with_its_passphrase(tmp_path: Path) -> None:
    config = sample(tmp_path, PASSPHRASE)
    assert config.values["slipway:apiToken"] == "s3cr3t-töken-✓"
    assert json.loads(config.values["slipway:database"]) == {"host": "db.internal", "password": 'p@ss: "word"'}
    assert json.loads(config.values["slipway:keys"]) == ["k0"]
    assert config.values["slipway:greeting"] == "Hello"
    assert config.values["kubernetes:context"] == "kind-slipway", "a provider's key too"
    assert config.secret == {"slipway:apiToken", "slipway:database", "slipway:keys", "slipway:pin"}, (
        "a structured value is secret when any part of it is"
    )
    assert config.withheld == config.missing == {"slipway:pin"}, "only unset keys are withheld"
    assert config.plaintexts == {"s3cr3t-töken-✓", 'p@ss: "word"', "k0"}, "db.internal is written in clear"


def test_without_the_passphrase_encrypted_values_are_withheld(tmp_path: Path) -> None:
    config = sample(tmp_path, None)
    assert config.values["slipway:apiToken"] == "[secret]"
    assert json.loads(config.values["slipway:database"]) == {"host": "db.internal", "password": "[secret]"}
    assert config.withheld == config.secret
    assert config.missing == {"slipway:pin"}, "the others are set"
    assert config.plaintexts == frozenset()


def test_the_program_gets_values_as_the_cli_would_pass_them(tmp_path: Path) -> None:
    text = """
        config:
          shop:text: Hello
          without: namespace
          shop:number: 3
          shop:fraction: 1.5
          shop:flag: true
          shop:word: yes
          shop:time: 12:30
          shop:day: 2026-01-31
          shop:octal: 0o17
          shop:quoted: "3"
          shop:shape: {names: [a, "ö"], on: 1}
          aws:region: eu-west-1
    """
    assert config_of(tmp_path, text).values == {
        "shop:text": "Hello",
        "shop:without": "namespace",
        "shop:number": "3",
        "shop:fraction": "1.5",
        "shop:flag": "true",
        "shop:word": "yes",
        "shop:time": "12:30",
        "shop:day": "2026-01-31",
        "shop:octal": "15",
        "shop:quoted": "3",
        "shop:shape": '{"names":["a","ö"],"on":1}',
        "aws:region": "eu-west-1",
    }, "words, times and dates are text in the CLI's YAML; a key without a namespace is the project's"


def test_the_program_reads_them_by_type(tmp_path: Path) -> None:
    main = """
        import pulumi
        c = pulumi.Config()
        pulumi.export("x", [c.require_int("n"), c.require_bool("f"), c.require_object("s"), c.get("none")])
    """
    project = write_project(tmp_path, main, config={"dev": "config: {n: '3', 'shop:f': true, 'shop:s': {a: [1]}}"})
    assert result(project).outputs == {"x": [3, True, {"a": [1]}, None]}


SETTINGS = """
config:
  shop:port:
    type: integer
  debug: {type: boolean, default: false}
  hosts: {type: array, items: {type: string}, default: [a]}
  ports: {type: array, items: {type: array, items: {type: integer}}, default: []}
  region: {type: string, default: eu, description: where}
  shop:greeting: Hello
  kubernetes:namespace:
    value: web
"""


def test_the_project_gives_every_stack_its_values_and_defaults(tmp_path: Path) -> None:
    assert config_of(tmp_path, "config: {shop:port: 80, region: us}", SETTINGS).values == {
        "shop:port": "80",
        "shop:debug": "false",
        "shop:hosts": '["a"]',
        "shop:ports": "[]",
        "shop:region": "us",
        "shop:greeting": "Hello",
        "kubernetes:namespace": "web",
    }, "the stack's own value comes before the project's"


@pytest.mark.parametrize(
    "given",
    [
        "port: 80",
        'port: "80"',
        "port: -1",
        'debug: "true"',
        "debug: false",
        "region: 3",
        "region: true",
        "ports: [[1], []]",
    ],
)
def test_a_value_of_the_declared_type_is_accepted_as_the_cli_writes_it(given: str, tmp_path: Path) -> None:
    config = config_of(
        tmp_path, f"config: {{shop:port: 1, {given}}}" if "port:" not in given else f"config: {{{given}}}", SETTINGS
    )
    assert config.values, "`pulumi config set` writes numbers and booleans as strings"


@pytest.mark.parametrize(
    ("given", "key", "shown", "type_"),
    [
        ("port: many", "port", "'many'", "integer"),
        ("port: 1.5", "port", "1.5", "integer"),
        ("port: true", "port", "true", "integer"),
        ("port: [1]", "port", "[1]", "integer"),
        ("debug: yes", "debug", "'yes'", "boolean"),
        ("debug: 1", "debug", "1", "boolean"),
        ("hosts: a", "hosts", "'a'", "array"),
        ("hosts: [[a]]", "hosts", '[["a"]]', "array"),
        ("ports: [[a]]", "ports", '[["a"]]', "array"),
        ("region: [eu]", "region", '["eu"]', "string"),
        ("region: {a: eu}", "region", '{"a":"eu"}', "string"),
    ],
)
def test_a_value_of_another_type_than_declared_is_refused(
    given: str, key: str, shown: str, type_: str, tmp_path: Path
) -> None:
    text = f"config: {{{given}}}" if key == "port" else f"config: {{port: 1, {given}}}"
    told = refusal(tmp_path, text, SETTINGS)
    assert told == (
        f"Pulumi.dev.yaml:1: shop:{key} is {shown}, which is not of the type that Pulumi.yaml declares: {type_}"
    )


def test_a_declared_value_that_is_missing_is_refused_with_the_command(tmp_path: Path) -> None:
    assert refusal(tmp_path, "# ours\nconfig: {region: us}", SETTINGS) == (
        "Pulumi.dev.yaml:2: shop:port is missing, and Pulumi.yaml declares it: "
        "pulumi config set --stack dev shop:port <integer>"
    ), "the line is the one to add it under"


def test_a_declared_secret_in_clear_is_refused_as_the_cli_does_and_not_shown(tmp_path: Path) -> None:
    settings = "config:\n  hosts: {type: array, items: {type: string}, secret: true}\n"
    assert refusal(tmp_path, "config:\n  hosts: [one-host, another]", settings) == (
        "Pulumi.dev.yaml:2: shop:hosts is written in clear, and Pulumi.yaml declares it secret: "
        "pulumi config set --stack dev --secret shop:hosts <value>"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("config:\n  a: [1\n", "Pulumi.dev.yaml:3: is not YAML: expected ',' or ']', but got '<stream end>'"),
        ("config:\n  a: 1\n  a: 2\n", "Pulumi.dev.yaml:3: is not YAML: a is there twice: line 2 has it already"),
        (
            "a: 1\nb: \x01",
            "Pulumi.dev.yaml:2: is not YAML: unacceptable character #x0001: special characters are not allowed",
        ),
        ("- a\n", "Pulumi.dev.yaml:1: holds a list, not keys and values"),
    ],
)
def test_a_file_that_is_not_yaml_is_reported_with_its_line(text: str, told: str, tmp_path: Path) -> None:
    assert refusal(tmp_path, text) == told


@pytest.mark.parametrize(("given", "kind"), [("[a]", "a list"), ("text", "text"), ("3", "a number")])
def test_a_config_without_keys_is_reported(given: str, kind: str, tmp_path: Path) -> None:
    assert refusal(tmp_path, f"config: {given}") == f"Pulumi.dev.yaml:1: config holds {kind}, not keys and values"


def test_a_file_that_is_not_text_is_reported(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ProjectError, match=r"^Pulumi\.dev\.yaml:1: is not UTF-8 \(byte 0xff\): save it as UTF-8$"):
        YamlFile(tmp_path / "Pulumi.dev.yaml", tmp_path)


def test_yaml_is_read_as_the_cli_reads_it(tmp_path: Path) -> None:
    scalars: dict[str, Any] = {
        "on": "on",
        "No": "No",
        "TRUE": True,
        "0x1f": 31,
        "-3": -3,
        "010": 8,
        ".5": 0.5,
        "1.": 1.0,
        "1e3": 1000.0,
        "-.inf": float("-inf"),
        "~": None,
        "v1.2": "v1.2",
        "1_000": 1000,
        "0b11": 3,
        "190:20:30": "190:20:30",
    }
    (tmp_path / "x.yaml").write_text(f"all: [{', '.join(scalars)}]", encoding="utf-8")
    assert YamlFile(tmp_path / "x.yaml", tmp_path).data["all"] == list(scalars.values()), (
        "not quite as Python's YAML does"
    )


def test_anchors_and_merges_work(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("base: &base {a: 1, b: 2}\nmore: {<<: *base, b: 3}\n", encoding="utf-8")
    assert YamlFile(tmp_path / "x.yaml", tmp_path).data["more"] == {"a": 1, "b": 3}, "a merged key is not there twice"


# The project


def project_of(root: Path, settings: str, files: dict[str, str] | None = None) -> Project:
    write_project(root, files={"Pulumi.yaml": settings, **(files or {})})
    return find_project(root)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("name: shop\nruntime: nodejs\n", "Pulumi.yaml:2: runtime is 'nodejs': the preview runs Python programs only"),
        ("name: shop\n", "Pulumi.yaml:1: has no runtime: add `runtime: python`"),
        ("runtime: python\n", "Pulumi.yaml:1: has no name: add `name: <project>`"),
        (
            "name: shop\nruntime: python\nmain: infra\n",
            "Pulumi.yaml:3: program infra/__main__.py is missing: create it, or set main",
        ),
    ],
)
def test_a_project_that_cannot_be_previewed_says_why(settings: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ProjectError) as refused:
        project_of(tmp_path, settings)
    assert str(refused.value) == told


def test_a_project_is_found_from_a_folder_inside_it(tmp_path: Path) -> None:
    write_project(tmp_path, files={"deep/er/x": ""})
    assert find_project(tmp_path / "deep/er").root == tmp_path.resolve()


def test_runtime_may_be_a_mapping_and_main_a_folder_or_a_file(tmp_path: Path) -> None:
    settings = "name: shop\nruntime: {name: python, options: {virtualenv: v}}\nmain: "
    files = {"infra/__main__.py": "", "infra/other.py": ""}
    assert project_of(tmp_path, f"{settings}infra\n", files).program == tmp_path / "infra/__main__.py"
    assert project_of(tmp_path, f"{settings}infra/other.py\n", files).program == tmp_path / "infra/other.py"


def test_stacks_are_the_files_in_their_folder_in_order(tmp_path: Path) -> None:
    files = {f"stacks/{name}": "" for name in ("Pulumi.b.yaml", "Pulumi.a.b.yml", "Pulumi.c.yaml.bak", "other.yaml")}
    project = project_of(tmp_path, "name: shop\nruntime: python\nstackConfigDir: stacks\n", files)
    assert project.stacks() == ["a.b", "b"]
    assert project.stack_file("a.b").name == "Pulumi.a.b.yml"


def test_an_unknown_stack_is_reported_with_a_suggestion_or_the_known_ones(tmp_path: Path) -> None:
    project = find_project(write_project(tmp_path, config={"dev": "", "staging": ""}))
    with pytest.raises(ProjectError, match=r"Pulumi\.stagin\.yaml: did you mean staging\?$"):
        project.stack_file("stagin")
    with pytest.raises(ProjectError, match=r"Pulumi\.x\.yaml: known are dev, staging$"):
        project.stack_file("x")
