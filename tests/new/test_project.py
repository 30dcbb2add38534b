"""What `slipway new` makes is a project that passes as it stands, and `pulumi new` makes the same."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from slipway.new.project import TEMPLATE
from tests.isolation import inherited
from tests.new.making import contents, new
from tests.preview.running import result
from tests.repository import ROOT

VARIANTS = {
    "shop": (),
    "mail": ("--worker",),
    "till": ("--image", "registry.example.com/till:1.2"),
    "clock": ("--worker", "--image", "registry.example.com/clock:1.2"),
    "cart": ("--dockerfile", "src/Dockerfile"),
}
# The rules that this repository has for itself.
RULES = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]["select"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a project of each kind."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "src").mkdir()
    (folder / "src/Dockerfile").write_text("FROM scratch\nEXPOSE 9090\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, options in VARIANTS.items():
            assert new(name, *options).code == 0
    return folder


def run(*command: str, folder: Path, **variables: str) -> str:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **variables}
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def make(folder: Path, *arguments: str) -> str:
    """Runs it as if `.venv` were set up; it is the one that runs this test."""
    if not (folder / ".venv").exists():
        (folder / ".venv").symlink_to(sys.prefix)
    return run("make", "--old-file=.venv/installed", *arguments, folder=folder)


def test_make_preview_passes(made: Path):
    assert make(made / "shop", "preview", "ARGS=staging --quiet").endswith(" 0 errors, 0 warnings\n")


def test_make_test_passes(made: Path):
    assert re.search(r"\b11 passed in", make(made / "shop", "test", "ARGS=-p no:cacheprovider"))


_SERVED = {"Namespace", "Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"}
_UNSEEN = {"Namespace", "Deployment", "PodDisruptionBudget"}


@pytest.mark.parametrize(
    ("name", "kinds"),
    [("shop", _SERVED), ("cart", _SERVED), ("till", _SERVED), ("mail", _UNSEEN), ("clock", _UNSEEN)],
)
def test_nothing_is_found_and_a_worker_has_no_way_in(
    name: str, kinds: set[str], made: Path, monkeypatch: pytest.MonkeyPatch
):
    for module in [one for one in sys.modules if one.partition(".")[0] == "stacks"]:
        # Another test's, which the project's own would not be imported beside.
        monkeypatch.delitem(sys.modules, module)
    found = result(made / name, "prod")
    assert (found.failed, found.findings, found.diagnostics) == (False, [], [])
    assert {one.kind for one in found.manifests} == kinds


def test_it_is_formatted_and_has_no_lint_by_ruffs_defaults_and_by_our_rules(made: Path):
    ruff = [str(Path(sys.executable).with_name("ruff"))]
    run(*ruff, "format", "--isolated", "--check", "--no-cache", ".", folder=made)
    rules = ("--line-length=88", f"--select={','.join(RULES)}")
    for name in VARIANTS:
        run(*ruff, "check", "--isolated", "--no-cache", *rules, ".", folder=made / name)


def test_the_requirement_is_this_version_of_slipway():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    major, minor, _ = project["version"].split(".")
    line = f"slipway[cli,test]>={project['version']},<{major}.{int(minor) + 1}\n"
    assert (TEMPLATE / "requirements.txt").read_text(encoding="utf-8") == line


def test_ci_has_no_rights_and_runs_on_pull_requests_from_forks():
    workflow = yaml.safe_load((TEMPLATE / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    # YAML takes `on` for a boolean.
    assert (workflow["permissions"], set(workflow[True])) == ({"contents": "read"}, {"push", "pull_request"})
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    used = [step["uses"] for step in steps if "uses" in step]
    assert all(re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", one) for one in used)
    checkouts = [step["with"] for step in steps if "checkout" in step.get("uses", "")]
    assert checkouts == [{"persist-credentials": False}] * 2
    assert "secrets." not in str(workflow)


def test_the_image_is_built_from_what_the_applications_own_is():
    """The end-to-end tests have no other base images."""
    bases = re.findall(r"^FROM (\S+)", (TEMPLATE / "app/Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    own = (ROOT / "app/Dockerfile").read_text(encoding="utf-8")
    assert all(f"_IMAGE={base}\n" in own for base in bases)


def test_pulumi_new_can_fill_in_the_template():
    """In YAML it puts a line's end behind the name, which only its own file survives: it writes that anew."""
    for path, text in contents(TEMPLATE).items():
        placeholders = set(re.findall(r"\$\{[^{].*?\}", text))
        its_own = path == "Pulumi.yaml" or not path.endswith((".yaml", ".yml"))
        known = {"${PROJECT}", "${DESCRIPTION}"} if its_own else set[str]()
        assert placeholders <= known, path


@pytest.mark.skipif(not shutil.which("pulumi"), reason="the Pulumi CLI is not on the PATH")
def test_pulumi_new_makes_what_slipway_new_makes(made: Path, tmp_path: Path):
    folder = tmp_path / "shop"
    folder.mkdir()
    ours = contents(made / "shop")
    description = yaml.safe_load(ours["Pulumi.yaml"])["description"]
    asked = ("--generate-only", "--yes", "--name=shop", f"--description={description}")
    site = {**inherited("PULUMI_HOME", "PULUMI_SKIP_UPDATE_CHECK"), "PULUMI_CONFIG_PASSPHRASE": "x"}
    run("pulumi", "new", str(TEMPLATE), *asked, folder=folder, PULUMI_BACKEND_URL=f"file://{tmp_path}", **site)
    theirs = contents(folder)
    # It notes where the template was.
    stated = yaml.safe_load(theirs.pop("Pulumi.yaml"))
    assert stated["config"].pop("pulumi:tags")
    assert stated == yaml.safe_load(ours.pop("Pulumi.yaml"))
    assert theirs == {path: text for path, text in ours.items() if not path.startswith(".venv/")}
