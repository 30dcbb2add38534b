"""A terminal, a pipe and an ASCII-only log get everything, except characters that would control a terminal."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from slipway.preview.config import StackConfig
from slipway.preview.model import Manifest, StackRun
from slipway.preview.report import show, to_yaml
from slipway.preview.result import result_of
from slipway.preview.streams import escaped, visible, visible_lines
from tests.preview.running import Ended, at_a_terminal, command, environment, preview_of, shown_by, write_project

K8S = "import pulumi\nimport pulumi_kubernetes as k8s\n"
LONG = "registry.example.com/a/rather/long/path/to/an/image"
DEEP = f"""{K8S}
class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("a:b:Group", name, None, opts)

opts = None
for level in range(5):
    opts = pulumi.ResourceOptions(parent=Group(f"level-{{level}}", opts))
data = {{f"a-key-that-is-rather-long-{{n}}": "" for n in range(40)}}
k8s.core.v1.ConfigMap("c", metadata={{"name": "c", "namespace": "d"}}, data=data, opts=opts)
k8s.core.v1.Namespace("z", metadata={{"name": "d"}})
"""

NASTY = "\x1b[31mred\x1b]0;title\x07\rover\x08\x9b2J\x85\x7f\u202egnp"
SEEN = r"\x1b[31mred\x1b]0;title\x07\rover\x08\x9b2J\x85\x7f\u202egnp"
CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202e]")
PRINTS = f"""{K8S}
nasty = {NASTY!r}
print(nasty)
pulumi.log.warn(nasty)
pulumi.export(nasty, nasty)
k8s.core.v1.ConfigMap("c" + nasty, metadata={{"name": "c" + nasty, "namespace": nasty}}, data={{nasty: nasty}})
k8s.core.v1.Secret("s", metadata={{"name": "s", "namespace": "default"}}, string_data={{nasty: ""}})
"""


def lines_at_a_terminal(project: Path, columns: int) -> list[str]:
    """The lines that a terminal of this width shows, without colours."""
    env = environment(TERM="xterm", NO_COLOR="1")
    shown = at_a_terminal(project, env=env, columns=columns, stderr=subprocess.DEVNULL)
    return re.sub(r"\x1b\[[0-9;]*m", "", shown).replace("\r\n", "\n").splitlines()


def test_on_a_terminal_long_lines_are_wrapped_within_their_branches(tmp_path: Path) -> None:
    columns = 40
    lines = lines_at_a_terminal(write_project(tmp_path, DEEP), columns)
    tree = lines[: next(place for place, line in enumerate(lines) if line.startswith("└── Namespace d"))]
    assert max(map(len, tree)) <= columns
    whole = "".join(re.sub(r"^[│├└─ ]+", "", line) for line in tree).replace(" ", "")
    assert all(f"a-key-that-is-rather-long-{n}" in whole for n in range(40))
    assert all(line.startswith(("│", "├", "dev")) for line in tree), "what goes on does so within its branch"


def test_a_pipe_gets_each_line_whole(tmp_path: Path) -> None:
    main = f"{K8S}k8s.core.v1.ConfigMap('c', metadata={{'name': 'c'}}, data={{f'{{n:05}}': '' for n in range(3000)}})"
    ended = preview_of(write_project(tmp_path, main), env=environment(COLUMNS="40", TERM="xterm"))
    [line] = [line for line in ended.out.splitlines() if "ConfigMap c" in line and line.startswith("└")]
    assert line.endswith(", ".join(f"{n:05}" for n in range(3000)))


@pytest.mark.parametrize("form", ["tree", "yaml", "json"])
def test_no_control_character_reaches_a_terminal(form: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    ended = shown_by(capfd, write_project(tmp_path, PRINTS), "--format", form)
    assert CONTROL.findall(ended.out + ended.err) == []
    told = ended.out if form == "tree" else ended.err
    for line in (f"  info dev: {SEEN}", f"  warning dev: {SEEN}"):
        assert line in told.splitlines(), "and it is seen as what it is"
    if form == "tree":
        assert f"  output {SEEN} = {SEEN}" in told.splitlines()
        assert f"ConfigMap c{SEEN}" in told
        assert f"Secret s  {SEEN}" in told
    else:
        read = json.loads(ended.out)["stacks"][0]["manifests"] if form == "json" else yaml.safe_load_all(ended.out)
        assert {"data": {NASTY: NASTY}}.items() <= {b["kind"]: b for b in read}["ConfigMap"].items(), "nor is it lost"


def test_an_error_shows_no_control_character_either(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path)
    assert shown_by(capfd, project, "\x1b[31m").err == (
        "preview: stack '\\x1b[31m' has no Pulumi.\\x1b[31m.yaml: known are dev\n"
    )
    ended = shown_by(capfd, project, "--out", "/proc/\x1b[31m")
    assert ended == Ended(
        code=2, out="", err="preview: --out: /proc/\\x1b[31m cannot be written: No such file or directory\n"
    )


def test_multi_line_prints_keep_their_lines_and_cannot_imitate_our_output(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ended = shown_by(capfd, write_project(tmp_path, "print('one\\n  error dev: no\\ndev: 0 errors')"))
    assert ended.out.splitlines()[1:4] == ["  info dev: one", "      error dev: no", "    dev: 0 errors"]


UMLAUTS = f"""{K8S}
print("größer €")
pulumi.export("x", "ü")
k8s.core.v1.ConfigMap("c", metadata={{"name": "c", "namespace": "default"}}, data={{"size": "5 €\\nzwei"}})
"""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
@pytest.mark.parametrize("form", ["tree", "yaml", "json"])
def test_an_output_with_a_small_encoding_loses_no_character(
    form: str, encoding: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = write_project(tmp_path, UMLAUTS)
    with open(tmp_path / "out", "w", encoding=encoding) as out, open(tmp_path / "err", "w", encoding=encoding) as err:
        monkeypatch.setattr("sys.stdout", out)
        monkeypatch.setattr("sys.stderr", err)
        assert shown_by(capfd, project, "--format", form).code == 0
    out, err = ((tmp_path / name).read_text(encoding=encoding) for name in ("out", "err"))
    euro = "\\u20ac" if encoding != "utf-8" else "€"
    oe = "\\xf6" if encoding == "ascii" else "ö"
    assert f"gr{oe}ßer {euro}".replace("ß", "\\xdf" if encoding == "ascii" else "ß") in (out if form == "tree" else err)
    if form != "tree":
        read = json.loads(out)["stacks"][0]["manifests"] if form == "json" else list(yaml.safe_load_all(out))
        assert read[0]["data"] == {"size": "5 €\nzwei"}
    elif encoding == "ascii":
        assert "`-- ConfigMap c" in out
    assert "Traceback" not in err


def test_a_closed_standard_output_is_reported_in_one_line(tmp_path: Path) -> None:
    project = write_project(tmp_path, "print('x')")
    ended = preview_of_shell("<&- >&-", project)
    told = "preview: standard output is closed: let it go to a file, or to /dev/null\n"
    assert (ended.code, ended.err) == (2, told)


def test_it_runs_without_standard_input_and_error(tmp_path: Path) -> None:
    ended = preview_of_shell("<&- 2>&-", write_project(tmp_path, "print('x')"))
    assert (ended.code, ended.err) == (0, "")
    assert "  info dev: x" in ended.out.splitlines()


def preview_of_shell(redirection: str, project: Path) -> Ended:
    run = subprocess.run(
        ["bash", "-c", f'exec "$@" {redirection}', "bash", *command("-C", project)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Ended(code=run.returncode, out=run.stdout, err=run.stderr)


@pytest.mark.parametrize("form", ["tree", "yaml"])
def test_a_reader_that_has_gone_changes_neither_exit_code_nor_files(form: str, tmp_path: Path) -> None:
    objects = "k8s.core.v1.ConfigMap('c', metadata={'name': 'c'}, data={str(n): 'x' * 100 for n in range(3000)})"
    project = write_project(
        tmp_path / "p",
        f"{K8S}{objects}\nfor n in range(3000):\n    pulumi.export(f'{{n}}', 'x' * 99)\nraise ValueError('no')",
    )
    run = subprocess.run(
        ["bash", "-c", '"$@" | head -1; exit ${PIPESTATUS[0]}', "bash", *command("-C", project, "-f", form)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 2, "as without the reader"
    assert "Traceback" not in run.stderr
    assert ("ValueError: no" in run.stderr) is (form == "yaml"), "what goes elsewhere still gets there"


def test_a_reader_may_go_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w", encoding="utf-8", closefd=False) as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        run = StackRun(stack="dev", registrations=[], diagnostics=[])
        show([result_of(run, StackConfig(values={}))] * 2, "tree")
        stream.flush()
    os.close(writing)


def test_an_interrupt_at_a_terminal_ends_with_130_and_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    project = write_project(tmp_path, f"import time\nopen({str(tmp_path / 'started')!r}, 'w').close()\ntime.sleep(60)")
    child, terminal = pty.fork()
    if child == 0:
        os.execve(command()[0], command("-C", project), environment(TERM="xterm"))
    shown = b""
    while not (tmp_path / "started").exists():
        shown += os.read(terminal, 4096)
    os.write(terminal, b"\x03")
    with contextlib.suppress(OSError):
        while data := os.read(terminal, 4096):
            shown += data
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 128 + signal.SIGINT
    os.close(terminal)
    assert b"Traceback" not in shown, shown
    assert shown.rindex(b"\x1b[?25h") > shown.index(b"\x1b[?25l"), "the cursor is back"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("plain ü €", "plain ü €"),
        ("a\tb\nc", "a\\tb\\nc"),
        ("\x1b[0m", "\\x1b[0m"),
        ("\ud800", "\\ud800"),
        ("\u2028", "\\u2028"),
    ],
)
def test_only_control_characters_are_escaped(text: str, told: str) -> None:
    assert visible(text) == told


def test_lines_may_be_kept() -> None:
    assert visible_lines("a\r\nb\tc\rd\x00", indent="  ") == "a\n  b\tc\\rd\\x00"


def test_json_says_the_same_with_escapes() -> None:
    text = "a\x7f\x9b\u2028\ud800b"
    written = escaped(json.dumps([text], ensure_ascii=False))
    assert written == '["a\\u007f\\u009b\\u2028\\ud800b"]'
    assert json.loads(written) == [text]


@pytest.mark.parametrize(
    "text", ["a\u202eb", "\u2028", "one\n\x85two", "a\n\u2066b\n", "\x7f", "plain\ntext\n", "\ttab", NASTY]
)
def test_yaml_says_the_same_with_escapes(text: str) -> None:
    written = to_yaml(Manifest(urn="", body={text: [text]}))
    assert CONTROL.findall(written) == []
    assert yaml.safe_load(written) == {text: [text]}
