"""The programs in the docs run as they are written, without findings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.preview.running import result, write_project

PAGE = Path(__file__, "../../../docs/root.md").resolve()
PROGRAMS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_there_are_three_ways() -> None:
    assert len(PROGRAMS) == 3


@pytest.mark.parametrize("program", PROGRAMS, ids=["made for it", "another user", "root"])
def test_an_image_that_runs_as_root_has_this_way_out(program: str, tmp_path: Path) -> None:
    found = result(write_project(tmp_path, program))
    assert (found.findings, found.diagnostics) == ([], [])
    assert {one.kind for one in found.manifests} == {"Namespace", "Deployment", "Service", "PodDisruptionBudget"}


def test_each_way_relaxes_only_what_it_says(tmp_path: Path) -> None:
    pods: list[tuple[object, object, object]] = []
    for number, program in enumerate(PROGRAMS):
        rendered = result(write_project(tmp_path / str(number), program)).manifests
        body = {one.kind: one.body for one in rendered}
        spec = body["Deployment"]["spec"]["template"]["spec"]
        context = spec["containers"][0]["securityContext"]
        assert (context["readOnlyRootFilesystem"], context["allowPrivilegeEscalation"]) == (True, False)
        assert context["capabilities"]["drop"] == ["ALL"]
        level = body["Namespace"]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
        pods.append((level, spec["securityContext"]["runAsNonRoot"], spec["securityContext"].get("runAsUser")))
    assert pods == [("restricted", True, None), ("restricted", True, 101), ("baseline", False, None)]
