"""Everything that derives from an unread secret is unknown, whatever getter and type the program used."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
import yaml

from slipway.preview.model import SECRET, Placeholder, Severity
from tests.own_project import copy_project
from tests.preview.running import errors, result, said, write_project

SEALED = """
encryptionsalt: v1:AA==:v1:AA==:AA==
config:
  shop:token: {secure: 'v1:AA==:AA=='}
  shop:replicas: {secure: 'v1:AA==:AA=='}
  shop:ratio: {secure: 'v1:AA==:AA=='}
  shop:debug: {secure: 'v1:AA==:AA=='}
  shop:database: {host: db.internal, password: {secure: 'v1:AA==:AA=='}}
"""
HEAD = """\
import base64, copy, hashlib, json, os, re
import pulumi
import pulumi_kubernetes as k8s
config = pulumi.Config()
token, replicas = config.require("token"), config.require_int("replicas")
ratio, debug, database = config.get_float("ratio"), config.get_bool("debug"), config.get_object("database")
"""


def test_an_unread_plain_value_is_unknown_wherever_it_is_passed(tmp_path: Path) -> None:
    main = """
        pod = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": token}]}}
        spec = {"replicas": replicas, "paused": debug, "selector": {"match_labels": {"a": "b"}}, "template": pod}
        k8s.apps.v1.Deployment("d", metadata={"name": "d"}, spec=spec)
        k8s.core.v1.ConfigMap("c", metadata={"name": "c"}, data={"a": token[:3], "b": database["password"][0]})
        pulumi.export("all", [token, replicas, ratio, debug, database, database["host"]])
        pulumi.export("concat", pulumi.Output.concat("postgres://", token))
        pulumi.export("dumped", pulumi.Output.json_dumps({"token": token}))
    """
    found = result(write_project(tmp_path, HEAD + textwrap.dedent(main), config={"dev": SEALED}))
    assert errors(found) == [], "the program goes on"
    config_map, deployment = (each.body for each in found.manifests)
    spec = deployment["spec"]
    for value in (spec["replicas"], spec["paused"], spec["template"]["spec"]["containers"][0]["image"]):
        assert isinstance(value, Placeholder), f"{value!r} is nothing that a cluster may get"
    assert config_map["data"] == {"a": SECRET, "b": SECRET}
    assert found.outputs == {"all": [SECRET] * 6, "concat": SECRET, "dumped": SECRET}


def test_each_key_that_a_plain_getter_reads_is_reported_once_with_its_line(tmp_path: Path) -> None:
    found = result(write_project(tmp_path, HEAD + "config.require('token')", config={"dev": SEALED}))
    warnings = [each for each in found.diagnostics if each.severity is Severity.WARNING]
    assert [(each.source, each.message.partition(" in clear")[0]) for each in warnings] == [
        ("__main__.py:5", "require('token') takes the secret shop:token"),
        ("__main__.py:5", "require_int('replicas') takes the secret shop:replicas"),
        ("__main__.py:6", "get_float('ratio') takes the secret shop:ratio"),
        ("__main__.py:6", "get_bool('debug') takes the secret shop:debug"),
        ("__main__.py:6", "get_object('database') takes the secret shop:database"),
    ]
    assert "take it with require_secret_int" in warnings[1].message


NEEDS = {
    "in a text": "f'{token}.example.com'",
    "by its text": "str(token)",
    "by what Python shows of it": "repr(token)",
    "by the oldest format": "'%s' % token",
    "by a method of texts": "token.encode()",
    "by a method that an Output has too": "token.format()",
    "its length": "len(token)",
    "to be joined": "'a' + token",
    "to be joined to": "token + 'a'",
    "for a branch": "'a' if debug else 'b'",
    "for a default": "token or 'a'",
    "to compare": "token == 'a'",
    "for what is more": "max(2, replicas)",
    "to reckon": "replicas * 2",
    "to reckon with": "1.5 * ratio",
    "as a number": "int(token)",
    "as a fraction": "float(ratio)",
    "to count": "list(range(replicas))",
    "as a key": "{token: 1}",
    "to go through": "[part for part in database]",
    "as arguments": "dict(**database)",
    "to look into": "'host' in database",
    "by a method of mappings": "database.get('host')",
    "as a path": "open(token)",
    "as a copy": "copy.deepcopy(database)",
    "as a name": "k8s.core.v1.ConfigMap(token)",
}


TEXTS_ONLY = ("json.dumps(token)", "base64.b64encode(token)", "'-'.join([token])", "re.match('a', token)")


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The result of each need, all from one program."""
    main = f"""
        for need in {[*NEEDS.values(), *TEXTS_ONLY]!r}:
            try:
                came = eval(need)
            except Exception as error:
                came = f"{{type(error).__name__}}: {{error}}"
            except BaseException as error:
                came = f"refused: {{error}}"
            pulumi.export(need, came)
    """
    project = write_project(tmp_path_factory.mktemp("unread"), HEAD + textwrap.dedent(main), config={"dev": SEALED})
    return result(project).outputs


