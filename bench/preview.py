"""How long a preview takes, as a ratio to what it cannot do without: importing the SDK.

    python bench/preview.py [PAIRS]

Every round runs all commands once, one after the other, and the ratios are medians over the rounds'
own ratios: what else the machine does falls on both sides of each. `one` is `slipway preview dev`
over a process that only imports the SDK modules that the program uses; `three` is all stacks over
one of them.
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
        seconds(command)  # So that every round finds the files in memory.
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
