"""Which files an image build receives, and the one tag that names their content.

`context_files` lists what pulumi-docker's `docker.Image` sends to the engine; `content_tag` turns
that list, the Dockerfile and the build options into twelve hex digits. Nothing here needs Pulumi.

The ignore rules are those of moby/patternmatcher, which Docker and pulumi-docker share:
https://docs.docker.com/build/concepts/context/#dockerignore-files. They are not `.gitignore`'s: a
pattern starts at the context, and `!` reaches into an excluded directory only by its full name.
"""

import hashlib
import os
import posixpath
import re
import stat
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

__all__ = ["BuildContextError", "ContextFile", "content_tag", "context_files"]

_TAG_LENGTH = 12
_BUFFER_SIZE = 1 << 18
# Goes into every tag: after a change of what is hashed, or how, no tag can pass for an older one.
_SCHEME = b"slipway build context 1"


class BuildContextError(ValueError):
    """A build that Docker cannot run as asked: what is wrong, and the way out, in one sentence."""


Kind = Literal["directory", "file", "link", "pipe", "device"]


class ContextFile(NamedTuple):
    """One member of a build context; `path` is relative to it and written with `/`."""

    path: str
    kind: Kind
    executable: bool = False


def content_tag(
    context: Path,
    *,
    dockerfile: str = "Dockerfile",
    target: str | None = None,
    build_args: Mapping[str, str] | None = None,
    platform: str | None = None,
) -> str:
    """Name a build by its content: twelve hex digits, the same wherever the sources are the same.

    What counts is the Dockerfile's bytes, `target`, `build_args`, `platform`, and of each member of
    `context_files` its path, kind, bytes (a link: its target) and whether its owner may execute it.

    Times and owners do not count, nor does any other mode bit. Docker keeps those bits, but they
    come from the umask of whoever checked the sources out, and git carries none of them along;
    where one matters, `COPY --chmod` sets it for everyone. An ignore file counts by what it lets in
    and, as it is sent itself, by its bytes. Files are read one buffer at a time.

    Raises `BuildContextError`, like `context_files`.
    """
    digest = hashlib.sha256()

    def add(*fields: bytes) -> None:
        # Number and lengths come first, so that no two lists of fields ever read the same.
        digest.update(len(fields).to_bytes(8, "big"))
        for field in fields:
            digest.update(len(field).to_bytes(8, "big") + field)

    files = context_files(context, dockerfile)
    root = os.fspath(context)
    buffer = memoryview(bytearray(_BUFFER_SIZE))
    with _reading():
        options = [target or "", platform or ""]
        for item in sorted((build_args or {}).items()):
            options += item
        add(_SCHEME, _file_digest(f"{root}/{dockerfile}", buffer), *map(str.encode, options))
        for path, kind, executable in files:
            source = f"{root}/{path}"
            content = b""
            if kind == "file":
                content = _file_digest(source, buffer)
            elif kind == "link":
                content = os.fsencode(os.readlink(source))
            elif kind == "device":
                node = os.lstat(source)
                content = f"{stat.S_IFMT(node.st_mode)} {node.st_rdev}".encode()
            add(b"executable" if executable else kind.encode(), os.fsencode(path), content)
    return digest.hexdigest()[:_TAG_LENGTH]


