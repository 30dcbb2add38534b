"""`slipway new`: what it makes of what it is asked, and what it refuses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from slipway.new import cli, project, writing
from slipway.new.project import TEMPLATE
from slipway.new.writing import write
from tests.new.making import contents, new


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which the commands run."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def somebody_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_somebody_there", lambda: True)


REFUSED: dict[tuple[str, ...], str] = {
    ("My_App",): "project 'My_App' is not a valid name: use at most 55 lower-case letters, digits and '-', with a "
    "letter or digit at both ends; did you mean my-app?",
    ("3d",): "service '3d' starts with a digit: a Service's name starts with a letter; did you mean d?",
    ("a" * 56,): f"project '{'a' * 56}' is not a valid name: use at most 55 lower-case letters, digits and '-', with "
    f"a letter or digit at both ends; did you mean {'a' * 55}?",
    ("___",): "project '___' is not a valid name: use at most 55 lower-case letters, digits and '-', with a letter or "
    "digit at both ends",
    (): "the name is missing: slipway new <name>",
    ("a-file",): "{here}/a-file is a file: choose another name, or move it away",
    ("full",): "{here}/full is not empty, it has one and 1 more: choose another name, or empty it first",
    ("shop", "--image", "a:1", "--dockerfile", "D"): "--image a:1 and --dockerfile D exclude each other: is it built "
    "here or not?",
    ("shop", "--worker", "--port", "80"): "--port 80 and --worker exclude each other: nobody calls a worker",
    ("shop", "--port", "80"): "--port 80 is for an image of yours: name it by --image or --dockerfile",
    ("shop", "--image", "Web:1"): "--image 'Web:1': a repository has no capitals: did you mean `web:1`?",
    ("shop", "--dockerfile", "gone"): "--dockerfile gone is not there: name the file that your image is built from",
    ("shop", "--dockerfile", "full"): "--dockerfile full is a folder: did you mean full/Dockerfile?",
    ("shop", "--slipway", "slipwya"): "--slipway 'slipwya' is neither a path that is there, nor a URL, nor a version: "
    "give a wheel or a source folder, a URL as in git+https://…, or bounds as in '>=0.1,<0.2'",
}


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_what_cannot_be_made_is_refused_in_a_line_and_nothing_is_written(arguments: tuple[str, ...], here: Path):
    (here / "a-file").touch()
    (here / "full").mkdir()
    for name in ("one", "two"):
        (here / "full" / name).touch()
    before = contents(here)
    ended = new(*arguments)
    assert (ended.code, ended.err) == (1, f"new: {REFUSED[arguments].format(here=here)}\n")
    assert (contents(here), sorted(os.listdir())) == (before, ["a-file", "full"])


def test_the_last_part_of_a_path_is_the_name(here: Path):
    assert new("some/where/shop").code == 0
    assert "name: shop\n" in (here / "some/where/shop/Pulumi.yaml").read_text()
    assert os.listdir() == ["some"], "nothing is left beside it"


def test_an_empty_folder_takes_it_as_does_a_repository_that_was_just_made(here: Path, monkeypatch: pytest.MonkeyPatch):
    (here / "shop/.git").mkdir(parents=True)
    monkeypatch.chdir(here / "shop")
    ended = new(".")
    assert ended.code == 0
    assert "cd " not in ended.out
    assert "name: shop\n" in Path("Pulumi.yaml").read_text()
    assert not [name for name in os.listdir() if name.startswith(".slipway")]


def test_what_is_made_is_as_open_as_the_umask_lets_it_be(here: Path):
    mask = os.umask(0o027)
    try:
        new("shop")
    finally:
        os.umask(mask)
    modes = {name: oct(Path(name).stat().st_mode & 0o777) for name in ("shop", "shop/stacks", "shop/Makefile")}
    assert modes == {"shop": "0o750", "shop/stacks": "0o750", "shop/Makefile": "0o640"}


def break_at(number: int, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """Makes the call of this number of a method of Path fail, as on a full disk."""
    calls: list[object] = []
    whole = getattr(Path, method)

    def broken(self: Path, *arguments: object, **options: object) -> object:
        calls.append(self)
        if len(calls) == number:
            raise OSError(28, "No space left on device", str(self))
        return whole(self, *arguments, **options)

    monkeypatch.setattr(Path, method, broken)


@pytest.mark.parametrize(("method", "number"), [("write_text", 5), ("rename", 1)])
def test_a_failure_half_way_leaves_nothing(method: str, number: int, here: Path, monkeypatch: pytest.MonkeyPatch):
    break_at(number, monkeypatch, method)
    ended = new("some/shop")
    assert (ended.code, os.listdir()) == (1, [])
    assert ended.err == f"new: {here}: No space left on device: nothing was made; choose another folder\n"


@pytest.mark.parametrize(("method", "number"), [("write_text", 5), ("rename", 3)])
def test_a_failure_half_way_leaves_an_empty_folder_empty(
    method: str, number: int, here: Path, monkeypatch: pytest.MonkeyPatch
):
    Path("shop").mkdir()
    break_at(number, monkeypatch, method)
    assert new("shop").code == 1
    assert os.listdir("shop") == []


def test_what_came_to_be_meanwhile_is_not_overwritten(here: Path, monkeypatch: pytest.MonkeyPatch):
    move = writing._move  # pyright: ignore[reportPrivateUsage]

    def late(source: Path, target: Path) -> None:
        (target / "shop").mkdir()
        move(source, target)

    monkeypatch.setattr(writing, "_move", late)
    with pytest.raises(Exception, match="shop has just been made by somebody else"):
        write(here / "shop", {"a": "b"})
    assert contents(here) == {}


def test_nobody_is_asked_where_nobody_is(here: Path):
    assert new("shop", "--image", "registry.example.com/shop:1", typed="9000\n").code == 0
    assert "number=8080" in Path("shop/stacks/base.py").read_text()


def test_somebody_is_asked_for_what_cannot_be_guessed(here: Path, monkeypatch: pytest.MonkeyPatch):
    somebody_is_there(monkeypatch)
    assert new("--image", "registry.example.com/shop:1", typed="shop\n9000\n").code == 0
    assert "number=9000" in Path("shop/stacks/base.py").read_text()
    assert new("other", "--image", "registry.example.com/shop:1", typed="99999\n").err == (
        "new: port 99999 is none: 1 to 65535 are\n"
    )


@pytest.mark.parametrize(
    ("exposed", "port"),
    [("EXPOSE 9090", 9090), ("expose 80/tcp 81\nEXPOSE 5000", 5000), ("EXPOSE 53/udp", 8080), ("EXPOSE $PORT", 8080)],
)
def test_a_port_that_the_dockerfile_exposes_is_not_asked_for(exposed: str, port: int, here: Path):
    Path("src").mkdir()
    Path("src/Dockerfile").write_text(f"FROM scratch\n{exposed}\n")
    assert new("shop", "--dockerfile", "src/Dockerfile").code == 0
    assert f"number={port})" in Path("shop/stacks/base.py").read_text()


def test_sources_are_named_from_the_project(here: Path):
    Path("src").mkdir()
    Path("src/web.Dockerfile").write_text("FROM scratch\n")
    new("deploy/shop", "--dockerfile", "src/web.Dockerfile")
    image = Path("deploy/shop/stacks/image.py").read_text()
    assert 'context="../../src",\n        dockerfile="web.Dockerfile",\n' in image
    assert not Path("deploy/shop/app").exists()


@pytest.mark.parametrize(("ignored", "told"), [("", True), ("deploy\n", False)])
def test_sources_that_hold_the_project_are_told_of(ignored: str, told: bool, here: Path):
    Path("Dockerfile").write_text("FROM scratch\n")
    Path(".dockerignore").write_text(ignored)
    ended = new("deploy", "--dockerfile", "Dockerfile")
    assert ("The sources hold deploy too: name it in ../.dockerignore" in ended.out) is told


@pytest.mark.parametrize(
    ("spec", "line"),
    [
        ("slipway.whl", "slipway[cli,test] @ file://{here}/slipway.whl"),
        (">=0.1,<0.2", "slipway[cli,test]>=0.1,<0.2"),
        ("slipway==0.1.3", "slipway[cli,test]==0.1.3"),
        ("git+https://example.com/s.git@v1", "slipway[cli,test] @ git+https://example.com/s.git@v1"),
    ],
)
def test_slipway_may_come_from_anywhere(spec: str, line: str, here: Path):
    Path("slipway.whl").touch()
    assert new("shop", "--slipway", spec).code == 0
    assert Path("shop/requirements.txt").read_text() == line.format(here=here) + "\n"


def test_an_edit_that_finds_nothing_to_edit_is_no_success(here: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(project, "_PROBES", "what is not there")
    with pytest.raises(AssertionError, match=r"stacks/base\.py of the template has no"):
        new("shop", "--image", "a:1")


def test_it_is_quick_as_it_imports_no_sdk():
    said = "import sys, slipway.new.cli; print([name for name in sys.modules if name.startswith('pulumi')])"
    ended = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"


def test_no_part_of_a_template_is_left_in_a_project(here: Path):
    for name, options in {"shop": [], "cart": ["--worker"], "till": ["--image", "a:1"]}.items():
        new(name, *options)
        left = {path for path, text in contents(here / name).items() if "${" in text.replace("${{", "")}
        assert not left
        assert "template" not in Path(name, "Pulumi.yaml").read_text()


def test_each_file_is_a_screen_at_most():
    assert not {path for path, text in contents(TEMPLATE).items() if len(text.splitlines()) > 55}
