"""Prints results for a person, for `kubectl`, or for another program."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Any, Literal, TextIO

import yaml
from rich.console import Console, RenderableType
from rich.text import Text
from rich.tree import Tree

from slipway.preview.diagram import diagrams
from slipway.preview.manifests import is_object
from slipway.preview.model import Finding, Manifest, Placeholder, Registration, Severity
from slipway.preview.phrases import detail, title
from slipway.preview.result import Result
from slipway.preview.streams import emit, escaped, has_obeyed, is_unicode, visible, visible_lines

_STYLES = {Severity.INFO: "cyan", Severity.WARNING: "yellow", Severity.ERROR: "bold red"}


class _Dumper(yaml.SafeDumper):
    """Writes YAML in block style, with readable multi-line text and without characters that control a terminal."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        return super().increase_indent(flow, False)


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if has_obeyed(text) else "|" if "\n" in text else None
    return dumper.represent_scalar(  # pyright: ignore[reportUnknownMemberType]
        "tag:yaml.org,2002:str", str(text), style=style
    )


_Dumper.add_representer(str, _string)
_Dumper.add_representer(Placeholder, _string)


def to_yaml(manifest: Manifest, *, ascii_only: bool = False) -> str:
    """One object as a YAML document, without a separator."""
    return escaped(
        yaml.dump(manifest.body, Dumper=_Dumper, sort_keys=False, width=10_000, allow_unicode=not ascii_only)
    )


def stream(results: Iterable[Result], *, ascii_only: bool = False) -> str:
    """All objects in apply order as one YAML stream, ready for `kubectl apply -f -`.

    A failed program's objects are left out, because half of a stack should not be applied.
    """
    whole = [result for result in results if not result.failed]
    return "".join(
        f"---\n{_cluster(manifest)}{to_yaml(manifest, ascii_only=ascii_only)}"
        for result in whole
        for manifest in result.manifests
    )


def _cluster(manifest: Manifest) -> str:
    return f"# in cluster {visible(manifest.cluster)}\n" if manifest.cluster else ""


def as_json(results: Iterable[Result], *, ascii_only: bool = False) -> str:
    """All results as JSON, for another program."""
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
            "clusters": [manifest.cluster for manifest in result.manifests],
            "crds": [asdict(need) for need in result.needs],
            "outputs": result.outputs,
            "findings": [_named(asdict(finding)) for finding in result.findings],
            "diagnostics": [_named(asdict(said)) for said in result.diagnostics],
        }
        for result in results
    ]
    return escaped(json.dumps({"stacks": stacks}, indent=2, ensure_ascii=ascii_only)) + "\n"


def _named(fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "severity": str(fields["severity"])}


Form = Literal["tree", "yaml", "json", "mermaid"]


def show(results: list[Result], form: Form, *, quiet: bool = False, written: bool = False) -> None:
    """Prints the results. Messages and findings go to standard error, except beside a tree.

    `written` means that the manifests were to go to files too.
    """
    ascii_only = not is_unicode(sys.stdout)
    if form == "yaml":
        emit(sys.stdout, stream(results, ascii_only=ascii_only))
    elif form == "json":
        emit(sys.stdout, as_json(results, ascii_only=ascii_only))
    elif form == "mermaid":
        emit(sys.stdout, escaped(diagrams(results)))
    console = _Console(sys.stdout if form == "tree" else sys.stderr)
    for result in results:
        if form == "tree" and not quiet:
            console.print_tree(_tree(result))
            for name, value in sorted(result.outputs.items()):
                console.print_line(Text.assemble("  output ", (visible(name), "bold"), f" = {visible(str(value))}"))
        if form != "json" and not quiet and result.needs:
            console.print_line(_needs(result))
        for said in result.diagnostics:
            place = f"{visible(said.source)}: " if said.source else ""
            console.print_line(_line(said.severity, result, f"{place}{visible_lines(said.message, indent='    ')}"))
        for finding in result.findings:
            console.print_line(_line(finding.severity, result, _told(finding)))
        if result.failed and (written or form in ("yaml", "mermaid")):
            left_out = "none of its objects are written, since its program failed"
            console.print_line(_line(Severity.ERROR, result, left_out))
        if form == "tree":
            console.print_line(_sum(result))


class _Console:
    """Prints for people: on a terminal with colours and wrapped lines, elsewhere without both."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._console = Console(file=stream, highlight=False)
        if not self._console.is_terminal:
            # A log has no width, so no line is wrapped.
            self._console = Console(file=stream, highlight=False, width=10_000_000)

    def print_line(self, text: Text) -> None:
        """Prints one line. The terminal wraps it, so that a user can copy it as one line."""
        self._print(text, soft_wrap=True)

    def print_tree(self, tree: Tree) -> None:
        """Prints a tree. Long lines are wrapped here, so that they stay within their branches."""
        self._print(tree, soft_wrap=False)

    def _print(self, what: RenderableType, *, soft_wrap: bool) -> None:
        with self._console.capture() as printed:
            self._console.print(what, soft_wrap=soft_wrap)
        emit(self._stream, printed.get())


def progress(what: str) -> AbstractContextManager[object]:
    """Shows on a terminal that `what` is in progress, until the context ends."""
    return Console(stderr=True).status(Text(visible(what)))


def _line(severity: Severity, result: Result, text: str) -> Text:
    return Text.assemble("  ", (f"{severity}", _STYLES[severity]), f" {visible(result.stack)}: {text}")


def _told(finding: Finding) -> str:
    path = f" {finding.path}" if finding.path else ""
    source = f" ({finding.source})" if finding.source else ""
    return visible(f"{finding.where}{path}: {finding.message} [{finding.rule}]{source}")


_KNOWN_BY = {"declared": "declared here", "given": "given", "unknown": "not known here"}


def _needs(result: Result) -> Text:
    told = [f"{need.kind} {need.api_version} ({_KNOWN_BY[need.origin]})" for need in result.needs]
    return Text(f"  needs the CRDs: {visible(', '.join(told))}")


def _tree(result: Result) -> Tree:
    children: defaultdict[str, list[Registration]] = defaultdict(list)
    known = {one.urn for one in result.registrations}
    clusters = {one.urn: one.cluster for one in result.manifests}
    for one in result.registrations:
        children[one.parent if one.parent in known else ""].append(one)
    tree = Tree(Text(visible(result.stack), style="bold"))

    def grow(branch: Tree, parent: str) -> None:
        for one in sorted(children[parent], key=lambda one: (one.name, one.urn)):
            grow(branch.add(_label(one, clusters.get(one.urn))), one.urn)

    grow(tree, "")
    return tree


def _label(one: Registration, cluster: str | None) -> Text:
    kind, name = map(visible, title(one))
    style = "cyan" if one.custom else "dim"
    tells = visible(", ".join(filter(None, [f"in {cluster}" if cluster else "", detail(one)])))
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
    return Text.assemble((visible(result.stack), "bold"), f": {ended}{', '.join(parts)}")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
