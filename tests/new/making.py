"""Projects as `slipway new` makes them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from slipway.new.cli import app


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
