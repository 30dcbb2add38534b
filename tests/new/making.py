"""Projects as `slipway new` makes them, and the README's session that shows how."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from slipway.new.cli import app
from tests.repository import ROOT


@dataclass(frozen=True, kw_only=True)
class Ended:
    code: int
    out: str
    err: str


def new(*arguments: str | Path, typed: str = "") -> Ended:
    """Runs `slipway new` in this process."""
    ended = CliRunner().invoke(app, [str(one) for one in arguments], input=typed)
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    return Ended(code=ended.exit_code, out=ended.stdout, err=ended.stderr)


def contents(folder: Path) -> dict[str, str]:
    """The text of each file in a folder, by its path there."""
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8") for file in files}


@dataclass(frozen=True, kw_only=True)
class Step:
    """A command in the README and what it is said to print; a line `…` is any number of lines."""

    command: str
    output: str

    def printed(self, actual: str) -> bool:
        """Whether it is what the command printed, but for times."""
        lines = (r"(?:.*\n)*?" if line == "…" else re.escape(line) + r"\n" for line in _timeless(self.output))
        return re.fullmatch("".join(lines), "".join(f"{line}\n" for line in _timeless(actual))) is not None


def session() -> list[Step]:
    """What the README shows under "Start your own"."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = re.split(r"^## ", readme, flags=re.MULTILINE)
    (shown,) = (one for one in section if one.startswith("Start your own\n"))
    blocks = re.findall(r"^```\n(.*?)^```", shown, re.MULTILINE | re.DOTALL)
    return list(_steps(line for block in blocks for line in block.splitlines(keepends=True)))


def _steps(lines: Iterable[str]) -> Iterable[Step]:
    command, output = "", ""
    for line in lines:
        if line.startswith("$ "):
            if command:
                yield Step(command=command, output=output)
            command, output = line[2:].rstrip(), ""
        else:
            output += line
    yield Step(command=command, output=output)


def _timeless(text: str) -> list[str]:
    # pytest fills up the line.
    return [re.sub(r"=+ (.*) in [\d.]+s =+", r"\1", line) for line in text.splitlines()]
