"""What an account may do: the API server is asked, one request at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from slipway.access.api_resources import parse
from tests.e2e.objects import as_list
from tests.e2e.site import Site


class Request(NamedTuple):
    verb: str
    what: str
    name: str
    namespace: str


def allowed(site: Site, account: str, requests: Iterable[Request]) -> list[bool]:
    """Whether a user, as in `system:serviceaccount:shop:web`, may do each of the requests."""
    reviews = as_list([_review(account, one) for one in requests])
    answers = _items(site.kubectl("create", "--output=json", "-f-", stdin=reviews).stdout)
    return [one["status"]["allowed"] for one in answers]


def _items(text: str) -> list[dict[str, Any]]:
    """kubectl prints one object after the other."""
    decoder, found = json.JSONDecoder(), list[dict[str, Any]]()
    while text := text.strip():
        one, end = decoder.raw_decode(text)
        found.extend(one["items"] if one["kind"] == "List" else [one])
        text = text[end:]
    return found


def _review(account: str, one: Request) -> dict[str, Any]:
    kind = parse(one.what)
    attributes = {"verb": one.verb, "group": kind.group, "resource": kind.plural, "subresource": kind.part}
    # What lives in no namespace is asked for in none.
    place = {} if kind.cluster_wide else {"namespace": one.namespace}
    return {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": account, "resourceAttributes": {**attributes, **place, "name": one.name}},
    }
