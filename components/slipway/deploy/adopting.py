"""Hands the engine what others have declared, in each cluster of a stack."""

from __future__ import annotations

from collections.abc import Callable

from slipway.deploy.clusters import Clusters
from slipway.deploy.kubectl import Kubectl
from slipway.deploy.ownership import hand_to_engine
from slipway.deploy.rendered import Rendered
from slipway.deploy.target import targets

Tell = Callable[[str], object]


def adopted(rendered: Rendered, tell: Tell) -> int:
    """Tells the objects whose fields of kubectl and Helm are the engine's now, and returns how many there are.

    Raises DeployError.
    """

    def hand(cluster: str | None, kubectl: Kubectl, tell: Tell) -> int:
        told = hand_to_engine(kubectl, (one.body for one in rendered.part(cluster).manifests))
        for line in told:
            tell(f"{line}: its fields are the engine's now")
        return len(told)

    clusters = Clusters(targets(rendered.stack, rendered.registrations), tell)
    clusters.find()
    handed = sum(clusters.each(hand))
    clusters.check_all_in_reach("run this again when it answers")
    return handed
