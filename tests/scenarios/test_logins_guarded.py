"""The guard at the door: guesses wait, a passkey is asked for, the owner's own device goes on."""

from __future__ import annotations

import pytest
import sqlalchemy
from fastapi.testclient import TestClient

from jiuding.api import create_app
from jiuding.base import clock, proxies
from jiuding.base.database.engine import transaction
from jiuding.base.ids import to_uuid
from jiuding.bootstrap import demonstration
from jiuding.kernel import decisions
from jiuding.services import signals

PROXY = ("10.0.0.1", 1)


@pytest.fixture(scope="module")
def app(house):
    app = create_app(house)
    # As where the bank stands behind a proxy of its own.
    (edge,) = [each for each in app.user_middleware if "proxies" in each.kwargs]
    edge.kwargs["proxies"] = proxies.read_proxies("10.0.0.0/8")
    return app


@pytest.fixture
def browser(app):
    def open_browser(address, agent="a browser"):
        headers = {"X-Forwarded-For": f"6.6.6.6, {address}", "User-Agent": agent}
        return TestClient(app, base_url="http://localhost:8000", headers=headers, client=PROXY)

    return open_browser


def come_in(browser, person, pin):
    return browser.post("/v1/logins", json={"party_id": person.party.party_id, "pin": pin})


def attempts(house, person):
    query = "SELECT * FROM signals.login_attempts WHERE account = :account ORDER BY sequence"
    with transaction(house.engine) as session:
        found = session.execute(sqlalchemy.text(query), {"account": person.party.party_id})
        return found.all()


def test_guesses_are_counted_and_wait_while_the_own_device_goes_on(house, people, browser):
    person = people["cn", "steady"][-4]
    mine = browser("198.51.100.7")
    report = {"token": "ab" * 32, "traits": "cd" * 32, "is_automated": False}
    device_id = mine.post("/v1/devices", json=report).json()["device_id"]
    assert come_in(mine, person, demonstration.PIN).status_code == 201
    codes = []
    for number in range(14):
        stranger = browser(f"203.0.113.{number}", agent=f"tool {number}")
        codes.append(come_in(stranger, person, "000001").json()["code"])
    assert codes[0] == "identity.pin_refused"
    assert codes[-1] == "signals.slow_down"
    # The PIN's own lock stands; the guard at least has no quarrel with the owner's device.
    assert come_in(mine, person, demonstration.PIN).json()["code"] == "identity.pin_locked"
    rows = attempts(house, person)
    assert (rows[0].network, rows[0].address_class) == ("198.51.100.0/24", "data_centre")
    assert str(rows[0].device_id) == str(to_uuid("dev", device_id))
    assert rows[0].is_good and not rows[1].is_good
    assert rows[1].network == "203.0.113.0/24"
    with transaction(house.engine) as session:
        made = decisions.decisions_about(
            session, bank_id=house.bank.bank_id, subject=person.party.party_id, limit_max=50
        )
        waits = [each for each in made if each.policy_name == "login" and each.reasons]
        assert waits[0].reasons[0].code == "signals.account_guessed"
        assert decisions.replay(
            session, bank_id=house.bank.bank_id, decision_id=waits[0].decision_id
        ).is_identical


def test_who_has_a_passkey_is_asked_for_it_instead_of_waiting(house, people):
    person = people["cn", "steady"][-5]
    guard = house.branch.guard
    client = guard.client(address="203.0.113.9", device=None, agent="x", languages="")
    for _ in range(12):
        attempt = signals.LoginAttempt(_micros(), person.party.party_id, client)
        guard.tell(attempt, is_good=False, now=clock.now())
    named = {"party_id": person.party.party_id, "client": client, "now": clock.now()}
    with pytest.raises(signals.StepUpRequired):
        guard.admit(**named, means="pin", secret="111111", has_passkey=True)
    with pytest.raises(signals.SlowDown) as refused:
        guard.admit(**named, means="pin", secret="111111", has_passkey=False)
    assert refused.value.fields["retry_after_seconds"] > 0
    found = guard.admit(**named, means="passkey", secret=None, has_passkey=True)
    assert found is not None
    assert (
        guard.admit(**{**named, "party_id": "x"}, means="pin", secret="1", has_passkey=False)
        is None
    )


def _micros():
    return int(clock.now().timestamp() * 1_000_000)


def test_the_watch_and_the_graph_are_rebuilt_from_what_was_told(house, people, browser):
    one, other = people["cn", "steady"][-6], people["cn", "steady"][-7]
    shared = browser("8.8.4.9", agent="shared")
    shared.post("/v1/devices", json={"token": "12" * 32, "traits": "34" * 32})
    for person in (one, other):
        assert come_in(shared, person, demonstration.PIN).status_code == 201
    with transaction(house.engine) as session:
        signals.mark_party(
            session, bank_id=house.bank.bank_id, party_id=other.party.party_id, mark="bad",
            by="risk", now=clock.now(),
        )  # fmt: skip
    circle = signals.Circle(house.bank.bank_id)
    with transaction(house.engine) as session:
        graph = circle.follow(session)
    near = graph.nearest_marked(one.party.party_id)
    assert near.steps == 1
    assert near.path[-1] == other.party.party_id
    kinds = {node["kind"] for node in graph.picture(one.party.party_id)["nodes"]}
    assert kinds == {"party", "device", "address"}
    fresh = signals.LoginBook(house.bank.bank_id, house.branch.guard.book.limits)
    attempt = signals.LoginAttempt(_micros(), one.party.party_id, signals.Client())
    with transaction(house.engine) as session:
        _, again = signals.look_at_login(session, book=fresh, attempt=attempt, now=clock.now())
        _, live = signals.look_at_login(
            session, book=house.branch.guard.book, attempt=attempt, now=clock.now()
        )
    assert again == live


@pytest.mark.parametrize("body", [{}, {"token": "x", "traits": "y"}, {"fonts": []}])
def test_a_device_that_reports_in_another_form_is_refused(browser, body):
    answer = browser("8.8.4.9").post("/v1/devices", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "signals.bad_device")


def test_events_are_judged_over_http_by_the_operators_programs_alone(app, browser, house):
    at = clock.now().isoformat()
    body = {
        "stream": "payments",
        "policy": "payment_velocity",
        "events": [
            {"id": f"h{n}", "at": at, "party": "pty_h", "card": "ch", "amount": 5} for n in range(7)
        ]
        + [{"id": "bad", "at": at, "amount": "5"}],
    }
    program = browser("8.8.4.9")
    refused = program.post("/v1/risk/events", json=body)
    assert refused.json()["code"] == "ledger.operator_required"
    headers = {"Authorization": f"Bearer {app.state.operator_token}"}
    answers = program.post("/v1/risk/events", json=body, headers=headers).json()["answers"]
    assert [each.get("outcome") for each in answers] == ["approve"] * 5 + ["step_up"] * 2 + [None]
    assert answers[-1] == {"id": "bad", "refusal": "risk.bad_event"}
    again = program.post("/v1/risk/events", json=body, headers=headers).json()["answers"]
    assert [each["decision_id"] for each in again[:7]] == [e["decision_id"] for e in answers[:7]]
    assert all(each["is_duplicate"] for each in again[:7])
