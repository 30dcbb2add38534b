"""What can go wrong, each with its exit code."""

import json
from typing import Any, cast

from kubernetes.client.exceptions import ApiException

REFUSED, NO_CLUSTER, NO_PERMISSION, MISSING, FAILED, TOO_SLOW = 1, 3, 4, 5, 6, 7
EXIT_CODES = {
    0: "done",
    REFUSED: "the API server refuses for another reason",
    2: "wrong arguments",
    NO_CLUSTER: "no cluster",
    NO_PERMISSION: "no permission",
    MISSING: "an object is missing",
    FAILED: "the rollout has failed",
    TOO_SLOW: "the rollout goes on after --timeout",
    130: "Ctrl-C",
    143: "SIGTERM",
}


class ClientError(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(" ".join(message.split()))
        self.code = code


def error_of(error: ApiException) -> ClientError:
    """The error behind an answer of the API server."""
    answer = cast("Any", error)  # Its attributes have no types.
    status: int = answer.status
    try:
        said = str(json.loads(answer.body)["message"])
    except (ValueError, KeyError, TypeError):
        said = str(answer.reason)
    if status == 401:
        return ClientError(
            NO_PERMISSION, f"the API server knows no such account ({said}): log in again, or use --context"
        )
    if status == 403:
        return ClientError(NO_PERMISSION, f"{said}: grant this to the account, or use --context for another one")
    if status == 404:
        way = "create it, or use --namespace" if said.startswith("namespaces") else "create it with `ensure`"
        return ClientError(MISSING, f"{said}: {way}")
    return ClientError(REFUSED, f"the API server answers {status}: {said}")
