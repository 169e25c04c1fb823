"""What a card's and a terminal's past say about a payment, kept in one pass.

The same code fills the table that a model learns from and judges on line, so both see equal values.
Customers: counts and amounts over 1, 7 and 30 days, the payment included, and the usual amount
before it. Terminals: frauds among payments between 7 days and 7 days plus 1, 7 or 30 days ago,
because a label comes 7 days late (the Fraud Detection Handbook, chapter 3); and the run of frauds
that the newest known payments make, since a terminal that was broken into stays so for a while.

A label that comes later than that corrects the past; one that comes earlier waits. A
payment without a label counts as honest once its seven days are over, as a bank that hears of
frauds only would count it; where no label was ever heard, what rests on labels is missing.
"""

from __future__ import annotations

import math
from collections import deque

from jiuding.services.risk.types.fraud import CardPayment, FraudLabel

DAY = 86_400
LABEL_DELAY = 7 * DAY
WINDOWS = (1, 7, 30)
KEPT = LABEL_DELAY + 30 * DAY
COMPACT_AT = 64
# The usual amount is a mean that one payment moves by at most 1/60, and at most as one of three
# times the usual would: a thief's large payments do not become usual.
USUAL_MEMORY = 60
USUAL_CLIP = 3.0
UNUSUAL_RATIO = 3.0
UNUSUAL_DAYS = 14
AGE_MAX = 60.0

FEATURES = (
    "payment.amount",
    "card.amount_to_usual",
    "card.amount_to_highest",
    "card.usual_amount",
    "card.payments_before",
    "card.unusual_14d",
    *(f"card.count_{days}d" for days in WINDOWS),
    *(f"card.mean_{days}d" for days in WINDOWS),
    *(f"terminal.count_{days}d" for days in WINDOWS),
    *(f"terminal.fraud_rate_{days}d" for days in WINDOWS),
    "terminal.fraud_run",
    "terminal.fraud_run_days",
    "terminal.honest_days_ago",
    "terminal.run_lowest_to_usual",
)
_NAN = math.nan


class _Card:
    """One customer's payments of 30 days, with a moving head for each window."""

    __slots__ = ("amounts", "before", "heads", "highest", "sums", "times", "unusual", "usual")

    def __init__(self) -> None:
        self.times: list[int] = []
        self.amounts: list[int] = []
        self.heads = [0, 0, 0]
        self.sums = [0, 0, 0]
        self.before = 0
        self.usual = 0.0
        self.highest = 0.0
        self.unusual: deque[int] = deque()

    def add(self, at: int, cents: int) -> list[float]:
        amount, before, usual = cents / 100, self.before, self.usual
        ratio = amount / usual if before and usual > 0 else _NAN
        to_highest = amount / self.highest if self.highest > 0 else _NAN
        unusual = self.unusual
        while unusual and unusual[0] <= at - UNUSUAL_DAYS * DAY:
            unusual.popleft()
        found = [amount, ratio, to_highest, usual if before else _NAN, float(before)]
        found.append(float(len(unusual)))
        if before and ratio > UNUSUAL_RATIO:
            unusual.append(at)
        self.before = before + 1
        clipped = min(amount, USUAL_CLIP * usual) if before >= 3 else amount
        self.usual = usual + (clipped - usual) / min(before + 1, USUAL_MEMORY)
        self.highest = max(self.highest, clipped)
        self._slide(at, cents)
        size = len(self.times)
        counts = [size - head for head in self.heads]
        found += map(float, counts)
        found += [total / 100 / count for total, count in zip(self.sums, counts, strict=True)]
        return found

    def _slide(self, at: int, cents: int) -> None:
        times, amounts, heads, sums = self.times, self.amounts, self.heads, self.sums
        times.append(at)
        amounts.append(cents)
        for place, days in enumerate(WINDOWS):
            head, total, since = heads[place], sums[place] + cents, at - days * DAY
            while times[head] <= since:
                total -= amounts[head]
                head += 1
            heads[place], sums[place] = head, total
        oldest = heads[-1]
        if oldest > COMPACT_AT:
            del times[:oldest], amounts[:oldest]
            for place in range(3):
                heads[place] -= oldest


