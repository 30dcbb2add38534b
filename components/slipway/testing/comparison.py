"""Compares rendered manifests with golden files beside the tests."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path

from slipway.preview.render import HEADER, files
from slipway.testing.places import folder_of_caller
from slipway.testing.recording import Recording

_SHOWN = 60
"""How many lines of a difference to show."""


class Golden:
    """Compares recordings with the files of a folder. `told` lists the files that were written and removed."""

    def __init__(self, *, update: bool) -> None:
        self.told: list[str] = []
        self._update = update

    def __call__(self, recording: Recording, folder: str | Path | None = None) -> None:
        """Compare the manifests of `recording` with the files of `folder`.

        The files are those of `slipway preview --out`: one for each object, and a kustomization.yaml. Secrets are
        masked. `folder` is relative to the folder of the test's file; `golden/<stack>` by default.

        Raises AssertionError with the difference if a file differs, is missing, or is of an object that is no longer
        rendered. With `pytest --update-golden` it writes and removes files instead. It then raises AssertionError only
        if it would remove a file that was not rendered.
        """
        __tracebackhide__ = True
        target = folder_of_caller() / (folder or Path("golden", recording.stack))
        rendered = files(recording.result.manifests)
        kept = {
            file.relative_to(target).as_posix(): file.read_text(encoding="utf-8")
            for file in sorted(target.rglob("*.yaml"))
        }
        if kept == rendered:
            return
        shown = os.path.relpath(target)
        if self._update:
            self._write(target, shown, kept, rendered)
            return
        difference = _difference(shown, kept, rendered)
        more = len(difference) - _SHOWN
        left_out = [f"… and {more} more lines"] if more > 0 else []
        said = f"{shown} is not what is rendered. Where that is meant: pytest --update-golden, and review the diff"
        raise AssertionError("\n".join([said, *difference[:_SHOWN], *left_out]))

    def _write(self, folder: Path, shown: str, kept: Mapping[str, str], rendered: Mapping[str, str]) -> None:
        __tracebackhide__ = True
        gone = [name for name in kept if name not in rendered]
        foreign = [name for name in kept if not kept[name].startswith(HEADER)]
        if foreign:
            raise AssertionError(f"{shown}/{foreign[0]} was not rendered and would be lost: move it elsewhere")
        folder.mkdir(parents=True, exist_ok=True)
        for name in gone:
            (folder / name).unlink()
            self.told.append(f"removed {shown}/{name}, which is no longer rendered")
        for name, text in rendered.items():
            if kept.get(name) != text:
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_text(text, encoding="utf-8")
                self.told.append(f"{'rewrote' if name in kept else 'wrote'} {shown}/{name}")


def _difference(shown: str, kept: Mapping[str, str], rendered: Mapping[str, str]) -> list[str]:
    lines: list[str] = []
    for name in sorted(kept.keys() | rendered.keys()):
        before = f"{shown}/{name}" if name in kept else "not kept"
        after = f"rendered/{name}" if name in rendered else "no longer rendered"
        texts = (kept.get(name, "").splitlines(), rendered.get(name, "").splitlines())
        lines += difflib.unified_diff(*texts, before, after, lineterm="")
    return lines
