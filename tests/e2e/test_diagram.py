"""Mermaid's own parser takes the diagrams of all stacks and examples."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.preview.running import preview_of
from tests.repository import ROOT

PARSE = """
import { JSDOM } from "jsdom";
const page = new JSDOM("<body></body>");
globalThis.window = page.window;
globalThis.document = page.window.document;
const { default: mermaid } = await import("mermaid");
import { readFileSync } from "node:fs";
const diagrams = readFileSync(0, "utf8").split("---next---");
for (const one of diagrams) await mermaid.parse(one);
console.log(diagrams.length);
"""


@pytest.fixture(scope="module")
def parser(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with Mermaid from npm, and a script that parses what it is given."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not on PATH")
    folder = tmp_path_factory.mktemp("mermaid")
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    (folder / "parse.js").write_text(PARSE)
    subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--silent", "mermaid@^11", "jsdom@^26"],
        cwd=folder,
        check=True,
        timeout=300,
    )
    return folder / "parse.js"


def parsed(script: Path, diagrams: list[str]) -> subprocess.CompletedProcess[str]:
    text = "---next---".join(diagrams)
    return subprocess.run(["node", script], input=text, capture_output=True, text=True, timeout=60, check=False)


def test_mermaid_takes_every_diagram(parser: Path):
    projects = [ROOT, *(one.parent for one in sorted((ROOT / "examples").glob("*/Pulumi.yaml")))]
    written = "".join(preview_of(project, "--format", "mermaid").out for project in projects)
    diagrams = re.findall(r"```mermaid\n(.*?)```", written, re.DOTALL)
    assert len(diagrams) > len(projects)
    ended = parsed(parser, diagrams)
    assert (ended.returncode, ended.stdout.strip()) == (0, str(len(diagrams))), ended.stderr


def test_it_would_refuse_what_is_none(parser: Path):
    assert "Parse error" in parsed(parser, ["flowchart LR\n  a[[[x"]).stderr
