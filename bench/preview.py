"""How long a preview takes, as a ratio to what it cannot do without: importing the SDK.

    python bench/preview.py [PAIRS]

Every round runs all commands once, one after the other, and the ratios are medians over the rounds'
own ratios: what else the machine does falls on both sides of each. `one` is `slipway preview dev`
over a process that only imports the SDK modules that the program uses; `three` is all stacks over
one of them, in a folder outside of this repository, as its users have it. `slipway` is the import of
the library and of the SDK's core over that of the core alone, which takes a sixth of a second: its
bound stands for less than 50 ms.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
PYTHON = str(ROOT / ".venv/bin/python")
SDK = (
    "import pulumi, pulumi_docker, pulumi_kubernetes.core.v1, pulumi_kubernetes.apps.v1, "
    "pulumi_kubernetes.autoscaling.v2"
)
COMMANDS = {
    "pulumi": [PYTHON, "-c", "import pulumi"],
    "slipway": [PYTHON, "-c", "import pulumi, slipway"],
    "import": [PYTHON, "-c", SDK],
    "one": [PYTHON, "-m", "slipway", "preview", "dev"],
    "three": [PYTHON, "-m", "slipway", "preview", "dev", "staging", "prod"],
}
BOUNDS = {("slipway", "pulumi"): 1.25, ("one", "import"): 1.5, ("three", "one"): 2.0}


def copy_project(folder: str) -> None:
    for name in ("stacks", "app"):
        shutil.copytree(ROOT / name, Path(folder, name))
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(ROOT / name, folder)


def seconds(command: list[str], folder: str) -> float:
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env={**os.environ, "NO_COLOR": "1"})
    return time.perf_counter() - started


def main(rounds: int = 15) -> int:
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        copy_project(folder)
        for command in COMMANDS.values():
            seconds(command, folder)  # So that every round finds the files in memory.
        for _ in range(rounds):
            for name, command in COMMANDS.items():
                times[name].append(seconds(command, folder))
    for name, taken in times.items():
        sys.stdout.write(f"{name:8} median {statistics.median(taken):.2f} s\n")
    missed = 0
    for (name, peer), bound in BOUNDS.items():
        ratio = statistics.median(a / b for a, b in zip(times[name], times[peer], strict=True))
        missed += ratio > bound
        verdict = "within" if ratio <= bound else "OVER"
        sys.stdout.write(f"{name} / {peer}: {ratio:.2f} ({verdict} {bound})\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
