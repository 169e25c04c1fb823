"""Where value goes round: rings of payments or orders, found as the payment comes that closes one.

A ring is looked for from the payee forward to the payer, the shortest first, over the newest
payment between each pair within the window. A party that pays more than `out_max` others (an
employer, a platform) is not passed: through it everybody is joined with everybody.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise

from jiuding.services.signals.types.links import Ring

SECOND = 1_000_000
LENGTH_MAX = 6
WINDOW_SECONDS = 30 * 86_400
OUT_MAX = 40
VISITED_MAX = 5_000
SWEEP_EVERY = 10_000


class FlowGraph:
    """Who paid whom within a window, kept as the newest payment of each pair."""

    def __init__(
        self,
        *,
        window_seconds: int = WINDOW_SECONDS,
        length_max: int = LENGTH_MAX,
        out_max: int = OUT_MAX,
        amount_min: int = 1,
    ) -> None:
        self.window = window_seconds * SECOND
        self.length_max = length_max
        self.out_max = out_max
        self.amount_min = amount_min
        self.paid: dict[str, dict[str, tuple[int, int]]] = {}
        self._count = 0

    def add(self, payer: str, payee: str, *, at: int, amount: int) -> Ring | None:
        """Count a payment of whole units at `at` (microseconds); return the ring it closes, if any.

        A payment below `amount_min` is not counted; one to oneself is no ring.
        """
        if amount < self.amount_min or payer == payee:
            return None
        way = self._way(payee, payer, at)
        ring = None
        if way is not None:
            steps = [self.paid[a][b] for a, b in pairwise(way)]
            times = [*(each[0] for each in steps), at]
            ring = Ring(
                parties=(payer, *way[:-1]),
                amount_min=min(amount, *(each[1] for each in steps)),
                first_at=min(times),
                last_at=max(times),
                is_ordered=times == sorted(times),
            )
        self.paid.setdefault(payer, {})[payee] = (at, amount)
        self._count += 1
        if self._count % SWEEP_EVERY == 0:
            self._let_go(at)
        return ring

    @property
    def pair_count(self) -> int:
        """How many pairs are remembered."""
        return sum(map(len, self.paid.values()))

    def _way(self, start: str, goal: str, at: int) -> list[str] | None:
        came: dict[str, str | None] = {start: None}
        waiting = deque([(start, 1)])
        since = at - self.window
        while waiting and len(came) <= VISITED_MAX:
            party, length = waiting.popleft()
            payees = self.paid.get(party)
            if payees is None or length >= self.length_max:
                continue
            for old in [name for name, (when, _) in payees.items() if when <= since]:
                del payees[old]
            if len(payees) > self.out_max:
                continue
            if goal in payees:
                found: list[str] = [goal]
                step: str | None = party
                while step is not None:
                    found.append(step)
                    step = came[step]
                return found[::-1]
            for name in payees:
                if name not in came:
                    came[name] = party
                    waiting.append((name, length + 1))
        return None

    def _let_go(self, at: int) -> None:
        since = at - self.window
        for payer in list(self.paid):
            kept = {name: last for name, last in self.paid[payer].items() if last[0] > since}
            if kept:
                self.paid[payer] = kept
            else:
                del self.paid[payer]
