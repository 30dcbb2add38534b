"""What pytest shows a user of the plugin, and that nobody else notices it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.preview.running import write_project
from tests.testing import programs

# Imported here, or each run below would import it anew.
assert programs

SHOP = """
import pulumi
from pulumi_kubernetes.core import v1 as core

greeting = pulumi.Config().require("greeting")
core.Namespace("shop", metadata={"name": "shop"})
core.ConfigMap("web", metadata={"name": "web", "namespace": "shop"}, data={"greeting": greeting})
core.Secret("web", metadata={"name": "web", "namespace": "shop"}, string_data={"a": pulumi.Output.secret("t0ps3cret")})
"""
TESTS = """
def test_golden(render, golden):
    golden(render("dev"))
"""
MAP = "tests/golden/dev/013-configmap-web.yaml"


@pytest.fixture
def shop(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.delenv("CI", raising=False)
    config = {"dev": "config:\n  shop:greeting: hello\n"}
    write_project(pytester.path, SHOP, config=config, files={"tests/test_shop.py": TESTS})
    return pytester


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess("-Werror", "-pno:cacheprovider", "-pno:xdist", *arguments)


def test_golden_files_are_written_compared_and_removed(shop: pytest.Pytester) -> None:
    missing = run(shop)
    missing.assert_outcomes(failed=1)
    missing.stdout.fnmatch_lines(
        [
            "E*tests/golden/dev is not what is rendered. Where that is meant: pytest --update-golden, and review *",
            "E*--- not kept",
            "E*+++ rendered/000-namespace-shop.yaml",
        ]
    )
    updated = run(shop, "--update-golden")
    updated.assert_outcomes(passed=1)
    updated.stdout.fnmatch_lines(["*= golden files =*", f"wrote {MAP}", "wrote tests/golden/dev/kustomization.yaml"])
    run(shop).assert_outcomes(passed=1)
    kept = {file.name: file.read_text() for file in (shop.path / "tests/golden/dev").iterdir()}
    assert "[secret]" in kept["012-secret-web.yaml"]
    assert "t0ps3cret" not in "".join(kept.values())
    write_project(shop.path, SHOP.replace('core.Secret("web"', 'core.ConfigMap("other"').replace("string_data", "data"))
    program = (shop.path / "__main__.py").read_text().replace('pulumi.Output.secret("t0ps3cret")', '"b"')
    write_project(shop.path, program, config={"dev": "config:\n  shop:greeting: good morning\n"})
    changed = run(shop)
    changed.assert_outcomes(failed=1)
    changed.stdout.fnmatch_lines(
        [
            "E*--- tests/golden/dev/012-secret-web.yaml",
            "E*+++ no longer rendered",
            f"E*--- {MAP}",
            "E*+++ rendered/013-configmap-web.yaml",
            "E*-  greeting: hello",
            "E*+  greeting: good morning",
        ]
    )
    updated = run(shop, "--update-golden")
    updated.stdout.fnmatch_lines(
        ["removed tests/golden/dev/012-secret-web.yaml, which is no longer rendered", f"rewrote {MAP}"]
    )
    updated.stdout.no_fnmatch_line("*namespace-shop*")
    assert not (shop.path / "tests/golden/dev/012-secret-web.yaml").exists()
    run(shop).assert_outcomes(passed=1)


def test_what_was_not_rendered_is_not_removed(shop: pytest.Pytester) -> None:
    write_project(shop.path, SHOP, config={"dev": "config:\n  shop:greeting: hello\n"}, files={MAP: "own: file\n"})
    result = run(shop, "--update-golden")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"E*{MAP} was not rendered and would be lost: move it elsewhere"])
    assert (shop.path / MAP).read_text() == "own: file\n"


def test_nothing_is_accepted_unseen_in_ci(shop: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    result = run(shop, "--update-golden")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["--update-golden accepts whatever is rendered, which nobody reviews in CI: *"])
    assert not (shop.path / "tests/golden").exists()
    monkeypatch.setenv("CI", "false")
    run(shop, "--update-golden").assert_outcomes(passed=1)


def test_a_long_difference_is_cut(shop: pytest.Pytester) -> None:
    many = "for n in range(40):\n    core.ConfigMap(f'c{n}', metadata={'name': f'c{n}'}, data={})\n"
    write_project(shop.path, SHOP + many, config={"dev": "config:\n  shop:greeting: hello\n"})
    result = run(shop)
    result.stdout.fnmatch_lines(["E*… and * more lines"])
    assert len(result.outlines) < 100


def test_a_failure_shows_the_tests_own_line_and_none_of_the_kit(shop: pytest.Pytester) -> None:
    shop.path.joinpath("tests/test_shop.py").write_text(
        "def test_it(render):\n    render('dev').object('ConfigMap', 'wep')\n"
    )
    result = run(shop)
    result.stdout.fnmatch_lines(
        [
            ">*render('dev').object('ConfigMap', 'wep')",
            "E*AssertionError: 0 objects of ConfigMap wep: did you mean ConfigMap shop/web? There are: *",
        ]
    )
    result.stdout.no_fnmatch_line("*slipway/testing*")


def test_the_project_is_the_nearest_to_the_tests_file(shop: pytest.Pytester) -> None:
    inner = "import pulumi\npulumi.export('inner', True)\n"
    write_project(shop.path / "inner", inner, files={"tests/test_inner.py": "", "tests/conftest.py": ""})
    (shop.path / "inner/tests/test_inner.py").write_text(
        "import pytest\n\n@pytest.fixture(scope='module')\ndef dev(render):\n    return render('dev')\n\n"
        "def test_it(dev, deploy):\n    assert dev.outputs == {'inner': True}\n"
        "    import pulumi\n    assert deploy(lambda: pulumi.export('a', 1)).outputs == {'a': 1}\n"
    )
    run(shop, "inner").assert_outcomes(passed=1)


def test_it_can_be_left_out(shop: pytest.Pytester) -> None:
    result = run(shop, "-pno:slipway")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["E*fixture 'render' not found"])


def test_an_option_and_a_fixture_of_the_same_name_stay_their_owners(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest

        def pytest_addoption(parser):
            parser.addoption("--update-golden", action="store", default="theirs")

        @pytest.fixture
        def golden(pytestconfig):
            return pytestconfig.getoption("update_golden")
        """
    )
    pytester.makepyfile("def test_it(golden):\n    assert golden == 'theirs'\n")
    run(pytester).assert_outcomes(passed=1)


