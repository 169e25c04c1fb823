"""`POST /v1/transfers`: who may, what is posted or refused, and what saying it again means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from jiuding.base import http
from jiuding.base.amounts import Asset, currency
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.kernel import ledger
from jiuding.kernel.ledger import routes

TOKEN = "5e" * 32
NOW = datetime.now(UTC)
TODAY = NOW.date().isoformat()
CNY, POINTS = currency("CNY"), Asset("tests.points", 0)


class Desk:
    """An app with the ledger's routes over a committed bank."""

    def __init__(self, engine) -> None:
        self.engine = engine
        self.bank_id = new_id("bank", NOW)
        self.poster = ledger.Poster(engine, self.bank_id)
        self.cash, self.a, self.b = self.open(CNY)
        app = FastAPI()
        http.install(app, bytes_max={routes.PATH: routes.TRANSFERS_BYTES_MAX})
        app.include_router(routes.router)
        app.state.poster = self.poster
        app.state.operator_token = TOKEN
        headers = {"Authorization": f"Bearer {TOKEN}"}
        self.http = TestClient(app, headers=headers, raise_server_exceptions=False)

    def open(self, asset: Asset) -> tuple[str, str, str]:
        terms = {"bank_id": self.bank_id, "asset": asset, "now": NOW}
        with transaction(self.engine) as session:
            cash = ledger.bank_account(session, kind="cash_at_central_bank", **terms)
            held = [
                ledger.open_account(session, kind="customer_deposit", owner_id="pty_1", **terms)
                for _ in range(2)
            ]
        return cash.account_id, held[0].account_id, held[1].account_id

    def item(self, debit: str, credit: str, amount: str, **terms) -> dict:
        return {
            "transfer_id": new_id("trf", NOW), "debit_account_id": debit,
            "credit_account_id": credit, "amount": amount, "asset": "CNY", "code": "tests.moved",
            **terms,
        }  # fmt: skip

    def send(self, *items: dict, **options):
        return self.http.post(routes.PATH, json={"transfers": list(items)}, **options)

    def results(self, *items: dict) -> list[str]:
        answer = self.send(*items)
        assert answer.status_code == 200, answer.text
        lines = answer.json()["outcomes"]
        assert [line["transfer_id"] for line in lines] == [item["transfer_id"] for item in items]
        return [line.get("code", line["result"]) for line in lines]

    def balance(self, account_id: str, **query) -> dict:
        return self.http.get(f"/v1/accounts/{account_id}/balance", params=query).json()


@pytest.fixture
def desk(engine):
    desk = Desk(engine)
    yield desk
    desk.poster.stop()
    with transaction(engine) as session:
        assert ledger.check_books(session, bank_id=desk.bank_id) == ()


def test_a_batch_gets_one_outcome_per_item_in_its_order(desk):
    nobody = new_id("acc", NOW)
    assert desk.results(
        desk.item(desk.cash, desk.a, "10.00"),
        desk.item(desk.a, desk.b, "4.5"),
        desk.item(desk.a, desk.b, "5.51"),
        desk.item(desk.a, nobody, "1"),
        desk.item(desk.a, desk.b, "0"),
        desk.item(desk.a, desk.b, "-1"),
    ) == [
        "posted", "posted", "ledger.insufficient_funds", "ledger.account_not_found",
        "ledger.amount_not_positive", "ledger.amount_not_positive",
    ]  # fmt: skip
    assert desk.balance(desk.a) == {
        "account_id": desk.a, "asset": "CNY", "balance": "5.50", "available": "5.50",
    }  # fmt: skip


def test_the_same_id_again_is_answered_with_its_first_outcome(desk):
    good, bad = desk.item(desk.cash, desk.a, "10"), desk.item(desk.b, desk.a, "10")
    assert desk.results(good, bad) == ["posted", "ledger.insufficient_funds"]
    desk.results(desk.item(desk.cash, desk.b, "100"))
    assert desk.results(good, bad) == ["exists", "ledger.insufficient_funds"]
    assert desk.results(good | {"amount": "11"}) == ["ledger.id_reused"]
    assert desk.results(good | {"amount": "10.00"}) == ["exists"]
    assert desk.balance(desk.a)["balance"] == "10.00"


