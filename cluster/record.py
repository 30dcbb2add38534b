"""What `down` must know. It is written before each step, so that it is true even after a crash."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cluster.network import Network, Ports
from cluster.processes import Identity


@dataclass(kw_only=True)
class Record:
    """One native cluster: what it uses, what it started, and the state of the machine before it."""

    boot: str
    network: Network
    ports: Ports
    sysctls: dict[str, str]
    """The values before `up`."""
    tables: dict[str, list[str]]
    """The packet filter tables that existed before `up`, by family."""
    folders: list[str]
    """The folders outside the cluster's home that `up` made, outermost first."""
    processes: dict[str, Identity] = field(default_factory=dict[str, Identity])

    def write(self, file: Path) -> None:
        replace(file, json.dumps(asdict(self), indent=2))


def replace(file: Path, text: str, mode: int = 0o600) -> None:
    """Writes a file completely or not at all."""
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)


def read(file: Path) -> Record | None:
    """The record; None if there is none."""
    if not file.exists():
        return None
    stored: dict[str, Any] = json.loads(file.read_text())
    stored["network"] = Network(**stored["network"])
    stored["ports"] = Ports(**stored["ports"])
    stored["processes"] = {name: Identity(**kept) for name, kept in stored["processes"].items()}
    return Record(**stored)
