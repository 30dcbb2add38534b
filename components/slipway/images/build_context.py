"""The files that an image build receives, and a tag computed from their content.
`context_files` lists what pulumi-docker's `docker.Image` sends to the engine; `content_tag` turns
that list, the Dockerfile and the build options into twelve hex digits. Nothing here needs Pulumi.

The ignore rules are those of moby/patternmatcher, which Docker and pulumi-docker use:
https://docs.docker.com/build/concepts/context/#dockerignore-files. They differ from `.gitignore`: a
pattern starts at the context, and `!` reaches into an excluded directory only by the directory's full name.
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
# Part of every tag. Change it when the hashing changes, so that new tags differ from all old ones.
_SCHEME = b"slipway build context 1"


class BuildContextError(ValueError):
    """Docker cannot run the build. The message is one sentence: what is wrong, and what to do."""


Kind = Literal["directory", "file", "link", "pipe", "device"]


class ContextFile(NamedTuple):
    """One member of a build context. `path` is relative to the context and uses `/`."""

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
    """The tag of a build: twelve hex digits, the same on every machine with the same sources.

    The tag depends on the Dockerfile's bytes, `target`, `build_args` and `platform`. It also depends on each member of
    `context_files`: its path, its kind, its bytes (of a link, the target) and whether its owner may execute it.

    The tag does not depend on times, owners and other mode bits. Docker keeps these bits, but they come from the umask
    of the user who checked the sources out, and git does not store them. If one matters, set it with `COPY --chmod`.
    An ignore file has an effect through the files it lets in. `.dockerignore` is a member itself, so its bytes matter
    too. Files are read one buffer at a time.
    Raises `BuildContextError`, like `context_files`.
    """
    digest = hashlib.sha256()

    def add(*fields: bytes) -> None:
        # The number of fields and their lengths come first, so that two different lists never give the same bytes.
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
    """List all files and directories that the engine receives, in a fixed order: a directory comes before its members.

    `dockerfile` is relative to the context and inside it. The Dockerfile and `.dockerignore` are sent even if they are
    excluded: the engine needs them, and BuildKit then lets `COPY` see them. An excluded directory is not listed, even
    if `!` brings some of its files back; the engine then makes it. Sockets are not listed, as Docker drops them.

    Raises `BuildContextError`: at once for an invalid context, Dockerfile or ignore file, and during the iteration for
    a file that cannot be read.
    """
    with _reading():
        if not context.is_dir():
            fault = "is not a directory" if context.exists() else "does not exist"
            raise BuildContextError(f"build context {context} {fault}: name the directory that holds the sources")
        dockerfile = posixpath.normpath(dockerfile)
        # pulumi-docker would send an outside Dockerfile under a random name, so each context would be different.
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
    """A line of an ignore file. It excludes the paths that it matches, or brings them back with `!`."""

    pattern: str
    brings_back: bool
    matches: Callable[[str], object]


def _list(root: str, rules: Sequence[_Rule]) -> Iterator[ContextFile]:
    with _reading():
        yield from _walk(root, "", rules, [False] * len(rules))


def _walk(directory: str, prefix: str, rules: Sequence[_Rule], inherited: Sequence[bool]) -> Iterator[ContextFile]:
    """List one directory. `inherited` says which rules matched a directory above it."""
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
    """Whether a path is excluded (the last matching rule decides), and which rules matched.

    A rule that cannot change the verdict so far is not tried. So it does not count as matched for the files below, and
    that sometimes changes their verdict. Docker does the same.
    """
    excluded = False
    matched = list(inherited)
    for index, (_, brings_back, matches) in enumerate(rules):
        if matched[index] or (brings_back == excluded and matches(path)):
            matched[index] = True
            excluded = not brings_back
    return excluded, matched


def _ignore_file(context: Path, dockerfile: str) -> Path:
    """Find the ignore file as Docker does: `NAME.dockerignore` beside the Dockerfile NAME, or else `.dockerignore`.

    pulumi-docker has done the same since the end of 2023 (its pull request 863).
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
        # The pattern was `./!name`. Docker normalizes a pattern before it looks for `!`.
        brings_back, pattern = True, pattern[1:]
    if brings_back and pattern in ("", "/"):
        raise ValueError("brings nothing back: name a path behind the `!`, or remove the line")
    return _Rule(pattern, brings_back, _matcher(pattern))


# The parts of a pattern. In a set, `-` and `]` need a backslash to stand for themselves.
_PART = re.compile(
    r"(?P<deep>\*\*/?)|(?P<star>\*)|(?P<any>\?)|(?P<escape>\\.)|(?P<text>[^*?\[\\]+)"
    r"|\[(?P<not>\^?)(?P<set>((\\.|[^]\\-])(-(\\.|[^]\\-]))?)+)\]",
    re.DOTALL,
)


def _matcher(pattern: str) -> Callable[[str], object]:
    """Turn a pattern into a test of a whole path. Raises `ValueError` for an invalid pattern.

    Docker turns all but the simplest patterns into regular expressions, and forgets to escape some characters. Such
    patterns are refused, as nobody means what Docker would match.
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
            # `[^a]` also matches a slash, as in Docker. Other wildcards do not, except `**`.
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
