"""Grants rights to a ServiceAccount: the smallest Role that covers them, and its binding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

import pulumi
from pulumi_kubernetes.rbac import v1 as rbac

from slipway.access.api_resources import CONNECTING, NAMELESS, READ, VERBS, WRITE, ApiResource, parse
from slipway.access.namespace import Namespace, place_of
from slipway.access.objects import Granted, object_of
from slipway.access.service_account import ServiceAccount
from slipway.parts.arguments.checked import checked
from slipway.parts.arguments.refusal import near
from slipway.parts.names import check_name
from slipway.parts.place import Place
from slipway.parts.readings import Readable
from slipway.parts.workload import Workload

if TYPE_CHECKING:
    from pulumi_kubernetes.meta.v1 import ObjectMetaArgsDict

_WILDCARD = "*"
Target = pulumi.Resource | Workload | Readable | str


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
    may: Literal["read", "write"] | Sequence[str] = ()
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
        _check_verbs(self)
        if self.namespace is not None:
            place_of(self.namespace)
        self.granted()

    @property
    def place(self) -> Place:
        """The namespace where the rights hold, unless they hold everywhere."""
        return self.to.place if self.namespace is None else place_of(self.namespace)

    def granted(self) -> list[rbac.PolicyRuleArgsDict]:
        """The rules of the role.

        Kinds of the same group with the same verbs share a rule. So do named objects of the same kind.
        """
        kinds: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        objects: dict[tuple[ApiResource, tuple[str, ...]], list[pulumi.Input[str]]] = {}
        for target in self.what:
            if isinstance(target, str):
                kind = ApiResource(group=_WILDCARD, plural=_WILDCARD) if self._is_wildcard(target) else parse(target)
                _check_kind(kind, self)
                kinds.setdefault((kind.group, _verbs(self.may, kind, VERBS)), []).append(kind.in_rule)
            else:
                one = object_of(target)
                _check_object(one, self)
                nameable = tuple(verb for verb in VERBS if verb not in NAMELESS)
                objects.setdefault((one.kind, _verbs(self.may, one.kind, nameable)), []).append(one.name)
        return [
            *(
                cast("rbac.PolicyRuleArgsDict", {"api_groups": [group], "resources": plurals, "verbs": [*verbs]})
                for (group, verbs), plurals in kinds.items()
            ),
            *(
                cast(
                    "rbac.PolicyRuleArgsDict",
                    {
                        "api_groups": [kind.group],
                        "resources": [kind.in_rule],
                        "resource_names": names,
                        "verbs": [*verbs],
                    },
                )
                for (kind, verbs), names in objects.items()
            ),
            *self.rules,
        ]

    def _is_wildcard(self, text: str) -> bool:
        if _WILDCARD in text and not self.wildcards:
            raise ValueError(
                f"{text!r} in what is every kind, those to come included: name kinds, or say wildcards=True"
            )
        if _WILDCARD in text and text != _WILDCARD:
            raise ValueError(f"{text!r} is no kind: give '*' for every kind, or name kinds")
        return text == _WILDCARD


def _check_verbs(args: GrantArgs) -> None:
    for verb in () if isinstance(args.may, str) else args.may:
        if verb == _WILDCARD:
            if not args.wildcards:
                raise ValueError("'*' in may is every verb, those to come included: name verbs, or say wildcards=True")
        elif verb not in VERBS:
            meant = near(verb, VERBS)
            way = f"did you mean {meant!r}?" if meant else f"there is {', '.join(VERBS)}"
            word = "; may='write' and may='read' stand alone" if verb in ("read", "write") else ""
            raise ValueError(f"{verb!r} in may is not a verb of Kubernetes: {way}{word}")


def _check_kind(kind: ApiResource, args: GrantArgs) -> None:
    if kind.cluster_wide and not args.everywhere:
        raise ValueError(f"{str(kind)!r} live in no namespace: say everywhere=True, which holds in all of them")


def _check_object(one: Granted, args: GrantArgs) -> None:
    if one.kind.cluster_wide and not args.everywhere:
        raise ValueError(f"{one.called} lives in no namespace: say everywhere=True, which holds in all of them")
    if args.everywhere and not one.kind.cluster_wide:
        raise ValueError(f"everywhere would grant every {one.kind.plural} of that name: leave it out for {one.called}")
    here, there = args.place.known, one.namespace
    if not args.everywhere and here is not None and there is not None and here != there:
        raise ValueError(
            f"{one.called} is in namespace {there!r}, and this grant holds in {here!r}: say namespace={there!r}"
        )


def _verbs(
    may: Literal["read", "write"] | Sequence[str], kind: ApiResource, possible: Sequence[str]
) -> tuple[str, ...]:
    """The verbs of a rule on `kind`. Raises ValueError for a verb that the kind or the rule cannot have."""
    allowed = [verb for verb in kind.verbs if verb in possible]
    if isinstance(may, str):
        word = READ if may == "read" else WRITE
        verbs = tuple(verb for verb in word if verb in allowed)
        if not verbs or (may == "read" and kind.part in CONNECTING):
            raise ValueError(
                f"{str(kind)!r} is not for reading: say may={[*kind.verbs]!r}, or 'write', if it may be used"
            )
        return verbs
    for verb in may:
        if verb == _WILDCARD:
            continue
        if verb not in kind.verbs:
            raise ValueError(f"{str(kind)!r} knows no {verb!r}: it knows {', '.join(kind.verbs)}")
        if verb not in allowed:
            raise ValueError(
                f"{verb!r} names no object, so it cannot be granted on one: leave it out, or grant it on "
                f"{str(kind)!r} as a whole"
            )
    return tuple(may)


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
