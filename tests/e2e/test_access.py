"""A grant allows what it says, and nothing else: the API server is asked for every verb on every kind."""

from __future__ import annotations

import json
from collections.abc import Generator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from slipway import (
    Config,
    ConfigArgs,
    Deployment,
    DeploymentArgs,
    Grant,
    GrantArgs,
    Namespace,
    ServiceAccount,
    ServiceAccountArgs,
)
from slipway.access.api_resources import VERBS, known, parse
from tests.e2e.objects import applied
from tests.e2e.reviews import Request, allowed
from tests.e2e.site import Site

OURS, OTHER = "access-grants", "access-grants-other"
ACCOUNT = f"system:serviceaccount:{OURS}:worker"


WHAT = [
    *(
        "pods",
        "pods/log",
        "pods/exec",
        "secrets",
        "configmaps",
        "services",
        "deployments.apps",
        "deployments.apps/scale",
    ),
    *("deployments.apps/status", "jobs.batch", "cronjobs.batch", "roles.rbac.authorization.k8s.io", "events"),
    *("nodes", "nodes/proxy", "namespaces", "clusterroles.rbac.authorization.k8s.io"),
]
NAMES = ["", "web", "settings", "other"]


def asked() -> list[Request]:
    return [Request(*one) for one in product(VERBS, WHAT, NAMES, [OURS, OTHER])]


def expected(one: Request) -> bool:
    """What the grants of `program` say, in other words than theirs."""
    reading, changing = one.verb in ("get", "list", "watch"), one.verb in ("update", "patch", "delete")
    if one.what == "nodes":
        return reading
    if one.namespace != OURS:
        return False
    match one.what:
        case "pods":
            return reading
        case "pods/log":
            return one.verb == "get"
        case "jobs.batch":
            return reading or changing or one.verb == "create"
        case "configmaps":
            return reading and one.name == "settings"
        case "deployments.apps":
            return (reading or changing) and one.name == "web"
        case "deployments.apps/scale":
            return one.verb == "patch"
        case _:
            return False


def program() -> None:
    namespace = Namespace(OURS)
    Namespace(OTHER)
    account = ServiceAccount("worker", ServiceAccountArgs(namespace=namespace))
    settings = Config("settings", ConfigArgs(namespace=namespace, values={"a": "b"}, rollout="live"))
    web = Deployment("web", DeploymentArgs(namespace=namespace, image="nowhere/none:1", replicas=0))
    Grant("look", GrantArgs(to=account, may="read", what=["pods", "pods/log", settings.values]))
    Grant("change", GrantArgs(to=account, may="write", what=[web, "jobs.batch"]))
    Grant("scale", GrantArgs(to=account, may=["patch"], what=["deployments.apps/scale"]))
    Grant("watch-nodes", GrantArgs(to=account, may="read", what=["nodes"], everywhere=True))


@pytest.fixture(scope="module", autouse=True)
def granted(site: Site) -> Generator[None]:
    with applied(site, program):
        yield


def test_a_grant_allows_exactly_what_it_says(site: Site) -> None:
    requests = asked()
    answers = allowed(site, ACCOUNT, requests)
    assert len(answers) == len(requests) > 1500
    wrong = [(one, found) for one, found in zip(requests, answers, strict=True) if found != expected(one)]
    assert not wrong, "neither more nor less"
    assert sum(answers) > 50, "something is allowed at all"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["list", "pods"], "yes"),
        (["get", "pods", "--subresource=log"], "yes"),
        (["delete", "pods"], "no"),
        (["patch", "deployments.apps/web"], "yes"),
        (["patch", "deployments.apps/other"], "no"),
        (["list", "nodes"], "yes"),
        (["get", "secrets"], "no"),
    ],
    ids=" ".join,
)
def test_kubectl_says_so_too(site: Site, arguments: list[str], said: str) -> None:
    answer = site.kubectl("auth", "can-i", *arguments, "--as", ACCOUNT, "--namespace", OURS, check=False)
    assert answer.stdout.strip() == said


def test_the_accounts_own_token_opens_what_is_granted_and_no_more(site: Site, tmp_path: Path) -> None:
    token = site.kubectl("create", "token", "worker", "--namespace", OURS).stdout.strip()
    config = json.loads(site.kubectl("config", "view", "--raw", "--minify", "--output=json").stdout)
    config["users"][0]["user"] = {"token": token}
    file = tmp_path / "kubeconfig"
    file.write_text(json.dumps(config), encoding="utf-8")

    def as_account(*arguments: str) -> str:
        command = ("--kubeconfig", str(file), "--namespace", OURS, *arguments)
        return site.kubectl(*command, check=False).stderr.strip()

    assert as_account("get", "pods") == f"No resources found in {OURS} namespace."
    assert as_account("get", "deployment", "web") == ""
    assert "cannot list resource" in as_account("get", "secrets")
    assert "cannot get resource" in as_account("get", "deployment", "other")


def test_the_kinds_that_we_know_are_those_that_the_api_server_serves(site: Site) -> None:
    """With their parts and verbs, as far as it serves them; what it serves beside its own groups is custom."""
    ours = {str(one): one for one in known()}
    served = _served(site)
    builtin = {one: what for one, what in served.items() if _group(one) in {kind.group for kind in ours.values()}}
    for text, (namespaced, verbs) in builtin.items():
        kind = parse(text)
        assert kind.cluster_wide is not namespaced, text
        assert set(verbs) <= set(kind.verbs), f"{text} knows {verbs}"
        assert not kind.part or set(kind.verbs) <= set(verbs), f"{text} knows no more than {verbs}"
    assert set(ours) <= set(builtin), "known, and not served"


def _group(text: str) -> str:
    return text.partition("/")[0].partition(".")[2]


def _served(site: Site) -> dict[str, tuple[bool, list[str]]]:
    """Whether it lives in a namespace, and what can be done to it, by each kind and part of one."""
    groups = {group["name"]: group["preferredVersion"]["groupVersion"] for group in _raw(site, "/apis")["groups"]}
    found: dict[str, tuple[bool, list[str]]] = {}
    for group, path in {"": "api/v1", **{name: f"apis/{version}" for name, version in groups.items()}}.items():
        for one in _raw(site, f"/{path}")["resources"]:
            plural, slash, part = one["name"].partition("/")
            whole = f"{plural}.{group}" if group else plural
            found[f"{whole}{slash}{part}"] = one["namespaced"], one["verbs"]
    return found


def _raw(site: Site, path: str) -> dict[str, Any]:
    return json.loads(site.kubectl("get", "--raw", path).stdout)