def context_files(context: Path, dockerfile: str = "Dockerfile") -> Iterator[ContextFile]:
    """List all that the engine receives, each directory before its members, in a fixed order.

    `dockerfile` is relative to the context and inside it. It and `.dockerignore` are sent even
    where they are excluded: the engine needs them, and BuildKit then lets `COPY` see them. An
    excluded directory out of which `!` brings something back is not listed; the engine makes it.
    Sockets are not listed: Docker drops them.

    Raises `BuildContextError`: at once for a context, Dockerfile or ignore file that will not do,
    on the way for what cannot be read.
    """
    with _reading():
        if not context.is_dir():
            fault = "is not a directory" if context.exists() else "does not exist"
            raise BuildContextError(f"build context {context} {fault}: name the directory that holds the sources")
        dockerfile = posixpath.normpath(dockerfile)
        # pulumi-docker would send it under a random name, and so never the same context twice.
        if dockerfile.startswith(("../", "/")):
            raise BuildContextError(
                f"Dockerfile {dockerfile} is outside the build context {context}:"
                " move it inside, and name it relative to the context"
            )
        if not (context / dockerfile).is_file():
            raise BuildContextError(
                f"build context {context} holds no file {dockerfile}:"
                " add it, or name the Dockerfile relative to the context"
            )
        rules = _read_rules(_ignore_file(context, dockerfile))
    rules += [_Rule(name, True, name.__eq__) for name in (".dockerignore", dockerfile)]
    return _list(os.fspath(context), rules)


_KINDS: dict[int, Kind] = {
    stat.S_IFDIR: "directory",
    stat.S_IFREG: "file",
    stat.S_IFLNK: "link",
    stat.S_IFIFO: "pipe",
    stat.S_IFBLK: "device",
    stat.S_IFCHR: "device",
}


class _Rule(NamedTuple):
    """A line of an ignore file: excludes the paths it matches, or with `!` brings them back."""

    pattern: str
    brings_back: bool
    matches: Callable[[str], object]


def _list(root: str, rules: Sequence[_Rule]) -> Iterator[ContextFile]:
    with _reading():
        yield from _walk(root, "", rules, [False] * len(rules))


def _walk(directory: str, prefix: str, rules: Sequence[_Rule], inherited: Sequence[bool]) -> Iterator[ContextFile]:
    """List one directory; `inherited` tells which rules matched one of the directories above."""
    with os.scandir(directory) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        path = prefix + entry.name
        excluded, matched = _judge(path, rules, inherited)
        if not excluded:
            mode = entry.stat(follow_symlinks=False).st_mode
            if kind := _KINDS.get(stat.S_IFMT(mode)):
                yield ContextFile(path, kind, kind == "file" and bool(mode & stat.S_IXUSR))
        if entry.is_dir(follow_symlinks=False):
            below = path + "/"
            if not excluded or any(rule.brings_back and f"{rule.pattern}/".startswith(below) for rule in rules):
                yield from _walk(entry.path, below, rules, matched)


def _judge(path: str, rules: Sequence[_Rule], inherited: Sequence[bool]) -> tuple[bool, Sequence[bool]]:
    """Tell whether a path is excluded, by the last rule that matches, and which rules matched.

    A rule that cannot change the verdict so far is not tried, and thus not handed down either:
    Docker does so, and now and then it decides about a file further down.
    """
    excluded = False
    matched = list(inherited)
    for index, (_, brings_back, matches) in enumerate(rules):
        if matched[index] or (brings_back == excluded and matches(path)):
            matched[index] = True
            excluded = not brings_back
    return excluded, matched


def _ignore_file(context: Path, dockerfile: str) -> Path:
    """Find the ignore file as Docker does: the Dockerfile's own, beside it, or else the common one.

    pulumi-docker follows since the end of 2023 (its pull request 863).
    """
    own = context / f"{dockerfile}.dockerignore"
    return own if own.exists() else context / ".dockerignore"


def _read_rules(ignore_file: Path) -> list[_Rule]:
    rules: list[_Rule] = []
    content = ignore_file.read_bytes() if ignore_file.exists() else b""
    text = content.decode("utf-8-sig", "surrogateescape")
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith("#") or not line.strip():
            continue
        try:
            rules.append(_rule(line.strip()))
        except ValueError as fault:
            raise BuildContextError(f"{ignore_file}, line {number}: {line.strip()!r} {fault}") from None
    return rules


