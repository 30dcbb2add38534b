"""What each environment consists of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import stacks
from slipway.preview.model import COMPUTED
from slipway.testing import Recording, deploy
from stacks.settings import Settings
from tests.repository import ROOT

TOKEN = "a-token-for-tests"
REGISTRY = "registry.example.com/team"


def environment(stack: str, **settings: str) -> Recording:
    """The stack with the settings in its own file, and the settings that it needs in addition."""
    given = yaml.safe_load((ROOT / f"stacks/Pulumi.{stack}.yaml").read_text())["config"]
    given |= {f"slipway:{key}": value for key, value in settings.items()}
    return _record(stack, given)


def _record(stack: str, config: dict[str, str], *, preview: bool = False) -> Recording:
    return deploy(
        lambda: _export(stack), config=config, secret_keys=("slipway:apiToken",), stack=stack, preview=preview
    )


def _export(stack: str) -> None:
    import pulumi  # noqa: PLC0415

    for name, value in stacks.compose(stack).items():
        pulumi.export(name, value)


@pytest.fixture(scope="module")
def dev() -> Recording:
    return environment("dev")


@pytest.fixture(scope="module")
def staging() -> Recording:
    return environment("staging", apiToken=TOKEN)


@pytest.fixture(scope="module")
def prod() -> Recording:
    return environment("prod", apiToken=TOKEN)


def container(recording: Recording) -> dict[str, Any]:
    return recording.object("Deployment")["spec"]["template"]["spec"]["containers"][0]


def test_dev_runs_one_replica_of_an_image_that_is_not_pushed(dev: Recording) -> None:
    assert dev.object("Deployment")["spec"]["replicas"] == 1
    image = dev.one("docker:index/image:Image").inputs
    assert image["skipPush"] is True, "a local engine runs what it built"
    assert image["imageName"].startswith("hello-world:"), "no registry, no host in the name"
    assert dev.count(":HorizontalPodAutoscaler") == 0


def test_dev_without_a_token_has_no_secret(dev: Recording) -> None:
    assert dev.count(":Secret") == 0
    assert "env" not in container(dev), "without a token the service closes /private by itself"


def test_dev_takes_a_token_that_it_is_given() -> None:
    given = environment("dev", apiToken=TOKEN)
    assert list(given.object("Secret")["data"]) == ["API_TOKEN"]


def test_dev_pushes_where_it_is_given_a_registry() -> None:
    image = environment("dev", registry=REGISTRY).one("docker:index/image:Image").inputs
    assert image["skipPush"] is False
    assert image["imageName"].startswith(f"{REGISTRY}/hello-world:")


@pytest.mark.parametrize(("stack", "least", "most"), [("staging", 2, 6), ("prod", 3, 12)])
def test_the_shared_environments_are_autoscaled(stack: str, least: int, most: int) -> None:
    recording = environment(stack, apiToken=TOKEN)
    scaled = recording.object("HorizontalPodAutoscaler")["spec"]
    assert (scaled["minReplicas"], scaled["maxReplicas"]) == (least, most)
    assert "replicas" not in recording.object("Deployment")["spec"], "the autoscaler owns the number"


@pytest.mark.parametrize("stack", ["staging", "prod"])
def test_the_shared_environments_require_a_token(stack: str) -> None:
    with pytest.raises(stacks.SettingsError, match=r"apiToken is missing .* --secret apiToken"):
        environment(stack)


def test_the_token_reaches_the_pods_by_reference_only(prod: Recording) -> None:
    (variable,) = container(prod)["env"]
    assert variable["valueFrom"]["secretKeyRef"]["name"] == prod.object("Secret")["metadata"]["name"]
    assert TOKEN not in str(prod.object("Deployment")), "whoever may read a Deployment may not read Secrets"


def test_prod_has_a_quota_with_room_for_a_rollout_at_its_largest(prod: Recording) -> None:
    hard = prod.object("ResourceQuota")["spec"]["hard"]
    most = prod.object("HorizontalPodAutoscaler")["spec"]["maxReplicas"]
    surge = -(-most // 4)
    assert int(hard["pods"]) >= most + 2 * surge, "new pods start while old ones are ending"
    cpu = int(container(prod)["resources"]["requests"]["cpu"].removesuffix("m")) * int(hard["pods"]) / 1000
    assert float(hard["requests.cpu"]) >= cpu, "a quota on cpu must not bite before the one on pods"


def test_prod_is_spread_over_nodes_and_zones(prod: Recording) -> None:
    pod = prod.object("Deployment")["spec"]["template"]["spec"]
    assert {spread["topologyKey"] for spread in pod["topologySpreadConstraints"]} == {
        "kubernetes.io/hostname",
        "topology.kubernetes.io/zone",
    }


@pytest.mark.parametrize("name", ["dev", "staging", "prod"])
def test_every_environment_has_a_namespace_of_its_own_that_enforces_restricted(
    name: str, request: pytest.FixtureRequest
) -> None:
    recording: Recording = request.getfixturevalue(name)
    metadata = recording.object("Namespace")["metadata"]
    assert metadata["name"] == f"hello-world-{name}", "environments can share a cluster"
    assert metadata["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    others = {body["metadata"]["namespace"] for body in recording.objects() if body["kind"] != "Namespace"}
    assert others == {f"hello-world-{name}"}


@pytest.mark.parametrize("name", ["dev", "staging", "prod"])
def test_a_stack_exports_its_namespace_image_and_address(name: str, request: pytest.FixtureRequest) -> None:
    recording: Recording = request.getfixturevalue(name)
    assert recording.outputs == {
        "namespace": f"hello-world-{name}",
        "image": (recording.one("slipway:index:Image").outputs or {})["ref"],
        "service": f"hello-world.hello-world-{name}.svc:8080",
    }


def test_only_a_load_balancer_has_a_url_and_is_awaited() -> None:
    config = {"slipway:greeting": "Hello", "slipway:serviceType": "LoadBalancer"}
    recording = _record("dev", config, preview=True)
    assert recording.outputs["url"] == COMPUTED, "the address is the cluster's to give"
    assert "annotations" not in recording.object("Service")["metadata"], "what is exported has to be awaited"
    states = {"kubernetes:core/v1:Service": {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}}
    deployed = deploy(lambda: _export("dev"), config=config, stack="dev", states=states)
    assert deployed.outputs["url"] == "http://192.0.2.1:8080"


def test_the_greeting_of_the_stacks_file_is_what_the_service_reads(prod: Recording) -> None:
    given = yaml.safe_load((ROOT / "stacks/Pulumi.prod.yaml").read_text())["config"]["slipway:greeting"]
    assert prod.object("ConfigMap")["data"]["hello-world.data"] == given
    assert {"mountPath": "/etc/hello-world", "name": "etc-hello-world", "readOnly": True} in container(prod)[
        "volumeMounts"
    ]


def test_another_base_image_makes_another_tag() -> None:
    usual, other = environment("dev"), environment("dev", goImage="example.com/golang:1.26")
    build = other.one("docker:index/image:Image").inputs["build"]
    assert build["args"] == {"GO_IMAGE": "example.com/golang:1.26"}
    assert usual.outputs["image"] != other.outputs["image"]


def test_a_mirror_serves_the_default_base_images_and_keeps_the_tag() -> None:
    usual = environment("dev", goImage="example.com/golang:1.26")
    mirrored = environment("dev", goImage="example.com/golang:1.26", registryMirror="mirror.example.com/all")
    args = mirrored.one("docker:index/image:Image").inputs["build"]["args"]
    assert args["GO_IMAGE"] == "example.com/golang:1.26"
    assert args["RUNTIME_IMAGE"].startswith("mirror.example.com/all/gcr.io/distroless/")
    assert usual.outputs["image"] == mirrored.outputs["image"]


def test_every_environment_has_a_file_and_every_file_an_environment() -> None:
    files = {file.name.split(".")[1] for file in (ROOT / "stacks").glob("Pulumi.*.yaml")}
    assert files == set(stacks.names())


@pytest.mark.parametrize("file", sorted((ROOT / "stacks").glob("Pulumi.*.yaml")), ids=lambda file: file.stem)
def test_an_environments_file_states_only_what_differs(file: Path) -> None:
    defaults = {field.alias: field.default for field in Settings.model_fields.values() if not field.is_required()}
    stated: dict[str, Any] = yaml.safe_load(file.read_text())["config"]
    restated = [key for key, value in stated.items() if defaults.get(key.partition(":")[2]) == value]
    assert not restated, f"{file.name} says again what is the default: {restated}"
