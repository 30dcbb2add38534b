"""How many pods a workload has, and who decides it."""

from __future__ import annotations

from collections.abc import Callable

import pulumi


class Replicas:
    """The number of pods of the workload `of`, such as "deployment 'web'".

    Either it is `fixed`, or someone else decides: then `initial` is how many there are at the start, None for one.
    """

    def __init__(self, of: str, *, fixed: int | None, initial: int | None) -> None:
        self.of, self.fixed, self.initial = of, fixed, initial
        self._decided_by: str | None = None
        self._declared = False
        self._least = fixed
        self._of_least: list[Callable[[int], None]] = []

    def check_least(self, check: Callable[[int], None]) -> None:
        """Has `check` say what it thinks of the least number of pods there will be: now, or once an autoscaler says.

        It raises ValueError; where nobody ever says the number, it is never asked.
        """
        if self._least is not None:
            check(self._least)
        self._of_least.append(check)

    def hand_over(self, to: str, *, starting_with: int) -> None:
        """Lets `to`, such as "autoscaler 'web'", decide from now on.

        A new workload starts with so many pods, unless its args say how many. An autoscaler is made after its
        workload and says it here, since what is declared goes out when the program has been run. Raises ValueError
        where it has gone out before, and for what `check_free` and those of `check_least` refuse.
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
        """Refuses `for_`, such as "autoscaler 'web'", where the number is fixed or decided already. ValueError."""
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
        """What the workload declares, read when the program has been run."""
        return pulumi.Output.from_input(self._at_start()) if self.fixed is None else self.fixed

    async def _at_start(self) -> int:
        self._declared = True
        return 1 if self.initial is None else self.initial
