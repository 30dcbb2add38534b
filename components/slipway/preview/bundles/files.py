"""ConfigFile and ConfigGroup: YAML from files, from text, and from objects."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from slipway.preview.bundles.errors import BundleError, NotRenderedError
from slipway.preview.bundles.yaml_text import decode


def read_file(name: str) -> list[dict[str, Any]]:
    """The objects of one file. Raises NotRenderedError for a URL, BundleError for a file that cannot be read."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", name):
        raise NotRenderedError(
            f"{name} would be downloaded, and a preview never uses the network: keep a copy of it beside the program"
        )
    try:
        text = Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise BundleError(f"{name} cannot be read: {why}") from None
    try:
        return decode(text)
    except BundleError as error:
        raise BundleError(f"{name}: {error}") from None


def read_group(files: Iterable[str], text: str, objects: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The objects of all files (names or glob patterns), then those of the text, then `objects`."""
    found: list[dict[str, Any]] = []
    for name in files:
        for file in sorted(glob.glob(name)) if re.search(r"(?:^|[^\\])[*?\[]", name) else [name]:
            found += read_file(file)
    return [*found, *decode(text), *objects]
