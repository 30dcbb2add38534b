"""Decides whether pods get the token of their ServiceAccount, which opens the API server."""

from __future__ import annotations

import pulumi


class Token:
    """The token of the account `of`, such as "service account 'web'". Pods get it only if somebody wants it.

    By default, Kubernetes mounts the token into every pod, even if the pod never calls the API server.
    https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting
    """

    def __init__(self, of: str, *, wanted: bool) -> None:
        self.of, self._wanted = of, wanted
        self._declared = False

    def want(self, by: str) -> None:
        """Asks for the token on behalf of `by`, such as "grant 'web'".

        A grant may come after the pods in the program, because pods read the decision only when the program has run.
        Raises ValueError if pods have already been declared without the token.
        """
        if self._declared and not self._wanted:
            raise ValueError(
                f"{self.of} was declared without a token before {by} was made, so its pods could not use it: give the "
                f"account token=True"
            )
        self._wanted = True

    @property
    def mounted(self) -> pulumi.Input[bool]:
        """The pod's `automountServiceAccountToken`, an Output that is read when the program has run."""
        return pulumi.Output.from_input(self._at_the_end())

    async def _at_the_end(self) -> bool:
        self._declared = True
        return self._wanted