class _Terminal:
    """One terminal's payments of 37 days; `ripe` is the first that is too young to be judged by."""

    __slots__ = ("dropped", "frauds", "heads", "ratios", "ripe", "sums", "times")

    def __init__(self) -> None:
        self.times: list[int] = []
        self.frauds: list[bool] = []
        self.ratios: list[float] = []
        self.heads = [0, 0, 0]
        self.sums = [0, 0, 0]
        self.ripe = 0
        self.dropped = 0

    def add(self, at: int, ratio: float) -> int:
        """Remember a payment; return its number among all that the terminal ever had."""
        self.times.append(at)
        self.frauds.append(False)
        self.ratios.append(ratio)
        return self.dropped + len(self.times) - 1

    def mark(self, number: int, is_fraud: bool) -> None:
        """Set a payment's label, also in the windows that it already is in."""
        place = number - self.dropped
        if place < 0 or self.frauds[place] == is_fraud:
            return
        self.frauds[place] = is_fraud
        for window, head in enumerate(self.heads):
            if head <= place < self.ripe:
                self.sums[window] += 1 if is_fraud else -1

    def read(self, at: int) -> list[float]:
        """Return counts, fraud rates and the newest run of frauds, as known on a day."""
        times, frauds, heads, sums = self.times, self.frauds, self.heads, self.sums
        size, known = len(times), at - LABEL_DELAY
        ripe = self.ripe
        while ripe < size and times[ripe] <= known:
            if frauds[ripe]:
                sums[0] += 1
                sums[1] += 1
                sums[2] += 1
            ripe += 1
        self.ripe = ripe
        for place, days in enumerate(WINDOWS):
            head, since = heads[place], known - days * DAY
            while head < ripe and times[head] <= since:
                sums[place] -= frauds[head]
                head += 1
            heads[place] = head
        counts = [ripe - head for head in heads]
        found = [float(count) for count in counts]
        found += [
            total / count if count else 0.0 for total, count in zip(sums, counts, strict=True)
        ]
        found += self._run(at)
        if heads[2] > COMPACT_AT:
            self._compact()
        return found

    def _run(self, at: int) -> tuple[float, float, float, float]:
        times, frauds = self.times, self.frauds
        last = place = self.ripe - 1
        lowest = _NAN
        while place >= 0 and frauds[place]:
            ratio = self.ratios[place]
            lowest = ratio if not ratio >= lowest else lowest
            place -= 1
        honest = min(at // DAY - times[place] // DAY, AGE_MAX) if place >= 0 else _NAN
        if place == last:
            return 0.0, _NAN, honest, _NAN
        first = min(at // DAY - times[place + 1] // DAY, AGE_MAX)
        return float(last - place), float(first), float(honest), lowest

    def _compact(self) -> None:
        oldest = self.heads[2]
        del self.times[:oldest], self.frauds[:oldest], self.ratios[:oldest]
        self.heads = [head - oldest for head in self.heads]
        self.ripe -= oldest
        self.dropped += oldest


class CardPast:
    """Everything remembered of cards and terminals, fed with payments and labels in time order."""

    def __init__(self) -> None:
        self.at = 0
        self.labels_heard = 0
        self._cards: dict[str, _Card] = {}
        self._terminals: dict[str, _Terminal] = {}
        self._payments: dict[str, tuple[_Terminal, int, str]] = {}
        self._reported: dict[str, int] = {}
        self._order: deque[tuple[int, str]] = deque()
        self._waiting: deque[FraudLabel] = deque()

    def knows(self, payment_id: str) -> bool:
        """Say whether a payment of the last 37 days has this id."""
        return payment_id in self._payments

    def add(self, payment: CardPayment) -> tuple[float, ...]:
        """Return the payment's features, in the order of FEATURES, and remember it."""
        at = self.at = payment.at
        if self._waiting:
            self._hear(at)
        card = self._cards.get(payment.customer)
        if card is None:
            card = self._cards[payment.customer] = _Card()
        terminal = self._terminals.get(payment.terminal)
        if terminal is None:
            terminal = self._terminals[payment.terminal] = _Terminal()
        found = card.add(at, payment.cents)
        known = terminal.read(at)
        number = terminal.add(at, found[1])
        self._remember(payment, (terminal, number, payment.customer))
        if not self.labels_heard:
            known = known[:3] + [_NAN] * (len(known) - 3)
        return (*found, *known)

    def expect(self, label: FraudLabel) -> None:
        """Take a label that will be heard later; expected labels come in the order of `at`."""
        self._waiting.append(label)

    def learn(self, label: FraudLabel) -> bool:
        """Hear a label now; return whether it is about a payment of the last 37 days."""
        self.at = max(self.at, label.at)
        self._hear(self.at)
        return self._mark(label)

    def _hear(self, at: int) -> None:
        waiting = self._waiting
        while waiting and waiting[0].at <= at:
            self._mark(waiting.popleft())

    def _mark(self, label: FraudLabel) -> bool:
        self.labels_heard += 1
        found = self._payments.get(label.payment_id)
        if found is None:
            return False
        terminal, number, customer = found
        terminal.mark(number, label.is_fraud)
        if label.is_fraud:
            self._reported[customer] = label.at
        return True

    def reported_days(self, customer: str) -> int | None:
        """Return how many days ago a fraud with this card was last reported, if ever."""
        reported = self._reported.get(customer)
        return None if reported is None else self.at // DAY - reported // DAY

    def _remember(self, payment: CardPayment, place: tuple[_Terminal, int, str]) -> None:
        self._payments[payment.payment_id] = place
        order = self._order
        order.append((payment.at, payment.payment_id))
        while order[0][0] < payment.at - KEPT:
            self._payments.pop(order.popleft()[1], None)
