"""Fake `helm` and `kubectl` programs. They record their calls and print what a test gives them."""

from __future__ import annotations

from pathlib import Path

import pytest

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made}\n"


class Fake:
    """A fake program named `name`. PATH has only these fakes. It may be called many times at once."""

    def __init__(self, name: str, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.file = folder / "bin" / name
        self.file.parent.mkdir(exist_ok=True)
        self._notes = folder / f"{name}-notes"
        self._notes.mkdir()
        patch.setenv("PATH", str(self.file.parent))
        self.prints(CONFIG_MAP)

    def prints(self, out: str = "", *, err: str = "", code: int = 0) -> None:
        """Sets its standard output (a shell's here-document) and standard error."""
        notes = f"{self._notes}/$$"
        self.file.write_text(
            f'#!/bin/sh\nprintf "%s\\n" "$@" > {notes}.arguments\nprintf "%s" "$HTTPS_PROXY" > {notes}.proxy\n'
            f"/bin/cat > {notes}.stdin\n/bin/cat <<EOF\n{out}\nEOF\n/bin/cat >&2 <<EOF\n{err}\nEOF\nexit {code}\n",
            encoding="utf-8",
        )
        self.file.chmod(0o755)

    @property
    def arguments(self) -> list[str]:
        """The arguments of each call."""
        [asked] = self._noted("arguments") or [""]
        return asked.splitlines()

    @property
    def proxy(self) -> str:
        """The proxy that it would have used for the network."""
        [proxy] = self._noted("proxy")
        return proxy

    @property
    def given(self) -> set[str]:
        """Everything that it received on standard input."""
        return self._noted("stdin")

    def _noted(self, what: str) -> set[str]:
        return {file.read_text(encoding="utf-8") for file in self._notes.glob(f"*.{what}")}
