"""The client of examples/clients, against an API server of its own."""

from __future__ import annotations

import sys
import time
import tomllib
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
import yaml

from examples.clients.client.__main__ import COMMANDS, main
from examples.clients.client.errors import EXIT_CODES
from tests.examples.clients.server import Json, Server, begun, running
from tests.repository import ROOT

NEXT = "my-image:1.1.0"
THREE = ("Pod my-pod", "Service my-service", "Deployment my-deployment")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Server]:
    """An empty cluster, which the kubeconfig names."""
    made = Server()
    with running(made) as url:
        _use(tmp_path / "kubeconfig", url, monkeypatch)
        yield made


@pytest.fixture
def ready(server: Server, capsys: pytest.CaptureFixture[str]) -> Server:
    """A cluster with the three objects."""
    assert main(["ensure"]) == 0
    capsys.readouterr()
    return server


def _use(kubeconfig: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    context = {"cluster": "a", "user": "a", "namespace": "place"}
    config: Json = {
        "current-context": "a",
        "clusters": [{"name": "a", "cluster": {"server": url}}],
        "contexts": [{"name": "a", "context": context}],
        "users": [{"name": "a", "user": {}}],
    }
    kubeconfig.write_text(yaml.safe_dump(config), encoding="utf-8")
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))


def _fails(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """The exit code, and the one line on standard error."""
    code = main(arguments)
    errors = capsys.readouterr().err
    assert errors.count("\n") == 1, errors
    assert errors.startswith("client: ")
    return code, errors.rstrip()


def test_what_is_missing_is_created_and_the_rest_is_found(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ensure", "--image", NEXT]) == 0
    assert (
        capsys.readouterr().out
        == "Pod my-pod: created\nService my-service: created\nDeployment my-deployment: created\n"
    )
    del server.objects["services"]["my-service"]
    assert main(["ensure"]) == 0
    assert (
        capsys.readouterr().out == "Pod my-pod: found\nService my-service: created\nDeployment my-deployment: found\n"
    )
    pods = server.objects["deployments"]["my-deployment"]["spec"]["template"]
    assert pods["spec"]["containers"][0]["image"] == NEXT
    service = server.objects["services"]["my-service"]["spec"]
    assert service["selector"].items() <= pods["metadata"]["labels"].items(), "the Service serves these pods"


@pytest.mark.usefixtures("ready")
def test_the_status_is_a_table_without_colours(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "KIND        NAME           READY    DETAILS",
        "Pod         my-pod         1/1      Running, my-image:latest",
        "Service     my-service     -        10.0.0.1, 80 to http",
        "Deployment  my-deployment  3/3      revision 1, 3 of 3 updated, 3 available, my-image:latest",
    ]


@pytest.mark.usefixtures("ready")
def test_a_terminal_gets_colours_unless_it_wants_none(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    main(["status"])
    assert "\x1b[32m3/3" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    main(["status"])
    assert "\x1b[32m" not in capsys.readouterr().out


def test_a_missing_object_is_named(ready: Server, capsys: pytest.CaptureFixture[str]) -> None:
    del ready.objects["pods"]["my-pod"]
    code, said = _fails(capsys, "status")
    assert code == 5
    assert "Pod my-pod not found in namespace place: create what is missing with `ensure`" in said


def test_a_rollback_writes_back_what_it_has_read(ready: Server, capsys: pytest.CaptureFixture[str]) -> None:
    deployment = ready.objects["deployments"]["my-deployment"]
    deployment["spec"]["template"]["spec"]["fieldOfNextYear"] = {"a": 1}
    former = ready.objects["replicasets"]["my-deployment-1"]["spec"]["template"]
    former["spec"]["fieldOfNextYear"] = {"a": 1}
    assert main(["forward", "--image", NEXT]) == 0
    assert deployment["spec"]["template"]["spec"]["containers"][0]["image"] == NEXT
    assert main(["back"]) == 0
    back = deployment["spec"]["template"]
    assert back["spec"]["fieldOfNextYear"] == {"a": 1}, "this version of the client does not know the field"
    assert back["spec"]["containers"][0]["image"] == "my-image:latest"
    assert "pod-template-hash" not in back["metadata"]["labels"]
    assert [kind for kind, _ in ready.patches] == [
        "application/strategic-merge-patch+json",
        "application/json-patch+json",
    ]
    assert "Deployment back to revision 1, my-image:latest\n" in capsys.readouterr().out


def test_without_an_image_the_pods_restart(ready: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forward"]) == 0
    template = ready.objects["deployments"]["my-deployment"]["spec"]["template"]
    assert "kubectl.kubernetes.io/restartedAt" in template["metadata"]["annotations"]
    assert "Deployment restarts with my-image:latest" in capsys.readouterr().out


@pytest.mark.usefixtures("ready")
def test_the_image_that_is_there_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forward", "--image", "my-image:latest"]) == 0
    assert capsys.readouterr().out.startswith("Deployment has my-image:latest already\n")


@pytest.mark.usefixtures("ready")
def test_there_is_no_way_back_from_the_first_revision(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = _fails(capsys, "back")
    assert code == 5
    assert "has no former revision: roll it `forward` first" in said


def _waiting(reason: str, message: str) -> Callable[[Json, Json], None]:
    def outcome(deployment: Json, container: Json) -> None:
        begun(deployment, container)
        container["state"] = {"waiting": {"reason": reason, "message": message}}

    return outcome


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("ImagePullBackOff", "Back-off pulling: rpc error: code = NotFound desc = not found"),
        ("InvalidImageName", "couldn't parse it"),
        ("ErrImageNeverPull", "not present with pull policy of Never"),
    ],
)
def test_an_image_that_no_pull_can_get_ends_the_wait(
    ready: Server, capsys: pytest.CaptureFixture[str], reason: str, message: str
) -> None:
    ready.outcome = _waiting(reason, message)
    code, said = _fails(capsys, "forward", "--image", "none:1", "--timeout", "0")
    assert code == 6
    assert f"none:1 cannot be pulled ({message}): push it or correct its name, or go back with `back`" in said


def test_an_image_that_may_still_come_is_waited_for(ready: Server, capsys: pytest.CaptureFixture[str]) -> None:
    ready.outcome = _waiting("ImagePullBackOff", "Back-off pulling: dial tcp: i/o timeout")
    code, said = _fails(capsys, "forward", "--image", NEXT, "--timeout", "0")
    assert code == 7
    assert "1 of 3 updated, 3 available after 0 s: see `status`, or go back with `back`" in said


@pytest.mark.parametrize(("revision", "ends"), [("2", 6), ("1", 7)])
def test_the_deadline_of_the_newest_revision_counts(
    ready: Server, capsys: pytest.CaptureFixture[str], revision: str, ends: int
) -> None:
    message = f'ReplicaSet "my-deployment-{revision}" has timed out progressing.'

    def late(deployment: Json, container: Json) -> None:
        begun(deployment, container)
        deployment["status"]["conditions"] = [{"reason": "ProgressDeadlineExceeded", "message": message}]

    ready.outcome = late
    code, said = _fails(capsys, "forward", "--timeout", "0")
    assert code == ends
    assert (f"{message[:-1]}: see `events`, or go back with `back`" in said) == (ends == 6)


def test_a_paused_deployment_is_not_waited_for(ready: Server, capsys: pytest.CaptureFixture[str]) -> None:
    ready.objects["deployments"]["my-deployment"]["spec"]["paused"] = True
    ready.outcome = begun
    code, said = _fails(capsys, "forward", "--image", NEXT, "--timeout", "0")
    assert code == 6
    assert "it is paused: kubectl --namespace place rollout resume deployment/my-deployment" in said


def test_progress_is_told_once_for_each_change(
    ready: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment = ready.objects["deployments"]["my-deployment"]
    steps = iter([{}, {"updatedReplicas": 2}, {"updatedReplicas": 3, "replicas": 3}])

    def step(_: float) -> None:
        deployment["status"].update(next(steps))

    monkeypatch.setattr(time, "sleep", step)
    ready.outcome = begun
    assert main(["forward", "--image", NEXT]) == 0
    told = capsys.readouterr().out.splitlines()[1:]
    counts = [f"{updated} of 3 updated, 3 available" for updated in (1, 2, 3)]
    assert told == [*counts, "Deployment is rolled out"]


def test_ctrl_c_ends_the_wait_and_says_that_the_rollout_goes_on(
    ready: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def pressed(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", pressed)
    ready.outcome = begun
    code, said = _fails(capsys, "forward", "--image", NEXT)
    assert code == 130
    assert "a rollout that has begun goes on, see `status`" in said


@pytest.mark.parametrize(
    ("refusal", "code", "way"),
    [
        ((401, "Unauthorized"), 4, "log in again, or use --context"),
        ((403, 'deployments.apps "my-deployment" is forbidden'), 4, "grant this to the account"),
        ((404, 'namespaces "place" not found'), 5, "create it, or use --namespace"),
        ((422, "spec is immutable"), 1, "the API server answers 422: spec is immutable"),
    ],
)
def test_each_refusal_has_its_exit_code_and_its_way_out(
    ready: Server, capsys: pytest.CaptureFixture[str], refusal: tuple[int, str], code: int, way: str
) -> None:
    ready.refusals["PATCH", "deployments"] = refusal
    ended, said = _fails(capsys, "forward", "--image", NEXT)
    assert ended == code
    assert refusal[1] in said
    assert way in said


def test_an_answer_that_is_not_of_kubernetes_is_told_in_one_line(
    ready: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    ready.refusals["GET", "pods"] = (503, "two\nlines")
    assert _fails(capsys, "status") == (1, "client: the API server answers 503: two lines")


def test_no_answer_is_no_cluster(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(Server()) as url:
        _use(tmp_path / "kubeconfig", url, monkeypatch)
    code, said = _fails(capsys, "status")
    assert code == 3
    assert "no answer from the API server" in said
    assert "refused" in said


@pytest.mark.parametrize("text", [None, "{", "a: b"])
def test_no_kubeconfig_is_no_cluster(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    file = tmp_path / "kubeconfig"
    if text:
        file.write_text(text, encoding="utf-8")
    monkeypatch.setenv("KUBECONFIG", str(file))
    code, said = _fails(capsys, "status")
    assert code == 3
    assert "name a kubeconfig in KUBECONFIG" in said


def test_a_context_that_is_not_there_is_no_cluster(ready: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert _fails(capsys, "--context", "none", "status")[0] == 3


def _event(version: int, name: str, reason: str, kind: str = "Normal") -> Json:
    of = {"kind": "Pod", "name": name}
    body = {"metadata": {"resourceVersion": str(version)}, "involvedObject": of, "reason": reason, "type": kind}
    return {"type": "ADDED", "object": {**body, "message": "said"}}


def test_events_of_the_three_are_shown(ready: Server, capsys: pytest.CaptureFixture[str]) -> None:
    ready.streams = [[_event(101, "my-pod", "Pulled"), _event(102, "other", "Pulled")]]
    assert main(["events", "--seconds", "1"]) == 0
    assert capsys.readouterr().out == "Pulled             Pod my-pod: said\n"


def test_a_watch_goes_on_where_the_last_one_ended(ready: Server, capsys: pytest.CaptureFixture[str]) -> None:
    gone: Json = {"type": "ERROR", "object": {"code": 410, "message": "too old resource version"}}
    ready.streams = [[_event(101, "my-pod", "Pulled")], [gone], [_event(103, "my-pod", "Killing")]]
    assert main(["events", "--seconds", "150"]) == 0
    assert ready.watched_from == ["100", "101", "100"], "the last one from now, since what was before is gone"
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["Pulled", "Killing"]


def test_a_tour_does_it_all(ready: Server, capsys: pytest.CaptureFixture[str]) -> None:
    ready.streams = [[_event(101, "my-pod", "Pulled")]]
    assert main(["tour"]) == 0
    said = capsys.readouterr().out
    parts = ["Pod my-pod: found", "restarts with", "back to revision 1", "revision 3", "Pulled"]
    places = [said.index(part) for part in parts]
    assert places == sorted(places)


def test_the_help_names_each_exit_code_and_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    said = " ".join(capsys.readouterr().out.split())
    assert [code for code, meaning in EXIT_CODES.items() if f"{code} {meaning}" not in said] == []
    assert [name for name in COMMANDS if name not in said] == []


def test_slipway_does_not_need_the_client() -> None:
    project: Any = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    assert not [one for one in needed if one.startswith(("kubernetes>", "kubernetes=", "kubernetes<"))]
