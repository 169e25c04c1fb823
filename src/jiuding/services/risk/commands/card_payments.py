"""`jiuding decide --policy card_fraud`: payments in time order in, decisions out, no database."""

from __future__ import annotations

import time
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from jiuding.base import clock
from jiuding.kernel import decisions
from jiuding.services.risk.errors import OutOfOrder, PaymentRepeated
from jiuding.services.risk.rules.fraud_features import DAY, FEATURES, LABEL_DELAY, CardPast
from jiuding.services.risk.rules.fraud_lines import read_line
from jiuding.services.risk.types.fraud import CardPayment, FraudLabel

POLICY = "card_fraud"
AHEAD_MAX = DAY
CENT = Decimal("0.01")
PLACES = 6


class CardDesk:
    """Judges one stream of payments, remembering what it saw."""

    def __init__(self, *, model: decisions.Model | None = None) -> None:
        self.policy = decisions.load_policy(POLICY)
        use = self.policy.model
        self.model = model or decisions.load_model(use.name, version=use.version)
        self.past = CardPast()
        self.latest = int(clock.now().timestamp()) + AHEAD_MAX
        self.declared = [
            (place, name) for place, name in enumerate(FEATURES) if name in self.policy.fields
        ]

    def warm(self, folder: Path) -> int:
        """Remember a folder's past payments and labels without judging them; return how many."""
        from jiuding.services.risk.operations.card_fraud import read_payments

        found = read_payments(folder)
        columns = found.at, found.customer, found.terminal, found.cents, found.is_fraud
        for place, (at, customer, terminal, cents, is_fraud) in enumerate(
            zip(*(each.tolist() for each in columns), strict=True)
        ):
            name = f"past:{place}"
            self.past.add(CardPayment(name, at, str(customer), str(terminal), cents))
            self.past.expect(FraudLabel(name, at + LABEL_DELAY, is_fraud))
        return len(found.at)

    def answer(self, line: Mapping[str, Any]) -> dict[str, Any]:
        """Judge one line's payment, or hear its label.

        Refuses: BadPayment, OutOfOrder, PaymentRepeated; a refused line changes nothing.
        """
        started = time.perf_counter()
        payment, label = read_line(line)
        if payment is None:
            if label.at > self.latest:
                raise OutOfOrder("the label is more than a day ahead of the clock")
            is_known = self.past.learn(label)
            return {"id": line.get("id"), "heard": label.payment_id, "is_known": is_known}
        self._ensure_next(payment)
        row = self.past.add(payment)
        if label is not None:
            heard_at = payment.at + LABEL_DELAY
            self.past.expect(FraudLabel(label.payment_id, heard_at, label.is_fraud))
        verdict, score = self._judge(payment, row)
        answer = {
            "id": line.get("id", payment.payment_id),
            "outcome": verdict["outcome"],
            "reasons": verdict["reasons"],
            "score": float(score),
        }
        if verdict["not_evaluated"]:
            answer["not_evaluated"] = verdict["not_evaluated"]
        answer["policy_version"] = self.policy.version
        answer["model_version"] = self.model.version
        answer["ms"] = round(clock.elapsed_ms(started), 3)
        return answer

    def _ensure_next(self, payment: CardPayment) -> None:
        if payment.at < self.past.at:
            raise OutOfOrder("the payment is earlier than one already judged")
        if payment.at > self.latest:
            raise OutOfOrder("the payment is more than a day ahead of the clock")
        if self.past.knows(payment.payment_id):
            raise PaymentRepeated(f"payment {payment.payment_id} was judged already")

    def _judge(self, payment: CardPayment, row: tuple[float, ...]) -> tuple[dict, Decimal]:
        said = decisions.judge_row(self.model, row)
        features: dict[str, Any] = decisions.as_features(said)
        for place, name in self.declared:
            value = row[place]
            if value == value:
                features[name] = Decimal(str(round(value, PLACES)))
        reported = self.past.reported_days(payment.customer)
        if reported is not None:
            features["card.reported_days"] = reported
        inputs = decisions.read_inputs(
            self.policy, event={}, features=features, lists={}, model_version=self.model.version
        )
        verdict = decisions.plain_verdict(decisions.assess(self.policy, inputs))
        return verdict, said.probability
