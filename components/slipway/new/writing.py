"""Writes all files, or none of them."""

from __future__ import annotations

from collections.abc import Mapping
from errno import EEXIST
from pathlib import Path
from tempfile import TemporaryDirectory

from slipway.new.errors import NewError


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write `files` to `folder`, which may exist but is empty. Missing parent folders are created.

    The files are first written to a temporary folder next to it, and then moved, so that a failure leaves nothing
    behind. Raises NewError.
    """
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    ground = missing[-1].parent if missing else folder
    try:
        with TemporaryDirectory(prefix=".slipway-new-", dir=ground) as temporary:
            # Not the temporary folder itself: nobody else may read that.
            made = Path(temporary, "made", folder.relative_to(ground))
            for path, text in files.items():
                file = made / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            _move(Path(temporary, "made"), ground)
    except OSError as error:
        raise NewError(f"{ground}: {error.strerror}: nothing was made; choose another folder") from None


def _move(source: Path, target: Path) -> None:
    """Move all that is in `source` to `target`. If that fails, move everything back."""
    moved: list[Path] = []
    try:
        for one in sorted(source.iterdir()):
            there = target / one.name
            if there.exists() or there.is_symlink():
                raise FileExistsError(EEXIST, f"{one.name} has just been made by somebody else")
            moved.append(one.rename(there))
    except BaseException:
        for one in moved:
            one.rename(source / one.name)
        raise
