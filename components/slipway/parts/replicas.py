"""How many pods a workload has, and who decides the number."""

from __future__ import annotations

from collections.abc import Callable

import pulumi


class Replicas:
    """The number of pods of the workload `of`, such as "deployment 'web'".

    The number is either `fixed`, or somebody else decides it, such as an autoscaler. In the second case, a new workload
    starts with `initial` pods. None means the least number of the autoscaler, or one pod without an autoscaler.
    """

    def __init__(self, of: str, *, fixed: int | None, initial: int | None) -> None:
        self.of, self.fixed, self.initial = of, fixed, initial
        self._decided_by: str | None = None
        self._declared = False
        self._least = fixed
        self._of_least: list[Callable[[int], None]] = []

    def check_least(self, check: Callable[[int], None]) -> None:
        """Calls `check` with the least number of pods, which it may refuse with a ValueError.

        The call comes now if the number is known, and again when an autoscaler sets it. If the number stays unknown,
        `check` is not called.
        """
        if self._least is not None:
            check(self._least)
        self._of_least.append(check)

    def hand_over(self, to: str, *, starting_with: int) -> None:
        """Lets `to`, such as "autoscaler 'web'", decide the number from now on.

        A new workload starts with `starting_with` pods, unless its args say another number. An autoscaler is made
        after its workload. It can still set the number, because the workload reads it only when the program has run.
        Raises ValueError if the workload has read it before and its args say no number. Also raises what `check_free`
        and the checks of `check_least` raise.
        """
        self.check_free(to)
        for check in self._of_least:
            check(starting_with)
        if self.initial is None and self._declared:
            raise ValueError(
                f"{self.of} was declared before it was known to start with {starting_with} pods: give it "
                f"initial_replicas={starting_with}"
            )
        self._decided_by = to
        self._least = starting_with
        self.initial = starting_with if self.initial is None else self.initial

    def check_free(self, for_: str) -> None:
        """Raises ValueError if the number is fixed or somebody decides it already.

        `for_` is who wants to decide it, such as "autoscaler 'web'".
        """
        if self.fixed is not None:
            raise ValueError(
                f"{self.of} fixes replicas to {self.fixed} and {for_} would change it back and forth: leave replicas "
                f"out, or the autoscaler"
            )
        if self._decided_by is not None:
            raise ValueError(
                f"{self.of} is scaled by {self._decided_by} already and {for_} would work against it: leave one out, "
                f"or put the metrics of both into one"
            )

    @property
    def declared(self) -> pulumi.Input[int]:
        """The number that the workload declares. If it is not fixed, it is an Output, read when the program has run."""
        return pulumi.Output.from_input(self._at_start()) if self.fixed is None else self.fixed

    async def _at_start(self) -> int:
        self._declared = True
        return 1 if self.initial is None else self.initial
