"""Reads YAML files as the Pulumi CLI does, with the line of each entry."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import yaml

_MOST_NODES = 100_000
"""A file with more nodes, counting each use of an alias, is made to exhaust its reader."""


class ProjectError(Exception):
    """The project cannot be previewed. The message is one line that says what to do."""


class YamlFile:
    """The mapping in `file`. Raises ProjectError, with the line if there is one, for a file without a mapping."""

    def __init__(self, file: Path, root: Path) -> None:
        """Errors name the file relative to `root`."""
        self._name = str(file.relative_to(root)) if file.is_relative_to(root) else file.name
        text = self._text(file)
        try:
            loader = _Loader(text)
            self._node = loader.get_single_node()
            _measure(self._node)
            data = cast("object", loader.construct_document(self._node)) if self._node else None  # pyright: ignore[reportUnknownMemberType]
        except yaml.MarkedYAMLError as error:
            raise ProjectError(_told(self._name, text, error)) from None
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            raise ProjectError(f"{self._name}:{line}: is not YAML: {str(error).splitlines()[0]}") from None
        except RecursionError:
            raise ProjectError(f"{self._name}:1: is not YAML that can be read: it is nested too deep") from None
        if not isinstance(data, dict) and data is not None:
            raise ProjectError(f"{self._name}:1: holds {kind(data)}, not keys and values")
        self.data = cast("dict[Any, Any]", data or {})

    def _text(self, file: Path) -> str:
        try:
            content = file.read_bytes()
            return content.decode()
        except IsADirectoryError:
            raise ProjectError(f"{self._name}: is a folder: put a file in its place") from None
        except OSError as error:
            raise ProjectError(f"{self._name}: cannot be read: {error.strerror}") from None
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            byte = error.object[error.start]
            raise ProjectError(f"{self._name}:{line}: is not UTF-8 (byte 0x{byte:02x}): save it as UTF-8") from None

    def place(self, *path: object) -> str:
        """`stacks/Pulumi.dev.yaml:3`: the line of the entry at `path`, or of its innermost existing parent."""
        node, line = self._node, 0
        for key in path:
            found = _entry(node, key)
            if not found:
                break
            mark, node = found
            line = mark.start_mark.line
        return f"{self._name}:{line + 1}"

    def refusal(self, said: str, *path: object) -> ProjectError:
        """A ProjectError with the place of the entry at `path`."""
        return ProjectError(f"{self.place(*path)}: {said}")

    def mapping(self, key: str) -> dict[str, Any]:
        """The mapping under a top-level key, empty if it is absent. Raises ProjectError if it is not a mapping."""
        given = self.data.get(key)
        if given is None:
            return {}
        if not isinstance(given, dict):
            missing = " (a space is missing after the colon)" if isinstance(given, str) and ":" in given else ""
            raise self.refusal(f"{key} holds {kind(given)}, not keys and values{missing}", key)
        return {str(name): value for name, value in cast("dict[Any, Any]", given).items()}


def kind(value: object) -> str:
    """The kind of a value, in a user's words."""
    names: dict[type, str] = {dict: "keys and values", list: "a list", str: "text", bool: "true or false"}
    if value is None:
        return "nothing"
    return names.get(type(value), "a number")


class _Loader(yaml.SafeLoader):
    """Reads YAML as the CLI does: `on` and `yes` are text, `12:30` and a date are text, keys are unique."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: dict[str, int] = {}
        for key, _ in node.value:
            if (name := str(key.value)) in seen:
                problem = f"{name} is there twice: line {seen[name] + 1} has it already"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            seen[name] = key.start_mark.line
        return super().construct_mapping(node, deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        except (ValueError, OverflowError):
            problem = f"{node.value} is not a number: quote it"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from None


_SCALARS = {
    "bool": (r"(?i:true|false)$", "tTfF"),
    "int": (r"[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)$", "-+0123456789"),
    "float": (r"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(?i:inf)|\.(?i:nan))$", "-+.0123456789"),
}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if tag.rpartition(":")[2] not in (*_SCALARS, "timestamp", "value")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _name, (_form, _first) in _SCALARS.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(_form), list(_first))  # pyright: ignore[reportUnknownMemberType]
# Configuration may only hold what JSON can express.
_PLAIN = (None, *(f"tag:yaml.org,2002:{one}" for one in ("null", "bool", "int", "float", "str", "seq", "map")))
_Loader.yaml_constructors = {tag: one for tag, one in yaml.SafeLoader.yaml_constructors.items() if tag in _PLAIN}

# Messages of the YAML library, and what they mean to the author of the file.
_MEANINGS: list[tuple[str, Callable[[re.Match[str]], str]]] = [
    (r"found character '\\t'", lambda _: "a tab is here: YAML is indented with spaces"),
    (r"found character ('.')", lambda found: f"a value cannot begin with {found[1]}: quote it"),
    (r"mapping values are not allowed", lambda _: "a second colon, or deeper than its neighbours: quote, or align it"),
    (r"could not find expected ':'", lambda _: "a key without a colon and a space after it"),
    (r"unhashable key", lambda _: "a value cannot begin with {: quote it"),
    (r"constructor for the tag '(?:tag:yaml.org,2002:|!)?(.*)'", lambda found: f"!{found[1]} is not known: quote it"),
    (r"expected alphabetic or numeric", lambda _: "a value cannot begin with * or &: quote it"),
    (r"expected <block end>", lambda _: "not indented like the lines above it"),
    (r"another document", lambda _: "a second document begins here: a file holds one"),
]


def _told(name: str, text: str, error: yaml.MarkedYAMLError) -> str:
    if conflict := re.search(r"^<<<<<<< ", text, re.MULTILINE):
        line = text.count("\n", 0, conflict.start()) + 1
        return f"{name}:{line}: is not YAML: a merge conflict is not resolved"
    problem = str(error.problem)
    # The library reports a missing colon on the next line.
    mark = error.context_mark if "expected ':'" in problem else error.problem_mark
    said = next((meaning(found) for form, meaning in _MEANINGS if (found := re.search(form, problem))), problem)
    return f"{name}:{mark.line + 1 if mark else 1}: is not YAML: {said}"


def _entry(node: yaml.Node | None, key: object) -> tuple[yaml.Node, yaml.Node] | None:
    """The node that marks an entry of a mapping or sequence, and the node of its value."""
    if isinstance(node, yaml.MappingNode):
        return next(((name, held) for name, held in node.value if str(name.value) == str(key)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key], node.value[key]
    return None


def _measure(node: yaml.Node | None) -> None:
    """Refuses a document that contains itself, or that is larger than anyone would write."""
    sizes: dict[int, int] = {}
    open_: set[int] = set()

    def parts(held: yaml.Node | tuple[yaml.Node, yaml.Node]) -> tuple[yaml.Node, ...]:
        return held if isinstance(held, tuple) else (held,)

    def size(one: yaml.Node) -> int:
        if id(one) in open_:
            raise yaml.MarkedYAMLError(problem="it holds itself", problem_mark=one.start_mark)
        if id(one) not in sizes and not isinstance(one, yaml.ScalarNode):
            open_.add(id(one))
            entries = cast("list[yaml.Node | tuple[yaml.Node, yaml.Node]]", one.value)
            sizes[id(one)] = 1 + sum(size(part) for held in entries for part in parts(held))
            open_.remove(id(one))
        return sizes.get(id(one), 1)

    if node and size(node) > _MOST_NODES:
        raise yaml.MarkedYAMLError(problem="its aliases come to too much", problem_mark=node.start_mark)
