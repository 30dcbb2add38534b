"""Deploys a stack without the Pulumi engine, as a GitOps controller would."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from slipway.deploy.addresses import addresses
from slipway.deploy.apply_set import ApplySet, deleted_namespaces, outliving
from slipway.deploy.clusters import Clusters
from slipway.deploy.edits import check_edits
from slipway.deploy.errors import DeployError
from slipway.deploy.gates import gates, run_again
from slipway.deploy.images import pushed
from slipway.deploy.kinds import check_kinds
from slipway.deploy.kubectl import Kubectl
from slipway.deploy.rendered import Rendered, Stack
from slipway.deploy.revisions import still_read
from slipway.deploy.rollout import RolloutError, wait, workloads
from slipway.deploy.set_parents import delete_set, sets
from slipway.deploy.target import targets, targets_of
from slipway.preview.checks.definitions import Definitions
from slipway.workloads.rollout.explain import account

Tell = Callable[[str], object]


def apply(rendered: Rendered, timeout: float, tell: Tell) -> Iterator[str]:
    """Applies the objects, waits for the rollout, deletes what has left the program, and yields the addresses.

    Deletion comes last, because old pods read their old configuration until they end. A failed rollout leaves
    everything in place. A second run finishes what a first one has not. Raises DeployError; if the stack cannot be
    deployed as it is, before any write.

    Of several clusters, one comes after the other, so a version that does not come up reaches one of them only. A
    cluster out of reach is left as it is, and named in the error at the end.
    """
    clusters = ready(rendered, tell)
    pushed(rendered.registrations)
    for lines in clusters.each(lambda name, kubectl, tell: _apply(kubectl, rendered.part(name), timeout, tell)):
        yield from lines
    clusters.check_all_in_reach("apply again when it answers, and it gets what it lacks")


def ready(rendered: Rendered, tell: Tell) -> Clusters:
    """The clusters of the stack. Those in reach take its objects as they are. Writes nothing. Raises DeployError."""
    clusters = Clusters(targets(rendered.stack, rendered.registrations), tell)
    rendered.applicable()
    clusters.find()
    for _ in clusters.each(lambda name, kubectl, _: _check(kubectl, rendered.part(name))):
        pass
    return clusters


def _check(kubectl: Kubectl, rendered: Rendered) -> None:
    """Raises DeployError if the objects of a cluster cannot be deployed as they are. Writes nothing."""
    owner, manifests = rendered.stack.full_name, rendered.manifests
    check_kinds(kubectl, Definitions(manifests).needed(manifests))
    ApplySet(kubectl, owner, manifests).check_namespaces()
    check_edits(kubectl, owner, manifests)


def _apply(kubectl: Kubectl, rendered: Rendered, timeout: float, tell: Tell) -> list[str]:
    manifests = rendered.manifests
    apply_set = ApplySet(kubectl, rendered.stack.full_name, manifests)
    declared = [manifest.body for manifest in manifests]
    run_again(kubectl, manifests)
    try:
        for gate in gates(manifests, rendered.registrations):
            apply_set.apply(gate.waiting)
            wait(kubectl, workloads(job.body for job in gate.jobs), timeout, tell)
        apply_set.apply()
        tell(f"{len(declared)} objects applied to {kubectl.context}")
        wait(kubectl, workloads(declared), timeout, tell)
    except RolloutError as error:
        of = error.workload
        _, lines = account(kubectl, of.kind, of.namespace, of.name, error.fault)
        # The first line is the fault. The error has it already, unless the time is over.
        told = [line for line in lines if line not in str(error)]
        raise DeployError("\n  ".join([str(error), *told])) from None
    kept = {
        namespace: still_read(kubectl, namespace, apply_set.selector(namespace), declared)
        for namespace in apply_set.members
    }
    for line in apply_set.prune(kept):
        tell(line)
    return list(addresses(kubectl, declared))


def remove(stack: Stack, tell: Tell) -> bool:
    """Deletes what `apply` made and does not outlive the stack; waits until it is gone. False if there was nothing."""
    clusters = Clusters(targets_of(stack, tell), tell)
    clusters.find()
    found = list(clusters.each(lambda _, kubectl, tell: _remove(kubectl, stack.full_name, tell)))
    clusters.check_all_in_reach("what the stack has there stays, until you run this again when it answers")
    return any(found)


def _remove(kubectl: Kubectl, owner: str, tell: Tell) -> bool:
    parents, namespaces = sets(kubectl, owner), deleted_namespaces(kubectl, owner)
    for namespace, parent in parents.items():
        tell(f"deleting what it has in namespace {namespace}")
        delete_set(kubectl, parent)
    if namespaces:
        tell(f"deleting namespace {', '.join(namespaces)}")
        kubectl.run("delete", "namespaces", *namespaces, "--ignore-not-found", "--timeout=300s")
    if kept := outliving(kubectl, owner):
        tell(f"kept, with all that it holds: {', '.join(kept)}")
    return bool(namespaces or parents)
