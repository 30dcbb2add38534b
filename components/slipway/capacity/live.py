"""The nodes of the cluster that a stack names, and what runs there."""

from __future__ import annotations

from slipway.capacity.cluster import Cluster, node_of
from slipway.capacity.model import CapacityError
from slipway.deploy.errors import DeployError
from slipway.deploy.rendered import Stack
from slipway.deploy.target import target
from slipway.preview.config import StackConfig
from slipway.preview.project import Project

KINDS = (
    "nodes,pods,namespaces,persistentvolumes,persistentvolumeclaims,storageclasses,priorityclasses,runtimeclasses,"
    "limitranges,resourcequotas"
)


def live_cluster(project: Project, config: StackConfig, stack: str) -> Cluster:
    """Reads the cluster of the stack's `kubernetes:context`. Raises CapacityError if it cannot be read."""
    try:
        kubectl = target(Stack(project=project, name=stack, config=config))
        found = kubectl.get(KINDS, "--all-namespaces")
    except DeployError as error:
        raise CapacityError(str(error)) from None
    of_kinds = ("Node", "Pod")
    return Cluster(
        nodes=[node_of(one) for one in found if one["kind"] == "Node"],
        objects=[one for one in found if one["kind"] not in of_kinds],
        pods=[one for one in found if one["kind"] == "Pod"],
        where=f"context {kubectl.context}",
    )
