"""What is told to docker, kind, k3d and minikube. These programs are recorded: nothing is built here."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from slipway.deploy import cli
from slipway.deploy.building import make
from slipway.deploy.errors import DeployError
from slipway.deploy.images import Build, builds
from slipway.deploy.nodes import nodes_of
from slipway.deploy.rendered import find_stack, render, render_with_digests
from slipway.preview.model import COMPUTED
from tests.preview.running import said_by, write_project
from tests.registry import DIGEST, Registry, serving

TOKEN = "t0ps3cret-token"
BOTH = ["linux/amd64", "linux/arm64"]
PROGRAM = """
import pulumi
from slipway import Deployment, DeploymentArgs, Image, ImageArgs, Namespace

config = pulumi.Config()
host = config.get("registry")
name = f"{host}/web" if host else "web"
image = Image("web", ImageArgs(repository=name, context="app", skip_push=host is None, OPTIONS))
Deployment("web", DeploymentArgs(namespace=Namespace("shop"), image=image.ref, replicas=1))
"""


class Programs:
    """The only programs on the PATH, and what was asked of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, name: str, script: str = ":") -> None:
        """A program that notes its arguments and the variables of build secrets, and then does as `script` says."""
        noted = f'echo "{name} $*" >>{self._folder}/asked\nset | /bin/grep SLIPWAY_BUILD_ >>{self._folder}/variables'
        program = self._folder / name
        program.write_text(f"#!/bin/sh\n{noted}\n{script}\n")
        program.chmod(0o755)

    @property
    def asked(self) -> list[str]:
        file = self._folder / "asked"
        return file.read_text().splitlines() if file.exists() else []

    @property
    def built(self) -> list[str]:
        return [line for line in self.asked if line.startswith(("docker build ", "docker buildx build "))]

    @property
    def variables(self) -> str:
        return (self._folder / "variables").read_text()


