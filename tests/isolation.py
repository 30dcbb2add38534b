"""What a test has of the surroundings of whoever runs it: what is named, and nothing else."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase

_GIVEN = dict(os.environ)
# What a process needs to run at all, and what the test runner says to its own processes.
_KEPT = (
    *("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "LANG", "LC_*", "TZ", "CI"),
    *("LD_LIBRARY_PATH", "SSL_CERT_*", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    *("PYTHON*", "VIRTUAL_ENV", "PYTEST_*", "COVERAGE_*", "HYPOTHESIS_*"),
    # Which cluster the end-to-end tests are to use.
    "SLIPWAY_CLUSTER_*",
)


def isolate() -> None:
    """Takes all else out of the environment, before any test or module of ours reads it."""
    for name in os.environ.keys() - inherited(*_KEPT).keys():
        del os.environ[name]


def inherited(*patterns: str) -> dict[str, str]:
    """What the caller has set under such names (`GO*`), for a test that says that it needs it."""
    return {name: value for name, value in _GIVEN.items() if any(fnmatchcase(name, one) for one in patterns)}
