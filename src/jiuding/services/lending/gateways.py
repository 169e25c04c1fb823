"""Lenders that are not us: one protocol, the real adapter over HTTP, and a sandbox that ships.

A lender is asked after our own transaction has committed, from a recorded request whose id makes
the question idempotent: asking again gives the first answer.
"""

from __future__ import annotations

import threading
from dataclasses import asdict
from decimal import Decimal
from typing import Protocol

from jiuding.services.lending.errors import LenderUnavailable
from jiuding.services.lending.types import LenderAnswer, LenderRequest

TIMEOUT_SECONDS = 3.0
ANSWERS_KEPT_MAX = 10_000


class LenderGateway(Protocol):
    """How any lender is reached."""

    def submit(self, request: LenderRequest) -> LenderAnswer:
        """Ask for a loan; the same `request_id` gets the same answer.

        Refuses: LenderUnavailable when the lender does not answer in time.
        """
        ...

    def withdraw(self, request_id: str) -> None:
        """Give an accepted loan back, because another leg of the plan was refused.

        Refuses: LenderUnavailable when the lender does not answer in time.
        """
        ...


class HttpLender:
    """A lender behind HTTPS: POST /applications and DELETE /applications/{id}, JSON both ways."""

    def __init__(self, base_url: str, token: str, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._timeout = timeout_seconds

    def submit(self, request: LenderRequest) -> LenderAnswer:
        """Ask for a loan over HTTP."""
        body = self._send("POST", "/applications", request.request_id, asdict(request))
        try:
            return LenderAnswer(
                request.request_id, body["is_accepted"] is True, str(body["reference"])[:64],
                str(body.get("reason", ""))[:300], str(body.get("reason_zh", ""))[:300],
            )  # fmt: skip
        except (KeyError, TypeError) as error:
            raise LenderUnavailable("the lender's answer cannot be read") from error

    def withdraw(self, request_id: str) -> None:
        """Give a loan back over HTTP."""
        self._send("DELETE", f"/applications/{request_id}", request_id, None)

    def _send(self, method: str, path: str, key: str, body: dict | None) -> dict:
        import httpx

        headers = {**self._headers, "Idempotency-Key": key}
        try:
            answer = httpx.request(
                method, self._base_url + path, json=body, headers=headers, timeout=self._timeout
            )
            answer.raise_for_status()
            return answer.json() if answer.content else {}
        except (httpx.HTTPError, ValueError) as error:
            raise LenderUnavailable("the lender did not answer; we will ask again") from error


class SandboxLender:
    """A lender that decides by three plain rules, at once and always alike; for trying things out.

    It accepts an adult whose debts with the new instalment stay within 60 % of verified income,
    and refuses an income that nobody verified.
    """

    DSR_MAX = Decimal("0.60")
    AGE_MIN = 18

    def __init__(self) -> None:
        self._answers: dict[str, LenderAnswer] = {}
        self._withdrawn: set[str] = set()
        self._lock = threading.Lock()

    def submit(self, request: LenderRequest) -> LenderAnswer:
        """Answer by the rules; the first answer to a `request_id` stays."""
        with self._lock:
            answer = self._answers.get(request.request_id)
            if answer is None:
                answer = self._judge(request)
                self._answers[request.request_id] = answer
                while len(self._answers) > ANSWERS_KEPT_MAX:
                    self._answers.pop(next(iter(self._answers)))
            return answer

    def withdraw(self, request_id: str) -> None:
        """Remember that a loan was given back."""
        with self._lock:
            self._withdrawn.add(request_id)

    def _judge(self, request: LenderRequest) -> LenderAnswer:
        reference = f"SBX-{request.request_id[-10:].upper()}"
        if request.applicant_age < self.AGE_MIN:
            words = "the applicant must be 18 or older", "申请人须年满18岁"
        elif request.income_monthly is None:
            words = "the lender wants a verified income", "该机构要求收入经过核实"
        else:
            load = Decimal(request.instalment) + Decimal(request.debts_monthly)
            if load <= self.DSR_MAX * Decimal(request.income_monthly):
                return LenderAnswer(request.request_id, True, reference)
            words = (
                "debts would take more than 60 % of income at this lender",
                "在该机构，债务将超过收入的60%",
            )
        return LenderAnswer(request.request_id, False, reference, *words)


class Lenders:
    """Which gateway reaches which lender; a demonstration bank sends every one to the sandbox."""

    def __init__(
        self, gateways: dict[str, LenderGateway] | None = None,
        default: LenderGateway | None = None,
    ) -> None:  # fmt: skip
        self._gateways = dict(gateways or {})
        self._default = default

    def of(self, lender: str) -> LenderGateway:
        """Return a lender's gateway.

        Refuses: LenderUnavailable when nothing reaches that lender.
        """
        gateway = self._gateways.get(lender, self._default)
        if gateway is None:
            raise LenderUnavailable(f"no connection to {lender[:60]} is set up", lender=lender)
        return gateway
