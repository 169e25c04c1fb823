"""What the tests of cases share: a policy that refers, and a short way to open and work a case."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from jiuding.kernel import decisions
from jiuding.services import cases

TOML = """
name = "referring"
version = 1
title = { zh = "例", en = "Example" }
[fields]
"amount" = { type = "decimal" }
[[rules]]
id = "large"
when = "amount > 100"
outcome = "refer"
code = "referring.large"
weight = 1
zh = "金额为{amount}。"
en = "The amount is {amount}."
"""
POLICY = decisions.read_policy_texts("referring.toml", TOML, {})


@dataclass
class Room:
    """A bank whose cases are worked in a test."""

    session: Any
    bank_id: str
    now: Any

    def __post_init__(self) -> None:
        self.keys = (f"key-{number}" for number in count())

    def decide(self, amount: int = 200, subject: str = "pty_1") -> decisions.Decision:
        """Record a decision; over 100 it is left to a person."""
        return decisions.decide(
            self.session, bank_id=self.bank_id, policy=POLICY, subject=subject,
            event={"amount": amount}, features={}, now=self.now, idempotency_key=next(self.keys),
        )  # fmt: skip

    def open(self, kind="fraud", subject="pty_1", source="", **more) -> cases.Case:
        """Open a case."""
        return cases.open_case(
            self.session, bank_id=self.bank_id, kind=kind, subject=subject,
            source=source or f"test:{next(self.keys)}", by="system:test", now=self.now, **more,
        )  # fmt: skip

    def do(self, verb, case_id: str, by: str, *, at=None, key="", **more) -> cases.Case:
        """Take a step with a case."""
        return getattr(cases, verb)(
            self.session, bank_id=self.bank_id, case_id=case_id, by=by, now=at or self.now,
            idempotency_key=key or next(self.keys), **more,
        )  # fmt: skip

    def propose(self, case_id: str, by: str, outcome="confirmed", **more) -> cases.Case:
        """Claim a case and propose an outcome."""
        self.do("claim_case", case_id, by, **more)
        return self.do(
            "propose_outcome", case_id, by, outcome=cases.CaseOutcome(outcome), reason="why", **more
        )

    def read(self, case_id: str, by: str = "ann") -> cases.CaseFile:
        """Read a case."""
        return self.do("read_case", case_id, by)


@pytest.fixture
def room(session, bank_id, now) -> Room:
    """A bank without cases."""
    return Room(session, bank_id, now)
