"""`make up` and `make down` say in one line what is missing, or run pulumi with all it needs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from slipway.deploy import cli, target
from slipway.deploy.cli import app
from slipway.deploy.rendered import Stack
from slipway.preview.model import StackRun

_PULUMI = """#!{python}
import json, os, sys
sys.path = [one for one in sys.path if one]
asked = sys.argv[1:]
with open({log!r}, "a") as log:
    backend, passphrase = os.environ.get("PULUMI_BACKEND_URL"), os.environ.get("PULUMI_CONFIG_PASSPHRASE")
    log.write(json.dumps([asked, backend, passphrase]) + "\\n")
if asked[:2] == ["stack", "ls"]:
    print(os.environ.get("LISTED", "[]")) if "LISTED" in os.environ else sys.exit(os.environ["SAYS"])
sys.exit(int(os.environ.get("ENDS", "0")) if asked[0] in ("up", "destroy") else 0)
"""
_KUBECONFIG = "contexts:\n- name: here\n  context: {cluster: a, user: b}\n"


class Bench:
    """A project, a kubeconfig, and a fake pulumi that records its calls. There is no kubectl."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.monkeypatch = monkeypatch
        self.log = folder / "asked"
        self._bin = folder / "bin"
        self._bin.mkdir()
        (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
        (folder / "__main__.py").touch()
        self.stack("kubernetes:context: here")
        (folder / "kubeconfig").write_text(_KUBECONFIG)
        for name in ("PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_BACKEND_URL", "NO_COLOR"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("PATH", str(self._bin))
        monkeypatch.setenv("PULUMI_HOME", str(folder / "home"))
        monkeypatch.setenv("KUBECONFIG", str(folder / "kubeconfig"))
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "x")
        monkeypatch.setenv("LISTED", "[]")

    def stack(self, config: str, more: str = "") -> None:
        (self.folder / "Pulumi.dev.yaml").write_text(f"{more}config:\n  {config}\n")

    def install(self, program: str = "pulumi") -> None:
        file = self._bin / program
        file.write_text(_PULUMI.format(python=sys.executable, log=str(self.log)))
        file.chmod(0o755)

    def deploy(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, [arguments[0], "--project", str(self.folder), *arguments[1:]])

    def asked(self) -> list[list[str]]:
        return [json.loads(line)[0] for line in self.log.read_text().splitlines()] if self.log.exists() else []


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    def ran(stack: Stack) -> StackRun:
        return StackRun(stack=stack.name, registrations=[], diagnostics=[])

    # The program is empty, and its interpreter is not on the PATH of the bench.
    monkeypatch.setattr(target, "run", ran)
    return Bench(tmp_path, monkeypatch)


LS = ["stack", "ls", "--json", "--non-interactive"]


def test_a_new_stack_is_created_first_in_the_projects_own_backend(bench: Bench) -> None:
    bench.install()
    assert bench.deploy("up", "dev").exit_code == 0
    assert bench.asked() == [LS, ["stack", "init", "dev"], ["up", "--stack", "dev", "--yes"]]
    backends = {json.loads(line)[1] for line in bench.log.read_text().splitlines()}
    assert backends == {f"file://{bench.folder / '.pulumi'}"}


@pytest.mark.parametrize(
    ("listed", "made"),
    [
        ([{"name": "dev", "current": False}], False),
        ([{"name": "dev2", "description": '"name": "dev"'}], True),
        ([{"name": "acme/dev"}], True),
    ],
)
def test_a_stack_is_recognized_by_its_full_name(bench: Bench, listed: list[dict[str, object]], made: bool) -> None:
    bench.install()
    bench.monkeypatch.setenv("LISTED", json.dumps(listed))
    assert bench.deploy("up", "dev").exit_code == 0
    assert (["stack", "init", "dev"] in bench.asked()) is made


def test_an_error_of_the_backend_is_one_line(bench: Bench) -> None:
    bench.install()
    bench.monkeypatch.delenv("LISTED")
    bench.monkeypatch.setenv("SAYS", "error: could not reach the backend")
    ended = bench.deploy("up", "dev")
    assert (ended.exit_code, ended.stderr) == (1, "deploy: pulumi stack ls: could not reach the backend\n")
    assert bench.asked() == [LS], "a stack that may exist is not created again"


def test_the_exit_code_is_pulumis_and_unknown_options_are_passed_on(bench: Bench) -> None:
    bench.install()
    bench.monkeypatch.setenv("ENDS", "3")
    assert bench.deploy("up", "dev", "--target", "urn", "--yes").exit_code == 3
    assert bench.asked()[-1] == ["up", "--stack", "dev", "--target", "urn", "--yes"]


@pytest.mark.parametrize("command", ["up", "down"])
def test_without_pulumi_it_says_so(bench: Bench, command: str) -> None:
    ended = bench.deploy(command, "dev")
    said = ended.output
    assert "pulumi" in said
    assert "is not on the PATH" in said
    assert (ended.exit_code == 0) is (command == "down")


@pytest.mark.parametrize("command", ["up", "down"])
@pytest.mark.parametrize(
    ("config", "said"),
    [("kubernetes:context: there", "not a context here: your kubeconfig has here"), ("a: b", "names no cluster")],
)
def test_another_cluster_is_never_touched(bench: Bench, command: str, config: str, said: str) -> None:
    bench.install()
    bench.stack(config)
    bench.monkeypatch.setenv("LISTED", '[{"name": "dev"}]')
    ended = bench.deploy(command, "dev")
    assert ended.exit_code == 1
    assert said in ended.stderr
    assert not [one for one in bench.asked() if one != LS]


def test_a_missing_passphrase_is_one_line(bench: Bench) -> None:
    bench.install()
    bench.monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    ended = bench.deploy("up", "dev")
    assert ended.stderr.startswith("deploy: stack 'dev' keeps its secrets under a passphrase, and none is given: set")
    assert bench.asked() == []
    bench.monkeypatch.setenv("PULUMI_BACKEND_URL", "https://api.example.com")
    assert bench.deploy("up", "dev").exit_code == 0, "a backend with a service keeps the secrets itself"
    bench.stack("kubernetes:context: here", "encryptionsalt: v1:AA==:v1:AA==:AA==\n")
    assert "passphrase" in bench.deploy("up", "dev").stderr


def test_a_backend_that_the_user_has_chosen_is_used(bench: Bench) -> None:
    bench.install()
    home = bench.folder / "home"
    home.mkdir()
    for current, url in (('"https://api.example.com"', None), ('""', f"file://{bench.folder / '.pulumi'}")):
        (home / "credentials.json").write_text(f'{{"current": {current}, "accounts": {{}}}}')
        bench.log.unlink(missing_ok=True)
        assert bench.deploy("up", "dev").exit_code == 0
        assert json.loads(bench.log.read_text().splitlines()[0])[1] == url, "after a logout no backend is chosen"


def test_down_destroys_what_up_has_made(bench: Bench) -> None:
    bench.install()
    bench.monkeypatch.setenv("LISTED", '[{"name": "dev"}]')
    assert bench.deploy("down", "dev").exit_code == 0
    assert bench.asked()[-1] == ["destroy", "--stack", "dev", "--yes"]
    bench.monkeypatch.setenv("LISTED", "[]")
    assert bench.deploy("down", "dev").output == "there is nothing of dev\n"
    assert ["stack", "init", "dev"] not in bench.asked()


def test_options_of_down_are_pulumis_and_nothing_is_removed_without_them(bench: Bench) -> None:
    def lost(*_: object) -> bool:
        raise AssertionError("it is removed, and the option lost")

    bench.install()
    bench.install("kubectl")
    bench.monkeypatch.setattr(cli, "remove", lost)
    ended = bench.deploy("down", "dev", "--preview-only")
    assert ended.exit_code == 1
    assert ended.stderr == (
        "deploy: --preview-only is for `pulumi destroy`, and pulumi has no stack 'dev': leave it out to remove what "
        "`apply` has made\n"
    )
    bench.monkeypatch.setenv("LISTED", '[{"name": "dev"}]')
    assert bench.deploy("down", "dev", "--preview-only").exit_code == 0
    assert bench.asked()[-1] == ["destroy", "--stack", "dev", "--yes", "--preview-only"]


def test_errors_have_no_colour_if_the_user_wants_none(bench: Bench) -> None:

    bench.monkeypatch.setattr(cli, "_is_terminal", lambda: True)
    for wanted, coloured in (("", True), ("1", False)):
        bench.monkeypatch.setenv("NO_COLOR", wanted)
        ended = CliRunner().invoke(app, ["up", "--project", str(bench.folder), "nope"], color=True)
        assert ("\x1b[31m" in ended.stderr) is coloured


def test_a_malformed_kubeconfig_is_named(bench: Bench) -> None:
    bench.install()
    file = bench.folder / "kubeconfig"
    for text in ("contexts: [1]\n", "a: [\n", "- a\n"):
        file.write_text(text)
        told = bench.deploy("up", "dev").stderr
        assert told.startswith(f"deploy: {file} is no kubeconfig: ")
        assert len(told.splitlines()) == 1
