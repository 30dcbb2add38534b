"""Records what happens to objects, in the API server's own order."""

from __future__ import annotations

import json
import subprocess
import threading
from typing import Any

from tests.e2e.project import Service
from tests.e2e.waiting import until


class Watch:
    """The changes of objects of one kind until the end of `with`. It begins with the existing objects.

    An event is a dict of `type` (ADDED, MODIFIED, DELETED) and `object`.
    """

    def __init__(self, service: Service, kind: str, *arguments: str) -> None:
        self._service = service
        self._arguments = ("get", kind, "--namespace", service.stack, *arguments)
        self.events: list[dict[str, Any]] = []

    def deleted(self) -> dict[str, int]:
        """When each object was deleted, by name, as a number that the server increases with each event of any kind."""
        gone = [one["object"]["metadata"] for one in self.events if one["type"] == "DELETED"]
        return {metadata["name"]: int(metadata["resourceVersion"]) for metadata in gone}

    def __enter__(self) -> Watch:
        site = self._service.site
        self._process = subprocess.Popen(
            [
                *("kubectl", "--kubeconfig", site.environment["KUBECONFIG"], "--context", site.context),
                *(*self._arguments, "--watch", "--output-watch-events", "--output", "json"),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        until(lambda: self.events, "the watch shows what is there")
        return self

    def __exit__(self, *_: object) -> None:
        # The last events are still on their way.
        self._thread.join(timeout=0.5)
        self._process.terminate()
        self._thread.join(timeout=10)
        self._process.wait(timeout=10)
        assert self._process.stdout
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self.events.append(json.loads(line))