def test_linked_items_happen_together_or_not_at_all(desk):
    pair = [
        desk.item(desk.cash, desk.a, "1", linked=True),
        desk.item(desk.b, desk.a, "1"),
        desk.item(desk.cash, desk.b, "2"),
    ]
    assert desk.results(*pair) == ["ledger.linked_failed", "ledger.insufficient_funds", "posted"]
    assert desk.results(desk.item(desk.cash, desk.a, "1", linked=True)) == ["ledger.group_open"]


def test_every_asset_is_written_in_its_own_scale(desk):
    cash, a, _ = desk.open(POINTS)
    points = {"asset": POINTS.code}
    assert desk.results(desk.item(cash, a, "150", **points)) == ["posted"]
    assert desk.results(desk.item(cash, desk.a, "1", **points)) == ["ledger.asset_mismatch"]
    assert desk.balance(a)["balance"] == "150"
    refused = desk.send(desk.item(cash, a, "1.5", **points))
    assert (refused.status_code, refused.json()["code"]) == (422, "base.bad_amount")
    unknown = desk.send(desk.item(cash, a, "1", asset="XAU"))
    assert (unknown.status_code, unknown.json()["code"]) == (422, "ledger.asset_unknown")


def test_the_day_is_the_ids_own_so_that_a_retry_after_midnight_is_the_same(desk, monkeypatch):
    item = desk.item(desk.cash, desk.a, "1")
    assert desk.results(item) == ["posted"]
    monkeypatch.setattr(routes.clock, "now", lambda: NOW + timedelta(days=3))
    assert desk.results(item) == ["exists"]
    assert desk.results(item | {"effective_on": TODAY}) == ["exists"]
    monkeypatch.undo()
    for days in (-40, 3):
        made_then = desk.item(desk.cash, desk.a, "1")
        made_then["transfer_id"] = new_id_at(NOW + timedelta(days=days))
        refused = desk.send(item, made_then)
        assert (refused.status_code, refused.json()["code"]) == (422, "base.bad_input")
        assert refused.json()["field"] == "transfers.1.effective_on"
        assert desk.results(made_then | {"effective_on": TODAY}) == ["posted"]


def new_id_at(at: datetime) -> str:
    """Return an id of that instant, also one before the ids that this process has made."""
    import uuid

    from jiuding.base.ids import from_uuid

    tail = uuid.uuid4().int & ((1 << 62) - 1)
    millis = int(at.timestamp() * 1000)
    return from_uuid("trf", uuid.UUID(int=(millis << 80) | (7 << 76) | (2 << 62) | tail))


