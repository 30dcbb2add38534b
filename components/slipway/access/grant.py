"""Grants rights to a ServiceAccount: the smallest Role that covers them, and its binding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pulumi
from pulumi_kubernetes.rbac import v1 as rbac

from slipway.access.namespace import Namespace, place_of
from slipway.access.rules import May, Rights, Target
from slipway.access.service_account import ServiceAccount
from slipway.parts.arguments.checked import checked
from slipway.parts.names import check_name
from slipway.parts.place import Place

if TYPE_CHECKING:
    from pulumi_kubernetes.meta.v1 import ObjectMetaArgsDict


@checked
@dataclass(frozen=True, kw_only=True)
class GrantArgs:
    """Arguments of a `Grant`. Raises ValueError for rights that do not exist, or that no RBAC rule can express.

    - `to`: the account. The pods of this program that run as it get its token, because the rights need it.
    - `may`: a list of verbs, or one of two words: `read` (get, list, watch) or `write` (also create, update, patch,
      delete). A word leaves out verbs that the kind does not have. On single objects, `write` leaves out create, since
      no rule can limit create to a name.
    - `what`: single objects or kinds. An object is a component, a resource of pulumi-kubernetes, `config.values` or
      `config.secrets`; for a `WebService` it is the Deployment. The rule names the object, so a client that lists or
      watches has to select it by `metadata.name`. A kind means all its objects: `pods`, `deployments.apps`,
      `pods/log`, `scaledobjects.keda.sh`.
    - `namespace`: where the rights hold. None means the account's own namespace.
    - `everywhere`: the rights hold in all namespaces, and for kinds without a namespace, such as `nodes`.
    - `wildcards`: allows `*` for all verbs in `may` and all kinds in `what`, including future ones.
    - `rules`: further rules, as the provider's fields.
    https://kubernetes.io/docs/reference/access-authn-authz/rbac/
    """

    to: ServiceAccount
    may: May = ()
    what: Sequence[Target] = ()
    namespace: Namespace | pulumi.Input[str] | None = None
    everywhere: bool = False
    wildcards: bool = False
    rules: Sequence[rbac.PolicyRuleArgsDict] = ()

    def __post_init__(self) -> None:
        if not self.rules and (not self.may or not self.what):
            raise ValueError("nothing is granted: give may and what, as in may='read', what=['pods']")
        if bool(self.may) != bool(self.what):
            raise ValueError("may and what go together: give both, or rules alone")
        if self.everywhere and self.namespace is not None:
            raise ValueError("everywhere is in all namespaces: leave out it or namespace")
        if self.namespace is not None:
            place_of(self.namespace)
        self.granted()

    @property
    def place(self) -> Place:
        """The namespace where the rights hold, unless they hold everywhere."""
        return self.to.place if self.namespace is None else place_of(self.namespace)

    def granted(self) -> list[rbac.PolicyRuleArgsDict]:
        """The rules of the role."""
        rights = Rights(
            may=self.may,
            what=self.what,
            everywhere=self.everywhere,
            wildcards=self.wildcards,
            namespace=self.place.known,
        )
        return [*rights.rules(), *self.rules]


@checked
class Grant(pulumi.ComponentResource):
    """A Role and its RoleBinding, named exactly `name`. With `everywhere`, a ClusterRole and a ClusterRoleBinding.

    Cluster-wide objects live in no namespace. So their name starts with the account's namespace, as in `shop:web`, and
    stacks in one cluster do not overwrite each other's objects. The role always has the same name as its binding, so
    the binding's reference to it never changes.
    """

    def __init__(self, name: str, args: GrantArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_name(name, "grant")
        args.to.token.want(f"grant {name!r}")
        super().__init__("slipway:index:Grant", name, None, opts)
        subject: rbac.SubjectArgsDict = {
            "kind": "ServiceAccount",
            "name": args.to.name,
            "namespace": args.to.place.name,
        }
        make = _everywhere if args.everywhere else _in_its_place
        self.role, self.resource = make(self, name, args, subject)
        self.register_outputs({"name": name})


def _in_its_place(
    grant: Grant, name: str, args: GrantArgs, subject: rbac.SubjectArgsDict
) -> tuple[rbac.Role, rbac.RoleBinding]:
    place = args.place
    metadata: ObjectMetaArgsDict = {"name": name, "namespace": place.name}
    role = rbac.Role(name, metadata=metadata, rules=args.granted(), opts=place.child(grant))
    binding = rbac.RoleBinding(
        name,
        metadata=metadata,
        role_ref=_role("Role", name),
        subjects=[subject],
        opts=place.child(grant, depends_on=[role]),
    )
    return role, binding


def _everywhere(
    grant: Grant, name: str, args: GrantArgs, subject: rbac.SubjectArgsDict
) -> tuple[rbac.ClusterRole, rbac.ClusterRoleBinding]:
    called = pulumi.Output.concat(args.to.place.name, ":", name)
    role = rbac.ClusterRole(
        name, metadata={"name": called}, rules=args.granted(), opts=pulumi.ResourceOptions(parent=grant)
    )
    binding = rbac.ClusterRoleBinding(
        name,
        metadata={"name": called},
        role_ref=_role("ClusterRole", called),
        subjects=[subject],
        opts=pulumi.ResourceOptions(parent=grant, depends_on=[role]),
    )
    return role, binding


def _role(kind: Literal["Role", "ClusterRole"], name: pulumi.Input[str]) -> rbac.RoleRefArgsDict:
    return {"api_group": "rbac.authorization.k8s.io", "kind": kind, "name": name}
