"""A `pulumi up` tells why a workload does not come up, and nothing else is disturbed by it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pulumi
import pytest
from pulumi.runtime.proto import resource_pb2

from slipway import Deployment
from slipway.testing import deploy
from slipway.workloads.rollout import lookout, watch
from slipway.workloads.rollout.cluster import Cluster, Kubectl, UnknownCluster, cluster_of
from slipway.workloads.rollout.watch import Watch
from tests.components.rendering import deployment_args
from tests.components.workloads.rollout.answers import IMAGE, Answers, event, pod, waiting

INPUTS: Mapping[str, Any] = {"metadata": {"namespace": "shop", "name": "web"}}
TIMED_OUT = "failed to fully initialize or become live: timed out waiting for the condition"
MISSING = Answers(
    pods=[pod(waiting("ImagePullBackOff", "Back-off"))],
    events=[event("Failed", f'Failed to pull image "{IMAGE}": rpc error: {IMAGE}: not found')],
)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []

    def note(kind: str, text: str) -> None:
        told.append(f"{kind}: {text}")

    for severity in ("warn", "error", "debug"):
        monkeypatch.setattr(pulumi.log, severity, partial(note, severity))
    return told


def begun() -> pulumi.ResourceHookArgs:
    return pulumi.ResourceHookArgs(urn="u", id="", name="web", type="t", new_inputs=INPUTS)


def fail(looking: Watch, error: str = TIMED_OUT, inputs: Mapping[str, Any] = INPUTS) -> bool:
    failed = pulumi.ErrorHookArgs(urn="u", id="", name="web", type="t", new_inputs=inputs, errors=[error])
    return asyncio.run(looking.failed(failed))


def test_a_failed_wait_is_told_with_its_cause_and_is_never_tried_again(said: list[str]) -> None:
    assert fail(Watch("Deployment", MISSING, 45)) is False, "the engine would create what is there"
    (told,) = said
    first, second, *rest = told.splitlines()
    assert first == (
        f"error: Deployment shop/web did not come up within 45 s: container web cannot get its image {IMAGE}: not found"
    )
    assert second.startswith("  change image: ")
    assert [line for line in rest if "Pod shop/web-new" in line]


def test_what_the_provider_explains_itself_is_left_to_it(said: list[str]) -> None:
    assert fail(Watch("Deployment", MISSING, 45), "Apply failed with 1 conflict") is False
    assert fail(Watch("Deployment", MISSING, 45), inputs={"metadata": {"name": "web"}}) is False
    assert said == []


@pytest.mark.parametrize(
    "cluster", [UnknownCluster("its provider knows"), Kubectl(context="none", kubeconfig="/nowhere")]
)
def test_a_cluster_that_cannot_be_asked_is_said_to_be_so(
    said: list[str], cluster: Cluster | UnknownCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert fail(Watch("Deployment", cluster, 45)) is False
    (told,) = said
    why = "not looked up: its provider knows" if isinstance(cluster, UnknownCluster) else "kubectl, which would tell"
    assert why in told
    assert told.endswith("`kubectl --namespace shop describe pods` tells")
    assert len(told.splitlines()) == 1


def look_on(looking: Watch, until: Callable[[], object]) -> None:
    asyncio.run(looking.begin(begun()))
    deadline = time.monotonic() + 10
    while not until() and time.monotonic() < deadline:
        time.sleep(0.01)
    asyncio.run(looking.end(begun()))


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_POLL", 0.01)
    monkeypatch.setattr(lookout, "GRACE", 0.05)


@pytest.mark.usefixtures("hasty")
def test_what_waiting_does_not_mend_is_told_while_the_engine_waits_and_once(said: list[str]) -> None:
    looking = Watch("Deployment", MISSING, 45)
    look_on(looking, lambda: said and len(MISSING.asked) > 60)
    assert len(said) == 1
    assert said[0].startswith(
        "warn: Deployment shop/web does not come up, and is awaited for 45 s more: container web cannot get its image"
    )
    fail(looking)
    assert len(said[1].splitlines()) == 2, "the cause and the field once more, and the rest is above"


@pytest.mark.usefixtures("hasty")
def test_to_look_on_is_never_a_reason_to_fail(said: list[str]) -> None:
    class Broken(Answers):
        def get(self, *arguments: str) -> list[dict[str, Any]]:
            raise KeyError("status")

    look_on(Watch("Deployment", Broken(), 45), lambda: said)
    assert said == ["debug: no longer looking on at shop/web: KeyError('status')"]


def test_nobody_looks_on_in_a_preview_or_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> None:
        pytest.fail("a hook was made that nobody would call")

    monkeypatch.setattr(pulumi, "ErrorHook", never)
    for preview in (False, True):
        assert deploy(lambda: Deployment("web", deployment_args()), preview=preview).count("apps/v1:Deployment") == 1


def test_an_engine_gets_hooks_of_names_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []

    def named(name: str, _: object) -> str:
        names.append(name)
        return name

    monkeypatch.setattr(pulumi, "ResourceHook", named)
    monkeypatch.setattr(pulumi, "ErrorHook", named)
    monkeypatch.setattr(watch, "get_monitor", object)
    bound: list[pulumi.ResourceHookBinding | None] = []

    def program() -> None:
        component = pulumi.ComponentResource("test:index:Any", "any")
        for _ in range(2):
            bound.append(watch.awaited(pulumi.ResourceOptions(), component, "Deployment", "web", 45).hooks)

    deploy(program)
    assert len(names) == len(set(names)) == 6
    assert all(one and one.on_error and one.before_create and one.before_update for one in bound)


def test_an_engine_without_hooks_is_none_the_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "get_monitor", object)
    lacking = resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS

    def supported(feature: int) -> bool:
        return feature != lacking

    monkeypatch.setattr(watch, "monitor_supports_feature", supported)
    options: list[pulumi.ResourceOptions] = []

    def program() -> None:
        component = pulumi.ComponentResource("test:index:Any", "any")
        options.append(watch.awaited(pulumi.ResourceOptions(), component, "Deployment", "web", 45))

    deploy(program)
    assert options[0].hooks is None
    timeouts = options[0].custom_timeouts
    assert timeouts, "without them the provider waits for ten minutes, whatever the deadline says"
    assert (timeouts.create, timeouts.update) == ("45s", "45s")


def cluster_in(config: Mapping[str, str], provider: str | None = None) -> Kubectl | UnknownCluster:
    found: list[Kubectl | UnknownCluster] = []

    class Provider(pulumi.ProviderResource):
        pass

    def program() -> None:
        given = Provider(provider, "own", {}) if provider else None
        component = pulumi.ComponentResource("test:index:Any", "any", None, pulumi.ResourceOptions(provider=given))
        found.append(cluster_of(component))

    deploy(program, config=config)
    return found[0]


def test_the_cluster_is_the_one_of_the_default_provider(tmp_path: Any) -> None:
    file = tmp_path / "config"
    file.touch()
    assert cluster_in({}) == Kubectl(None, None), "as kubectl and the provider choose by themselves"
    assert cluster_in({"kubernetes:context": "eu", "kubernetes:kubeconfig": str(file)}) == Kubectl("eu", str(file))
    assert cluster_in({"kubernetes:context": "eu"}, provider="aws") == Kubectl("eu", None)
    for config, provider in (
        ({"kubernetes:kubeconfig": "apiVersion: v1\nusers: []\n"}, None),
        ({"kubernetes:cluster": "c"}, None),
        ({"kubernetes:context": "eu"}, "kubernetes"),
    ):
        assert isinstance(cluster_in(config, provider), UnknownCluster), (config, provider)
