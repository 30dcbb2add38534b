"""Shows results: for a person, for `kubectl`, for a program."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Any, Literal

import yaml
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from preview.describe import detail, title
from preview.manifests import is_object
from preview.model import Finding, Manifest, Placeholder, Registration, Severity
from preview.result import Result

_STYLES = {Severity.INFO: "cyan", Severity.WARNING: "yellow", Severity.ERROR: "bold red"}


class _Dumper(yaml.SafeDumper):
    """Block style, with text of several lines as it is read."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        return super().increase_indent(flow, False)


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar(  # pyright: ignore[reportUnknownMemberType]
        "tag:yaml.org,2002:str", str(text), style=style
    )


_Dumper.add_representer(str, _string)
_Dumper.add_representer(Placeholder, _string)


def to_yaml(manifest: Manifest) -> str:
    """One object as a YAML document, without a separator."""
    return yaml.dump(manifest.body, Dumper=_Dumper, sort_keys=False, width=10_000, allow_unicode=True)


def stream(results: Iterable[Result]) -> str:
    """All objects in apply order as one YAML stream, ready for `kubectl apply -f -`."""
    return "".join(f"---\n{to_yaml(manifest)}" for result in results for manifest in result.manifests)


def as_json(results: Iterable[Result]) -> str:
    """Everything there is to say, for a program to read."""
    stacks = [
        {
            "stack": result.stack,
            "failed": result.failed,
            "incomplete": result.incomplete,
            "resources": [
                {name: getattr(one, name) for name in ("urn", "type", "name", "parent", "read", "by_helm", "source")}
                for one in sorted(result.registrations, key=lambda one: one.urn)
            ],
            "manifests": [manifest.body for manifest in result.manifests],
            "outputs": result.outputs,
            "findings": [_named(asdict(finding)) for finding in result.findings],
            "diagnostics": [_named(asdict(said)) for said in result.diagnostics],
        }
        for result in results
    ]
    return json.dumps({"stacks": stacks}, indent=2, ensure_ascii=False) + "\n"


def _named(fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "severity": str(fields["severity"])}


Form = Literal["tree", "yaml", "json"]


def show(results: list[Result], form: Form, *, quiet: bool = False) -> None:
    """Prints the results: manifests to standard output alone, with what was said and found to the other.

    `quiet` leaves the trees and outputs out.
    """
    console = Console(stderr=form != "tree", highlight=False, soft_wrap=True)
    if not console.is_terminal:
        # A log has no edge at which to cut a line.
        console = Console(stderr=form != "tree", highlight=False, soft_wrap=True, width=1000)
    if form == "yaml" and not any(result.failed for result in results):
        # Half of what a program makes is nothing to apply.
        sys.stdout.write(stream(results))
    elif form == "json":
        sys.stdout.write(as_json(results))
    for result in results:
        if form == "tree" and not quiet:
            console.print(_tree(result))
            for name, value in sorted(result.outputs.items()):
                console.print(Text.assemble("  output ", (name, "bold"), f" = {value}"))
        for said in result.diagnostics:
            place = f"{said.source}: " if said.source else ""
            console.print(_line(said.severity, f"{result.stack}: {place}{said.message}"))
        for finding in result.findings:
            console.print(_line(finding.severity, f"{result.stack}: {_told(finding)}"))
        if form == "tree":
            console.print(_sum(result))


def progress(what: str) -> AbstractContextManager[object]:
    """Says on a terminal that something is under way, for as long as it is."""
    return Console(stderr=True).status(what)


def _line(severity: Severity, text: str) -> Text:
    return Text.assemble("  ", (f"{severity}", _STYLES[severity]), f" {text}")


def _told(finding: Finding) -> str:
    path = f" {finding.path}" if finding.path else ""
    source = f" ({finding.source})" if finding.source else ""
    return f"{finding.where}{path}: {finding.message} [{finding.rule}]{source}"


def _tree(result: Result) -> Tree:
    children: defaultdict[str, list[Registration]] = defaultdict(list)
    known = {one.urn for one in result.registrations}
    for one in result.registrations:
        children[one.parent if one.parent in known else ""].append(one)
    tree = Tree(Text(result.stack, style="bold"))

    def grow(branch: Tree, parent: str) -> None:
        for one in sorted(children[parent], key=lambda one: (one.name, one.urn)):
            grow(branch.add(_label(one)), one.urn)

    grow(tree, "")
    return tree


def _label(one: Registration) -> Text:
    kind, name = title(one)
    style = "cyan" if one.custom else "dim"
    tells = detail(one)
    label = Text.assemble((kind, style), " ", (name, "bold" if one.custom else ""))
    return label.append(f"  {tells}", "dim") if tells else label


def _sum(result: Result) -> Text:
    objects = sum(is_object(one) for one in result.registrations)
    read = sum(one.read for one in result.registrations)
    said = [one.severity for one in (*result.findings, *result.diagnostics)]
    parts = [
        _count(objects, "Kubernetes object"),
        _count(sum(one.custom for one in result.registrations) - objects - read, "other resource"),
        *([f"{read} read"] if read else []),
        _count(said.count(Severity.ERROR), "error"),
        _count(said.count(Severity.WARNING), "warning"),
    ]
    ended = "the program failed; " if result.failed else ""
    ended += "incomplete, as more is deployed than is shown; " if result.incomplete else ""
    return Text.assemble((result.stack, "bold"), f": {ended}{', '.join(parts)}")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
