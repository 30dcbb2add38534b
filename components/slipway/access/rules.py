"""Turns rights into the rules of a Role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

import pulumi
from pulumi_kubernetes.rbac import v1 as rbac

from slipway.access.api_resources import CONNECTING, NAMELESS, READ, VERBS, WRITE, ApiResource, parse
from slipway.access.objects import Granted, object_of
from slipway.parts.arguments.refusal import near
from slipway.parts.readings import Readable
from slipway.parts.workload import Workload

_WILDCARD = "*"
May = Literal["read", "write"] | Sequence[str]
Target = pulumi.Resource | Workload | Readable | str


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What may be done with which objects and kinds, as `GrantArgs` says it.

    `namespace` is the one in which the rights hold; None if it is not known.
    """

    may: May
    what: Sequence[Target]
    everywhere: bool
    wildcards: bool
    namespace: str | None

    def rules(self) -> list[rbac.PolicyRuleArgsDict]:
        """The least rules that cover the rights.

        Kinds of the same group with the same verbs share a rule. So do named objects of the same kind.
        """
        _check_verbs(self)
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
        ]

    def _is_wildcard(self, text: str) -> bool:
        if _WILDCARD in text and not self.wildcards:
            raise ValueError(
                f"{text!r} in what is every kind, those to come included: name kinds, or say wildcards=True"
            )
        if _WILDCARD in text and text != _WILDCARD:
            raise ValueError(f"{text!r} is no kind: give '*' for every kind, or name kinds")
        return text == _WILDCARD


def _check_verbs(rights: Rights) -> None:
    for verb in () if isinstance(rights.may, str) else rights.may:
        if verb == _WILDCARD:
            if not rights.wildcards:
                raise ValueError("'*' in may is every verb, those to come included: name verbs, or say wildcards=True")
        elif verb not in VERBS:
            meant = near(verb, VERBS)
            way = f"did you mean {meant!r}?" if meant else f"there is {', '.join(VERBS)}"
            word = "; may='write' and may='read' stand alone" if verb in ("read", "write") else ""
            raise ValueError(f"{verb!r} in may is not a verb of Kubernetes: {way}{word}")


def _check_kind(kind: ApiResource, rights: Rights) -> None:
    if kind.cluster_wide and not rights.everywhere:
        raise ValueError(f"{str(kind)!r} live in no namespace: say everywhere=True, which holds in all of them")


def _check_object(one: Granted, rights: Rights) -> None:
    if one.kind.cluster_wide and not rights.everywhere:
        raise ValueError(f"{one.called} lives in no namespace: say everywhere=True, which holds in all of them")
    if rights.everywhere and not one.kind.cluster_wide:
        raise ValueError(f"everywhere would grant every {one.kind.plural} of that name: leave it out for {one.called}")
    here, there = rights.namespace, one.namespace
    if not rights.everywhere and here is not None and there is not None and here != there:
        raise ValueError(
            f"{one.called} is in namespace {there!r}, and this grant holds in {here!r}: say namespace={there!r}"
        )


def _verbs(may: May, kind: ApiResource, possible: Sequence[str]) -> tuple[str, ...]:
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
