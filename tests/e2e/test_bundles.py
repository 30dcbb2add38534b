"""Objects from YAML files and Kustomize folders are deployed with the rest of the program, and deleted with it."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.e2e.project import Project
from tests.e2e.site import Site
from tests.preview.running import write_project

NAMESPACE = "bundles-e2e"
MAIN = f"""
    import pulumi_kubernetes as k8s
    from pulumi_kubernetes.kustomize import v2 as kustomize
    from pulumi_kubernetes.yaml import v2 as yaml

    k8s.core.v1.Namespace("{NAMESPACE}", metadata={{"name": "{NAMESPACE}"}})
    yaml.ConfigFile("gadgets", file="gadgets.yaml")
    kustomize.Directory("settings", directory="settings", namespace="{NAMESPACE}")
    """
OTHER = f"""
metadata = {{"name": "other", "namespace": "{NAMESPACE}"}}
k8s.apiextensions.CustomResource("other", api_version="bundles.example.com/v9", kind="Other", metadata=metadata)
"""
GADGETS = f"""\
    apiVersion: bundles.example.com/v1
    kind: Gadget
    metadata: {{name: first, namespace: {NAMESPACE}}}
    spec: {{mode: 0o644}}
    ---
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: {{name: gadgets.bundles.example.com}}
    spec:
      group: bundles.example.com
      scope: Namespaced
      names: {{kind: Gadget, plural: gadgets, singular: gadget}}
      versions:
        - name: v1
          served: true
          storage: true
          schema: {{openAPIV3Schema: {{type: object, x-kubernetes-preserve-unknown-fields: true}}}}
    """
SETTINGS = "configMapGenerator: [{name: settings, literals: [colour=COLOUR]}]\n"


@pytest.fixture
def project(site: Site, tmp_path: Path) -> Generator[Project]:
    files = {"gadgets.yaml": GADGETS, "settings/kustomization.yaml": SETTINGS.replace("COLOUR", "blue")}
    config = {"dev": f"config: {{kubernetes:context: {site.context}}}\n"}
    made = Project(site=site, folder=write_project(tmp_path, MAIN, config=config, files=files), stack="dev")
    yield made
    made.deploy("down")


def test_files_and_folders_are_deployed_changed_and_deleted(project: Project, site: Site) -> None:
    def settings() -> list[str]:
        found = site.items("configmaps", "--namespace", NAMESPACE)
        return [each["metadata"]["name"] for each in found if each["metadata"]["name"].startswith("settings-")]

    project.deploy("apply")
    gadget = site.get("gadgets.bundles.example.com", "first", "--namespace", NAMESPACE)
    assert gadget["spec"] == {"mode": 0o644}, "one run creates a kind and an object of that kind"
    [blue] = settings()
    kustomization = project.folder / "settings/kustomization.yaml"
    kustomization.write_text(SETTINGS.replace("COLOUR", "green"), encoding="utf-8")
    project.deploy("apply")
    [green] = settings()
    assert green != blue, "Kustomize names it after its content, and the former one is deleted"
    project.deploy("down")
    assert [one for one in site.items("crds") if one["metadata"]["name"].startswith("gadgets.bundles")] == []


def test_a_kind_that_the_cluster_does_not_serve_stops_before_anything_is_written(project: Project, site: Site) -> None:
    main = project.folder / "__main__.py"
    main.write_text(main.read_text(encoding="utf-8") + OTHER, encoding="utf-8")
    ended = project.deploy("apply", check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"deploy: {site.context} does not serve Other bundles.example.com/v9: install")
    assert not site.kubectl("get", "namespace", NAMESPACE, "--ignore-not-found").stdout
