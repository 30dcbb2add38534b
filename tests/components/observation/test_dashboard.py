"""A dashboard is a file that Grafana can show, where its sidecar looks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from slipway import Dashboard, DashboardArgs
from slipway.testing import deploy, refusal
from tests.components.examples import NAMESPACE, write_dashboard


def dashboard(file: str, name: str = "web", **own: Any) -> Dashboard:
    return Dashboard(name, DashboardArgs(namespace=NAMESPACE, file=file, **own))


def test_the_file_is_in_a_config_map_that_the_sidecar_finds(tmp_path: Path) -> None:
    file = write_dashboard(tmp_path)
    assert deploy(lambda: dashboard(file, folder="Shop", labels={"team": "shop"})).object("ConfigMap") == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "web",
            "namespace": NAMESPACE,
            "labels": {"grafana_dashboard": "1", "team": "shop"},
            "annotations": {"grafana_folder": "Shop"},
        },
        "data": {"web.json": Path(file).read_text()},
    }
    found = deploy(lambda: dashboard(file, found_by="shown")).object("ConfigMap")["metadata"]
    assert found == {"name": "web", "namespace": NAMESPACE, "labels": {"shown": "1"}}


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("web.json", b"{", "is not JSON: line 1, column 2: "),
        ("web.json", b"[]", "has no title, so it is no dashboard of Grafana"),
        ("web.json", b'{"title": ""}', "has no title"),
        ("web.json", b'{"title": 1}', "has no title"),
        ("web.json", b"\xff", "is not UTF-8 text"),
        ("web.yaml", b'{"title": "Web"}', "does not end with .json, so the sidecar would not read it"),
        ("web.json", b'{"title": "Web", "__inputs": [{"name": "DS"}]}', "asks for its data source as it is imported"),
        ("web.json", b'{"title": "' + b"x" * 1024 * 1024 + b'"}', "exceeds 1,048,576 bytes"),
        ("web.json", None, "cannot be read (No such file or directory)"),
        ("a b.json", b'{"title": "Web"}', "dashboard key 'a b.json' is not valid"),
    ],
)
def test_what_grafana_could_not_show_is_refused(tmp_path: Path, name: str, content: bytes | None, told: str) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    assert told in refusal(lambda: dashboard(str(file)))


def test_a_name_that_no_config_map_has_is_refused(tmp_path: Path) -> None:
    file = write_dashboard(tmp_path)
    assert refusal(lambda: dashboard(file, "Web")).startswith("dashboard 'Web' is not a valid name")
