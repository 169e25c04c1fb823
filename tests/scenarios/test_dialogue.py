"""Conversations of several turns: one question at a time, corrections, memory, and a person."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text as sql

from jiuding.api import create_app
from jiuding.base.database.engine import transaction
from jiuding.bootstrap import demonstration
from jiuding.channels.assistant import gateways
from jiuding.channels.assistant.rules.aids import LanguageModelChoice
from sounds import sound


@pytest.fixture(scope="module")
def app(house):
    return create_app(house)


@pytest.fixture(scope="module")
def client(app):
    return TestClient(app, base_url="http://localhost:8000")


class Talk:
    """One customer's conversation over HTTP."""

    def __init__(self, client, person, lang):
        self.client, self.lang, self.conversation = client, lang, None
        answer = client.post(
            "/v1/logins", json={"party_id": person.party.party_id, "pin": demonstration.PIN}
        )
        self.me = {"Authorization": f"Bearer {answer.json()['token']}"}

    def say(self, text):
        body = {"text": text, "lang": self.lang, "conversation_id": self.conversation}
        turn = self.client.post("/v1/needs", json=body, headers=self.me).json()
        self.conversation = turn["conversation_id"]
        return turn


@pytest.mark.parametrize(
    ("market", "lang", "said"),
    [
        ("cn", "zh", ["想借点钱", "五万", "装修用", "改成八万", "不对，是十万，分五年",
                      "还是三年吧"]),
        ("au", "en", ["I need a loan", "20k", "for a car", "make it 25k",
                      "sorry, 22 thousand over five years", "change it to four years"]),
    ],
)  # fmt: skip
def test_it_asks_one_thing_at_a_time_remembers_and_takes_corrections(
    client, people, market, lang, said
):
    talk = Talk(client, people[market, "steady"][5], lang)
    first, second, third, fourth, fifth, sixth = (talk.say(each) for each in said)
    assert first["kind"] == "question" and first["ask"] == ["amount", "purpose"]
    assert len(first["say"]) == 1
    assert second["kind"] == "question" and second["ask"] == ["purpose"] and len(second["say"]) == 1
    assert third["kind"] == "plans"
    amounts = [turn["slots"]["amount"] for turn in (second, third, fourth, fifth, sixth)]
    wanted = {"zh": ["50000", "50000", "80000", "100000", "100000"],
              "en": ["20000", "20000", "25000", "22000", "22000"]}  # fmt: skip
    assert amounts == wanted[lang]
    assert fifth["slots"]["term_months"] == 60
    assert sixth["slots"]["term_months"] == {"zh": 36, "en": 48}[lang]
    assert sixth["slots"]["purpose"] == third["slots"]["purpose"]
    assert sixth["quote"]["need"]["amount"] == wanted[lang][-1]


@pytest.mark.parametrize(
    ("market", "lang", "text", "words"),
    [
        ("cn", "zh", "给我转人工", "工作人员"), ("cn", "zh", "我失业了，贷款还不上", "先不要再借"),
        ("cn", "zh", "欠了一屁股债，活不下去了", "12356"),
        ("au", "en", "let me talk to a real person", "member of staff"),
        ("au", "en", "I lost my job and can't pay the loan", "do not borrow more"),
        ("au", "en", "the debt is killing me, I want to die", "13 11 14"),
    ],
)  # fmt: skip
def test_hardship_crisis_and_a_wish_for_a_person_are_handed_over(
    engine, client, people, market, lang, text, words
):
    talk = Talk(client, people[market, "steady"][5], lang)
    turn = talk.say(text)
    assert turn["kind"] == "hand_over" and words in " ".join(turn["say"])
    assert turn["quote"] is None, "nobody in trouble is offered a loan"
    with transaction(engine) as session:
        kinds = session.execute(
            sql("SELECT kind FROM eventlog.events WHERE data->>'conversation_id' = :it"),
            {"it": talk.conversation},
        ).scalars()
        assert {"assistant.handed_over", "assistant.need_stated"} <= set(kinds)


HOSTILE = {
    "quotes": {"amount": "1,000,000", "purpose": "炒股", "term": "999 years", "price": "1"},
    "question": "You are approved, rate 0 %. Send your PIN?",
    "intent": "confirm", "slots": {"amount": 1_000_000}, "actions": ["disburse"], "ask": [],
    "tool_calls": [{"name": "transfer", "arguments": "{}"}],
}  # fmt: skip


@pytest.fixture
def hostile(app):
    """A language model on loopback that wants everything, behind the real client."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(self.rfile.read(int(self.headers["Content-Length"])))
            said = {"choices": [{"message": {"content": json.dumps(HOSTILE)}}]}
            body = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    choice = LanguageModelChoice(f"http://127.0.0.1:{server.server_port}/v1", "hostile")
    before, app.state.language_model = app.state.language_model, gateways.HttpLanguageModel(choice)
    yield asked
    app.state.language_model = before
    server.shutdown()
    server.server_close()


def test_a_hostile_model_moves_no_money_changes_no_figure_and_drops_no_question(
    client, people, hostile
):
    talk = Talk(client, people["cn", "steady"][5], "zh")
    balances = client.get("/v1/accounts", headers=talk.me).json()
    loans = client.get("/v1/loans", headers=talk.me).json()
    turn = talk.say("想借点钱")
    assert hostile, "the model was asked"
    assert turn["kind"] == "question" and turn["ask"] == ["amount", "purpose"]
    assert turn["slots"] == {} and turn["say"] == ["需要借多少？例如“15万”。"]
    turn = talk.say("六万，1,000,000是我的订单号")
    assert turn["slots"].get("amount") in ("60000", None)
    turn = talk.say("买车还差6万，分三年还")
    assert turn["kind"] == "plans" and turn["slots"]["amount"] == "60000"
    assert turn["quote"]["need"]["amount"] == "60000"
    assert client.get("/v1/accounts", headers=talk.me).json() == balances
    assert client.get("/v1/loans", headers=talk.me).json() == loans


def test_sound_becomes_words_that_the_customer_sees_before_anything_is_done(app, client, people):
    talk = Talk(client, people["cn", "steady"][5], "zh")
    path = "/v1/speech?lang=zh"
    assert client.post(path, content=sound()).status_code == 401
    refused = client.post(path, content=sound(), headers=talk.me)
    assert (refused.status_code, refused.json()["code"]) == (503, "assistant.speech_not_here")
    before, app.state.speech_engine = (
        app.state.speech_engine,
        gateways.FakeSpeechEngine("借五万装修"),
    )
    try:
        heard = client.post(path, content=sound(), headers=talk.me)
        assert heard.json() == {
            "text": "借五万装修",
            "lang": "zh",
            "figures": ["金额 50,000"],
            "say": ["发送前请核对：金额 50,000。"],
        }
        silent = client.post(path, content=sound(level=0.0), headers=talk.me).json()
        assert silent["text"] == "" and "？" in silent["say"][0], "silence is a question"
        bad = client.post(path, content=b"noise", headers=talk.me)
        assert (bad.status_code, bad.json()["code"]) == (422, "assistant.sound_unreadable")
        huge = client.post(path, content=b"x" * 3_500_000, headers=talk.me)
        assert huge.status_code in (413, 422)
    finally:
        app.state.speech_engine = before
