"""The custom kinds that the cluster has to serve before anything of the stack is applied."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from slipway.deploy.errors import DeployError
from slipway.deploy.kubectl import Kubectl
from slipway.preview.checks.definitions import Need


def check_kinds(kubectl: Kubectl, needs: Sequence[Need]) -> None:
    """Raises DeployError, one line, for the kinds that the cluster does not serve and the stack does not bring.

    https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
    """
    wanted = [need for need in needs if need.origin != "declared"]
    if not wanted:
        return
    versions = _versions(kubectl)
    kinds = {version: _kinds(kubectl, version) for version in {need.api_version for need in wanted} & {*versions}}
    missing = [
        f"{need.kind} {need.api_version}{_instead(versions, need)}"
        for need in wanted
        if need.kind not in kinds.get(need.api_version, ())
    ]
    if missing:
        raise DeployError(
            f"{kubectl.context} does not serve {', '.join(missing)}: install what defines it first, or let the stack "
            "declare its CRD"
        )


def _versions(kubectl: Kubectl) -> list[str]:
    """Every version of a group that the cluster serves, as an object writes it."""
    groups = _asked(kubectl, "/apis").get("groups", [])
    return [version["groupVersion"] for group in groups for version in group["versions"]]


def _kinds(kubectl: Kubectl, api_version: str) -> set[str]:
    return {one["kind"] for one in _asked(kubectl, f"/apis/{api_version}").get("resources", [])}


def _instead(versions: Sequence[str], need: Need) -> str:
    group = need.api_version.rpartition("/")[0]
    others = [one for one in versions if one.rpartition("/")[0] == group and one != need.api_version]
    return f" (of this group it serves {', '.join(others)})" if others else ""


def _asked(kubectl: Kubectl, path: str) -> dict[str, Any]:
    return json.loads(kubectl.run("get", "--raw", path))
