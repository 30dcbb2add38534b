"""What passes by itself is no failure."""

from __future__ import annotations

from dataclasses import replace

from slipway.workloads.rollout.faults import Fault
from slipway.workloads.rollout.lookout import GRACE, SLOW, Lookout

LASTING = Fault(what="no image", change="image")
SLOWLY = Fault(what="no answer", change="probes", lasting=False)


def test_a_fault_has_to_stay_before_it_counts() -> None:
    for fault, seconds in ((LASTING, GRACE), (SLOWLY, SLOW)):
        lookout = Lookout()
        assert not lookout.staying(fault, 0)
        assert not lookout.staying(fault, seconds - 1)
        assert lookout.staying(fault, seconds) == fault


def test_one_that_went_in_between_begins_anew() -> None:
    lookout = Lookout()
    lookout.staying(LASTING, 0)
    lookout.staying(None, 10)
    assert not lookout.staying(LASTING, GRACE)
    assert lookout.staying(LASTING, 2 * GRACE) == LASTING


def test_a_crash_loop_stays_one_each_time_it_tries_again() -> None:
    lookout = Lookout()
    lookout.staying(LASTING, 0)
    lookout.staying(SLOWLY, 5)
    assert lookout.staying(SLOWLY, GRACE) == LASTING


def test_what_the_cluster_has_waited_for_itself_counts_at_once() -> None:
    late = replace(SLOWLY, overdue=True)
    assert Lookout().staying(late, 0) == late