def _rule(line: str) -> _Rule:
    brings_back = line.startswith("!")
    pattern = line.removeprefix("!").strip()
    if pattern:
        pattern = posixpath.normpath(re.sub("^//+", "/", pattern))
        pattern = pattern.removeprefix("/") or "/"
    if not brings_back and pattern.startswith("!"):
        # `./!name` ends up here. Docker cleans a pattern before it looks for the `!`.
        brings_back, pattern = True, pattern[1:]
    if brings_back and pattern in ("", "/"):
        raise ValueError("brings nothing back: name a path behind the `!`, or remove the line")
    return _Rule(pattern, brings_back, _matcher(pattern))


# The parts of a pattern. In a set, `-` and `]` stand for themselves only behind a backslash.
_PART = re.compile(
    r"(?P<deep>\*\*/?)|(?P<star>\*)|(?P<any>\?)|(?P<escape>\\.)|(?P<text>[^*?\[\\]+)"
    r"|\[(?P<not>\^?)(?P<set>((\\.|[^]\\-])(-(\\.|[^]\\-]))?)+)\]",
    re.DOTALL,
)


def _matcher(pattern: str) -> Callable[[str], object]:
    """Turn a pattern into a test of a whole path. Raises `ValueError` saying what is wrong with it.

    Docker makes a regular expression of all but the plainest patterns and misses to quote some
    characters on the way. Those are refused: nobody means what Docker would then read.
    """
    parts = list(_PART.finditer(pattern))
    if "".join(part[0] for part in parts) != pattern:
        raise ValueError("has a `[` without its `]`, or ends in a backslash: correct it")
    match [(part.lastgroup, part[0]) for part in parts]:
        case [("text", text)]:
            return text.__eq__
        case [("deep", _)]:
            return lambda path: True
        case [("text", start), ("deep", _)]:
            return lambda path: path.startswith(start)
        case [("deep", "**"), ("text", end)]:
            return lambda path: path.endswith(end)
        case [("deep", _), ("text", end)]:
            return lambda path: path == end or path.endswith("/" + end)
        case _:
            expression = "".join(_expression(part, part is parts[-1]) for part in parts)
    try:
        return re.compile(expression).fullmatch
    except re.error as error:
        raise ValueError(f"has a range that is none ({error}): correct it") from None


def _expression(part: re.Match[str], is_last: bool) -> str:
    match part.lastgroup:
        case "deep":
            return ".*" if is_last else "(.*/)?"
        case "star":
            return "[^/]*"
        case "any":
            return "[^/]"
        case "escape":
            return _quoted(part[0])
        case "text":
            if re.search(r"[|^]|\{\d+(,\d*)?\}", part[0]):
                raise ValueError("has `|`, `^` or `{1}` and a wildcard: write `?` for each of them")
            return re.escape(part[0])
        case _:
            if re.search(r"[*?]|\[:", part["set"]):
                raise ValueError("has `*`, `?` or `[:` between `[` and `]`: write `?` for the set")
            # Unlike elsewhere, `[^a]` matches a slash too, here as in Docker.
            members = re.split(r"(\\.|-)", part["set"], flags=re.DOTALL)
            quoted = [member if member == "-" else _quoted(member) for member in members]
            return f"[{part['not']}{''.join(quoted)}]"


def _quoted(text: str) -> str:
    if text.startswith("\\") and (text[1].isalnum() or not text.isascii()):
        raise ValueError(f"has a backslash before {text[1]!r}: write `/` between directories")
    return re.escape(text.removeprefix("\\"))


def _file_digest(source: str, buffer: memoryview) -> bytes:
    digest = hashlib.sha256()
    with open(source, "rb", buffering=0) as stream:
        while size := stream.readinto(buffer):
            digest.update(buffer[:size])
    return digest.digest()


@contextmanager
def _reading() -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise BuildContextError(
            f"{error.filename} cannot be read ({error.strerror}), and a build reads all of its"
            " context: make it readable, or exclude it in the ignore file"
        ) from error
