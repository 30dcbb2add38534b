"""Writes the image lock file for `make release`. `slipway.images.release` reads it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import yaml

from slipway.deploy.errors import DeployError
from slipway.images.release import Release, ReleaseError, read_lock

_HEAD = "# What each image was released as. Written by `make release`; committing it promotes.\n"


def lock(releases: Iterable[Release], file: Path) -> None:
    """Adds these releases, with known digests, to `file`. Entries of other repositories stay.

    Raises DeployError if the file is not a lock file.
    """
    try:
        known = read_lock(file) | {one.repository: one for one in releases}
    except ReleaseError as error:
        raise DeployError(str(error)) from None
    text = _HEAD + yaml.safe_dump({name: {"tag": one.tag, "digest": one.digest} for name, one in known.items()})
    with tempfile.NamedTemporaryFile("w", dir=file.parent, encoding="utf-8", delete=False) as written:
        written.write(text)
    Path(written.name).chmod(0o644)
    os.replace(written.name, file)
