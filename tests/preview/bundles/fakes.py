"""Programs that stand in for `helm` and `kubectl`: they note what they are asked, and print what they are told."""

from __future__ import annotations

from pathlib import Path

import pytest

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made}\n"


class Fake:
    """A program of `name`; none are on PATH but these."""

    def __init__(self, name: str, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.file = folder / "bin" / name
        self.file.parent.mkdir(exist_ok=True)
        self._asked = folder / f"{name}.asked"
        self._given = folder / f"{name}.given"
        patch.setenv("PATH", str(self.file.parent))
        self.prints(CONFIG_MAP)

    def prints(self, out: str = "", *, err: str = "", code: int = 0) -> None:
        out_file, err_file = self.file.with_suffix(".out"), self.file.with_suffix(".err")
        out_file.write_text(out, encoding="utf-8")
        err_file.write_text(err, encoding="utf-8")
        self.file.write_text(
            f'#!/bin/sh\nprintf "%s\\n" "$@" > {self._asked}\n'
            f'printf "%s\\n" "$HTTPS_PROXY" >> {self._asked}\n/bin/cat > {self._given}\n'
            f"/bin/cat {out_file}\n/bin/cat {err_file} >&2\nexit {code}\n",
            encoding="utf-8",
        )
        self.file.chmod(0o755)

    @property
    def arguments(self) -> list[str]:
        """What it was called with, at last."""
        return self._asked.read_text(encoding="utf-8").splitlines()[:-1]

    @property
    def proxy(self) -> str:
        """Through what it would have asked the network."""
        return self._asked.read_text(encoding="utf-8").splitlines()[-1]

    @property
    def given(self) -> str:
        """What it got at its standard input."""
        return self._given.read_text(encoding="utf-8")
