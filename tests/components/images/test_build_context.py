"""The build context is what Docker receives, and its tag is its content."""

import os
import re
import shutil
import socket
import stat
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from slipway.images import build_context
from slipway.images.build_context import BuildContextError, ContextFile, content_tag, context_files

# Facts: which of these an ignore file leaves out, as a real engine built it (Docker 20.10, `COPY . /`).
# The end-to-end test builds the same table again on the engine that it finds.
TREE = (
    "!bang",
    "#note",
    ".env",
    ".git/config",
    "[x].txt",
    "a b.txt",
    "a.txt",
    "docs/api/index.md",
    "docs/guide.md",
    "empty/",
    "node_modules/x/index.js",
    "readme.md",
    "src/lib/util.go",
    "src/main.go",
    "src/main_test.go",
    "src/node_modules/y.js",
    "é.txt",
)
_DOCS = ("docs/", "docs/api/", "docs/api/index.md", "docs/guide.md")
_MODULES = ("node_modules/", "node_modules/x/", "node_modules/x/index.js")
_INNER_MODULES = ("src/node_modules/", "src/node_modules/y.js")
_SRC = ("src/", "src/lib/", "src/lib/util.go", "src/main.go", "src/main_test.go", *_INNER_MODULES)
_ALL = (
    *("!bang", "#note", ".env", ".git/", ".git/config", "[x].txt", "a b.txt", "a.txt", *_DOCS, "empty/"),
    *(*_MODULES, "readme.md", *_SRC, "é.txt"),
)


def _all_but(*kept: str) -> tuple[str, ...]:
    return tuple(path for path in _ALL if path not in kept)


IGNORE_FACTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "no rules leave nothing out": ("", ()),
    "a name leaves out a file": ("a.txt", ("a.txt",)),
    "a directory goes with all below it": ("docs", _DOCS),
    "a slash at the end changes nothing": ("docs/\na.txt/", (*_DOCS, "a.txt")),
    "a slash at the start changes nothing": ("/docs\n//a.txt", (*_DOCS, "a.txt")),
    "dots are cleaned away": ("./src/../docs/.", _DOCS),
    "a path out of the context matches nothing": ("../a.txt", ()),
    "the context itself cannot be left out": (".\n/\n./\n..", ()),
    "blanks around a pattern do not count": ("  a.txt\t", ("a.txt",)),
    "a pattern may hold blanks": ("a b.txt", ("a b.txt",)),
    "lines may end as on Windows": ("a.txt\r\ndocs\r\n", ("a.txt", *_DOCS)),
    "a byte order mark is skipped": ("\ufeffa.txt", ("a.txt",)),
    "a comment starts in the first column": ("#note\n  #a.txt", ()),
    "an escaped hash is a name": ("\\#note", ("#note",)),
    "an indented hash is a name": (" #note", ("#note",)),
    "an escaped bang is a name": ("\\!bang", ("!bang",)),
    "an escaped bracket is a name": ("\\[x].txt", ("[x].txt",)),
    "a bracket in a set is a name": ("[[]x].txt", ("[x].txt",)),
    "names are matched in full": ("doc\nsrc/main", ()),
    "a pattern is anchored at the context": ("node_modules\nmain.go", _MODULES),
    "a star stays within a directory": ("*.md\nsrc/*.go", ("readme.md", "src/main.go", "src/main_test.go")),
    "a star takes hidden names too": ("*env\n.g*", (".env", ".git/", ".git/config")),
    "a lone star leaves out everything": ("*", _ALL),
    "a question mark is one character": ("?.txt", ("a.txt", "é.txt")),
    "a question mark is no slash": ("src?main.go", ()),
    "a set is one of its characters": ("[a-c].txt", ("a.txt",)),
    "a set with a caret is any other": ("[^a].txt", ("é.txt",)),
    "a set with a caret is a slash too": ("src[^x]main.go", ("src/main.go",)),
    "a bang in a set is a bang": ("[!b]bang", ("!bang",)),
    "two stars go down any number of directories": ("**/node_modules", (*_MODULES, *_INNER_MODULES)),
    "two stars may stand in the middle": ("src/**/*.go", ("src/lib/util.go", "src/main.go", "src/main_test.go")),
    "two stars at the end take all below but not the directory": ("docs/**", _DOCS[1:]),
    "two stars before a name are any path that ends so": (
        "**n.go\n**.md",
        ("src/main.go", "docs/api/index.md", "docs/guide.md", "readme.md"),
    ),
    "two stars before a slash start a name": ("**/ain.go", ()),
    "two stars behind a wildcard take all below": ("?ocs/**", _DOCS[1:]),
    "a lone pair of stars leaves out everything": ("**", _ALL),
    "letters keep their case": ("A.TXT\nDocs", ()),
    "dots and pluses are plain": ("a?t.t\na+.txt\n(a)*", ()),
    "braces do not expand": ("{a,b}.*\nsrc/*.{go,js}", ()),
    "a bang brings back": ("*.txt\n!a.txt", ("[x].txt", "a b.txt", "é.txt")),
    "blanks may follow a bang": ("*.txt\n!  a.txt", ("[x].txt", "a b.txt", "é.txt")),
    "a bang before the rule does nothing": ("!a.txt\n*.txt", ("[x].txt", "a b.txt", "a.txt", "é.txt")),
    "the last match wins": ("a.txt\n!a.txt\na.txt\n!*.md\nreadme.md\n!readme.md", ("a.txt",)),
    "a bang brings back a file without its directory": (
        "docs\n!docs/guide.md",
        ("docs/", "docs/api/", "docs/api/index.md"),
    ),
    "a bang brings back a directory in a directory": (
        "*\n!src/lib",
        _all_but("src/lib/", "src/lib/util.go"),
    ),
    "a bang brings back what is below": ("docs/**\n!docs/api", ("docs/guide.md",)),
    "a bang with a wildcard does not enter an excluded directory": ("docs\n!**/guide.md\n!d*/guide.md", _DOCS),
    "a bang with a wildcard works where another one has opened the directory": (
        "docs\n!docs/none\n!**/guide.md",
        ("docs/", "docs/api/", "docs/api/index.md"),
    ),
    "a bang for a longer name does not enter": ("docs\n!docs.old\n!**/guide.md", _DOCS),
    "a bang for a directory that was never out does nothing below it": ("docs/guide.md\n!docs", ("docs/guide.md",)),
    "what matched the directory holds below it": ("*\n!docs\ndocs/api", _all_but("docs/", "docs/guide.md")),
    "a bang behind a dot and a slash still brings back": ("a.txt\n./!a.txt", ()),
    "build files can be named": ("Dockerfile\n.dockerignore", ()),
}


