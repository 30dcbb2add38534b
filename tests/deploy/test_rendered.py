"""What may be applied, and where its secrets come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from slipway.deploy.errors import DeployError
from slipway.deploy.images import Build, builds
from slipway.deploy.rendered import find_stack, render
from slipway.deploy.target import target
from tests.own_project import copy_project
from tests.preview.running import write_project
from tests.repository import ROOT


@pytest.fixture(autouse=True)
def no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE", "SLIPWAY_SECRET_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def test_a_stack_with_an_unread_secret_is_never_applied() -> None:
    rendered = render(find_stack(ROOT, "prod"))
    assert rendered.manifests, "rendering succeeds; only applying it is refused"
    with pytest.raises(DeployError, match=r"slipway:apiToken is unknown.* set SLIPWAY_SECRET_API_TOKEN, or"):
        rendered.applicable()


@pytest.mark.parametrize(
    "line",
    [
        "k8s.core.v1.ConfigMap('c', metadata={'name': 'c'}, immutable=config.require_bool('token'))",
        "k8s.core.v1.Pod('p', metadata={'name': 'p'}, spec={'priority': config.get_int('token'), 'containers': []})",
        "config.require_secret('token').apply(lambda _: k8s.core.v1.ConfigMap('c', metadata={'name': 'c'}))",
        "pulumi.export('token', config.get_secret_object('token'))",
    ],
    ids=["a truth", "a number", "which objects there are", "nothing that is rendered"],
)
def test_an_unread_secret_of_any_type_keeps_everything_from_being_applied(line: str, tmp_path: Path) -> None:
    main = f"""
        import pulumi
        import pulumi_kubernetes as k8s
        config = pulumi.Config()
        k8s.core.v1.ConfigMap('other', metadata={{'name': 'other'}})
        {line}
    """
    sealed = "encryptionsalt: v1:AA==:v1:AA==:AA==\nconfig:\n  shop:token: {secure: 'v1:AA==:AA=='}\n"
    project = write_project(tmp_path, main, config={"dev": sealed})
    with pytest.raises(DeployError, match=r"^what derives from shop:token is unknown.* set SHOP_SECRET_TOKEN, or"):
        render(find_stack(project, "dev")).applicable()


def test_values_that_only_the_engine_knows_are_never_applied(tmp_path: Path) -> None:
    main = """
        import pulumi_kubernetes as k8s
        namespace = k8s.core.v1.Namespace("n", metadata={"name": "n"})
        k8s.core.v1.ConfigMap("c", metadata={"name": "c", "namespace": "n"}, data={"uid": namespace.metadata.uid})
    """
    with pytest.raises(DeployError, match=r"^ConfigMap .* is not known whole \(data\.uid\): use `make up`"):
        render(find_stack(write_project(tmp_path, main), "dev")).applicable()


def test_with_a_secret_from_the_environment_the_render_is_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLIPWAY_SECRET_API_TOKEN", "open sesame")
    applicable = render(find_stack(ROOT, "prod")).applicable()
    secret = next(one for one in applicable if one.kind == "Secret")
    assert secret.body["data"] == {"API_TOKEN": "b3BlbiBzZXNhbWU="}
    assert "<computed>" not in secret.name


def test_registrations_hold_no_secret_even_if_manifests_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLIPWAY_SECRET_API_TOKEN", "open sesame")
    rendered = render(find_stack(ROOT, "prod"))
    shown = repr((rendered.registrations, rendered.outputs))
    assert "open sesame" not in shown
    assert "b3BlbiBzZXNhbWU=" not in shown


def test_a_failing_program_is_reported_in_its_own_words(tmp_path: Path) -> None:
    copy_project(tmp_path)
    with (tmp_path / "stacks/Pulumi.dev.yaml").open("a", encoding="utf-8") as file:
        file.write("  slipway:sevice: x\n")
    with pytest.raises(DeployError, match="slipway:sevice is not a setting"):
        render(find_stack(tmp_path, "dev"))


def test_an_incomplete_render_is_not_applied(tmp_path: Path) -> None:
    main = """
        from pulumi_kubernetes.helm import v4

        v4.Chart("far", chart="oci://registry.example.com/far")
        v4.Chart("farther", chart="oci://registry.example.com/farther")
    """
    rendered = render(find_stack(write_project(tmp_path, main), "dev"))
    with pytest.raises(DeployError) as refused:
        rendered.applicable()
    told = str(refused.value)
    assert told.count("\n") == 0, "one line, however much is missing"
    assert told.startswith(
        "__main__.py:4: Chart far is not rendered: the chart oci://registry.example.com/far would be"
    )
    assert told.endswith(", or use `make up`, which deploys it")


def test_an_image_is_built_as_the_program_declares_it() -> None:
    (build,) = builds(render(find_stack(ROOT, "staging")).registrations)
    tag = build.reference.rpartition(":")[2]
    assert build == Build(
        urn=build.urn,
        reference=f"registry.example.com/slipway/hello-world:{tag}",
        context="app",
        dockerfile="app/Dockerfile",
        args={},
        target=None,
        platforms=["linux/amd64"],
        push=True,
    )
    assert not builds(render(find_stack(ROOT, "dev")).registrations)[0].push


def test_a_stack_that_names_no_cluster_is_refused_with_the_line_to_add() -> None:
    with pytest.raises(
        DeployError, match=r"add `kubernetes:context: <context>` under `config:` in stacks/Pulumi.prod.yaml"
    ):
        target(find_stack(ROOT, "prod"))


def test_the_environment_wins_over_a_secret_that_nobody_here_can_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_project(tmp_path)
    with (tmp_path / "stacks/Pulumi.prod.yaml").open("a", encoding="utf-8") as file:
        file.write("  slipway:apiToken:\n    secure: v1:AAAA:BBBB\nencryptionsalt: v1:AAAA:v1:AAAA:BBBB\n")
    with pytest.raises(DeployError, match="slipway:apiToken is unknown"):
        render(find_stack(tmp_path, "prod")).applicable()
    monkeypatch.setenv("SLIPWAY_SECRET_API_TOKEN", "open sesame")
    assert render(find_stack(tmp_path, "prod")).applicable()
