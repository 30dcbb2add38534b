"""`slipway capacity` as users run it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from slipway.capacity.cli import app
from tests.preview.running import Ended, said_by, write_project

MAIN = """
import pulumi
from pulumi_kubernetes.apps import v1 as apps

labels = {"app": "web"}
resources = {"requests": {"cpu": "600m", "memory": "1Gi"}}
apps.Deployment(
    "web",
    metadata={"name": "web", "namespace": "shop"},
    spec={
        "replicas": pulumi.Config().require_int("replicas"),
        "selector": {"matchLabels": labels},
        "template": {
            "metadata": {"labels": labels},
            "spec": {"containers": [{"name": "web", "image": "web:1", "resources": resources}]},
        },
    },
)
"""
NODES = """
nodes:
  - name: general
    count: 2
    cpu: 2
    memory: 8Gi
    zones: [a, b]
"""
TEXT = """\
small on 2 nodes of nodes.small.yaml, placed by the model scheduler
  declared      4 pods  fits
  minimum       4 pods  fits
  maximum       4 pods  fits
  rollout       7 pods  does not fit: 1 pending
    1 of Deployment shop/web: 0/2 nodes are available: 2 Insufficient cpu.
  at the maximum, each node:
    general-1  a  cpu ████████████░░░░░░░░  60%  memory █████░░░░░░░░░░░░░░░  25%  pods 2/110
    general-2  b  cpu ████████████░░░░░░░░  60%  memory █████░░░░░░░░░░░░░░░  25%  pods 2/110
  Deployment shop/web: 2 more would fit beside the maximum
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    config = {name: f"config:\n  shop:replicas: {count}\n" for name, count in (("small", 4), ("large", 9))}
    return write_project(folder, MAIN, config=config, files={"nodes.small.yaml": NODES})


Run = Callable[..., Ended]


@pytest.fixture
def run(project: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    return lambda *arguments: said_by(capfd, app, "-C", project, *arguments)


def test_a_stack_that_fits_is_told_with_how_full_each_node_gets(run: Run) -> None:
    ended = run("small")
    assert (ended.code, ended.out, ended.err) == (0, TEXT, "")


def test_a_stack_that_does_not_fit_at_the_maximum_ends_with_1(run: Run, project: Path) -> None:
    ended = run(
        "large", "--nodes", project / "nodes.small.yaml", "--format", "json", "--smallest", "general", "--optimal"
    )
    (stack,) = json.loads(ended.out)["stacks"]
    by_name = {one["scenario"]: one for one in stack["scenarios"]}
    assert (ended.code, by_name["maximum"]["fits"], len(by_name["maximum"]["placed"])) == (1, False, 6)
    told = {(one["workload"], one["made"], one["message"]) for one in by_name["maximum"]["pending"]}
    assert told == {("Deployment shop/web", True, "0/2 nodes are available: 2 Insufficient cpu.")}
    assert stack["smallest"]["general"]["maximum"] == 3
    assert stack["optimal"]["maximum"] == {"fits": False, "placed": 6, "of": 9}
    node = by_name["maximum"]["nodes"][0]
    assert (node["node"], node["zone"], node["used"]) == ("general-1", "a", {"cpu": "1800m", "memory": "3Gi"} | NONE)


NONE = {"ephemeral-storage": "0"}


def test_what_fails_is_chosen(run: Run) -> None:
    assert run("small", "--fail-on", "rollout").code == 1
    assert run("small", "--lose", "1", "--fail-on", "lost").code == 1
    ended = run("small", "--lose", "1", "--fail-on", "never", "--model", "share")
    assert ended.code == 0
    assert "  without node general-1: does not fit: 1 pending\n" in ended.out
    assert "  without zone b: does not fit: 1 pending\n" in ended.out


def test_standard_input_is_the_nodes_of_every_stack(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    allocatable = {"cpu": "64", "memory": "256Gi", "pods": "110"}
    node = {"kind": "Node", "metadata": {"name": "n"}, "status": {"allocatable": allocatable}}
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({"kind": "List", "items": [node]})))
    ended = run("--nodes", "-")
    assert ended.code == 0
    assert [line.split()[0] for line in ended.out.splitlines() if "1 node of standard input" in line] == [
        "large",
        "small",
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["large"], "there are no nodes for stack 'large': write nodes.large.yaml, or give --nodes a file, or"),
        (["small", "--fail-on", "maximun"], "--fail-on maximun: did you mean maximum?"),
        (["small", "--smallest", "generel"], "nodes.small.yaml has no such kind of node: did you mean general?"),
        (["small", "--lose", "2"], "--lose 2: nodes.small.yaml has 2 nodes, so none would be left"),
        (["small", "--nodes", "context"], "stack 'small' names no cluster"),
        (
            ["small", "--nodes", "context", "--pods", "x"],
            "--pods x: with `--nodes context`, the cluster itself is asked",
        ),
        (["small", "--nodes", "-", "--pods", "-"], "standard input cannot be the nodes and the pods"),
    ],
)
def test_a_question_that_cannot_be_answered_is_told_in_one_line(arguments: list[str], told: str, run: Run) -> None:
    ended = run(*arguments)
    assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert ended.err.startswith("capacity: ")
    assert told in ended.err


def test_a_program_that_fails_is_told_with_its_line(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    broken = write_project(tmp_path, "raise ValueError('no')\n", files={"nodes.dev.yaml": NODES})
    ended = said_by(capfd, app, "-C", broken)
    assert (ended.code, ended.out) == (2, "")
    assert "capacity: stack dev: __main__.py:1: ValueError: no" in ended.err
