"""The cluster, its images, and a service in a namespace that belongs to one test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path
from zlib import crc32

import pytest

from tests.e2e.controllers import running
from tests.e2e.edge import Edge
from tests.e2e.engine import Engine, environment_of
from tests.e2e.modules import extended
from tests.e2e.project import Service, stack_project
from tests.e2e.site import Site, base_images, find_site
from tests.repository import ROOT

_MAIN = "func main() {\n"
_WRITES = """
	if folder := os.Getenv("KEEP"); folder != "" {
		file, err := os.OpenFile(folder+"/starts", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			panic(err)
		}
		fmt.Fprintln(file, "started")
		file.Close()
	}
"""


@pytest.fixture(scope="session")
def site() -> Site:
    """The running cluster, with the base images of app/ in its engine."""
    found = find_site()
    if found is None:
        pytest.fail("no cluster is up: `make e2e` makes one, or set SLIPWAY_CLUSTER_HOME to one's folder")
    os.environ.update(found.environment)
    bases = base_images()
    found.cluster("base-images", "--go", bases["GO_IMAGE"], "--runtime", bases["RUNTIME_IMAGE"])
    return found


@pytest.fixture(scope="session")
def image(site: Site, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The application's image, built from app/ and pushed."""
    project = stack_project(site, tmp_path_factory.mktemp("image"), "dev")
    project.deploy("image")
    return project.preview()["outputs"]["image"]


@pytest.fixture(scope="session")
def next_image(site: Site, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The image of a later version of the sources."""
    project = stack_project(site, tmp_path_factory.mktemp("next-image"), "dev")
    main = project.folder / "app/main.go"
    main.write_text(
        main.read_text(encoding="utf-8").replace('version = "1.0.0"', 'version = "1.0.1"'), encoding="utf-8"
    )
    project.deploy("image")
    return project.preview()["outputs"]["image"]


@pytest.fixture(scope="session")
def writer(site: Site, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The image of a service that writes a line into a folder each time it starts."""
    project = stack_project(site, tmp_path_factory.mktemp("writer"), "dev")
    main = project.folder / "app/main.go"
    main.write_text(main.read_text(encoding="utf-8").replace(_MAIN, _MAIN + _WRITES), encoding="utf-8")
    project.deploy("image")
    return project.preview()["outputs"]["image"]


@pytest.fixture(scope="session")
def extensions(site: Site) -> Generator[None]:
    """The definitions of cert-manager and of the Gateway API."""
    certificates = extended(site, "github.com/cert-manager/cert-manager@v1.21.2", "deploy/crds/*.yaml")
    gateways = extended(site, "sigs.k8s.io/gateway-api@v1.4.0", "config/crd/standard/*.yaml")
    with certificates, gateways:
        yield


@pytest.fixture(scope="session")
def edge(site: Site, extensions: None, tmp_path_factory: pytest.TempPathFactory) -> Generator[Edge]:
    """Traefik and cert-manager run."""
    with running(site, tmp_path_factory.mktemp("controllers")) as made:
        yield made


@pytest.fixture(scope="session")
def removals() -> Generator[list[Callable[[], object]]]:
    """Waits, after the last test, for the removals that tests have started. A pod takes its grace period to end."""
    started: list[Callable[[], object]] = []
    yield started
    for end in started:
        end()


@pytest.fixture
def service(
    site: Site, removals: list[Callable[[], object]], tmp_path: Path, request: pytest.FixtureRequest
) -> Generator[Service]:
    """The adjustable service. It is removed after the test."""
    name = str(request.node.name)
    stem = name.removeprefix("test_").replace("_", "-").translate({91: "-", 93: ""})
    folder = tmp_path / "program"
    shutil.copytree(ROOT / "tests/e2e/program", folder)
    # The former test's namespace may still be there, so two tests whose names begin alike have two namespaces.
    stack = f"e2e-{stem[:26]}-{crc32(name.encode()):08x}"
    made = Service(site=site, folder=folder, stack=stack)
    yield made
    if list(folder.glob("Pulumi.*.yaml")):
        removals.append(partial(made.end_of, made.start("down")))


@pytest.fixture
def engine(service: Service, image: str, tmp_path: Path) -> Generator[Engine]:
    """`pulumi up` of the adjustable service. What it made is deleted after the test."""
    made = Engine(service, environment_of(service.site, tmp_path / "state"), image)
    yield made
    made.stack.destroy()
    assert not service.site.kubectl("get", "namespace", service.stack, "--ignore-not-found").stdout
    # `service` has nothing left to delete with kubectl.
    (service.folder / f"Pulumi.{service.stack}.yaml").unlink()


Note = Callable[[str], None]


@pytest.fixture
def note(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Note:
    """Prints a figure that the test has measured, even if pytest captures the output."""

    def tell(text: str) -> None:
        with capsys.disabled():
            print(f"\n  {request.node.name}: {text}")  # noqa: T201

    return tell
