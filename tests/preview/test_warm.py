"""What is imported once for the programs of all stacks: what the project's own files name."""

from __future__ import annotations

import json
from pathlib import Path

from slipway.preview.warm import imports_of
from tests.preview.running import preview_of, write_project


def test_what_is_imported_beforehand_is_what_the_project_names(tmp_path: Path) -> None:
    files = {
        "a.py": "import pulumi_kubernetes.apps.v1\nfrom pulumi_kubernetes.core.v1 import Secret, Service as S\n",
        "deep/er/b.py": "def f():\n    from pulumi_docker import Image  # nothing, else\n",
        "many.py": "from slipway import (  # these (all)\n    Namespace,\n    WebService as Web,  # this\n)\n",
        "whole.py": "import slipway\n",
        "long.py": "from slipway.access.namespace import NamespaceArgs, \\\n    check_namespace\n",
        "broken.py": "def f(:\nimport pulumi_random\n",
        "binary.py": "\x00",
        "other.py": "import pulumi\nimport json\n# import pulumi_no\n'import pulumi_neither'\nimport slipways\n",
        "venv/pyvenv.cfg": "",
        "venv/lib/c.py": "import pulumi_aws\n",
        ".hidden/d.py": "import pulumi_gcp\n",
        "examples/own/Pulumi.yaml": "",
        "examples/own/e.py": "import pulumi_azure\n",
        "tests/f.py": "import pulumi_tls\n",
        "node_modules/g.py": "import pulumi_time\n",
    }
    assert imports_of(write_project(tmp_path, files=files)) == {
        ("pulumi_kubernetes.apps.v1", ""),
        ("pulumi_kubernetes.core.v1", "Secret"),
        ("pulumi_kubernetes.core.v1", "Service"),
        ("pulumi_docker", "Image"),
        ("slipway", ""),
        ("slipway", "Namespace"),
        ("slipway", "WebService"),
        ("slipway.access.namespace", "NamespaceArgs"),
        ("slipway.access.namespace", "check_namespace"),
        ("pulumi_random", ""),
    }, "of its own files, not of its packages, tests or other projects"


FOUND = """
    import importlib.util, sys
    kinds = {name: type(module) for name, module in sys.modules.items()}
    loaded = [name for name, kind in kinds.items() if kind is not importlib.util._LazyModule]

    import pulumi
    from slipway import (
        Namespace,
    )
    from pulumi_kubernetes.batch import v1

    names = ["slipway.access.namespace", "pulumi_kubernetes.core.v1", "pulumi_kubernetes.batch.v1"]
    others = ["slipway.apps.web_service", "pulumi_kubernetes.apps.v1", "pulumi_docker", "own"]
    pulumi.export("loaded", [name for name in [*names, *others] if name in loaded])
"""


def test_a_program_finds_loaded_what_it_will_use_and_no_more(tmp_path: Path) -> None:
    project = write_project(tmp_path, FOUND, config={"dev": "", "prod": ""}, files={"own.py": "import slipway"})
    ended = preview_of(project, "--format=json")
    assert [stack["outputs"]["loaded"] for stack in json.loads(ended.out)["stacks"]] == 2 * [
        ["slipway.access.namespace", "pulumi_kubernetes.core.v1", "pulumi_kubernetes.batch.v1"]
    ], "of the SDK too, which puts off what it loads"