def test_the_option_is_explained(pytester: pytest.Pytester) -> None:
    run(pytester, "--help").stdout.fnmatch_lines(["Slipway:", "*--update-golden*rewrite the golden files*"])


def test_a_worker_of_xdist_writes_too_and_it_is_told_once(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    pytester.makepyfile(
        "def test_it(golden, deploy):\n    import pulumi\n    golden(deploy(lambda: pulumi.export('a', 1)))\n"
    )
    result = pytester.runpytest_subprocess("-Werror", "-n1", "--update-golden", "-pno:cacheprovider")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*= golden files =*", "wrote golden/test/kustomization.yaml"])
    assert str(result.stdout).count("wrote ") == 1


def test_a_run_that_does_not_use_it_waits_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_nothing.py").write_text(
        "import sys\n\ndef test_it():\n"
        "    assert 'slipway.testing.plugin' in sys.modules\n"
        "    heavy = {name.partition('.')[0] for name in sys.modules} & {'pulumi', 'grpc', 'yaml', 'rich', 'docker'}\n"
        "    own = {name for name in sys.modules if name.startswith('slipway.')}\n"
        "    assert (heavy, own) == (set(), {'slipway.testing', 'slipway.testing.plugin'})\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-Werror", "-pno:xdist", "-pno:hypothesispytest", str(tmp_path)]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stdout + ended.stderr
