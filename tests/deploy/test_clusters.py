"""A stack may have several clusters: each gets its own objects, and one that is out of reach holds up no other."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from slipway.deploy import target
from slipway.deploy.clusters import Clusters
from slipway.deploy.errors import DeployError, OutOfReachError
from slipway.deploy.kubectl import Kubectl
from slipway.deploy.rendered import Rendered, Stack
from slipway.deploy.target import targets, targets_of
from slipway.preview.config import StackConfig
from slipway.preview.model import Diagnostic, Manifest, Registration, Severity, StackRun
from slipway.preview.project import find_project

EU, US = Kubectl("eu"), Kubectl("us")
AWAY = "The connection to the server us:443 was refused - did you specify the right host or port?"


def provider(name: str, **inputs: Any) -> Registration:
    type_ = "pulumi:providers:kubernetes"
    return Registration(
        urn=f"urn:{name}", type=type_, name=name, parent="", custom=True, inputs=inputs, source="__main__.py:3"
    )


def deployment(of: Registration | None = None) -> Registration:
    options = {"provider": f"{of.urn}::an-id"} if of else {}
    return Registration(
        urn="urn:d", type="kubernetes:apps/v1:Deployment", name="d", parent="", custom=True, inputs={}, options=options
    )


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """A stack without `kubernetes:context`, and a kubeconfig with three contexts."""
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n", encoding="utf-8")
    (tmp_path / "Pulumi.dev.yaml").touch()
    (tmp_path / "__main__.py").touch()
    contexts = "\n".join(f"- name: {name}" for name in ("home", "eu", "us"))
    (tmp_path / "kubeconfig").write_text(f"contexts:\n{contexts}\n", encoding="utf-8")
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    return configured(tmp_path)


def configured(folder: Path, **config: str) -> Stack:
    values = {key.replace("_", ":"): value for key, value in config.items()}
    return Stack(project=find_project(folder), name="dev", config=StackConfig(values=values))


def named(found: Mapping[str | None, Kubectl]) -> dict[str | None, str]:
    return {name: one.context for name, one in found.items()}


def test_each_context_of_a_provider_is_a_cluster_in_the_order_of_the_program(stack: Stack) -> None:
    us, eu = provider("b", context="us"), provider("a", context="eu")
    found = targets(stack, [us, eu, deployment(eu)])
    assert list(named(found).items()) == [("us", "us"), ("eu", "eu")], "one without objects has some to delete"


def test_the_clusters_own_comes_first_and_is_named_once(stack: Stack) -> None:
    own = configured(stack.project.root, kubernetes_context="home")
    assert named(targets(own, [provider("h", context="home"), provider("e", context="eu")])) == {
        None: "home",
        "eu": "eu",
    }
    assert named(targets(own, [])) == {None: "home"}


def test_what_has_no_provider_needs_the_context_of_the_stack(stack: Stack) -> None:
    eu = provider("eu", context="eu")
    with pytest.raises(DeployError, match="names no cluster"):
        targets(stack, [eu, deployment(eu), deployment()])
    with pytest.raises(DeployError, match="names no cluster"):
        targets(stack, [])


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({}, "provider 'x' names no context, and `apply` finds a cluster by nothing else: give it `context=`"),
        ({"context": "eu", "kubeconfig": "contexts: [eu]"}, "provider 'x' names no context"),
        ({"context": "x", "kubeconfig": "contexts: [x]"}, "provider 'x' names no context"),
        ({"context": "eu", "cluster": "other"}, "provider 'x' names no context"),
        (
            {"context": "asia"},
            "the context of provider 'x' is 'asia', which is not a context here: your kubeconfig has",
        ),
    ],
)
def test_a_provider_whose_cluster_is_not_known_is_refused(stack: Stack, inputs: dict[str, Any], said: str) -> None:
    with pytest.raises(DeployError) as refused:
        targets(stack, [provider("x", **inputs)])
    assert str(refused.value).startswith(f"__main__.py:3: {said}")
    assert "\n" not in str(refused.value)


def test_the_users_own_kubeconfig_which_the_sdk_states_is_none_of_the_providers(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(stack.project.root / "kubeconfig"))
    stated = provider("eu", context="eu", kubeconfig=str(stack.project.root / "kubeconfig"))
    assert named(targets(stack, [stated])) == {"eu": "eu"}


def ends(monkeypatch: pytest.MonkeyPatch, *registered: Registration) -> None:
    """Has the program register this and fail then."""
    why = Diagnostic(severity=Severity.ERROR, message="no such key")
    ended = StackRun(stack="dev", registrations=list(registered), diagnostics=[why], failed=True)
    monkeypatch.setattr(target, "run", lambda _: ended)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]


def test_a_program_that_fails_hides_no_cluster_silently(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    ends(monkeypatch, provider("eu", context="eu"))
    with pytest.raises(DeployError, match="the program says which clusters stack 'dev' has, and it fails: no such key"):
        targets_of(stack, print)
    told: list[object] = []
    own = configured(stack.project.root, kubernetes_context="home")
    assert named(targets_of(own, told.append)) == {None: "home", "eu": "eu"}
    assert told == ["the program fails, and clusters that only it names are left as they are: no such key"]


def test_a_cluster_gets_its_own_objects() -> None:
    every = [Manifest(urn=str(cluster), body={}, cluster=cluster) for cluster in (None, "eu", "us", "eu")]
    stack: Any = None
    rendered = Rendered(stack=stack, manifests=every, registrations=[], outputs={})
    assert [one.cluster for one in rendered.part("eu").manifests] == ["eu", "eu"]
    assert [one.cluster for one in rendered.part(None).manifests] == [None]


class Work:
    """Does something in each cluster. `fails` are the errors by context, at the second step."""

    def __init__(self, **fails: DeployError) -> None:
        self.done: list[tuple[str | None, str]] = []
        self._fails = fails

    def __call__(self, name: str | None, one: Kubectl, tell: Any) -> str:
        if one.context in self._fails:
            raise self._fails[one.context]
        self.done.append((name, one.context))
        tell("done")
        return one.context


def answering(monkeypatch: pytest.MonkeyPatch, *contexts: str) -> list[float]:
    """Has only the clusters of these contexts answer. Returns how long was waited for each."""
    waited: list[float] = []

    def check_answers(one: Kubectl, patience: float) -> None:
        waited.append(patience)
        if one.context not in contexts:
            raise OutOfReachError(one.context, AWAY)

    monkeypatch.setattr(Kubectl, "check_answers", check_answers)
    return waited


def test_a_cluster_out_of_reach_is_left_out_and_named_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    waited, told, work = answering(monkeypatch, "eu"), list[object](), Work()
    clusters = Clusters({"us": US, "eu": EU}, told.append)
    clusters.find()
    assert list(clusters.each(work)) == ["eu"]
    assert (work.done, told) == ([("eu", "eu")], ["eu: done"])
    with pytest.raises(DeployError) as ended:
        clusters.check_all_in_reach("apply again")
    assert str(ended.value) == f"us is out of reach: {AWAY}; apply again"
    assert waited == [10, 10]


def test_a_cluster_that_goes_away_in_between_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "eu", "us")
    clusters = Clusters({"eu": EU, "us": US}, print)
    clusters.find()
    assert list(clusters.each(Work(eu=OutOfReachError("eu", AWAY)))) == ["us"]
    work = Work()
    assert list(clusters.each(work)) == ["us"], "it is not asked again"
    with pytest.raises(DeployError, match="eu is out of reach"):
        clusters.check_all_in_reach("apply again")


def test_an_error_in_one_cluster_ends_it_and_names_those_that_were_away(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "eu", "home")
    work = Work(eu=DeployError("Deployment shop/web: no such image"))
    clusters = Clusters({"us": US, "eu": EU, None: Kubectl("home")}, print)
    clusters.find()
    with pytest.raises(DeployError) as ended:
        list(clusters.each(work))
    assert str(ended.value).splitlines() == [
        "eu: Deployment shop/web: no such image",
        f"us is out of reach: {AWAY}",
    ]
    assert not work.done, "what does not come up in one cluster is not taken to the next"


def test_a_sole_cluster_is_waited_for_longer_and_its_lines_do_not_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    waited, told = answering(monkeypatch, "eu"), list[object]()
    clusters = Clusters({None: EU}, told.append)
    clusters.find()
    assert list(clusters.each(Work())) == ["eu"]
    clusters.check_all_in_reach("apply again")
    assert (waited, told) == ([60], ["done"])
    with pytest.raises(DeployError, match=r"^no such image$"):
        list(clusters.each(Work(eu=DeployError("no such image"))))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (f"E1122 memcache.go:265] couldn't get current server API group list\n{AWAY}", AWAY),
        ("Unable to connect to the server: dial tcp: lookup us: no such host", "Unable to connect to the server: dial"),
        ("error: You must be logged in to the server (Unauthorized)", "error: You must be logged in to the server"),
    ],
)
def test_a_cluster_that_does_not_answer_is_out_of_reach_with_kubectls_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: str, reason: str
) -> None:
    file = tmp_path / "kubectl"
    file.write_text(f"#!/bin/sh\ncat >&2 <<'E'\n{error}\nE\nexit 1\n", encoding="utf-8")
    file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setattr(time, "sleep", lambda _: None)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    with pytest.raises(OutOfReachError) as away:
        US.check_answers(patience=0)
    assert str(away.value).startswith(f"us is out of reach: {reason}")
    assert "\n" not in str(away.value)
