"""Pages of the documentation that a reader follows at the keyboard, as steps that a test can take.

A page has three kinds of blocks, and no other:

- a block without a language holds commands, `$ …`, and what they print. A line `…` is any number of lines;
- a `python` block is a new file. Its first line names it: `# tests/test_shop.py`;
- a `diff` block edits files. `@@ stacks/dev.py @@` names the file in which the lines below it are, once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# What differs from run to run, and is the same for a comparison.
_VARYING = {
    r"\b\d+\.\d+\.\d+\.\d+(?=:8080\b)": "<address of the Service>",
    r"(Pod \S+?)-[0-9a-z]{6,10}-[0-9a-z]{5}\b": r"\1-<pod>",
    r"=* ?(\d+ (?:passed|failed).*) in [\d.]+s ?=*": r"\1",
    # A registry that an earlier run has pushed to has the image.
    r": is in the registry already$": ": built and pushed",
}


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command of a page, and what it is said to print."""

    command: str
    output: str

    def printed(self, actual: str) -> bool:
        """Whether it is what the command printed, but for what differs from run to run."""
        lines = (r"(?:.*\n)*?" if line == "…" else re.escape(line) + r"\n" for line in _same(self.output))
        return re.fullmatch("".join(lines), "".join(f"{line}\n" for line in _same(actual))) is not None


@dataclass(frozen=True, kw_only=True)
class NewFile:
    path: str
    text: str

    def make(self, folder: Path) -> None:
        (folder / self.path).write_text(self.text, encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class Edit:
    path: str
    before: str
    after: str

    def make(self, folder: Path) -> None:
        text = (folder / self.path).read_text(encoding="utf-8")
        assert text.count(self.before) == 1, f"{self.path} does not have this once:\n{self.before}\n{text}"
        (folder / self.path).write_text(text.replace(self.before, self.after), encoding="utf-8")


Step = Command | NewFile | Edit


def sections(page: str) -> dict[str, str]:
    """What stands under each heading of the second level, in the order of the page."""
    parts = re.split(r"^## (.*)\n", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def steps(text: str) -> Iterator[Step]:
    """What a text tells its reader to do."""
    for language, block in re.findall(r"^```(.*)\n((?:.*\n)*?)```$", text, re.MULTILINE):
        match language:
            case "":
                yield from _commands(block)
            case "python":
                name, _, program = block.partition("\n")
                yield NewFile(path=name.removeprefix("# "), text=program)
            case "diff":
                yield from _edits(block)
            case _:
                raise AssertionError(f"nothing runs a block of {language}:\n{block}")


def _commands(block: str) -> Iterator[Command]:
    before, *commands = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)
    assert not before, f"no command prints this:\n{before}"
    for command, output in zip(commands[::2], commands[1::2], strict=True):
        yield Command(command=command, output=output)


def _edits(block: str) -> Iterator[Edit]:
    before, *hunks = re.split(r"^@@ (\S+) @@\n", block, flags=re.MULTILINE)
    assert not before, f"no file has this: {before}"
    for path, hunk in zip(hunks[::2], hunks[1::2], strict=True):
        # Editors take the blank off a line that has nothing else.
        lines = [line or " " for line in hunk.splitlines()]
        assert all(line[0] in "-+ " for line in lines), f"each line begins with -, + or a blank:\n{hunk}"
        old, new = ("".join(f"{line[1:]}\n" for line in lines if line[0] in kept) for kept in ("- ", "+ "))
        yield Edit(path=path, before=old, after=new)


def _same(text: str) -> list[str]:
    for varying, same in _VARYING.items():
        text = re.sub(varying, same, text, flags=re.MULTILINE)
    return text.splitlines()
