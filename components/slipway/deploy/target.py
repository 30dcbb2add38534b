"""Which cluster a stack may be deployed to.

The setting is Pulumi's own `kubernetes:context`, which `pulumi up` obeys too. The kubeconfig's current context is
never used: it shows where somebody worked last, not where a stack belongs.
"""

from __future__ import annotations

from slipway.deploy.errors import DeployError
from slipway.deploy.kubectl import Kubectl, contexts
from slipway.deploy.rendered import Stack

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


def _known_here() -> str:
    """The possible values of the setting. If the kubeconfig cannot be read, that is said instead."""
    try:
        return _listed(contexts())
    except DeployError as error:
        return str(error)


def _listed(known: list[str]) -> str:
    return f"your kubeconfig has {', '.join(known)}" if known else "your kubeconfig has none: set KUBECONFIG"
