"""Which clusters a stack may be deployed to.

The setting is Pulumi's own `kubernetes:context`, which `pulumi up` obeys too, and so it does the `context` of an
explicit provider. The kubeconfig's current context is never used: it shows where somebody worked last, not where a
stack belongs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from slipway.deploy.errors import DeployError
from slipway.deploy.kubectl import Kubectl, contexts
from slipway.deploy.rendered import Stack, run
from slipway.preview.clusters import PROVIDER, cluster_of, has_own_kubeconfig
from slipway.preview.model import Registration, Severity

CONTEXT = "kubernetes:context"


def target(stack: Stack) -> Kubectl:
    """The cluster that the stack names. Raises DeployError if it names none, or one that the kubeconfig lacks."""
    context = stack.config.values.get(CONTEXT)
    if context is None:
        raise DeployError(
            f"stack {stack.name!r} names no cluster, and no cluster is chosen for it: add `{CONTEXT}: <context>` under "
            f"`config:` in {stack.file} ({_known_here()})"
        )
    known = contexts()
    if context not in known:
        raise DeployError(f"{stack.file}: {CONTEXT} is {context!r}, which is not a context here: {_listed(known)}")
    return Kubectl(context)


def targets(stack: Stack, registrations: Iterable[Registration]) -> dict[str | None, Kubectl]:
    """The clusters of the stack, as `Manifest.cluster` calls them: its own, then those of the program's providers.

    Providers come in the order in which the program makes them. A provider without objects counts too: what it had
    is to be deleted. Raises DeployError for a provider that names no context, or one that the kubeconfig lacks.
    """
    resources = list(registrations)
    providers = [one for one in resources if one.type == PROVIDER]
    used = {str(one.options.get("provider", "")).rpartition("::")[0] for one in resources if _is_in_a_cluster(one)}
    found: dict[str | None, Kubectl] = {}
    if CONTEXT in stack.config.values or not providers or used - {one.urn for one in providers}:
        found[None] = target(stack)
    own = stack.config.values.get(CONTEXT)
    for one in providers:
        context = _context(one)
        if context != own:
            found[context] = Kubectl(context)
    return found


def targets_of(stack: Stack, tell: Callable[[str], object]) -> dict[str | None, Kubectl]:
    """The clusters of the stack, found by running its program. Raises DeployError.

    If the program fails, they are those that it has named until then, and that of the stack: what is there can still
    be removed. This is told.
    """
    ended = run(stack)
    if ended.failed:
        why = next((one.message for one in ended.diagnostics if one.severity is Severity.ERROR), "no reason is known")
        if CONTEXT not in stack.config.values:
            raise DeployError(f"the program says which clusters stack {stack.name!r} has, and it fails: {why}")
        tell(f"the program fails, and clusters that only it names are left as they are: {why}")
    return targets(stack, ended.registrations)


def _is_in_a_cluster(one: Registration) -> bool:
    return one.custom and not one.by_helm and one.type.startswith("kubernetes:")


def _context(provider: Registration) -> str:
    where = f"{provider.source}: " if provider.source else ""
    context = cluster_of(provider)
    if context is None or has_own_kubeconfig(provider) or context != provider.inputs.get("context"):
        raise DeployError(
            f"{where}provider {provider.name!r} names no context, and `apply` finds a cluster by nothing else: give it "
            f"`context=` alone ({_known_here()}), or use `make up`"
        )
    known = contexts()
    if context not in known:
        raise DeployError(
            f"{where}the context of provider {provider.name!r} is {context!r}, which is not a context here: "
            f"{_listed(known)}"
        )
    return context


def _known_here() -> str:
    """The possible values of the setting. If the kubeconfig cannot be read, that is said instead."""
    try:
        return _listed(contexts())
    except DeployError as error:
        return str(error)


def _listed(known: list[str]) -> str:
    return f"your kubeconfig has {', '.join(known)}" if known else "your kubeconfig has none: set KUBECONFIG"
