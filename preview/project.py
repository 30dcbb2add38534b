"""The Pulumi project: its `Pulumi.yaml`, its program and its stacks.

https://www.pulumi.com/docs/iac/concepts/projects/project-file/
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


class ProjectError(Exception):
    """What cannot be previewed, in one line that says what to do about it."""


class _Loader(yaml.SafeLoader):
    """YAML as the CLI reads it: `on` and `yes` are words, `12:30` and a date are text, a key comes once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                raise yaml.MarkedYAMLError(problem=f"{key.value} is there already", problem_mark=key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


_SCALARS = {
    "bool": (r"(?i:true|false)$", "tTfF"),
    "int": (r"[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)$", "-+0123456789"),
    "float": (r"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(?i:inf)|\.(?i:nan))$", "-+.0123456789"),
}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if tag.rpartition(":")[2] not in (*_SCALARS, "timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _name, (_form, _first) in _SCALARS.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(_form), list(_first))  # pyright: ignore[reportUnknownMemberType]


@dataclass(frozen=True, kw_only=True)
class Project:
    """A Python project: `root` holds `Pulumi.yaml`, `program` is what Pulumi would run."""

    root: Path
    name: str
    program: Path
    config_dir: Path
    config: dict[str, Any]

    def stacks(self) -> list[str]:
        """The stacks that have a file of their own, in alphabetical order."""
        files = sorted(self.config_dir.glob("Pulumi.*.y*ml"))
        return [file.name.split(".", 1)[1].rsplit(".", 1)[0] for file in files if file.suffix in (".yaml", ".yml")]

    def stack_file(self, stack: str) -> Path:
        """The file of a stack. Raises ProjectError for a stack that has none."""
        for suffix in ("yaml", "yml"):
            if (file := self.config_dir / f"Pulumi.{stack}.{suffix}").is_file():
                return file
        known = self.stacks()
        close = difflib.get_close_matches(stack, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(known) or 'none'}"
        raise ProjectError(f"stack {stack!r} has no {self.config_dir.name}/Pulumi.{stack}.yaml: {hint}")


def is_users(file: Path, root: Path) -> bool:
    """Whether `file` is the project's own code, neither a package that it uses nor this preview."""
    ours = file.is_relative_to(Path(__file__).parent)
    return file.is_relative_to(root) and "site-packages" not in file.parts and not ours


def load_yaml(file: Path) -> dict[str, Any]:
    """The mapping in `file`. Raises ProjectError, with the line where there is one."""
    try:
        data: object = yaml.load(file.read_text(encoding="utf-8"), _Loader)
    except (OSError, UnicodeDecodeError) as error:
        raise ProjectError(f"{file.name}: cannot be read: {error}") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ProjectError(f"{file.name}:{line}: is not YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise ProjectError(f"{file.name}: is not YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(data, dict) and data is not None:
        raise ProjectError(f"{file.name}:1: holds a {type(data).__name__}, not keys and values")
    return data or {}  # pyright: ignore[reportUnknownVariableType]


def find_project(start: Path) -> Project:
    """The project of `start` or of the nearest folder above it. Raises ProjectError."""
    for folder in (start.resolve(), *start.resolve().parents):
        for file in (folder / "Pulumi.yaml", folder / "Pulumi.yml"):
            if file.is_file():
                return _project(file)
    raise ProjectError(f"no Pulumi.yaml in {start} or above it: run this in a Pulumi project")


def _project(file: Path) -> Project:
    data = load_yaml(file)
    runtime = data.get("runtime")
    runtime = runtime.get("name") if isinstance(runtime, dict) else runtime  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    if runtime != "python":
        raise ProjectError(f"{file.name}: runtime is {runtime!r}: the preview runs Python programs only")
    if not isinstance(data.get("name"), str):
        raise ProjectError(f"{file.name}: has no name: add `name: <project>`")
    main = file.parent / str(data.get("main") or ".")
    program = main if main.is_file() else main / "__main__.py"
    if not program.is_file():
        raise ProjectError(
            f"{file.name}: program {program.relative_to(file.parent)} is missing: create it, or set main"
        )
    config: object = data.get("config")
    return Project(
        root=file.parent,
        name=data["name"],
        program=program,
        config_dir=file.parent / str(data.get("stackConfigDir") or "."),
        config=config if isinstance(config, dict) else {},  # pyright: ignore[reportUnknownArgumentType]
    )
