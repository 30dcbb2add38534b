"""Tells a fault that stays from one that passes by itself."""

from __future__ import annotations

from slipway.workloads.rollout.faults import Fault

GRACE = 15.0
"""Seconds for a lasting fault: a slow registry, or a quota that a pod is about to leave, mends itself."""
SLOW = 30.0
"""Seconds for any other: a program that starts does not answer at once."""


class Lookout:
    """Remembers since when something is wrong."""

    def __init__(self) -> None:
        self._wrong_since: float | None = None
        self._lasting_since: float | None = None
        self._lasting: Fault | None = None

    def staying(self, fault: Fault | None, now: float) -> Fault | None:
        """The fault that has stayed for its time, one that lasts before another; `now` is in seconds.

        A crash loop is no lasting fault each time that it tries again, and stays one all the same.
        """
        if fault is None:
            self.__init__()
            return None
        self._wrong_since = now if self._wrong_since is None else self._wrong_since
        if fault.lasting:
            self._lasting = fault
            self._lasting_since = now if self._lasting_since is None else self._lasting_since
        if fault.overdue:
            return fault
        if self._lasting_since is not None and now - self._lasting_since >= GRACE:
            return self._lasting
        return fault if now - self._wrong_since >= SLOW else None
