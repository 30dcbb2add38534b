"""Controls the environment of the tests: they see only the variables that are named here."""

from __future__ import annotations

import os
import signal
from fnmatch import fnmatchcase

_GIVEN = dict(os.environ)
# What any process needs to run, and what the test runner passes to its own processes.
_KEPT = (
    *("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "LANG", "LC_*", "TZ", "CI"),
    *("LD_LIBRARY_PATH", "SSL_CERT_*", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    *("PYTHON*", "VIRTUAL_ENV", "PYTEST_*", "COVERAGE_*", "HYPOTHESIS_*"),
    # The cluster that the end-to-end tests use.
    "SLIPWAY_CLUSTER_*",
)


def isolate() -> None:
    """Removes all other variables from the environment, before any test or module of ours reads them."""
    for name in os.environ.keys() - inherited(*_KEPT).keys():
        del os.environ[name]
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell has started the tests in the background. The processes of the tests would ignore Ctrl-C too.
        signal.signal(signal.SIGINT, signal.default_int_handler)


def inherited(*patterns: str) -> dict[str, str]:
    """The caller's variables that match these names (`GO*`), for a test that needs them."""
    return {name: value for name, value in _GIVEN.items() if any(fnmatchcase(name, one) for one in patterns)}
