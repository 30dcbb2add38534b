"""Guesses what an unknown word was meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

EVIDENT = 0.8
"""From this similarity on, a word is a misspelling and not another word (`contxt`; but not `port` for `host`)."""
_LIKELY = 0.6


def near(written: object, known: Iterable[str], *, likeness: float = EVIDENT) -> str | None:
    """The one of `known` that is most similar to `written`, ignoring case; None if none is similar enough."""
    as_known = {one.lower(): one for one in known}
    close = difflib.get_close_matches(str(written).lower(), as_known, n=1, cutoff=likeness)
    return as_known[close[0]] if close else None


def hint(written: object, known: Iterable[str]) -> str:
    """The end of a refusal: `did you mean config?`, or a list of all known words."""
    listed = list(known)
    close = near(written, listed, likeness=_LIKELY)
    return f"did you mean {close}?" if close else f"known are {', '.join(listed) or 'none'}"
