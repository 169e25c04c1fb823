"""Screening a subject: a match opens one case, clearances are remembered, lists come in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from jiuding.base.settings import CATALOG
from jiuding.kernel import eventlog
from jiuding.services import cases, risk

FILE = CATALOG / "lists" / "invented.targets.simple.csv"
SAMPLE = risk.load_list(FILE)


def screen(room, name="Qian Wangchuan", subject="pty_1", screener=SAMPLE, **more):
    return cases.screen_subject(
        room.session, bank_id=room.bank_id, screener=screener, subject=subject, name=name,
        by="ann", now=room.now, **more,
    )  # fmt: skip


def clear(room, entry_id="inv-001", name="Qian Wangchuan", by="ann"):
    return cases.clear_match(
        room.session, bank_id=room.bank_id, screener=SAMPLE, subject="pty_1", name=name,
        entry_id=entry_id, reason="another birth place", by=by, now=room.now,
    )  # fmt: skip


def test_a_match_opens_one_case_however_often_it_is_screened(room):
    found = screen(room)
    assert [each.entry_id for each in found.screening.matches] == ["inv-001"]
    assert (found.case.kind, found.case.subject) == ("screening", "pty_1")
    assert screen(room).case.case_id == found.case.case_id
    (piece,) = room.read(found.case.case_id).evidence
    assert (piece.kind, piece.data["why"]) == ("screening_match", ["exact"])
    assert piece.data["listed_name"] == "钱望川"
    assert screen(room, name="Ava Mitchell").case is None


def test_another_match_joins_the_open_case_and_a_closed_one_is_not_opened_again(room):
    first = screen(room).case
    joined = screen(room, name="Ouyang Jiyun").case
    assert joined.case_id == first.case_id
    assert len(room.read(first.case_id).evidence) == 2
    room.propose(first.case_id, "ann", "inconclusive")
    room.do("approve_outcome", first.case_id, "bob")
    assert screen(room).case.case_id == first.case_id
    fresh = screen(room, name="Shan Ruogu").case
    assert fresh.case_id != first.case_id


def test_an_unfounded_case_clears_its_matches_for_this_name_and_entry_only(room):
    case = screen(room).case
    room.propose(case.case_id, "ann", "unfounded")
    assert screen(room).screening.matches
    room.do("approve_outcome", case.case_id, "bob")
    found = screen(room)
    assert (found.screening.matches, found.case) == ((), None)
    (known,) = found.screening.clearances
    assert (known.by, known.is_current) == ("bob", True)
    assert screen(room, name="Qian Wangchaun").screening.matches


def test_a_clearance_is_told_in_the_case_and_shown_as_lapsed_when_the_entry_changes(room):
    case = screen(room).case
    assert clear(room) is True
    assert clear(room) is False
    kinds = [each.kind for each in room.read(case.case_id).evidence]
    assert kinds == ["screening_match", "clearance"]
    changed = risk.Screener([replace(each, born=("1962",)) for each in SAMPLE.entries])
    found = screen(room, screener=changed)
    assert [each.entry_id for each in found.screening.matches] == ["inv-001"]
    (lapsed,) = found.screening.clearances
    assert (lapsed.reason, lapsed.is_current) == ("another birth place", False)


def test_who_does_not_hold_the_case_cannot_clear_its_match(room):
    case = screen(room).case
    room.do("claim_case", case.case_id, "bob")
    with pytest.raises(cases.CaseHeld):
        clear(room, by="ann")
    assert clear(room, by="bob") is True


def test_a_clearance_needs_a_reason(room):
    with pytest.raises(risk.BadClearance):
        risk.remember_clearance(
            room.session, bank_id=room.bank_id, subject="pty_1", entry_id="a", name_hash="b",
            reason=" ", by="ann", now=room.now,
        )  # fmt: skip


def test_screening_is_told_without_the_name(room):
    screen(room)
    told = eventlog.events_about(room.session, bank_id=room.bank_id, subject="pty_1", limit_max=10)
    (one,) = [each for each in told if each.kind == "risk.name_screened"]
    assert (one.data["match_count"], one.data["by"]) == (1, "ann")
    assert "Qian" not in str(told)


def test_a_list_is_imported_by_version_and_screened_against_from_then_on(room, tmp_path):
    bring = {"bank_id": room.bank_id, "by": "ann"}
    lists = risk.ListRoom()

    def found(name):
        screener = lists.screener(room.session, bank_id=room.bank_id)
        return [each.entry_id for each in screener.matches(name)]

    assert found("Qian Wangchuan") == ["invented:inv-001"]
    first = risk.import_list(room.session, path=FILE, name="own", now=room.now, **bring)
    again = risk.import_list(
        room.session, path=FILE, name="own", now=room.now + timedelta(hours=1), **bring
    )
    assert again == first
    assert found("Qian Wangchuan") == ["own:inv-001"]
    other = tmp_path / "o.csv"
    other.write_text(
        "id,schema,name,aliases,birth_date,countries,dataset\nx 1,Person,Ava Mitchell,,,zz,o\n"
    )
    second = risk.import_list(room.session, path=other, name="own", now=room.now, **bring)
    assert (second.number, second.entry_count) == (2, 1)
    assert (found("Qian Wangchuan"), found("Ava Mitchell")) == ([], ["own:x 1"])
    case = screen(
        room, name="Ava Mitchell", screener=lists.screener(room.session, bank_id=room.bank_id)
    ).case
    assert room.read(case.case_id).evidence[0].data["entry_id"] == "own:x 1"
    (now_in_force,) = risk.lists_in_force(room.session, bank_id=room.bank_id)
    assert now_in_force == second
    with pytest.raises(risk.BadListName):
        risk.import_list(room.session, path=FILE, name="Own List", now=room.now, **bring)
