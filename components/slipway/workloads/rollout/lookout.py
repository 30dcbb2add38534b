"""Tells a fault that stays from one that goes away by itself."""

from __future__ import annotations

from slipway.workloads.rollout.faults import Fault

GRACE = 15.0
"""Seconds before a lasting fault is reported: a slow registry or a full quota may recover in that time."""
SLOW = 30.0
"""Seconds before any other fault is reported: a program that starts does not answer at once."""


class Lookout:
    """Remembers how long something has been wrong."""

    def __init__(self) -> None:
        self._wrong_since: float | None = None
        self._lasting_since: float | None = None
        self._lasting: Fault | None = None

    def staying(self, fault: Fault | None, now: float) -> Fault | None:
        """The fault that has stayed long enough to report, a lasting one first; `now` is in seconds.

        A crash loop does not look like a lasting fault while the container restarts. So the last lasting fault is
        remembered until there is no fault at all.
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
