"""The Pulumi project: its `Pulumi.yaml`, its program and its stacks.

https://www.pulumi.com/docs/iac/concepts/projects/project-file/
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slipway.preview.declared import check_declared
from slipway.preview.near import hint, near
from slipway.preview.yaml_file import ProjectError, YamlFile, kind

__all__ = ["Project", "ProjectError", "find_project", "is_users"]

# https://github.com/pulumi/pulumi/blob/master/sdk/go/common/workspace/project.json
_KEYS = (
    *("name", "runtime", "description", "main", "config", "stackConfigDir", "backend", "options", "template"),
    *("plugins", "packages", "author", "website", "license", "requiredPulumiVersion"),
)
_RUNTIMES = ("python", "nodejs", "go", "dotnet", "java", "yaml")
_NAME = r"[A-Za-z0-9_.-]{1,100}"
_SUFFIXES = ("yaml", "yml")


@dataclass(frozen=True, kw_only=True)
class Project:
    """A Python project. `root` holds `Pulumi.yaml`, and `program` is what Pulumi would run."""

    root: Path
    name: str
    program: Path
    config_dir: Path
    config: dict[str, Any]
    """The `config` block of `Pulumi.yaml`."""

    def stacks(self) -> list[str]:
        """The stacks that have a file, in alphabetical order."""
        files = (file for suffix in _SUFFIXES for file in self.config_dir.glob(f"Pulumi.*.{suffix}"))
        return sorted({file.name.split(".", 1)[1].rsplit(".", 1)[0] for file in files})

    def stack_file(self, stack: str) -> Path:
        """The file of a stack. Raises ProjectError if the stack has no file, or two."""
        files = [self.config_dir / f"Pulumi.{stack}.{suffix}" for suffix in _SUFFIXES]
        there = [file for file in files if file.exists() or file.is_symlink()]
        if len(there) == 1:
            return there[0]
        shown = self.shown(files[0])
        if there:
            raise ProjectError(f"{shown}:1: {there[1].name} is beside it: move what it holds here, and delete it")
        if elsewhere := self._elsewhere(stack):
            raise ProjectError(f"{self.shown(elsewhere)}:1: is not read: name it {shown}")
        raise ProjectError(f"stack {stack!r} has no {shown}: {hint(stack, self.stacks())}")

    def shown(self, file: Path) -> str:
        """A file as errors name it: relative to the project's root."""
        return str(file.relative_to(self.root)) if file.is_relative_to(self.root) else str(file)

    def _elsewhere(self, stack: str) -> Path | None:
        """A file that was meant for the stack, but is in another folder or has a similar name."""
        for folder in dict.fromkeys((self.config_dir, self.root)):
            for file in sorted(folder.iterdir()):
                form = rf"pulumi[._-]{re.escape(stack)}(\.ya?ml){{1,2}}"
                if file.is_file() and re.fullmatch(form, file.name, re.IGNORECASE):
                    return file
        return None


def is_users(file: Path, root: Path) -> bool:
    """Whether `file` is the project's own code, and not a package that it uses or Slipway."""
    ours = file.is_relative_to(Path(__file__).parents[1])
    return file.is_relative_to(root) and "site-packages" not in file.parts and not ours


def find_project(start: Path) -> Project:
    """The project in `start` or in the nearest folder above it. Raises ProjectError."""
    if not start.exists():
        raise ProjectError(f"{start} is not there: name a folder of a Pulumi project")
    for folder in (start.resolve(), *start.resolve().parents):
        there = [folder / f"Pulumi.{suffix}" for suffix in _SUFFIXES if (folder / f"Pulumi.{suffix}").exists()]
        if len(there) > 1:
            raise ProjectError(f"Pulumi.yaml:1: Pulumi.yml is beside it in {folder}: keep one of them")
        if there:
            return _project(there[0])
    raise ProjectError(f"no Pulumi.yaml in {start} or above it: run this in a Pulumi project")


def _project(path: Path) -> Project:
    root = path.parent
    file = YamlFile(path, root)
    for key in file.data:
        if key not in _KEYS and (meant := near(key, _KEYS)):
            raise file.refusal(f"{key} is not a key of a project: did you mean {meant}?", key)
    name = _name(file)
    _check_runtime(file)
    main = root / (_text(file, "main") or ".")
    program = main if main.is_file() else main / "__main__.py"
    if not program.is_file():
        shown = program.relative_to(root) if program.is_relative_to(root) else program
        raise file.refusal(f"program {shown} is missing: create it, or set main", "main")
    # `config: stacks` is the old form of `stackConfigDir: stacks`.
    old = isinstance(file.data.get("config"), str) and "stackConfigDir" not in file.data
    key = "config" if old else "stackConfigDir"
    config_dir = root / (_text(file, key) or ".")
    if not config_dir.is_dir():
        raise file.refusal(f"{key} is {file.data[key]!r}, which is not a folder here: create it, or name another", key)
    config = {} if old else file.mapping("config")
    check_declared(file, name, config)
    return Project(root=root, name=name, program=program, config_dir=config_dir, config=config)


def _name(file: YamlFile) -> str:
    name = file.data.get("name")
    if name is None or name == "":
        raise file.refusal("has no name: add `name: <project>`", "name")
    if not isinstance(name, str):
        raise file.refusal(f"name is {kind(name)}, not text: quote it", "name")
    if not re.fullmatch(_NAME, name):
        raise file.refusal(f"name is {name!r}: letters, digits, '-', '_' and '.' are accepted, at most 100", "name")
    return name


def _check_runtime(file: YamlFile) -> None:
    stated: object = file.data.get("runtime")
    path = ["runtime"]
    if isinstance(stated, dict):
        given = file.mapping("runtime")
        for key in given:
            if key not in ("name", "options"):
                raise file.refusal(f"runtime.{key} is not a key: {hint(key, ('name', 'options'))}", *path, key)
        path.append("name")
        stated = given.get("name")
    if stated is None:
        raise file.refusal("has no runtime: add `runtime: python`", *path)
    if stated != "python":
        meant = "; did you mean python?" if near(stated, _RUNTIMES) == "python" else ""
        raise file.refusal(f"runtime is {stated!r}: the preview runs Python programs only{meant}", *path)


def _text(file: YamlFile, key: str) -> str | None:
    value = file.data.get(key)
    if value is not None and not isinstance(value, str):
        raise file.refusal(f"{key} is {kind(value)}, not the path of a folder", key)
    return value
