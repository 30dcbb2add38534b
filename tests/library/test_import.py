"""What an import costs: `slipway` next to nothing, and a component no more than itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

# A module of the SDK that is put off is in sys.modules before anything of it is loaded.
LOADED = """
import importlib.util, json, sys, types
kinds = {name: type(module) for name, module in sys.modules.items()}
print(json.dumps([name for name, kind in kinds.items() if kind is not importlib.util._LazyModule]))
"""
# What to import, the rooms that may be loaded with it, and the parts of the SDK once it is looked into.
COSTS = {
    "access.namespace.Namespace": ({"access", "parts"}, {"pulumi_kubernetes.core.v1"}),
    "configuration.config.Config": ({"configuration", "access", "parts"}, {"pulumi_kubernetes.core.v1"}),
    "images.image.Image": ({"images", "parts"}, {"pulumi_docker"}),
    "images.release.Release": ({"images", "parts"}, set[str]()),
}
# Every module that a component holds, as making it looks into those.
USE = """
import sys, types
for name, module in list(sys.modules.items()):
    if name.startswith("slipway."):
        [value.__doc__ for value in list(vars(module).values()) if isinstance(value, types.ModuleType)]
"""


def loaded_by(code: str) -> set[str]:
    ran = subprocess.run([sys.executable, "-c", code + LOADED], capture_output=True, text=True, check=True, timeout=60)
    return set(json.loads(ran.stdout))


def parts_of_the_sdk(loaded: set[str]) -> set[str]:
    """The packages of the SDK that cost: those of Kubernetes' API versions, and those for other things."""
    versions = {".".join(name.split(".")[:3]) for name in loaded if re.match(r"pulumi_kubernetes\.\w+\.v\d\w*", name)}
    others = {name.partition(".")[0] for name in loaded if name.startswith("pulumi_")}
    return versions | others - {"pulumi_kubernetes"}


def test_the_import_of_slipway_loads_nothing_of_pulumi_and_no_component() -> None:
    loaded = loaded_by("import slipway\n")
    assert "slipway" in loaded
    assert not {name for name in loaded if name.startswith(("pulumi", "slipway."))}


@pytest.mark.parametrize("path", COSTS)
def test_a_component_loads_its_own_rooms_and_its_own_part_of_the_sdk(path: str) -> None:
    rooms, sdk = COSTS[path]
    module, _, name = path.rpartition(".")
    loaded = loaded_by(f"from slipway import {name}\n{USE}")
    assert f"slipway.{module}" in loaded
    assert {one.split(".")[1] for one in loaded if one.startswith("slipway.")} == rooms
    assert parts_of_the_sdk(loaded) == sdk
    assert not {"docker", "dxf"} & loaded, "only where a registry is asked"
