"""Checks of host names."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

_LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(\*\.)?{_LABEL}(\.{_LABEL})*")


def check_hosts(hosts: Sequence[str], what: str = "host") -> None:
    """Raise ValueError for an invalid or repeated DNS name. Only the first label of a name can be `*`."""
    for place, host in enumerate(hosts):
        if not _is_host(host):
            meant = _meant(host)
            raise ValueError(
                f"{what} {host!r} is no DNS name: "
                + (
                    f"write {meant!r}"
                    if meant
                    else "use lower-case letters, digits, '-' and '.', as in '*.example.com'"
                )
            )
        if host in hosts[:place]:
            raise ValueError(f"{what} {host!r} is there twice: leave one out")


def covers(patterns: Iterable[str], host: str) -> bool:
    """Whether a certificate for `patterns` is valid for `host`. A wildcard stands for a single label."""
    _, _, parent = host.partition(".")
    return any(pattern in (host, f"*.{parent}") for pattern in patterns)


def _is_host(text: str) -> bool:
    if len(text) > 253 or not _HOST.fullmatch(text):
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return True
    return False


def _meant(text: str) -> str | None:
    """The host name in `text`, such as a URL, or a name with a port or capital letters; None if there is none."""
    try:
        host = urlsplit(text if "://" in text else f"//{text}").hostname or ""
    except ValueError:
        return None
    return host if _is_host(host) else None