@pytest.mark.parametrize("need", NEEDS)
def test_every_use_of_the_value_itself_is_refused(need: str, refusals: dict[str, str]) -> None:
    came = refusals[NEEDS[need]]
    assert came.startswith("refused: the secret shop:"), f"{came}: no default of the program's stands in for it"
    assert " is needed here, and it is not read: take it with get_secret" in came or " with require_secret" in came


@pytest.mark.parametrize("need", TEXTS_ONLY)
def test_a_function_that_takes_only_text_refuses_an_unknown(need: str, refusals: dict[str, str]) -> None:
    came = refusals[need]
    assert came.startswith("TypeError: ") and "UnknownValue" in came, came  # noqa: PT018


def test_a_refusal_is_one_line_with_the_users_own_line(tmp_path: Path) -> None:
    main = f"{HEAD}try:\n    pulumi.export('x', f'{{token}}!')\nexcept Exception:\n    pulumi.export('x', 'default')\n"
    found = result(write_project(tmp_path, main, config={"dev": SEALED}))
    [(source, message)] = errors(found)
    assert source == "__main__.py:8"
    assert message == (
        "the secret shop:token is needed here, and it is not read: take it with require_secret and an apply, or let "
        "the preview read it (PULUMI_CONFIG_PASSPHRASE)"
    )
    assert found.failed
    assert found.outputs == {}, "nothing is made up"


def test_in_an_apply_it_makes_only_that_result_unknown(tmp_path: Path) -> None:
    main = """
        name = k8s.core.v1.Namespace("n", metadata={"name": "n"}).metadata.name
        async def later(name):
            return f"{name}-{token}"
        pulumi.export("poisoned", name.apply(lambda name: f"{name}-{token}"))
        pulumi.export("awaited", name.apply(later))
        pulumi.export("known", name.apply(lambda name: f"{name}-x"))
    """
    found = result(write_project(tmp_path, HEAD + textwrap.dedent(main), config={"dev": SEALED}))
    assert errors(found) == []
    assert found.outputs == {"poisoned": "<computed>", "awaited": "<computed>", "known": "n-x"}


def test_an_unset_plain_secret_is_reported_with_the_command(tmp_path: Path) -> None:
    settings = "config:\n  shop:pin: {type: integer, secret: true}\n"
    main = "import pulumi\npin = pulumi.Config().require_int('pin')\npulumi.export('pin', pin)\n"
    found = result(write_project(tmp_path / "passed", main, settings=settings))
    command = "pulumi config set --stack dev --secret shop:pin <value>"
    assert said(found, Severity.WARNING) == [f"secret shop:pin is not set: {command}"]
    assert found.outputs == {"pin": SECRET}
    found = result(write_project(tmp_path / "needed", f"{main}print(pin + 1)\n", settings=settings))
    assert errors(found) == [("__main__.py:4", f"the secret shop:pin is needed here, and it is not set: {command}")]


def test_values_that_are_not_secret_or_that_are_read_are_unchanged(tmp_path: Path) -> None:
    main = "import pulumi\nconfig = pulumi.Config()\npulumi.export('x', [config.require_int('n') * 2, config.get('y')])"
    found = result(write_project(tmp_path, main, config={"dev": "config:\n  shop:n: 2\n"}))
    assert found.outputs == {"x": [4, None]}
    assert found.diagnostics == []


def test_an_encrypted_plain_setting_is_refused_and_not_invented(tmp_path: Path) -> None:
    copy_project(tmp_path)
    file = tmp_path / "stacks/Pulumi.dev.yaml"
    settings = yaml.safe_load(file.read_text(encoding="utf-8"))
    settings["config"]["slipway:greeting"] = {"secure": "v1:AA==:AA=="}
    file.write_text(yaml.safe_dump({**settings, "encryptionsalt": "v1:AA==:v1:AA==:AA=="}), encoding="utf-8")
    found = result(tmp_path)
    [(source, message)] = errors(found)
    assert source, "the line that reads it"
    assert message.startswith("the secret slipway:greeting is needed here, and it is not read")
    assert found.manifests == [], "no digest of a stand-in is in any name"
