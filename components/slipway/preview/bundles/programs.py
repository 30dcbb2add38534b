"""Runs `kubectl`, `kustomize` and `helm` without access to the network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence

from slipway.preview.bundles.errors import BundleError, NotRenderedError

TIMEOUT = 60
"""Seconds that one program may take."""

_NOWHERE = "http://127.0.0.1:9"
_PROXIES = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"), _NOWHERE)
_OFFLINE = {**_PROXIES, "NO_PROXY": "", "no_proxy": "", "GIT_ALLOW_PROTOCOL": "file", "GIT_TERMINAL_PROMPT": "0"}
# Their messages when they meet the proxy that does not exist, or when git refuses.
_REACHED_OUT = ("127.0.0.1:9", "not allowed", "Could not resolve host", "could not be resolved")


def found(*names: str) -> str | None:
    """The path of the first of the programs that is on PATH."""
    return next((path for name in names if (path := shutil.which(name))), None)


def run(command: Sequence[str], *, stdin: str = "", **environment: str) -> str:
    """The program's output. Raises BundleError if it fails, NotRenderedError if it needs the network."""
    name = os.path.basename(command[0])
    try:
        ended = subprocess.run(
            command,
            input=stdin,
            env={**os.environ, **_OFFLINE, **environment},
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotRenderedError(f"{name} did not end within {TIMEOUT} s") from None
    except OSError as error:
        raise NotRenderedError(f"{name} cannot be run: {error.strerror}") from None
    if ended.returncode == 0:
        return ended.stdout
    told = _one_line(ended.stderr) or f"it ended with exit code {ended.returncode}"
    if any(sign in ended.stderr for sign in _REACHED_OUT):
        wanted = re.search(r"\b(?:https?|oci|ssh|git)://(?!127\.0\.0\.1:9)[^\s\"'`]+", ended.stderr)
        what = wanted[0].rstrip(":.,)") if wanted else "something of the network"
        raise NotRenderedError(
            f"{name} wants {what}, and a preview never uses the network: keep a copy beside the program"
        )
    raise BundleError(f"{name}: {told}")


def _one_line(text: str) -> str:
    """The error in one line, without hints and warnings."""
    lines = [
        line.strip() for line in text.splitlines() if line.strip() and not line.startswith(("Use --debug", "WARNING"))
    ]
    told = " ".join(lines).removeprefix("Error: ").removeprefix("error: ")
    return told if len(told) <= 500 else f"{told[:500]} …"