def test_a_back_dated_transfer_changes_the_balance_of_its_day(desk):
    desk.results(desk.item(desk.cash, desk.a, "10", effective_on="2026-01-15"))
    assert desk.balance(desk.a, as_of="2026-01-14")["balance"] == "0.00"
    assert desk.balance(desk.a, as_of="2026-01-15")["balance"] == "10.00"
    assert "available" not in desk.balance(desk.a, as_of="2026-01-15")
    assert desk.balance(desk.a, known_at="2026-01-15T00:00:00Z")["balance"] == "0.00"


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}0", "Bearer 鼎"]
)
def test_only_the_operator_may(desk, header):
    items = {"transfers": [desk.item(desk.cash, desk.a, "1")]}
    sent = {} if header is None else {"Authorization": header.encode()}
    desk.http.headers.clear()
    for answer in (
        desk.http.post(routes.PATH, json=items, headers=sent),
        desk.http.post(routes.PATH, content=b"not json", headers=sent),
        desk.http.get(f"/v1/accounts/{desk.a}/balance", headers=sent),
    ):
        assert (answer.status_code, answer.json()["code"]) == (401, "ledger.operator_required")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"transfer_id": "trf_1"}, "base.bad_id"),
        ({"debit_account_id": "acc_1"}, "base.bad_id"),
        ({"amount": 1}, "base.bad_input"),
        ({"amount": "1e3"}, "base.bad_input"),
        ({"amount": "1_000"}, "base.bad_input"),
        ({"amount": "١"}, "base.bad_input"),
        ({"amount": "1.001"}, "base.bad_amount"),
        ({"amount": "9" * 19}, "base.bad_amount"),
        ({"code": "not a code"}, "ledger.bad_instruction"),
        ({"about": "Zhang San, 12 Long Street"}, "ledger.bad_instruction"),
        ({"effective_on": 1}, "base.bad_input"),
        ({"effective_on": "23.11.2026"}, "base.bad_input"),
        ({"linked": "yes"}, "base.bad_input"),
        ({"memo": "hello"}, "base.bad_input"),
    ],
)
def test_an_item_that_cannot_be_read_stops_the_whole_request(desk, change, code):
    good = desk.item(desk.cash, desk.a, "1")
    answer = desk.send(good, desk.item(desk.cash, desk.a, "1") | change)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert desk.balance(desk.a)["balance"] == "0.00"
    assert desk.results(good) == ["posted"]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "base.unreadable"),
        (b"{", 400, "base.unreadable"),
        (b"[]", 422, "base.bad_input"),
        (b'{"transfers": []}', 422, "base.bad_input"),
        (b'{"transfers": [{}]}', 422, "base.bad_input"),
        (b'{"transfers": "\xff"}', 400, "base.unreadable"),
        (b" " * (routes.TRANSFERS_BYTES_MAX + 1), 413, "base.body_too_large"),
    ],
)
def test_a_body_that_is_no_batch_is_refused(desk, content, status, code):
    answer = desk.http.post(routes.PATH, content=content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    in_pieces = desk.http.post(routes.PATH, content=iter([content]))
    assert (in_pieces.status_code, in_pieces.json()["code"]) == (status, code)


def test_the_largest_batch_passes_and_one_more_does_not(desk):
    items = [desk.item(desk.cash, desk.a, "0.01") for _ in range(ledger.BATCH_MAX)]
    assert set(desk.results(*items)) == {"posted"}
    answer = desk.send(*items, desk.item(desk.cash, desk.a, "0.01"))
    assert (answer.status_code, answer.json()["code"]) == (422, "base.bad_input")


def test_a_closing_bank_says_so(desk):
    desk.poster.stop()
    answer = desk.send(desk.item(desk.cash, desk.a, "1"))
    assert (answer.status_code, answer.json()["code"]) == (503, "ledger.poster_stopped")


def test_the_interface_is_described(desk):
    described = desk.http.get("/openapi.json").json()["paths"][routes.PATH]["post"]
    schema = described["requestBody"]["content"]["application/json"]["schema"]
    assert schema["properties"]["transfers"]["maxItems"] == ledger.BATCH_MAX


def test_marked_money_is_read_and_traced_over_http(desk):
    with transaction(desk.engine) as session:
        mark = ledger.open_mark(
            session, bank_id=desk.bank_id, origin="agr_1", purpose="car",
            forbidden_uses=["securities"], now=NOW,
        )  # fmt: skip
        broker = ledger.open_account(
            session, bank_id=desk.bank_id, asset=CNY, kind="customer_deposit", owner_id="pty_2",
            use="securities", now=NOW,
        ).account_id  # fmt: skip
    lent = desk.item(desk.cash, desk.a, "1.00", mark_id=mark.mark_id)
    sent, stopped = desk.item(desk.a, desk.b, "0.40"), desk.item(desk.b, broker, "0.40")
    assert desk.results(lent, sent, stopped) == ["posted", "posted", "ledger.forbidden_use"]
    assert desk.results(lent, {**lent, "mark_id": None}) == ["exists", "ledger.id_reused"]
    path = f"/v1/accounts/{desk.b}/marks"
    (line,) = desk.http.get(path).json()["marks"]
    assert line == {
        "mark_id": mark.mark_id, "origin": "agr_1", "purpose": "car",
        "forbidden_uses": ["securities"], "amount": "0.40", "asset": "CNY",
    }  # fmt: skip
    found = desk.http.get(f"{path}/{mark.mark_id}").json()
    assert (found["amount"], found["is_whole"]) == ("0.40", True)
    assert [(step["transfer_id"], step["marked_amount"]) for step in found["steps"]] == [
        (lent["transfer_id"], "1.00"), (sent["transfer_id"], "0.40"),
    ]  # fmt: skip
    assert desk.http.get(f"/v1/accounts/{broker}/marks").json()["marks"] == []
    unknown = desk.http.get(f"{path}/{new_id('mrk', NOW)}")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "ledger.mark_not_found")
    anyone = desk.http.get(path, headers={"Authorization": "Bearer no"})
    assert anyone.status_code == 401
