"""What the programs of a release plan: kept with the programs themselves, so that a later release can be held to it.

    python -m tests.releases.record write | check

writes the record of the version in pyproject.toml, from the examples and the stacks as they are now, or tells what this
code would do to what the last release has made of its programs.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import yaml

from slipway.preview.config import StackConfig, load_config
from slipway.preview.model import SECRET, Placeholder, Secret, Severity, StackRun
from slipway.preview.project import Project, find_project
from slipway.preview.result import STACK_TYPE
from slipway.preview.runner import Runs
from tests.releases.differences import Plan, differences
from tests.repository import ROOT

RELEASES = Path(__file__).parent
STAND_IN = "a stand-in for a secret"
# Of the application no more than tells how a folder's content makes a tag.
_STACKS = (
    "Pulumi.yaml",
    "__main__.py",
    "stacks/*.py",
    "stacks/*.yaml",
    "app/Dockerfile",
    "app/.dockerignore",
    "app/go.*",
)

Secrets = Mapping[str, list[str]]
"""The keys of the secrets that a program asks for, by stack."""


def programs() -> dict[str, dict[str, str]]:
    """The programs of this repository, by name: the text of each file by its path."""
    found = {"hello-world": sorted(file for pattern in _STACKS for file in ROOT.glob(pattern))}
    for example in sorted((ROOT / "examples").iterdir()):
        found[example.name] = [file for file in sorted(example.rglob("*")) if file.suffix in (".py", ".yaml", ".json")]
    roots = {name: ROOT / "examples" / name if name != "hello-world" else ROOT for name in found}
    return {
        name: {file.relative_to(roots[name]).as_posix(): file.read_text(encoding="utf-8") for file in files}
        for name, files in found.items()
    }


def secrets_of(files: Mapping[str, str]) -> Secrets:
    """Which secrets a program asks for in each of its stacks, which only its run tells."""
    return {stack: run.unread for stack, run in _runs(files, {}).items() if run.unread}


def plan(files: Mapping[str, str], secrets: Secrets) -> Plan:
    """What a program makes in each of its stacks, with stand-ins for these secrets."""
    return {stack: _planned(run) for stack, run in sorted(_runs(files, secrets).items())}


def _runs(files: Mapping[str, str], secrets: Secrets) -> dict[str, StackRun]:
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            file = Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        project = find_project(Path(folder))
        configs = {name: _config(project, name, secrets.get(name, [])) for name in project.stacks()}
        return {run.stack: run for run in Runs(project, configs, jobs=2)}


def _config(project: Project, stack: str, secrets: list[str]) -> StackConfig:
    known, values = load_config(project, stack), dict.fromkeys(secrets, STAND_IN)
    return replace(
        known,
        values=known.values | values,
        secret=known.secret | values.keys(),
        withheld=known.withheld - values.keys(),
        missing=known.missing - values.keys(),
    )


def _planned(run: StackRun) -> dict[str, Any]:
    said = [f"{one.source}: {one.message}" for one in run.diagnostics if one.severity is Severity.ERROR]
    assert not run.failed, f"{run.stack}: {said}"
    outputs = next(one.outputs for one in run.registrations if one.type == STACK_TYPE)
    resources = {
        one.urn: {"inputs": _plain(one.inputs), **({"aliases": list(one.aliases)} if one.aliases else {})}
        for one in run.registrations
        if one.type != STACK_TYPE
    }
    return {"outputs": _plain(outputs), "resources": dict(sorted(resources.items()))}


def _plain(value: Any) -> Any:
    """Data that YAML takes; what is secret is known by a key of that name, as that must not get lost."""
    match value:
        case Secret():
            return {str(SECRET): _plain(value.value)}
        case Placeholder():
            return str(value)
        case dict():
            return {key: _plain(item) for key, item in sorted(cast("dict[str, Any]", value).items())}
        case list():
            return [_plain(item) for item in cast("list[Any]", value)]
        case _:
            return value


class _Dumper(yaml.SafeDumper):
    """Writes text of many lines as lines, so that a change of the record can be read."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)  # pyright: ignore[reportUnknownMemberType]


_Dumper.add_representer(str, _text)


def version() -> str:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def last_record() -> Path:
    """The folder of the newest release that has a record."""
    folders = [folder for folder in RELEASES.iterdir() if re.fullmatch(r"[\d.]+", folder.name)]
    return max(folders, key=lambda folder: [int(part) for part in folder.name.split(".")])


def check(folder: Path) -> list[str]:
    """What this code would do to what a release has made of its programs, a line each."""
    records = {file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.yaml"))}
    return [
        f"{name}: {line}"
        for name, record in records.items()
        for line in differences(record["plan"], plan(record["files"], record["secrets"]))
    ]


def write(folder: Path) -> None:
    tag = f"v{folder.name}"
    if subprocess.run(["git", "tag", "--list", tag], cwd=ROOT, check=True, capture_output=True).stdout:
        sys.exit(f"record: {tag} is released, and its record stays: raise the version in pyproject.toml first")
    folder.mkdir(exist_ok=True)
    for name, files in programs().items():
        secrets = secrets_of(files)
        record = {"files": files, "secrets": secrets, "plan": plan(files, secrets)}
        text = yaml.dump(record, Dumper=_Dumper, width=10_000, allow_unicode=True, sort_keys=False)
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def main(command: str) -> None:
    if command == "write":
        write(RELEASES / version())
    else:
        sys.stdout.writelines(f"{line}\n" for line in check(last_record()))


if __name__ == "__main__":
    main(*sys.argv[1:])