def plant(context: Path, ignore: str = "") -> Path:
    """Lay out TREE with a Dockerfile and an ignore file; every file holds its own path."""
    for name in TREE:
        path = context / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            path.mkdir()
        else:
            path.write_text(name)
    (context / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    (context / ".dockerignore").write_text(ignore, newline="")
    return context


@pytest.fixture
def context(tmp_path: Path) -> Path:
    return plant(tmp_path / "app")


def _names(context: Path, dockerfile: str = "Dockerfile") -> set[str]:
    files = context_files(context, dockerfile)
    return {file.path + "/" * (file.kind == "directory") for file in files}


@pytest.mark.parametrize("fact", IGNORE_FACTS)
def test_an_ignore_file_leaves_out_what_the_engine_does_not_get(tmp_path: Path, fact: str) -> None:
    ignore, left_out = IGNORE_FACTS[fact]
    sent = _names(plant(tmp_path / "app", ignore))
    assert sent == {*_ALL, "Dockerfile", ".dockerignore"} - {*left_out}, fact


def test_the_build_files_are_sent_even_when_they_are_excluded(context: Path) -> None:
    (context / ".dockerignore").write_text("*\n**/*")
    assert _names(context) == {"Dockerfile", ".dockerignore"}, "the engine cannot build without them"


def test_a_dockerfile_in_an_excluded_directory_is_sent_without_the_directory(context: Path) -> None:
    (context / "build").mkdir()
    (context / "build/Dockerfile").write_text("FROM scratch")
    (context / "build/notes").touch()
    (context / ".dockerignore").write_text("build")
    sent = _names(context, "./build/Dockerfile")
    assert {name for name in sent if name.startswith("build")} == {"build/Dockerfile"}


@pytest.mark.parametrize("dockerfile", ["Dockerfile", "prod.Dockerfile", "docs/Dockerfile"])
def test_an_ignore_file_beside_the_dockerfile_is_read_instead(context: Path, dockerfile: str) -> None:
    (context / ".dockerignore").write_text("a.txt")
    (context / dockerfile).touch()
    assert "a.txt" not in _names(context, dockerfile), "without one of its own it has the common one"
    (context / f"{dockerfile}.dockerignore").write_text("*.md")
    assert "a.txt" in _names(context, dockerfile), "the common one no longer counts"
    assert "readme.md" not in _names(context, dockerfile), "its own one does"


def test_a_context_without_an_ignore_file_is_sent_whole(context: Path) -> None:
    (context / ".dockerignore").unlink()
    assert _names(context) == {*_ALL, "Dockerfile"}


def test_links_are_listed_as_links_and_not_followed(context: Path) -> None:
    (context / "docs-link").symlink_to("docs")
    (context / "dangling").symlink_to("nowhere")
    files = [file for file in context_files(context) if file.path.startswith(("da", "docs-"))]
    assert files == [ContextFile("dangling", "link"), ContextFile("docs-link", "link")]


def test_a_socket_is_dropped_and_a_pipe_is_sent_unread(context: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = content_tag(context)
    monkeypatch.chdir(context)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("docs/socket")
        assert content_tag(context) == before, "no build sees a socket"
    os.mkfifo(context / "docs/pipe")
    assert ContextFile("docs/pipe", "pipe") in list(context_files(context))
    assert content_tag(context) != before, "a pipe is in the image"


def test_devices_are_told_apart(context: Path) -> None:
    tags: set[str] = set()
    for kind, number in [(stat.S_IFCHR, 3), (stat.S_IFCHR, 5), (stat.S_IFBLK, 3)]:
        try:
            os.mknod(context / "device", kind | 0o600, os.makedev(1, number))
        except PermissionError:
            pytest.skip("only root makes devices")
        assert ContextFile("device", "device") in list(context_files(context))
        tags.add(content_tag(context))
        (context / "device").unlink()
    assert len(tags) == 3


def test_files_are_listed_in_one_order_with_directories_first(context: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = list(context_files(context))
    scandir = os.scandir

    class Reversed:
        def __init__(self, path: str) -> None:
            with scandir(path) as found:
                self.entries = list(found)[::-1]

        def __enter__(self) -> list[os.DirEntry[str]]:
            return self.entries

        def __exit__(self, *_: object) -> None: ...

    tag = content_tag(context)
    monkeypatch.setattr(os, "scandir", Reversed)
    assert list(context_files(context)) == expected, "a disk lists names in any order"
    assert content_tag(context) == tag
    paths = [file.path for file in expected]
    assert paths.index("docs") < paths.index("docs/api") < paths.index("docs/api/index.md")


def _touch(context: Path) -> None:
    for path in [context, *context.rglob("*")]:
        os.utime(path, (1, 1))


def _umask(context: Path) -> None:
    for path in context.rglob("*"):
        path.chmod(0o631 if path.is_file() else 0o700)


def _edit_ignored(context: Path) -> None:
    (context / "docs/guide.md").write_text("other")
    (context / "docs/new.md").touch()
    (context / "docs/api/index.md").chmod(0o755)


def _copy(context: Path) -> None:
    moved = context.with_name("elsewhere")
    shutil.copytree(context, moved, symlinks=True)
    shutil.rmtree(context)
    moved.rename(context)


@pytest.mark.parametrize("change", [_touch, _umask, _edit_ignored, _copy])
def test_the_tag_stays_for_what_no_build_would_notice(context: Path, change: Callable[[Path], None]) -> None:
    (context / ".dockerignore").write_text("docs")
    before = content_tag(context)
    change(context)
    assert content_tag(context) == before, f"{change.__name__} changed the tag"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_tag_does_not_depend_on_the_owner(context: Path) -> None:
    before = content_tag(context)
    os.chown(context / "a.txt", 12345, 12345)
    assert content_tag(context) == before


def _relink(context: Path) -> None:
    (context / "link").unlink()
    (context / "link").symlink_to("b")


def _link_to_file(context: Path) -> None:
    (context / "link").unlink()
    (context / "link").write_text("a")


CHANGES: dict[str, Callable[[Path], object]] = {
    "a byte": lambda context: (context / "a.txt").write_text("a.txT"),
    "a byte in the Dockerfile": lambda context: (context / "Dockerfile").write_text("FROM scratch\n"),
    "a byte in the ignore file, which is sent": lambda context: (context / ".dockerignore").write_text("#"),
    "the executable bit": lambda context: (context / "a.txt").chmod(0o744),
    "a name": lambda context: (context / "a.txt").rename(context / "A.txt"),
    "a directory": lambda context: (context / "a.txt").rename(context / "docs/a.txt"),
    "a new empty directory": lambda context: (context / "docs/empty").mkdir(),
    "a new empty file": lambda context: (context / "docs/empty").touch(),
    "a file gone": lambda context: (context / "a.txt").unlink(),
    "a link's target": _relink,
    "a file for a link": _link_to_file,
    "what the ignore file lets in": lambda context: (context / ".dockerignore").write_text("docs"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_tag_changes_with_what_a_build_can_see(context: Path, change: str) -> None:
    (context / "link").symlink_to("a")
    before = content_tag(context)
    CHANGES[change](context)
    assert content_tag(context) != before, f"{change} did not change the tag"


def test_an_excluded_dockerfile_still_counts(context: Path) -> None:
    (context / ".dockerignore").write_text("Dockerfile")
    before = content_tag(context)
    (context / "Dockerfile").write_text("FROM scratch\nCOPY src /\n")
    assert content_tag(context) != before


def test_the_choice_of_dockerfile_counts(context: Path) -> None:
    (context / "docs/Dockerfile").write_text("FROM scratch\nCOPY docs /\n")
    assert content_tag(context) != content_tag(context, dockerfile="docs/Dockerfile")


def test_every_build_option_changes_the_tag_and_no_two_alike(context: Path) -> None:
    tags = [
        content_tag(context),
        content_tag(context, target="a"),
        content_tag(context, platform="a"),
        content_tag(context, target="a", platform="a"),
        content_tag(context, build_args={"a": ""}),
        content_tag(context, build_args={"": "a"}),
        content_tag(context, build_args={"a": "b", "c": "d"}),
        content_tag(context, build_args={"a": "d", "c": "b"}),
        content_tag(context, build_args={"ab": "", "c": "d"}),
        content_tag(context, build_args={"a": "b=c"}),
        content_tag(context, build_args={"a=b": "c"}),
    ]
    assert len(set(tags)) == len(tags)


def test_the_order_of_build_arguments_does_not_count(context: Path) -> None:
    one = content_tag(context, build_args={"a": "1", "b": "2"})
    assert content_tag(context, build_args={"b": "2", "a": "1"}) == one


def test_a_tag_is_twelve_hex_digits_and_the_same_everywhere(context: Path) -> None:
    tag = content_tag(context, target="release", build_args={"GO": "1"}, platform="linux/amd64")
    assert tag == "c3c2fee47293", "the scheme changed: give it a new number, for every image is built anew"


def test_a_large_file_is_read_in_pieces(context: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (context / "a.txt").write_bytes(bytes(range(256)) * 100)
    before = content_tag(context)
    monkeypatch.setattr(build_context, "_BUFFER_SIZE", 7)
    assert content_tag(context) == before, "every piece counts, whatever the size of the buffer"
    (context / "a.txt").write_bytes(bytes(range(256)) * 100 + b"!")
    assert content_tag(context) != before, "so does the last one"


# Trees of few names, so that two of them are often nearly alike.
Tree = Mapping[str, tuple[str, str]]
_paths = st.lists(st.sampled_from(["a", "b", "ab", "é", "a\nb"]), min_size=1, max_size=3).map("/".join)
_members = st.one_of(
    st.tuples(st.just("file"), st.sampled_from(["", "a", "b", "ab", "\0"])),
    st.tuples(st.just("executable"), st.sampled_from(["", "a"])),
    st.tuples(st.just("link"), st.sampled_from(["a", "b", "ab"])),
    st.just(("directory", "")),
)


def _is_possible(tree: Tree) -> bool:
    inner = {path[:at] for path in tree for at, letter in enumerate(path) if letter == "/"}
    return not inner & tree.keys()


_trees = st.dictionaries(_paths, _members, max_size=4).filter(_is_possible)


def _tag_of(tree: Tree) -> str:
    with tempfile.TemporaryDirectory() as folder:
        for name, (kind, content) in tree.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            match kind:
                case "directory":
                    path.mkdir()
                case "link":
                    path.symlink_to(content)
                case _:
                    path.write_text(content)
                    path.chmod(0o755 if kind == "executable" else 0o644)
        Path(folder, "Dockerfile").touch()
        return content_tag(Path(folder))


@settings(max_examples=150)
@given(_trees, _trees)
def test_different_trees_have_different_tags(one: Tree, other: Tree) -> None:
    assume(one != other)
    assert _tag_of(one) != _tag_of(other)


@settings(max_examples=30)
@given(_trees)
def test_the_same_tree_has_the_same_tag_anywhere(tree: Tree) -> None:
    assert _tag_of(tree) == _tag_of(dict(reversed(list(tree.items()))))


def _refusal(context: Path, dockerfile: str = "Dockerfile") -> str:
    with pytest.raises(BuildContextError) as refused:
        content_tag(context, dockerfile=dockerfile)
    message = str(refused.value)
    assert "\n" not in message, "one sentence, one line"
    return message


def test_a_missing_context_is_refused_by_name(tmp_path: Path) -> None:
    message = _refusal(tmp_path / "app")
    assert f"{tmp_path}/app does not exist: name the directory" in message


def test_a_file_for_a_context_is_refused_by_name(context: Path) -> None:
    assert f"{context}/a.txt is not a directory: name the directory" in _refusal(context / "a.txt")


@pytest.mark.parametrize("dockerfile", ["prod.Dockerfile", "docs"])
def test_a_missing_dockerfile_is_refused_by_name(context: Path, dockerfile: str) -> None:
    message = _refusal(context, dockerfile)
    assert f"{context} holds no file {dockerfile}: add it" in message


@pytest.mark.parametrize("dockerfile", ["../Dockerfile", "docs/../../Dockerfile", "/Dockerfile"])
def test_a_dockerfile_outside_the_context_is_refused(context: Path, dockerfile: str) -> None:
    (context.parent / "Dockerfile").touch()
    message = _refusal(context, dockerfile)
    assert f"Dockerfile is outside the build context {context}: move it inside" in message


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("!", "brings nothing back"),
        ("! /", "brings nothing back"),
        ("a[", "has a `[` without its `]`"),
        ("a[]b", "has a `[` without its `]`"),
        ("[a-]", "has a `[` without its `]`"),
        ("a\\", "ends in a backslash"),
        ("[z-a]", "bad character range z-a"),
        ("src\\main.go", "a backslash before 'm'"),
        ("[\\d]", "a backslash before 'd'"),
        ("\\é", "a backslash before 'é'"),
        ("a|b*", "has `|`, `^` or `{1}`"),
        ("^a?", "has `|`, `^` or `{1}`"),
        ("*{2}", "has `|`, `^` or `{1}`"),
        ("[*]", "has `*`, `?` or `[:`"),
        ("[[:alpha:]]", "has `*`, `?` or `[:`"),
    ],
)
def test_a_pattern_that_docker_would_garble_is_refused_with_its_line(context: Path, pattern: str, fault: str) -> None:
    (context / ".dockerignore").write_text(f"# a comment\n\n  {pattern}\n")
    message = _refusal(context)
    assert message.startswith(f"{context}/.dockerignore, line 3: {pattern!r} "), message
    assert fault in message
    assert ": " in message.partition(fault)[2], "and says what to write"


@pytest.mark.parametrize("pattern", ["a|b", "^a", "a{2}", "{a,b}*", "**/a|b"])
def test_a_plain_pattern_may_hold_what_is_special_beside_a_wildcard(context: Path, pattern: str) -> None:
    (context / ".dockerignore").write_text(pattern)
    assert "a.txt" in _names(context)


@pytest.mark.parametrize("name", ["a.txt", "docs/"])
def test_what_cannot_be_read_is_refused_by_name(context: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Root reads everything, so the refusal is played.
    function = "scandir" if name.endswith("/") else "open"
    target: object = os if name.endswith("/") else build_context
    real = cast(Callable[..., object], os.scandir if name.endswith("/") else open)
    denied = os.fspath(context / name)

    def deny(path: str, *args: object, **options: object) -> object:
        if os.fspath(path) == denied:
            raise PermissionError(13, "Permission denied", path)
        return real(path, *args, **options)

    monkeypatch.setattr(target, function, deny, raising=False)
    message = _refusal(context)
    assert f"{denied} cannot be read (Permission denied)" in message
    assert "make it readable, or exclude it" in message
    if name == "docs/":
        with pytest.raises(BuildContextError, match="cannot be read"):
            list(context_files(context))


def test_the_module_needs_no_pulumi() -> None:
    source = Path(str(build_context.__file__)).read_text()
    assert not re.search(r"^\s*(import|from) (pulumi|components)", source, re.MULTILINE), (
        "the tag is computed where no engine is"
    )
