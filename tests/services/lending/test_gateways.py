"""Other lenders: the sandbox's three rules, and the real adapter against a lender on loopback."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from jiuding.services.lending import (
    HttpLender,
    LenderRequest,
    Lenders,
    LenderUnavailable,
    SandboxLender,
)

REQUEST = LenderRequest(
    request_id="app_x-1", lender="north", product_id="p", amount="10000.00", currency="AUD",
    term_months=24, annual_rate="0.07", instalment="447.73", purpose="car", applicant_age=34,
    applicant_residency="AU", income_monthly="5000.00", debts_monthly="0",
)  # fmt: skip


def test_the_sandbox_accepts_what_income_carries_and_says_why_not():
    lender = SandboxLender()
    assert lender.submit(REQUEST).is_accepted
    for number, (change, words) in enumerate(
        (
            ({"income_monthly": None}, "verified"),
            ({"applicant_age": 17}, "18"),
            ({"debts_monthly": "2600"}, "60 %"),
        )
    ):
        answer = lender.submit(replace(REQUEST, request_id=f"other-{number}", **change))
        assert not answer.is_accepted and words in answer.reason and answer.reason_zh


def test_the_first_answer_to_a_question_stays():
    lender = SandboxLender()
    first = lender.submit(REQUEST)
    assert lender.submit(replace(REQUEST, income_monthly=None)) == first


def test_a_lender_that_nothing_reaches_is_unavailable():
    with pytest.raises(LenderUnavailable):
        Lenders().of("north")
    gateway = SandboxLender()
    assert Lenders(default=gateway).of("anyone") is gateway
    assert Lenders({"north": gateway}).of("north") is gateway


class Lender(BaseHTTPRequestHandler):
    """A lender behind HTTP whose rules are the sandbox's."""

    sandbox = SandboxLender()
    seen: list = []  # noqa: RUF012 - one server a test run, read by the tests
    mood = "well"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append((self.headers["Authorization"], self.headers["Idempotency-Key"], body))
        if self.mood == "slow":
            time.sleep(1.0)
        if self.mood == "broken":
            return self._send(500, b"oops")
        if self.mood == "garbled":
            return self._send(200, b"<html>")
        answer = self.sandbox.submit(LenderRequest(**body))
        return self._send(
            200,
            json.dumps(
                {"is_accepted": answer.is_accepted, "reference": answer.reference,
                 "reason": answer.reason}
            ).encode(),
        )  # fmt: skip

    def do_DELETE(self):
        self.seen.append(("DELETE", self.path))
        self._send(204, b"")

    def _send(self, status, body):
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except BrokenPipeError:
            pass

    def log_message(self, *_):
        pass


@pytest.fixture
def lender_url():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Lender)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Lender.seen.clear()
    Lender.mood = "well"
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_http_adapter_asks_answers_and_withdraws(lender_url):
    lender = HttpLender(lender_url, "secret")
    answer = lender.submit(REQUEST)
    assert answer.is_accepted and answer.reference.startswith("SBX-")
    authorization, key, body = Lender.seen[0]
    assert authorization == "Bearer secret" and key == REQUEST.request_id
    assert body["amount"] == "10000.00"
    lender.withdraw(REQUEST.request_id)
    assert Lender.seen[1] == ("DELETE", f"/applications/{REQUEST.request_id}")


@pytest.mark.parametrize("mood", ["slow", "broken", "garbled"])
def test_a_lender_that_does_not_answer_in_time_or_in_sense_is_unavailable(lender_url, mood):
    Lender.mood = mood
    with pytest.raises(LenderUnavailable):
        HttpLender(lender_url, "secret", timeout_seconds=0.3).submit(REQUEST)


def test_a_lender_that_is_not_there_is_unavailable():
    with pytest.raises(LenderUnavailable):
        HttpLender("http://127.0.0.1:9", "secret", timeout_seconds=0.3).submit(REQUEST)
