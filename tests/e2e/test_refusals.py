"""What must not run is refused: by the cluster, and by the deployment before it writes anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.e2e.program.knobs import Knobs
from tests.e2e.project import Service
from tests.e2e.waiting import until

NOTHING: Mapping[str, Any] = {}
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def _pod(
    name: str, *, without: str = "", container: Mapping[str, Any] = NOTHING, pod: Mapping[str, Any] = NOTHING
) -> str:
    """An accepted pod with one change: a field of RESTRICTED is left out, or something is added."""
    context = {key: value for key, value in {**RESTRICTED, **container}.items() if key != without}
    spec = {"containers": [{"name": "main", "image": "nowhere/none:1", "securityContext": context}], **pod}
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})


NO_ESCALATION = "allowPrivilegeEscalation != false ({} must set securityContext.allowPrivilegeEscalation=false)"

# What is wrong with a pod, and the API server's full message about it, in which {} is the container.
VIOLATIONS: dict[str, tuple[dict[str, Any], str]] = {
    "privileged": (
        {"container": {"privileged": True}, "without": "allowPrivilegeEscalation"},
        "privileged ({} must not set securityContext.privileged=true), " + NO_ESCALATION,
    ),
    "may escalate": ({"container": {"allowPrivilegeEscalation": True}}, NO_ESCALATION),
    "may escalate by default": ({"without": "allowPrivilegeEscalation"}, NO_ESCALATION),
    "keeps capabilities": (
        {"without": "capabilities"},
        'unrestricted capabilities ({} must set securityContext.capabilities.drop=["ALL"])',
    ),
    "adds a capability": (
        {"container": {"capabilities": {"drop": ["ALL"], "add": ["NET_ADMIN"]}}},
        'unrestricted capabilities ({} must not include "NET_ADMIN" in securityContext.capabilities.add)',
    ),
    "may be root": (
        {"without": "runAsNonRoot"},
        "runAsNonRoot != true (pod or {} must set securityContext.runAsNonRoot=true)",
    ),
    "is root": ({"container": {"runAsUser": 0}}, "runAsUser=0 ({} must not set runAsUser=0)"),
    "no seccomp profile": (
        {"without": "seccompProfile"},
        'seccompProfile (pod or {} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    ),
    "unconfined": (
        {"container": {"seccompProfile": {"type": "Unconfined"}}},
        'seccompProfile ({} must not set securityContext.seccompProfile.type to "Unconfined")',
    ),
    "a folder of the node": (
        {"pod": {"volumes": [{"name": "node", "hostPath": {"path": "/"}}]}},
        'restricted volume types (volume "node" uses restricted volume type "hostPath")',
    ),
    "the node's network": ({"pod": {"hostNetwork": True}}, "host namespaces (hostNetwork=true)"),
    "the node's processes": ({"pod": {"hostPID": True}}, "host namespaces (hostPID=true)"),
}


def test_a_pod_that_breaks_the_restricted_standard_is_refused_for_that_alone(service: Service, image: str) -> None:
    service.apply(Knobs(image=image, replicas=1))
    service.kubectl("create", "--dry-run=server", "-f-", stdin=_pod("good"))
    for what, (turned, reason) in VIOLATIONS.items():
        refused = service.kubectl("create", "-f-", stdin=_pod("bad", **turned), check=False)
        assert refused.returncode != 0, f"{what}: was let in"
        _, _, told = refused.stderr.strip().partition('violates PodSecurity "restricted:latest": ')
        assert told == reason.replace("{}", 'container "main"'), f"{what}: {refused.stderr}"


def test_a_pod_over_the_quota_is_refused_and_apply_says_so(service: Service, image: str) -> None:
    service.apply(Knobs(image=image, replicas=2, pods=3))
    service.kubectl("create", "-f-", stdin=_pod("third"))
    until(lambda: len(service.pods()) == 2, "two pods")
    refused = service.kubectl("create", "-f-", stdin=_pod("fourth"), check=False)
    assert refused.returncode != 0
    assert "exceeded quota" in refused.stderr
    ended = service.apply(Knobs(image=image, replicas=4, pods=3), "--timeout", "60", check=False)
    assert ended.returncode == 1
    assert "leaves no room for a pod" in ended.stderr.splitlines()[0], "it is the reason, and not only among the events"


def test_the_applications_account_may_do_nothing(service: Service, image: str) -> None:
    service.apply(Knobs(image=image, replicas=1, secret=True))
    (pod,) = service.pods().values()
    account = f"--as=system:serviceaccount:{service.stack}:{pod['spec']['serviceAccountName']}"
    for tried in (
        ("get", "secrets"),
        ("get", "pods"),
        ("create", "-f-"),
        ("create", "configmap", "mine"),
        ("delete", "deployment", "hello"),
    ):
        refused = service.kubectl(*tried, account, stdin=_pod("mine"), check=False)
        assert refused.returncode != 0, f"it may {' '.join(tried)}"
        assert "forbidden" in refused.stderr.lower()
    told = service.kubectl("auth", "can-i", "--list", "--no-headers", account).stdout
    allowed = {line.split()[0] for line in told.splitlines() if not line.startswith(" ")}
    assert {one.partition(".")[0] for one in allowed} == {
        *("selfsubjectreviews", "selfsubjectaccessreviews", "selfsubjectrulesreviews")
    }, "as any account, it may ask who it is and what it may"
    mounts = pod["spec"]["containers"][0]["volumeMounts"]
    assert not [one for one in mounts if "serviceaccount" in one["mountPath"]], "it has not even a token"


def test_a_cluster_that_the_stack_does_not_name_is_not_touched(service: Service, image: str) -> None:
    service.turn(Knobs(image=image))
    file = service.folder / f"Pulumi.{service.stack}.yaml"
    named = file.read_text(encoding="utf-8")
    for line, told in (
        ("kubernetes:context: elsewhere", "'elsewhere', which is not a context here"),
        ("e2e:other: value", "add `kubernetes:context: <context>`"),
    ):
        file.write_text(named.replace(f"kubernetes:context: {service.site.context}", line), encoding="utf-8")
        ended = service.deploy("apply", check=False)
        assert ended.returncode == 1
        assert told in ended.stderr
        assert ended.stderr.count("\n") == 1
    assert not service.site.kubectl("get", "namespace", service.stack, "--ignore-not-found").stdout
    file.write_text(named, encoding="utf-8")


def test_a_secret_that_is_not_known_is_refused_before_any_write(service: Service, image: str) -> None:
    unguarded = Service(site=service.site, folder=service.folder, stack=service.stack, guarded=False)
    ended = unguarded.apply(Knobs(image=image, secret=True), check=False)
    assert ended.returncode == 1
    assert "E2E_SECRET_API_TOKEN" in ended.stderr
    assert not service.site.kubectl("get", "namespace", service.stack, "--ignore-not-found").stdout


def test_a_namespace_that_was_there_before_is_neither_taken_over_nor_removed(service: Service, image: str) -> None:
    name = service.stack
    service.site.kubectl("create", "namespace", name)
    refused = service.apply(Knobs(image=image), check=False)
    assert refused.returncode == 1
    assert f"namespace {name} was there before" in refused.stderr
    service.deploy("down")
    assert service.site.get("namespace", name)["status"]["phase"] == "Active"
    _, _, way = refused.stderr.partition("hand it over by `kubectl ")
    service.site.kubectl(*way.partition("`")[0].split())
    service.apply(Knobs(image=image, replicas=1))
