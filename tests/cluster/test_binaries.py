"""When a program of the cluster is built again."""

from pathlib import Path

import pytest

from cluster.binaries import CONTROLLERS, FAMILIES, KUBERNETES, Family, cache_key, duration


@pytest.fixture
def module(tmp_path: Path) -> Path:
    (tmp_path / "go.mod").write_text("module example\n")
    (tmp_path / "go.sum").write_text("")
    return tmp_path


def test_the_same_sources_and_toolchain_have_the_same_key(module: Path, tmp_path: Path) -> None:
    first = cache_key(module, "go1.26.0")
    (module / "go.mod").touch()
    assert cache_key(module, "go1.26.0") == first


def test_each_input_changes_the_key(module: Path) -> None:
    keys = {cache_key(module, "go1.26.0"), cache_key(module, "go1.26.1")}
    keys.add(cache_key(module, "go1.26.0", "-ldflags"))
    (module / "go.sum").write_text("a module h1:0=\n")
    keys.add(cache_key(module, "go1.26.0"))
    (module / "go.sum").rename(module / "go.work.sum")
    keys.add(cache_key(module, "go1.26.0"))
    assert len(keys) == 5, "toolchain, flags, content and name of a file all count"


def test_the_key_tells_where_one_part_ends(module: Path) -> None:
    assert cache_key(module, "ab", "c") != cache_key(module, "a", "bc")


def test_the_version_is_the_required_module_not_one_with_a_longer_name(tmp_path: Path) -> None:
    class Here(Family):
        @property
        def folder(self) -> Path:
            return tmp_path

    (tmp_path / "go.mod").write_text(
        "require (\n\texample.org/tool/sub v9.9.9 // indirect\n\texample.org/tool v1.2.3\n)\n"
    )
    family = Here(name="tool", module="example.org/tool", packages={}, stamps=("a={minor}",))
    assert family.version == "v1.2.3"
    assert family.flags[-1] == "-s -w -X a=2"


def test_every_family_pins_its_module() -> None:
    assert all((family.folder / "go.sum").exists() for family in (*FAMILIES, *CONTROLLERS))
    assert KUBERNETES.version.startswith("v1.")
    assert f"gitVersion={KUBERNETES.version}" in KUBERNETES.flags[-1]


def test_durations_are_easy_to_read() -> None:
    assert [duration(s) for s in (0.4, 59.2, 59.7, 191)] == ["0s", "59s", "1m00s", "3m11s"]
