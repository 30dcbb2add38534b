"""The recipes of docs/migrate.md: what other tools have made is adopted, and its pods do not notice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.engine import environment_of, needs_the_engine
from tests.e2e.example import stand_in
from tests.e2e.recipes import Recipe, blocks, recipe
from tests.e2e.site import Site, base_images
from tests.e2e.traffic import Traffic

FRONTEND = "us-docker.pkg.dev/google-samples/containers/gke/gb-frontend:v5"
PODINFO = "ghcr.io/stefanprodan/podinfo:6.9.2"
MANIFEST = Path(__file__).parent / "migrate" / "podinfo.yaml"


def server(port: int) -> str:
    """The Dockerfile of an image that answers on a port, and ends at once."""
    return (
        f"FROM {base_images()['GO_IMAGE']} AS tools\n"
        "RUN mkdir /www && touch /www/healthz /www/readyz && echo hello > /www/index.html\n"
        "FROM scratch\nCOPY --from=tools /bin /bin\nCOPY --from=tools /www /www\nSTOPSIGNAL SIGKILL\n"
        f'CMD ["/bin/busybox", "httpd", "-f", "-p", "{port}", "-h", "/www"]'
    )


@pytest.fixture(scope="module")
def frontend(site: Site) -> None:
    stand_in(site, FRONTEND, server(80))


def service(one: Recipe, name: str) -> str:
    spec = one.site.get("service", name, "--namespace", one.namespace)["spec"]
    return f"http://{spec['clusterIP']}:{spec['ports'][0]['port']}/"


def test_a_deployment_and_a_service_in_yaml(site: Site, frontend: None, tmp_path: Path) -> None:
    made, adopted, first, hardened, second = blocks("A Deployment and a Service in YAML")
    with recipe(site, tmp_path / "guestbook", "guestbook") as guestbook:
        guestbook.kubectl("apply", "--filename", str(guestbook.write(made)))
        guestbook.ready("frontend")
        before = guestbook.pods()
        assert len(before) == 2
        guestbook.write(adopted)
        with Traffic(service(guestbook, "frontend")) as traffic:
            guestbook.run(first)
        assert not traffic.failures, "a request was lost"
        assert guestbook.pods() == before
        assert guestbook.owners() == {"slipway"}, "what the program drops has to go"
        guestbook.write(hardened)
        guestbook.run(second)
        [container] = guestbook.site.get("deployment", "frontend", "-n", "guestbook")["spec"]["template"]["spec"][
            "containers"
        ]
        assert container["name"] == "frontend", "the container that kubectl had declared is gone"
        assert not before.keys() & guestbook.pods().keys()


def _installed(release: Recipe) -> None:
    """Makes what `helm install` makes: the objects with its annotations, and the record of the release."""
    found: list[dict[str, Any]] = list(yaml.safe_load_all(MANIFEST.read_text(encoding="utf-8")))
    for one in found:
        one["metadata"]["annotations"] = {
            "meta.helm.sh/release-name": "podinfo",
            "meta.helm.sh/release-namespace": "podinfo",
        }
    labels = {"owner": "helm", "name": "podinfo", "status": "deployed", "version": "1"}
    metadata = {"name": "sh.helm.release.v1.podinfo.v1", "labels": labels}
    found.append({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "helm.sh/release.v1"})
    stream = json.dumps({"apiVersion": "v1", "kind": "List", "items": found})
    release.kubectl("create", "--field-manager=helm", "--filename=-", stdin=stream)


def test_a_helm_release(site: Site, tmp_path: Path) -> None:
    stand_in(site, PODINFO, server(9898))
    adopted, commands = blocks("A Helm release")
    with recipe(site, tmp_path / "podinfo", "podinfo") as podinfo:
        _installed(podinfo)
        podinfo.ready("podinfo")
        (podinfo.folder / "podinfo.yaml").write_text(MANIFEST.read_text(encoding="utf-8"), encoding="utf-8")
        before = podinfo.pods()
        assert len(before) == 2
        podinfo.write(adopted)
        with Traffic(service(podinfo, "podinfo")) as traffic:
            podinfo.run(commands)
        assert not traffic.failures, "a request was lost"
        assert podinfo.pods() == before, "also as Helm had declared their number, and a scaler decides it now"
        assert podinfo.owners() == {"slipway", "slipway-initial-replicas"}
        assert "helm" not in podinfo.kubectl("get", "deployments,services,hpa,secrets", "--output=yaml").lower()


@needs_the_engine
def test_a_deployment_and_a_service_in_yaml_with_the_engine(site: Site, frontend: None, tmp_path: Path) -> None:
    made, adopted, _, hardened, _ = blocks("A Deployment and a Service in YAML")
    [commands] = blocks("The first two with `pulumi up`")
    with recipe(site, tmp_path / "guestbook", "guestbook", **environment_of(site, tmp_path / "state")) as guestbook:
        guestbook.kubectl("apply", "--filename", str(guestbook.write(made)))
        guestbook.ready("frontend")
        before = guestbook.pods()
        guestbook.command("pulumi stack init dev")
        guestbook.write(adopted)
        guestbook.run(commands)
        assert guestbook.pods() == before
        assert "kubectl-client-side-apply" not in guestbook.owners()
        guestbook.write(hardened)
        guestbook.command("pulumi up")
        [container] = guestbook.site.get("deployment", "frontend", "-n", "guestbook")["spec"]["template"]["spec"][
            "containers"
        ]
        assert container["name"] == "frontend", "the container that kubectl had declared is gone"


@needs_the_engine
def test_a_program_of_plain_pulumi(site: Site, frontend: None, tmp_path: Path) -> None:
    made, moved = blocks("A program of plain pulumi-kubernetes")
    with recipe(site, tmp_path / "plain", "plain", **environment_of(site, tmp_path / "state")) as plain:
        plain.command("pulumi stack init dev")
        plain.write(made)
        plain.command("pulumi up")
        before = plain.pods()
        assert len(before) == 2
        plain.write(moved)
        steps = json.loads(plain.command("pulumi preview --json"))["changeSummary"]
        assert steps == {"create": 2, "same": 1, "update": 2}, "two components, two objects in place"
        plain.command("pulumi up")
        assert plain.pods() == before
