"""Sends requests during a test, and counts how many endpoints were ready meanwhile."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from types import TracebackType
from typing import Any

from tests.e2e.waiting import until
from tests.e2e.watching import Watch

_MOST_SECONDS = 150.0
_WORKERS = 4
_PAUSE = 0.02


def fetch(url: str, *, token: str | None = None, timeout: float = 5) -> tuple[int, str]:
    """Status and body, over a new connection."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def answer(url: str) -> str | None:
    """The body of a 200; None for anything else, such as a refused connection.

    A Service follows its pods within about a second, when kube-proxy has heard of them.
    """
    try:
        status, body = fetch(url)
    except OSError:
        return None
    return body if status == 200 else None


class Traffic:
    """GETs `url` from four threads, each time over a new connection, from the first answer until the end of `with`."""

    def __init__(self, url: str, *, at_least: int = 0, workers: int = _WORKERS) -> None:
        self.url = url
        self.at_least = at_least
        self.answers: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self.failed_at: list[float] = []
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(workers)]

    @property
    def sent(self) -> int:
        return self.answers.total() + self.failures.total()

    def __enter__(self) -> Traffic:
        until(lambda: answer(self.url), f"{self.url} answers")
        self._began = time.monotonic()
        self._deadline = self._began + _MOST_SECONDS
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        while kind is None and self.sent < self.at_least and time.monotonic() < self._deadline:
            time.sleep(0.05)
        self._over.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _ask(self) -> None:
        while not self._over.is_set() and time.monotonic() < self._deadline:
            try:
                status, body = fetch(self.url, timeout=15)
                failed, what = status != 200, f"{status} {body[:40]}" if status != 200 else body
            except OSError as error:
                failed, what = True, str(error)
            with self._lock:
                if failed:
                    self.failed_at.append(round(time.monotonic() - self._began, 1))
                (self.failures if failed else self.answers)[what] += 1
            time.sleep(_PAUSE)


def fewest_ready(watch: Watch) -> int:
    """The smallest number of ready endpoints at any moment while a Service's EndpointSlices are watched."""
    ready: dict[str, int] = {}
    seen: list[int] = []
    for event in watch.events:
        endpoints: list[dict[str, Any]] = event["object"].get("endpoints") or []
        ready[event["object"]["metadata"]["name"]] = sum(one["conditions"].get("ready", False) for one in endpoints)
        seen.append(sum(ready.values()))
    return min(seen)
