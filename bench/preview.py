"""Measures a preview, as a ratio to importing the SDK, which every preview must do.

    python bench/preview.py [PAIRS]

Every round runs all commands once, one after the other. The ratios are medians of the rounds' ratios, so that other
work on the machine affects both sides alike. `one` compares `slipway preview dev` with a process that only imports
the SDK modules that the program uses. `three` compares a preview of all stacks with a preview of one.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
PYTHON = str(ROOT / ".venv/bin/python")
SDK = (
    "import pulumi, pulumi_docker, pulumi_kubernetes.core.v1, pulumi_kubernetes.apps.v1, "
    "pulumi_kubernetes.autoscaling.v2"
)
COMMANDS = {
    "import": [PYTHON, "-c", SDK],
    "one": [PYTHON, "-m", "slipway", "preview", "dev"],
    "three": [PYTHON, "-m", "slipway", "preview", "dev", "staging", "prod"],
}
BOUNDS = {("one", "import"): 1.5, ("three", "one"): 2.0}


def seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env={**os.environ, "NO_COLOR": "1"})
    return time.perf_counter() - started


def main(rounds: int = 15) -> int:
    for command in COMMANDS.values():
        seconds(command)  # Warm up: every round then finds the files in memory.
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            times[name].append(seconds(command))
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
