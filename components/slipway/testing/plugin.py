"""The pytest plugin: the fixtures `render`, `deploy` and `golden`, and the option `--update-golden`.

pytest imports this module in every run where Slipway is installed. So the module imports only what pytest has already
loaded, and the fixtures import the rest. `-p no:slipway` disables it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from slipway.testing import Golden, Recording, Render

_TOLD = pytest.StashKey[list[str]]()
_WORKERS = "slipway_golden"


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(parser: pytest.Parser) -> Generator[None, None, None]:
    """Add the option after all other plugins and conftest files: if one of them has the same option, it keeps it."""
    yield
    with contextlib.suppress(ValueError):
        parser.getgroup("slipway", "Slipway").addoption(
            "--update-golden",
            action="store_true",
            help="rewrite the golden files that differ from what is rendered, and remove those of what is gone",
        )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_TOLD] = []


@pytest.fixture(scope="session")
def render() -> Render:
    """Render a stack of the project: `render("prod").object("Deployment", "web")`. See `slipway.testing.Render`."""
    from slipway.testing import Render  # noqa: PLC0415

    return Render()


@pytest.fixture(scope="session")
def deploy() -> Callable[..., Recording]:
    """Run a function that declares resources: `deploy(program)`. See `slipway.testing.deploy`."""
    from slipway.testing import deploy  # noqa: PLC0415

    return deploy


@pytest.fixture(scope="session")
def golden(pytestconfig: pytest.Config) -> Generator[Golden]:
    """Compare a recording with golden files: `golden(render("prod"))`. See `slipway.testing.Golden`."""
    from slipway.testing import Golden  # noqa: PLC0415

    update = bool(pytestconfig.getoption("update_golden", False))
    if update and os.environ.get("CI", "").lower() not in ("", "0", "false"):
        pytest.fail(
            "--update-golden accepts whatever is rendered, which nobody reviews in CI: run it where you can commit "
            "the files, or with CI= in the environment",
            pytrace=False,
        )
    made = Golden(update=update)
    yield made
    pytestconfig.stash[_TOLD] += made.told


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Pass the messages of a pytest-xdist worker to the main process, which prints them."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[_WORKERS] = session.config.stash[_TOLD]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    node.config.stash[_TOLD] += getattr(node, "workeroutput", {}).get(_WORKERS, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if told := config.stash[_TOLD]:
        terminalreporter.section("golden files")
        for line in told:
            terminalreporter.line(line)
