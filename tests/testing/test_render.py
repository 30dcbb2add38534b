"""`render` shows a test what `slipway preview` shows, and nothing of the tests is in the program's way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from slipway.preview.config import StackConfig
from slipway.preview.project import ProjectError, find_project
from slipway.testing import UNKNOWN, Render, UnknownError
from slipway.testing import render as render_once
from slipway.testing.process import Programs
from tests.preview.checks.crd import crd
from tests.preview.running import result, write_project

SHOP = """
import pathlib
import pulumi
from pulumi_kubernetes.core import v1 as core

import settings

config = pulumi.Config()
pathlib.Path("runs").open("a").write("1")
core.Namespace("shop", metadata={"name": "shop"})
core.ConfigMap("web", metadata={"name": "web", "namespace": "shop"}, data={"greeting": settings.GREETING})
token = config.require_secret("token")
core.Secret("web", metadata={"name": "web", "namespace": "shop"}, string_data={"token": token})
pulumi.export("token", token.apply(lambda value: f"token={value}"))
pulumi.export("stack", pulumi.get_stack())
"""
SETTINGS = "import pulumi\nGREETING = pulumi.Config().require('greeting')\n"
DECLARED = """
config:
  token: {type: string, secret: true}
  greeting: {type: string}
"""


@pytest.fixture(scope="module")
def render() -> Render:
    return Render()


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    stacks = {stack: f"config:\n  shop:greeting: hello from {stack}\n" for stack in ("dev", "prod")}
    return write_project(tmp_path, SHOP, settings=DECLARED, config=stacks, files={"settings.py": SETTINGS})


def test_it_is_what_the_preview_shows(render: Render, shop: Path) -> None:
    recording, shown = render("prod", project=shop), result(shop, "prod")
    assert recording.result.manifests == shown.manifests
    assert recording.findings == shown.findings
    assert recording.result.outputs == shown.outputs
    assert recording.object("ConfigMap", "web")["data"] == {"greeting": "hello from prod"}
    assert recording.outputs["stack"] == recording.stack == "prod"


def test_a_stack_runs_once_for_all_tests(render: Render, shop: Path) -> None:
    first = render("dev", project=shop)
    assert render("dev", project=str(shop)) is first
    assert render("prod", project=shop) is not first
    assert (shop / "runs").read_text() == "11"


def test_what_the_tests_have_imported_or_set_is_none_of_the_programs(
    render: Render, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "settings", None)
    monkeypatch.chdir("/")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "of whoever runs the tests")
    assert render("dev", project=shop).object("ConfigMap", "web")["data"] == {"greeting": "hello from dev"}
    assert os.getcwd() == "/"


def test_secrets_are_not_read_and_what_follows_from_them_is_not_known(render: Render, shop: Path) -> None:
    recording = render("dev", project=shop)
    assert recording.object("Secret", "web")["stringData"]["token"] == UNKNOWN
    with pytest.raises(UnknownError, match=r"the output token is .*shop:token.*secrets=\{…\}"):
        assert recording.outputs["token"] == "token=a"


@pytest.mark.parametrize("key", ["token", "shop:token"])
def test_a_secret_can_be_given(key: str, render: Render, shop: Path) -> None:
    recording = render("dev", project=shop, secrets={key: "t0ps3cret"})
    assert recording.object("Secret", "web")["stringData"] == {"token": "t0ps3cret"}
    assert recording.outputs["token"] == "token=t0ps3cret"
    assert "t0ps3cret" not in str(recording.result), "it is masked in what is shown and kept"


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("tokn", "secrets: shop:tokn is no secret of stack dev: did you mean shop:token?"),
        ("greeting", "secrets: shop:greeting is no secret of stack dev, whose file states it in clear"),
    ],
)
def test_a_secret_that_the_stack_does_not_have_is_refused(key: str, told: str, render: Render, shop: Path) -> None:
    with pytest.raises(ProjectError) as failed:
        render("dev", project=shop, secrets={key: "t0ps3cret"})
    assert str(failed.value) == told


def test_a_stack_that_is_not_there_is_told_as_the_preview_tells_it(render: Render, shop: Path) -> None:
    with pytest.raises(ProjectError, match=r"stack 'prd' has no Pulumi.prd.yaml: did you mean prod\?"):
        render("prd", project=shop)


TWICE = """
from pulumi_kubernetes.core import v1 as core
for n in range(2):
    core.ConfigMap("web", metadata={"name": f"web-{n}"})
"""
SWALLOWED = """
import contextlib
import slipway
with contextlib.suppress(ValueError):
    slipway.Config("web", slipway.ConfigArgs(namespace="shop", values={"a": {}}))
"""
WRONG = {
    "a failure": ("import pulumi\n\nlen(1)\n", r"stack dev: __main__.py:3: TypeError: object of type 'int' has no len"),
    "an error that is logged": ("import pulumi\npulumi.log.error('out of tea')\n", "stack dev: out of tea"),
    "nothing": ("import pulumi\n", "stack dev: the program registered nothing, so that nothing was tested"),
    "a URN twice": (
        TWICE,
        r"stack dev: the engine refuses a URN twice: .*ConfigMap::web \(__main__.py:4, __main__.py:4\)",
    ),
    "no program to its end": ("import os\nos._exit(3)\n", "the program ended its own process, with exit code 3"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_program_of_which_nothing_true_can_be_said_fails(what: str, render: Render, tmp_path: Path) -> None:
    program, told = WRONG[what]
    with pytest.raises(AssertionError, match=told):
        render("dev", project=write_project(tmp_path, program))


def test_one_that_failed_is_run_again_when_it_is_asked_for_again(render: Render, tmp_path: Path) -> None:
    project = write_project(tmp_path, "import pulumi\n")
    with pytest.raises(AssertionError, match="registered nothing"):
        render("dev", project=project)
    write_project(tmp_path, "import pulumi\npulumi.export('a', 1)\n")
    assert render("dev", project=project).outputs == {"a": 1}


def test_there_is_a_function_for_where_there_is_no_fixture() -> None:
    recording = render_once("prod")
    assert recording.object("Deployment", "hello-world"), "without a folder it is the project of this file"
    assert render_once("prod", project=Path(__file__).parent) is recording


def test_a_process_that_was_ended_is_told_and_another_is_started(tmp_path: Path) -> None:
    project = find_project(write_project(tmp_path, "import pulumi\npulumi.export('a', 1)\n"))
    own, config = Programs(), StackConfig(values={})
    first = own.run(project, "dev", config)
    assert own._process  # pyright: ignore[reportPrivateUsage]
    own._process.kill()  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(ProjectError, match="the process that runs the programs ended"):
        own.run(project, "dev", config)
    assert own.run(project, "dev", config) == first
    own.close()


def test_custom_resources_are_judged_by_the_crds_of_the_project(tmp_path: Path, render: Render) -> None:
    widget = "api_version='example.com/v1', kind='Widget', metadata={'name': 'web'}, spec={'size': '3'}"
    main = f"from pulumi_kubernetes.apiextensions import CustomResource\nCustomResource('web', {widget})"
    project = write_project(tmp_path, main, files={"crds/widgets.yaml": yaml.safe_dump(crd())})
    assert [one.rule for one in render("dev", project=project).findings] == ["schema/no-schema"]
    judged = render("dev", project=project, crds=["crds"])
    assert [(one.rule, one.path) for one in judged.findings] == [("schema/type", "spec.size")]
    assert render("dev", project=project, crds=["crds"]) is judged, "once for each"