def docker(driver: str = "docker", store: str = "overlay2") -> str:
    """A docker with buildx. It has no image yet."""
    return f"""
case "$1 $2" in
  "image inspect") exit 1;;
  "buildx inspect") echo "Name:   default"; echo "Driver: {driver}";;
  "info --format") echo '[["driver-type","{store}"]]';;
esac"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("KUBECONFIG", str(folder / "kubeconfig"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return Programs(folder)


@pytest.fixture
def registry() -> Generator[Registry]:
    with serving(Registry()) as served:
        yield served


@pytest.fixture
def project(tmp_path: Path, programs: Programs) -> Callable[..., Path]:
    """Writes a project with an image of these options, and a stack with these settings."""

    def written(options: str = "", **settings: str) -> Path:
        stated = "".join(f"  {key.replace('_', ':')}: {value}\n" for key, value in settings.items())
        context = settings.get("kubernetes_context")
        (tmp_path / "bin/kubeconfig").write_text(f"contexts: [{{name: {context}}}]\n")
        return write_project(
            tmp_path / "project",
            PROGRAM.replace("OPTIONS", options),
            config={"dev": f"config:\n{stated}" if stated else ""},
            files={"app/Dockerfile": "FROM scratch\n"},
        )

    return written


def build(host: str = "", **own: Any) -> Build:
    fields: dict[str, Any] = {"context": "app", "dockerfile": "app/Dockerfile", "args": {}, "target": None}
    fields |= {"urn": "urn", "reference": f"{host}/web:1" if host else "web:1", "push": bool(host)}
    fields |= {"platforms": ["linux/amd64"], "by_buildkit": True, **own}
    return Build(**fields)


def test_several_platforms_are_built_and_pushed_at_once(programs: Programs, registry: Registry, tmp_path: Path) -> None:
    programs.add("docker", docker("docker-container"))
    one = build(registry.host, platforms=BOTH, ssh=["deploy=/keys/deploy"], network="none")
    assert make(one, tmp_path, {}) == "built and pushed"
    assert programs.built == [
        f"docker buildx build --tag {one.reference} --file app/Dockerfile --platform linux/amd64,linux/arm64 "
        "--network none --ssh deploy=/keys/deploy --push app"
    ]
    assert not [line for line in programs.asked if line.startswith("docker push")]


def test_nothing_is_built_if_the_registry_has_the_tag(programs: Programs, registry: Registry, tmp_path: Path) -> None:
    registry.images = {"web:1": DIGEST}
    assert make(build(registry.host, platforms=BOTH), tmp_path, COMPUTED) == "is in the registry already"
    assert not programs.asked


def test_nothing_is_built_if_the_engine_has_the_tag(programs: Programs, tmp_path: Path) -> None:
    programs.add("docker")
    assert make(build(), tmp_path, COMPUTED) == "is in the engine already"
    assert not programs.built


def test_a_build_secret_goes_to_docker_by_its_environment_alone(programs: Programs, tmp_path: Path) -> None:
    programs.add("docker", docker())
    assert make(build(), tmp_path, {"npm": TOKEN, "apt": "other"}) == "built"
    assert (
        " --secret id=apt,env=SLIPWAY_BUILD_SECRET_0 --secret id=npm,env=SLIPWAY_BUILD_SECRET_1 --load app"
        in (programs.built[0])
    )
    assert f"SLIPWAY_BUILD_SECRET_1='{TOKEN}'" in programs.variables
    assert TOKEN not in "".join(programs.asked), "every user of the machine sees the arguments of a process"


@pytest.mark.parametrize("secrets", [COMPUTED, {"npm": COMPUTED}])
def test_a_build_secret_that_is_not_read_is_refused(secrets: Any, programs: Programs, tmp_path: Path) -> None:
    programs.add("docker", docker())
    with pytest.raises(DeployError, match="web:1: its build secrets are not known, as secrets are not read"):
        make(build(), tmp_path, secrets)
    assert not programs.built


NO_BUILDX = '[ "$1" != buildx ]'
REFUSED: list[tuple[dict[str, Any], str | None, str]] = [
    ({}, NO_BUILDX, "needs `docker buildx` for its platforms, secrets or SSH, and docker does not have it: install it"),
    ({"platforms": BOTH}, docker(), "is for linux/amd64 and linux/arm64, and the builder of the engine builds for one"),
    ({"ssh": ["default"]}, docker(), "needs the SSH agent, and SSH_AUTH_SOCK names none: start one"),
    ({}, None, "docker is not on the PATH"),
    ({}, docker() + '\n[ "$2" != build ]', "docker buildx ended with 1: the reason is above"),
]


@pytest.mark.parametrize(("own", "script", "told"), REFUSED, ids=["buildx", "platforms", "agent", "docker", "build"])
def test_what_cannot_be_built_here_is_refused_in_a_line(
    own: dict[str, Any], script: str | None, told: str, programs: Programs, registry: Registry
) -> None:
    if script:
        programs.add("docker", script)
    with pytest.raises(DeployError) as refused:
        make(build(registry.host, **own), Path(), {})
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("platforms", "script"),
    [
        (BOTH, docker(store="io.containerd.snapshotter.v1")),
        (BOTH, docker(driver="remote")),
        (["linux/arm64"], docker()),
    ],
    ids=["containerd", "a builder that can", "one platform"],
)
def test_what_can_be_built_here_is_built(
    platforms: list[str], script: str, programs: Programs, registry: Registry, tmp_path: Path
) -> None:
    programs.add("docker", script)
    make(build(registry.host, platforms=platforms), tmp_path, {})
    assert programs.built


def test_a_build_gets_what_the_program_declares(
    project: Callable[..., Path],
    programs: Programs,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    programs.add("docker", docker())
    monkeypatch.setenv("SHOP_SECRET_NPM_TOKEN", TOKEN)
    options = 'platforms=["linux/arm64"], ssh=["k=/k"], secrets={"npm": config.require_secret("npmToken")}, '
    folder = project(f'{options} build_args={{"A": "1"}}, extra_hosts={{"h": "192.0.2.1"}}, cache_from=["x/web:1"]')
    ended = said_by(capfd, cli.app, "image", "dev", "--project", folder)
    assert (ended.code, ended.err) == (0, "")
    reference = ended.out.partition(": built\n")[0]
    assert programs.built == [
        f"docker buildx build --tag {reference} --file app/Dockerfile --build-arg A --build-arg BUILDKIT_INLINE_CACHE "
        "--cache-from x/web:1 --add-host h:192.0.2.1 --platform linux/arm64 --network default "
        "--secret id=npm,env=SLIPWAY_BUILD_SECRET_0 --ssh k=/k --load app"
    ]
    assert f"'{TOKEN}'" in programs.variables
    assert TOKEN not in "".join([*programs.asked, ended.out, ended.err])
    assert TOKEN not in repr(render(find_stack(folder, "dev")).registrations)


@pytest.mark.parametrize("options", ["pin_digest=True", f"pin_digest=True, platforms={BOTH}"], ids=["engine", "buildx"])
def test_what_is_to_run_by_its_digest_is_applied_with_the_registrys(
    options: str, project: Callable[..., Path], registry: Registry
) -> None:
    stack = find_stack(project(options, shop_registry=registry.host), "dev")
    with pytest.raises(DeployError, match="is not in its registry: `make image` builds and pushes it"):
        render_with_digests(stack)
    registry.images = {registry.asked[0].removeprefix("/v2/").replace("/manifests/", ":"): DIGEST}
    rendered = render_with_digests(stack)
    (deployment,) = [one for one in rendered.applicable() if one.kind == "Deployment"]
    (container,) = deployment.body["spec"]["template"]["spec"]["containers"]
    (made,) = builds(rendered.registrations)
    assert container["image"] == f"{made.reference}@{DIGEST}"


@pytest.mark.parametrize(
    ("context", "command"),
    [
        ("kind-dev", "kind load docker-image web:1 --name dev"),
        ("k3d-shop-dev", "k3d image import web:1 --cluster shop-dev"),
        ("minikube", "minikube image load web:1 --profile minikube"),
    ],
)
def test_an_image_is_loaded_into_the_nodes_of_a_local_cluster(
    context: str, command: str, project: Callable[..., Path], programs: Programs
) -> None:
    nodes = nodes_of(find_stack(project(kubernetes_context=context), "dev"))
    assert nodes
    program = command.partition(" ")[0]
    with pytest.raises(DeployError) as refused:
        nodes.load("web:1")
    assert str(refused.value) == (
        f"{program} is not on the PATH, and only it can load web:1 into the nodes of {context}: install it, or give "
        "the stack a registry"
    )
    programs.add(program)
    nodes.load("web:1")
    assert programs.asked == [command]
    programs.add(program, "exit 3")
    with pytest.raises(DeployError, match=r" ended with 3: the reason is above$"):
        nodes.load("web:1")


@pytest.mark.parametrize("context", ["", "prod", "kind-", "kindly", "minikube-2", "my-kind-dev"])
def test_no_other_cluster_is_taken_for_a_local_one(context: str, project: Callable[..., Path]) -> None:
    folder = project(**({"kubernetes_context": context} if context else {}))
    assert nodes_of(find_stack(folder, "dev")) is None


def test_nodes_get_only_what_they_cannot_pull(
    project: Callable[..., Path], programs: Programs, registry: Registry, capfd: pytest.CaptureFixture[str]
) -> None:
    for program in ("docker", "kind", "kubectl"):
        programs.add(program, docker() if program == "docker" else ":")
    ended = said_by(capfd, cli.app, "image", "dev", "--project", project(kubernetes_context="kind-dev"))
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.endswith(": built, and loaded into the nodes of kind-dev\n")
    loads = [line for line in programs.asked if line.startswith("kind ")]
    assert len(loads) == 1
    folder = project(kubernetes_context="kind-dev", shop_registry=registry.host)
    said_by(capfd, cli.app, "image", "dev", "--project", folder)
    assert [line for line in programs.asked if line.startswith("docker push")]
    assert [line for line in programs.asked if line.startswith("kind ")] == loads
