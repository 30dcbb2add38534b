"""Whether the pods of an account get its token, the key to the API server."""

from __future__ import annotations

import pulumi


class Token:
    """The token of the account `of`, such as "service account 'web'": its pods get it where someone wants it.

    Kubernetes mounts it everywhere unless told otherwise, also for pods that never ask the API server.
    https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting
    """

    def __init__(self, of: str, *, wanted: bool) -> None:
        self.of, self._wanted = of, wanted
        self._declared = False

    def want(self, by: str) -> None:
        """Says that `by`, such as "grant 'web'", is of no use without it.

        Pods are declared before a grant that comes later in the program, and say it when the program has been run.
        Raises ValueError where pods without it have gone out before.
        """
        if self._declared and not self._wanted:
            raise ValueError(
                f"{self.of} was declared without a token before {by} was made, so its pods could not use it: give the "
                f"account token=True"
            )
        self._wanted = True

    @property
    def mounted(self) -> pulumi.Input[bool]:
        """What a pod declares as `automountServiceAccountToken`, read when the program has been run."""
        return pulumi.Output.from_input(self._at_the_end())

    async def _at_the_end(self) -> bool:
        self._declared = True
        return self._wanted
