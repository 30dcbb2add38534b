"""Prints answers: for a person at a terminal or in a log, and for another program."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from slipway.capacity.answer import Answer, grouped
from slipway.capacity.asked import Scenario
from slipway.capacity.limits import shown
from slipway.capacity.scenarios import Fill, Loss, Outcome
from slipway.preview.streams import emit, escaped, is_unicode, visible

_CELLS = 20
_MOST_NODES = 30
_FULL, _NEARLY = 0.9, 0.7


def as_json(answers: Sequence[Answer]) -> str:
    found = {"stacks": [one.as_json() for one in answers]}
    return escaped(json.dumps(found, indent=2, ensure_ascii=not is_unicode(sys.stdout))) + "\n"


def show(answers: Sequence[Answer]) -> None:
    """Prints text: with colours and bars on a terminal, and without colours elsewhere."""
    console = Console(file=sys.stdout, highlight=False)
    for one in answers:
        for line in _lines(one):
            with console.capture() as printed:
                console.print(line, soft_wrap=True)
            emit(sys.stdout, printed.get())


def _lines(answer: Answer) -> Iterator[Text]:
    nodes = len(answer.outcomes[0].state.nodes)
    told = f" on {_count(nodes, 'node')} of {answer.where}, placed by the model {answer.model}"
    yield Text.assemble((visible(answer.stack), "bold"), visible(told))
    for outcome in answer.outcomes:
        yield _verdict(f"{outcome.scenario:10}{_count(outcome.pods, 'pod'):>10}  ", outcome)
        yield from _pending(outcome)
    most = answer.of(Scenario.MAXIMUM)
    yield from _fills(most)
    for workload, number in answer.more.items():
        yield Text(visible(f"  {workload}: {number or 'no'} more would fit beside the maximum"))
    yield from _losses(answer.losses)
    for kind, found in answer.smallest.items():
        for scenario, number in found.items():
            told = "no number of nodes" if number is None else _count(number, "node")
            yield Text(visible(f"  smallest: {told} of kind {kind} for the {scenario}"))
    for scenario, bound in answer.bounds.items():
        said = {True: "a placement holds all pods", None: "all pods may fit, which is not proved"}.get(
            bound.fits, f"no placement holds more than {bound.placed} of {_count(bound.pods, 'pod')}"
        )
        yield Text(f"  optimal, {scenario}: {said}")
    for note in answer.notes:
        yield Text.assemble("  ", ("note", "cyan"), f" {visible(note)}")


def _verdict(begin: str, outcome: Outcome) -> Text:
    if outcome.fits:
        return Text.assemble(f"  {begin}", ("fits", "green"))
    pending = sum(one.made for one in outcome.pending)
    refused = len(outcome.pending) - pending
    told = [f"{pending} pending"] if pending else []
    told += [f"{refused} not made"] if refused else []
    return Text.assemble(f"  {begin}", ("does not fit", "bold red"), f": {', '.join(told)}")


def _pending(outcome: Outcome, indent: str = "    ") -> Iterator[Text]:
    for number, workload, message in grouped(outcome):
        yield Text(f"{indent}{number} of {visible(workload)}: {visible(message)}")


def _fills(outcome: Outcome) -> Iterator[Text]:
    fills = outcome.fills()
    if len(fills) > _MOST_NODES:
        yield Text(f"  at the maximum, the {_MOST_NODES} fullest of {len(fills)} nodes:")
        fills = sorted(fills, key=_fullest, reverse=True)[:_MOST_NODES]
    else:
        yield Text("  at the maximum, each node:")
    width = max((len(visible(fill.node.name)) for fill in fills), default=0)
    zones = max((len(visible(fill.node.zone)) for fill in fills), default=0)
    for fill in fills:
        line = Text(f"    {visible(fill.node.name):{width}}  {visible(fill.node.zone):{zones}}")
        for resource in ("cpu", "memory"):
            line.append(f"  {resource} ").append_text(_bar(_share(fill, resource)))
        line.append(f"  pods {fill.pods}/{fill.node.allocatable.get('pods', 0)}")
        for resource, used in fill.used.items():
            if resource not in ("cpu", "memory") and used:
                line.append(
                    visible(f"  {resource} {shown(resource, used)}/{shown(resource, fill.node.allocatable[resource])}")
                )
        yield line


def _share(fill: Fill, resource: str) -> float:
    allocatable = fill.node.allocatable.get(resource, 0)
    return fill.used.get(resource, 0) / allocatable if allocatable else 0.0


def _fullest(fill: Fill) -> float:
    return max(_share(fill, "cpu"), _share(fill, "memory"))


def _bar(share: float) -> Text:
    filled = min(round(share * _CELLS), _CELLS)
    full, empty = ("█", "░") if is_unicode(sys.stdout) else ("#", ".")
    style = "red" if share > _FULL else "yellow" if share > _NEARLY else "green"
    return Text.assemble((full * filled, style), (empty * (_CELLS - filled), "dim"), f" {share:4.0%}")


def _losses(losses: Sequence[Loss]) -> Iterator[Text]:
    """Those that hurt, or one line for all that do not."""
    for one in losses:
        if not one.outcome.fits:
            yield _verdict(f"without {visible(one.what)}: ", one.outcome)
            yield from _pending(one.outcome)
    unhurt = sum(one.outcome.fits for one in losses)
    if unhurt:
        these = (
            f"in {unhurt} of {len(losses)} losses" if unhurt < len(losses) else f"in each of {_count(unhurt, 'loss')}"
        )
        told = f"  {these}, what is left is enough: "
        yield Text.assemble(told, ("fits", "green"))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 'es' if what.endswith('s') else 's'}"
