"""The shop of examples/microservices runs: its services call one another, and its database keeps what it was told.

One small program stands in for all its images. Everything else is as the example has it.
"""

from __future__ import annotations

import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from tests.e2e.modules import extended
from tests.e2e.project import Project, stack_project
from tests.e2e.site import Site
from tests.e2e.waiting import until
from tests.repository import ROOT

_DEFINITIONS = {
    "github.com/cert-manager/cert-manager@v1.21.2": ["deploy/crds/cert-manager.io_certificates.yaml"],
    "github.com/prometheus-operator/prometheus-operator@v0.85.0": [
        f"example/prometheus-operator-crd/monitoring.coreos.com_{kind}.yaml"
        for kind in ("servicemonitors", "podmonitors")
    ],
}
_IMAGE = re.compile(r'registry\.example\.com/[^"]+')
_KINDS = (
    "deployments,statefulsets,jobs,cronjobs,services,persistentvolumeclaims,networkpolicies,poddisruptionbudgets,"
    "horizontalpodautoscalers,ingresses,certificates,servicemonitors,podmonitors"
)


@dataclass(frozen=True, kw_only=True)
class Shop(Project):
    """A copy of the example, whose volume is the folder `disk` of the node, which is this machine."""

    disk: Path

    @property
    def namespace(self) -> str:
        return f"shop-{self.stack}"

    def edit(self, before: str, after: str) -> None:
        main = self.folder / "__main__.py"
        text = main.read_text(encoding="utf-8")
        assert before in text, f"the example has no {before}"
        main.write_text(text.replace(before, after), encoding="utf-8")

    def url(self, service: str) -> str:
        found = self.site.get("service", service, "--namespace", self.namespace)["spec"]
        return f"http://{found['clusterIP']}:{found['ports'][0]['port']}/"

    def ask(self, service: str, line: str | None = None) -> str:
        """What a service answers to a GET, or to a POST of a line, also where that is an error."""
        try:
            with urllib.request.urlopen(self.url(service), data=line.encode() if line else None, timeout=15) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.read().decode()

    def pods(self) -> dict[str, str]:
        """The identity of each pod of a service or the worker, by its name."""
        pods = self.site.items("pods", "--namespace", self.namespace, "--selector=slipway/kind=Deployment")
        return {one["metadata"]["name"]: one["metadata"]["uid"] for one in pods}

    def claim(self) -> str:
        return self.site.get("persistentvolumeclaim", "data-postgres-0", "--namespace", self.namespace)["metadata"][
            "uid"
        ]


@pytest.fixture(scope="module")
def standin(site: Site, tmp_path_factory: pytest.TempPathFactory) -> str:
    project = stack_project(site, tmp_path_factory.mktemp("standin"), "dev")
    shutil.copy(ROOT / "tests/e2e/microservices/standin.go", project.folder / "app")
    project.deploy("image")
    return project.preview()["outputs"]["image"]


@pytest.fixture
def shop(site: Site, standin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Shop]:
    monkeypatch.setenv("MICROSERVICES_SECRET_DATABASE_PASSWORD", "a-word-for-nobody")
    shutil.copytree(ROOT / "examples/microservices", tmp_path / "program")
    disk = tmp_path / "disk"
    disk.mkdir()
    disk.chmod(0o777)
    made = Shop(site=site, folder=tmp_path / "program", stack=f"micro-{uuid4().hex[:6]}", disk=disk, guarded=False)
    main = made.folder / "__main__.py"
    main.write_text(_IMAGE.sub(standin, main.read_text(encoding="utf-8")), encoding="utf-8")
    settings = yaml.safe_load((made.folder / "Pulumi.dev.yaml").read_text(encoding="utf-8"))
    settings["config"]["kubernetes:context"] = site.context
    (made.folder / f"Pulumi.{made.stack}.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    volume = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": made.namespace},
        "spec": {
            "capacity": {"storage": settings["config"]["microservices:databaseSize"]},
            "accessModes": ["ReadWriteOnce"],
            "hostPath": {"path": str(disk), "type": "Directory"},
            "claimRef": {"namespace": made.namespace, "name": "data-postgres-0"},
        },
    }
    with ExitStack() as definitions:
        for module, files in _DEFINITIONS.items():
            definitions.enter_context(extended(site, module, *files))
        site.kubectl("apply", "--filename=-", stdin=yaml.safe_dump(volume))
        try:
            yield made
        finally:
            made.site.kubectl("delete", "namespace", made.namespace, "--ignore-not-found")
            made.site.kubectl("delete", "persistentvolume", made.namespace)


def test_the_shop_sells_keeps_its_orders_and_goes(shop: Shop, standin: str) -> None:
    shop.deploy("apply")
    # Each service answers with what those have said whom it calls.
    of_the_database = "database(started migrated )"
    assert shop.ask("web") == f"catalog({of_the_database})orders(catalog({of_the_database}){of_the_database})"
    # web hands the order to orders, orders to the database, and the worker finds it there.
    shop.ask("web", "order-1")
    until(lambda: "packed-1" in shop.ask("catalog"), "the worker packs the order")

    # The template of the database's pod changes, and a migration fails in the same run: no service and no worker gets
    # its new version.
    claim, before = shop.claim(), shop.pods()
    shop.edit('"PGDATA": "/data/17"', '"PGDATA": "/data/17", "TZ": "UTC"')
    shop.edit('args=["migrate"]', 'args=["migrate", "too far"], retries=0')
    shop.edit("probes=PROBES", "probes=PROBES, termination_grace=31")
    refused = shop.deploy("apply", check=False)
    assert refused.returncode == 1
    assert '| standin: cannot do "migrate too far"' in refused.stderr
    assert shop.pods() == before
    # The new pod of the database finds what the former one was told, and everyone goes on.
    kept = "database(started migrated order-1 packed-1 started )"
    until(lambda: shop.ask("catalog") == kept, "the database has its new pod")
    assert shop.claim() == claim
    shop.ask("web", "order-2")
    until(lambda: "packed-2" in shop.ask("catalog"), "the worker packs on")

    shop.deploy("down")
    assert not shop.site.kubectl("get", "namespace", shop.namespace, "--ignore-not-found").stdout
    left = shop.site.items(_KINDS, "--all-namespaces")
    assert [one["metadata"]["name"] for one in left if one["metadata"]["namespace"] == shop.namespace] == []
