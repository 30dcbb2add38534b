"""What an apply would change: the objects as they are, and as the API server would have them after it.

The API server tries all objects in dry runs, so nothing is written.
https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from slipway.deploy.apply_set import APPLY, ApplySet
from slipway.deploy.applying import ready
from slipway.deploy.field_sets import without
from slipway.deploy.kubectl import Kubectl
from slipway.deploy.ownership import built_in, dropped, stored
from slipway.deploy.rendered import Rendered
from slipway.deploy.revisions import still_read
from slipway.deploy.set_parents import recorded, sets

_OF_THE_SERVER = ("managedFields", "resourceVersion", "generation", "uid", "creationTimestamp")
_ROLLED = ("Deployment", "StatefulSet", "DaemonSet")
_LONGEST = 80

Body = dict[str, Any]
Change = tuple[str, Any, Any]


def differences(rendered: Rendered, tell: Callable[[str], object]) -> None:
    """Tells in lines what would change of each object. Raises DeployError for what `apply` refuses."""
    clusters = ready(rendered, tell)
    for _ in clusters.each(lambda name, kubectl, tell: _differences(kubectl, rendered.part(name), tell)):
        pass
    clusters.check_all_in_reach("what would change there is not known")


def _differences(kubectl: Kubectl, rendered: Rendered, tell: Callable[[str], object]) -> None:
    owner, manifests = rendered.stack.full_name, rendered.manifests
    apply_set = ApplySet(kubectl, owner, manifests)
    live = {_told(body): body for body in stored(kubectl, (one.body for one in manifests))}
    declared = apply_set.declared(live.values())
    after = {_told(body): body for body in _after(kubectl, declared, live)}
    same = 0
    for body in declared:
        told = _told(body)
        if not built_in(body):
            tell(f"{told}: not compared, as it is of a custom kind")
        elif told not in live:
            tell(f"{told}: new")
        elif lines := list(compared(live[told], after[told], rendered.stack.config.plaintexts)):
            for line in lines:
                tell(line)
        else:
            same += 1
    for line in _deleted(kubectl, apply_set, owner, declared):
        tell(line)
    tell(f"{same} of {len(declared)} objects stay as they are")


def compared(before: Body, after: Body, secrets: frozenset[str]) -> Iterator[str]:
    """Lines for an object that would change; none if it stays. A value that contains one of `secrets` is not shown."""
    if changes := list(_changes(_own(before), _own(after))):
        yield f"{_told(after)}: {_consequence(after, changes)}"
        yield from (_line(change, secrets, after["kind"]) for change in changes)


def _after(kubectl: Kubectl, declared: list[Body], live: Mapping[str, Body]) -> Iterator[Body]:
    """The objects that are there, as they would be."""
    known = [body for body in declared if _told(body) in live]
    if not known:
        return
    tried = _tried(kubectl, known, *APPLY, "--show-managed-fields")
    left: list[Body] = []
    for body in tried:
        if fields := dropped(live[_told(body)], body):
            left.append(without({**body, "metadata": {**body["metadata"], "managedFields": []}}, fields))
        else:
            yield body
    # The API server fills in the defaults.
    yield from _tried(kubectl, left, "replace", "--filename=-") if left else ()


def _tried(kubectl: Kubectl, bodies: list[Body], *command: str) -> list[Body]:
    stream = json.dumps({"apiVersion": "v1", "kind": "List", "items": bodies})
    text = kubectl.run(*command, "--dry-run=server", "--output=json", stdin=stream)
    found: list[Body] = []
    # `kubectl replace` writes one object after the other, and `kubectl apply` a list of them.
    while text := text.lstrip():
        one, end = json.JSONDecoder().raw_decode(text)
        found += one.get("items", [one])
        text = text[end:]
    return found


def _deleted(kubectl: Kubectl, apply_set: ApplySet, owner: str, declared: list[Body]) -> Iterator[str]:
    known = {_told(body) for body in declared}
    for namespace, parent in sets(kubectl, owner).items():
        selector = apply_set.selector(namespace)
        kept = {_told(body) for body in still_read(kubectl, namespace, selector, declared)}
        if kinds := recorded(parent):
            found = kubectl.get(",".join(kinds), "--namespace", namespace, "--selector", selector)
            yield from (f"{_told(body)}: deleted" for body in found if _told(body) not in known | kept)


def _own(body: Body) -> Body:
    """An object without what the API server alone decides."""
    metadata = {key: value for key, value in body["metadata"].items() if key not in _OF_THE_SERVER}
    return {key: value for key, value in body.items() if key != "status"} | {"metadata": metadata}


def _changes(before: Any, after: Any, path: str = "") -> Iterator[Change]:
    one, other = _keyed(before), _keyed(after)
    if one is None or other is None:
        if before != after:
            yield path, before, after
        return
    for key in dict.fromkeys((*one, *other)):
        below = key if not path else f"{path}{key}" if key.startswith("[") else f"{path}.{key}"
        yield from _changes(one.get(key), other.get(key), below)


def _keyed(value: Any) -> Mapping[str, Any] | None:
    """The parts of a value: the fields of an object, and the items of a list by their names or their places."""
    if isinstance(value, dict):
        return cast("Body", value)
    if not isinstance(value, list):
        return None
    items = cast("list[Any]", value)
    names = [cast("Body", one).get("name") if isinstance(one, dict) else None for one in items]
    by_name = None not in names and len(set(names)) == len(names)
    return {f"[{name if by_name else place}]": one for place, (name, one) in enumerate(zip(names, items, strict=True))}


def _consequence(body: Body, changes: list[Change]) -> str:
    if body["kind"] not in _ROLLED:
        return "changed in place"
    rolled = any(path == "spec.template" or path.startswith("spec.template.") for path, _, _ in changes)
    return "new pods" if rolled else "changed in place, its pods stay"


def _line(change: Change, secrets: frozenset[str], kind: str) -> str:
    path, before, after = change
    was, now = (
        _short(value, secrets, hidden=kind == "Secret" and not path.startswith("metadata.labels"))
        for value in (before, after)
    )
    if before is None:
        return f"  + {path}: {now}"
    return f"  - {path}: {was}" if after is None else f"  ~ {path}: {was} -> {now}"


def _short(value: Any, secrets: frozenset[str], *, hidden: bool) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    if hidden or any(secret and secret in text for secret in secrets):
        return "[secret]"
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _told(body: Body) -> str:
    metadata = body["metadata"]
    return (
        f"{body['kind']} {metadata['namespace']}/{metadata['name']}"
        if metadata.get("namespace")
        else (f"{body['kind']} {metadata['name']}")
    )
