"""Measures the content tag of a large context, as a ratio to `sha256sum` over the same files.

    python bench/content_tag.py [PAIRS]

The context has 10,000 files of 100 MB in all, with the usual kinds of ignore rules. Each round compares a whole
Python process with a whole `sha256sum`. The ratio is the median of the rounds' ratios.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FILES, BYTES = 10_000, 100_000_000
BOUND = 2.0
IGNORED = "node_modules\n**/.git\n*.log\ndist/\n!dist/keep\n**/__pycache__\ndocs/*.md\n**/*.pyc\n!important.pyc\n"
CODE = (
    "import sys, pathlib; from slipway.images.build_context import content_tag; content_tag(pathlib.Path(sys.argv[1]))"
)


def make_context(root: Path) -> None:
    for number in range(FILES):
        folder = root / f"package{number % 100:02}/module{number % 10}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"file{number}.py").write_bytes(os.urandom(BYTES // FILES))
    (root / "Dockerfile").write_text("FROM scratch\n")
    (root / ".dockerignore").write_text(IGNORED)


def seconds(command: list[str], standard_input: bytes = b"") -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, input=standard_input, cwd=Path(__file__).parent.parent)
    return time.perf_counter() - started


def main(rounds: int = 15) -> int:
    with tempfile.TemporaryDirectory() as folder:
        make_context(Path(folder))
        names = "\0".join(str(file) for file in Path(folder).rglob("*") if file.is_file()).encode()
        tag, peer = [sys.executable, "-c", CODE, folder], ["xargs", "-0", "sha256sum"]
        seconds(peer, names)  # Warm up: every round then finds the files in memory.
        pairs = [(seconds(tag), seconds(peer, names)) for _ in range(rounds)]
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    sys.stdout.write(f"content_tag median {statistics.median(ours for ours, _ in pairs):.2f} s\n")
    sys.stdout.write(f"sha256sum   median {statistics.median(theirs for _, theirs in pairs):.2f} s\n")
    verdict = "within" if ratio <= BOUND else "OVER"
    sys.stdout.write(f"content_tag / sha256sum: {ratio:.2f} ({verdict} {BOUND})\n")
    return 1 if ratio > BOUND else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
