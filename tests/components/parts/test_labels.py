"""No workload selects the pods of another one, whatever they are and are called."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest

from slipway.parts.labels import WorkloadKind, check_labels, common_labels, pod_labels, selector_labels

KINDS: tuple[WorkloadKind, ...] = get_args(WorkloadKind)
WORKLOADS = [(name, kind) for name in ("web", "web-job", "job") for kind in KINDS]


@pytest.mark.parametrize(("one", "other"), [*product(WORKLOADS, WORKLOADS)])
def test_a_selector_finds_the_pods_of_its_own_workload_alone(
    one: tuple[str, WorkloadKind], other: tuple[str, WorkloadKind]
):
    selects = selector_labels(*one).items() <= pod_labels(*other).items()
    assert selects is (one == other)


def test_pods_say_what_they_belong_to_like_all_objects_of_the_application():
    assert common_labels("web").items() < pod_labels("web", "Job").items()


@pytest.mark.parametrize("label", sorted(pod_labels("web", "Job")))
def test_no_label_that_is_set_from_the_name_can_be_given(label: str):
    with pytest.raises(ValueError, match=f"label '{label}' is set from the name"):
        check_labels({"team": "shop", label: "x"})
