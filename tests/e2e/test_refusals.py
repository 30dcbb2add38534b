"""What must not get in is refused: by the cluster, and by the deployment before it touches one."""

from __future__ import annotations

import json
from typing import Any

from tests.e2e.program.knobs import Knobs
from tests.e2e.project import Service
from tests.e2e.waiting import until


def _pod(name: str, **container: Any) -> str:
    restricted = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    spec = {"containers": [{"name": "main", "image": "nowhere/none:1", "securityContext": restricted, **container}]}
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})


def test_a_privileged_pod_is_refused(service: Service, image: str) -> None:
    service.apply(Knobs(image=image, replicas=1))
    refused = service.kubectl("create", "-f-", stdin=_pod("bad", securityContext={"privileged": True}), check=False)
    assert refused.returncode != 0
    assert 'violates PodSecurity "restricted' in refused.stderr
    accepted = service.kubectl("create", "--dry-run=server", "-f-", stdin=_pod("good"))
    assert accepted.returncode == 0, "the same pod without the privilege is none of these"


def test_a_pod_over_the_quota_is_refused_and_apply_says_so(service: Service, image: str) -> None:
    service.apply(Knobs(image=image, replicas=2, pods=3))
    service.kubectl("create", "-f-", stdin=_pod("third"))
    until(lambda: len(service.pods()) == 2, "two pods")
    refused = service.kubectl("create", "-f-", stdin=_pod("fourth"), check=False)
    assert refused.returncode != 0
    assert "exceeded quota" in refused.stderr
    ended = service.apply(Knobs(image=image, replicas=4, pods=3), "--timeout", "60", check=False)
    assert ended.returncode == 1
    assert "exceeded quota" in ended.stderr


def test_the_applications_account_may_write_nothing(service: Service, image: str) -> None:
    service.apply(Knobs(image=image, replicas=1))
    account = f"system:serviceaccount:{service.stack}:default"
    refused = service.kubectl("create", "configmap", "mine", f"--as={account}", check=False)
    assert refused.returncode != 0
    assert "forbidden" in refused.stderr
    mounts = next(iter(service.pods().values()))["spec"]["containers"][0]["volumeMounts"]
    assert not [one for one in mounts if "serviceaccount" in one["mountPath"]], "it has not even a token"


def test_a_cluster_that_the_stack_does_not_name_is_not_touched(service: Service, image: str) -> None:
    for config, told in (
        ({"kubernetes:context": "elsewhere"}, "'elsewhere', which is not a context here"),
        ({"kubernetes:context": None}, "add `kubernetes:context: <context>`"),
    ):
        service.turn(Knobs(image=image))
        file = service.folder / f"Pulumi.{service.stack}.yaml"
        text = file.read_text(encoding="utf-8").replace(f"kubernetes:context: {service.site.context}", "XX")
        context = config["kubernetes:context"]
        file.write_text(
            text.replace("XX", f"kubernetes:context: {context}" if context else "e2e:none: x"), encoding="utf-8"
        )
        ended = service.deploy("apply", check=False)
        assert ended.returncode == 1
        assert told in ended.stderr
        assert ended.stderr.count("\n") == 1
    assert not service.site.kubectl("get", "namespace", service.stack, "--ignore-not-found").stdout
    service.turn(Knobs(image=image))


def test_a_secret_that_is_not_known_is_refused_before_any_write(service: Service, image: str) -> None:
    unguarded = Service(site=service.site, folder=service.folder, stack=service.stack, guarded=False)
    ended = unguarded.apply(Knobs(image=image, secret=True), check=False)
    assert ended.returncode == 1
    assert "E2E_SECRET_<KEY>" in ended.stderr
    assert not service.site.kubectl("get", "namespace", service.stack, "--ignore-not-found").stdout
