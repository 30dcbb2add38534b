"""Build contexts generated from a seed: small trees with few names, and ignore files that match some of them."""

from __future__ import annotations

import itertools
import os
import random
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from slipway.images.build_context import BuildContextError, context_files

_NAMES = [
    "a", "b", "ab", "a.txt", "b.go", "abc", "src", "docs", "node_modules", ".git", ".env",
    "é", "日本", "ab c", "-dash", "[q]", "#hash", "!bang", "star*", "what?", "back\\slash", "a+b",
    "(x)", "{y}", "$z", "a|b", "^up", "tab\there", "line\nbreak", "bad\udcff", "A", "~", "..x", "...",
]  # fmt: skip
_COMMON = _NAMES[:11]
_DOCKERFILES = ["Dockerfile", "prod.Dockerfile", "build/Dockerfile"]


@dataclass(frozen=True, kw_only=True)
class Context:
    """`tree` maps a path to `None` (a directory), `bytes` (a file) or `str` (a link's target)."""

    tree: dict[str, bytes | str | None]
    executable: frozenset[str]
    ignore: str
    dockerfile: str

    def write(self, root: Path) -> None:
        for path, what in self.tree.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if what is None:
                target.mkdir(exist_ok=True)
            elif isinstance(what, str):
                target.symlink_to(what)
            else:
                target.write_bytes(what)
                target.chmod(0o755 if path in self.executable else 0o644)
        (root / self.dockerfile).parent.mkdir(parents=True, exist_ok=True)
        (root / self.dockerfile).write_bytes(b"FROM scratch\nCOPY . /\n")
        # Under both names, with the same bytes: the classic client reads only the common one.
        for name in (".dockerignore", f"{self.dockerfile}.dockerignore"):
            (root / name).write_bytes(os.fsencode(self.ignore))


def generate(root: Path, seed: int) -> Context:
    """Writes the first context from the seed whose ignore file is not refused."""
    for number in itertools.count(seed, 100_000):
        made = _context(random.Random(number))
        made.write(root)
        try:
            list(context_files(root, made.dockerfile))
        except BuildContextError:
            shutil.rmtree(root)
        else:
            return made
    raise AssertionError("unreachable")


def _context(pick: random.Random) -> Context:
    tree: dict[str, bytes | str | None] = {}
    directories = [""]
    for _ in range(pick.randint(4, 18)):
        path = pick.choice(directories) + pick.choice(_COMMON if pick.random() < 0.7 else _NAMES)
        if path in tree:
            continue
        kind = pick.random()
        if kind < 0.45 and path.count("/") < 4:
            tree[path] = None
            directories.append(path + "/")
        elif kind < 0.55:
            tree[path] = pick.choice(["a", "../a", "/etc/passwd", "missing", "é", ".", "docs"])
        else:
            tree[path] = pick.randbytes(pick.randint(0, 20))
    dockerfile = pick.choices(_DOCKERFILES, [8, 1, 1])[0]
    lines = [_line(pick, list(tree), dockerfile) for _ in range(pick.randint(0, 6))]
    newline = pick.choices(["\n", "\r\n"], [9, 1])[0]
    return Context(
        tree=tree,
        executable=frozenset(path for path in tree if pick.random() < 0.3),
        ignore=("\ufeff" if pick.random() < 0.05 else "") + newline.join(lines),
        dockerfile=dockerfile,
    )


def _line(pick: random.Random, paths: list[str], dockerfile: str) -> str:
    special = pick.random()
    if special < 0.06:
        return pick.choice(["# a comment", "#a", " #hash", "", "   ", "\t", "#", "!#hash"])
    if special < 0.14:
        return pick.choice(
            [dockerfile, ".dockerignore", "*", "**", "*Dockerfile", ".*", f"!{dockerfile}",
             "!.dockerignore", "Docker*", "**/Dockerfile", "build", "prod.Dockerfile*"]
        )  # fmt: skip
    if special < 0.18:
        return pick.choice([".", "..", "/", "./", "../a", "a/..", "!.", "!..", "!a/..", "!**", "!*"])
    if paths and special < 0.75:
        parts = pick.choice(paths).split("/")
        if pick.random() < 0.3:
            parts = parts[: pick.randint(1, len(parts))]
        # Mostly a pattern that somebody would write for exactly this name.
        if pick.random() < 0.9:
            parts = [re.sub(r"[\\*?\[]", r"\\\g<0>", part) for part in parts]
    else:
        names = _COMMON if pick.random() < 0.8 else _NAMES
        parts = [pick.choice(names) for _ in range(pick.randint(1, 3))]
    pattern = "/".join(_blur(pick, part) for part in parts)
    pattern = pick.choices(["", "/", "./", "**/", "*/", "**", "//", "x/../", "../"],
                           [50, 6, 4, 12, 6, 3, 1, 1, 1])[0] + pattern  # fmt: skip
    pattern += pick.choices(["", "/", "/**", "**", "/*", "/.", "//"], [50, 8, 8, 4, 5, 1, 1])[0]
    if pick.random() < 0.38:
        pattern = pick.choices(["!", "! ", "./!"], [20, 1, 1])[0] + pattern
    return pick.choices(["", " ", "\t"], [20, 1, 1])[0] + pattern + pick.choices(["", "  "], [9, 1])[0]


def _blur(pick: random.Random, part: str) -> str:
    """Turns parts of a name into wildcards, sets and escapes."""
    chance = pick.random()
    if not part or chance < 0.5:
        return part
    at = pick.randrange(len(part))
    head, char, tail = part[:at], part[at], part[at + 1 :]
    if chance < 0.6:
        return head + "*"
    if chance < 0.67:
        return "*" + tail
    if chance < 0.75:
        return head + "?" + tail
    if chance < 0.80:
        return "**"
    if chance < 0.84:
        return head + "**" + tail
    if chance < 0.87:
        return head + "\\" + char + tail
    if chance < 0.96:
        inside = pick.choice(["a-c", "^a-c", "abc", "^x", "!a", ".", "+-0", "\\" + char, "^\\" + char,
                              "a-z.", "é-日", "a^", "$|", "a-cx-z"])  # fmt: skip
        return f"{head}[{inside}]{tail}"
    return pick.choice(["[", "]", "[]", "[a", "a]", "[z-a]", "[a-]", "[-a]", "[[]", "a\\", "***", "[*]"])
