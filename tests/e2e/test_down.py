"""`slipway down` removes what the stack has made, however far its first apply has come."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.e2e.project import Project
from tests.e2e.site import Site
from tests.preview.running import write_project

NAME = "down-e2e"
MAIN = f"""
    import pulumi_kubernetes as k8s
    from slipway import Deployment, DeploymentArgs

    k8s.rbac.v1.ClusterRole("{NAME}", metadata={{"name": "{NAME}"}}, rules=[])
    Deployment("web", DeploymentArgs(namespace="{NAME}", image="localhost:1/none:1", ready_within=10))
    """


@pytest.fixture
def project(site: Site, tmp_path: Path) -> Generator[Project]:
    """A stack in a namespace that is not its own."""
    site.kubectl("create", "namespace", NAME)
    config = {"dev": f"config: {{kubernetes:context: {site.context}}}\n"}
    yield Project(site=site, folder=write_project(tmp_path, MAIN, config=config), stack="dev")
    site.kubectl("delete", "clusterrole", NAME, "--ignore-not-found")
    site.kubectl("delete", "namespace", NAME, "--wait=false")


def test_down_removes_what_an_apply_has_made_that_failed(project: Project, site: Site) -> None:
    def left() -> list[str]:
        cluster_wide = site.items("clusterroles", f"--field-selector=metadata.name={NAME}")
        own = site.items("deployments,configmaps", "--namespace", NAME)
        return [one["kind"] for one in (*cluster_wide, *own) if one["metadata"]["name"] != "kube-root-ca.crt"]

    assert project.deploy("apply", check=False).returncode == 1
    assert sorted(left()) == ["ClusterRole", "ConfigMap", "Deployment"], "the ConfigMap records the kinds"
    project.deploy("down")
    assert left() == []
