"""Screening: Chinese and Latin names against lists, and clearances that are remembered."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from jiuding.base.settings import CATALOG
from jiuding.kernel import eventlog
from jiuding.services import risk

SAMPLE = risk.load_list(CATALOG / "lists" / "invented.targets.simple.csv")
HEAD = "id,schema,name,aliases,birth_date,countries,dataset\n"


def found(name: str, **more) -> list[str]:
    return [match.entry_id for match in SAMPLE.matches(name, **more)]


@pytest.mark.parametrize(
    ("name", "entry_id"),
    [
        ("钱望川", "inv-001"),
        ("Qian Wangchuan", "inv-001"),
        ("QIAN Wang-Chuan", "inv-001"),
        ("Wang Chuan Qian", "inv-001"),
        ("wangchuan qian", "inv-001"),
        ("Qian Wangchaun", "inv-001"),
        ("錢望川", "inv-001"),
        ("Ouyang Ji Yun", "inv-002"),
        ("欧阳霁云", "inv-002"),
        ("Shan Ruogu", "inv-003"),
        ("Voroshalmi Tobias", "inv-004"),
        ("Tobias Ferenc VÖRÖSHALMI", "inv-004"),
        ("Ingeborg Strom", "inv-005"),
        ("Abdul Qadir Zahruddin Marwazi", "inv-006"),
        ("Ocean Spark Import-Export Trading Co., Ltd.", "inv-007"),
        ("quiet heron", "inv-008"),
        ("Ｑｉａｎ　Ｗａｎｇｃｈｕａｎ", "inv-001"),
    ],
)
def test_a_listed_person_is_found_however_the_name_is_written(name, entry_id):
    assert entry_id in found(name)


@pytest.mark.parametrize(
    "name", ["林岚", "Ava Mitchell", "Qian", "王海川", "Heron Street Bakery", "单"]
)
def test_others_are_not_found(name):
    assert found(name) == []


def test_what_only_sounds_alike_is_less_near_and_says_so():
    entries = [risk.ListEntry("a", "person", ("李明",)), risk.ListEntry("b", "person", ("黎明",))]
    matches = risk.Screener(entries).matches("李明")
    assert [(each.entry_id, each.score) for each in matches] == [("a", 100), ("b", 92)]
    assert "same_sound" in matches[1].why


def test_another_year_of_birth_makes_a_match_less_near():
    near, far = (
        SAMPLE.matches("Qian Wangchuan", born="1962-01-01"),
        SAMPLE.matches("Qian Wangchuan", born="1990"),
    )
    assert near[0].score == 100
    assert far[0].score == 85
    assert "born_differs" in far[0].why


NAMES = st.lists(st.text("abcdelz", min_size=1, max_size=6), min_size=1, max_size=3).map(" ".join)


@given(st.lists(NAMES, min_size=1, max_size=12), NAMES)
@settings(max_examples=150, deadline=None)
def test_no_name_is_missed_that_is_as_near_as_asked(listed, name):
    entries = [risk.ListEntry(str(n), "person", (each,)) for n, each in enumerate(listed)]
    hits = {each.entry_id: each.score for each in risk.Screener(entries).matches(name)}
    own = risk.spell(name)
    for number, each in enumerate(listed):
        other = risk.spell(each)
        score = max(
            fuzz.ratio(own.sorted, other.sorted),
            *(fuzz.ratio(turned, other.joined) for turned in own.turned),
        )
        if score >= 84:
            assert hits[str(number)] >= int(score)


@pytest.mark.parametrize("name", ["", "  ", "——", "x" * 301])
def test_a_name_without_letters_or_far_too_long_is_refused(name):
    with pytest.raises(risk.BadName):
        SAMPLE.matches(name)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("id,name\n1,A\n", "column aliases"),
        (HEAD + "1,Person,,,,,x\n", "line 2: an id and a name"),
        (HEAD + "1,Person,A B,,,,x\n2,Person\n", "line 3: it has another number"),
        (HEAD + "1,Person,A B,,,,x,more\n", "line 2: it has another number"),
        (HEAD + '1,Person,"A B,,,,x\n', "unexpected end|number"),
    ],
)
def test_a_list_with_a_hole_is_refused_naming_the_line(text, why):
    with pytest.raises(risk.BadList, match=why):
        list(risk.read_simple_csv(text, file="l.csv"))


OFAC = """<sdnList xmlns="http://example.test/sdn"><sdnEntry><uid>7</uid>
<firstName>Ana</firstName><lastName>KOVACIC</lastName><sdnType>Individual</sdnType>
<akaList><aka><lastName>KOVAČIĆ-LUND</lastName></aka></akaList>
<dateOfBirthList><dateOfBirthItem><dateOfBirth>3 May 1960</dateOfBirth></dateOfBirthItem>
</dateOfBirthList></sdnEntry></sdnList>"""
UN = """<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><DATAID>9</DATAID><FIRST_NAME>Bo</FIRST_NAME>
<SECOND_NAME>Linde</SECOND_NAME><INDIVIDUAL_ALIAS><ALIAS_NAME>Beau Linden</ALIAS_NAME>
</INDIVIDUAL_ALIAS><INDIVIDUAL_DATE_OF_BIRTH><YEAR>1971</YEAR></INDIVIDUAL_DATE_OF_BIRTH>
</INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>"""


def test_lists_of_ofac_and_of_the_united_nations_are_read():
    (ofac,) = risk.read_xml(OFAC, file="sdn.xml")
    assert (ofac.entry_id, ofac.names) == ("7", ("Ana KOVACIC", "KOVAČIĆ-LUND"))
    assert ofac.born == ("3 May 1960",)
    (united,) = risk.read_xml(UN, file="un.xml")
    assert (united.names, united.born) == (("Bo Linde", "Beau Linden"), ("1971",))
    (match,) = risk.Screener([ofac, united]).matches("kovačić ana", born="1960")
    assert (match.entry_id, match.score) == ("7", 100)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
        ("<a><b></a>", "mismatched"),
        ("<a/>", "no sdnEntry"),
        ("<l><sdnEntry><uid>1</uid></sdnEntry></l>", "lacks an id or a name"),
    ],
)
def test_xml_of_another_form_is_refused(text, why):
    with pytest.raises(risk.BadList, match=why):
        list(risk.read_xml(text, file="x.xml"))


def test_a_list_longer_than_memory_allows_is_refused():
    entries = (risk.ListEntry(str(n), "person", (f"name {n}",)) for n in range(11))
    with pytest.raises(risk.ListTooLong, match="at most 10 names"):
        risk.Screener(entries, names_max=10)


def test_a_clearance_is_remembered_and_lapses_when_name_or_entry_change(session, bank_id, now):
    known = {"bank_id": bank_id, "subject": "pty_1", "name": "Qian Wangchuan"}
    clear = {**known, "entry_id": "inv-001", "reason": "another birth place", "by": "pty_ann"}
    assert risk.screen(session, screener=SAMPLE, **known).matches[0].entry_id == "inv-001"
    assert risk.clear_match(session, screener=SAMPLE, now=now, **clear) is True
    assert risk.clear_match(session, screener=SAMPLE, now=now, **clear) is False
    again = risk.screen(session, screener=SAMPLE, **known)
    assert again.matches == ()
    assert [each.entry_id for each in again.cleared] == ["inv-001"]
    assert risk.screen(session, screener=SAMPLE, **{**known, "subject": "pty_2"}).matches
    assert risk.screen(session, screener=SAMPLE, **{**known, "name": "Qian Wangchaun"}).matches
    changed = [replace(each, born=("1962",)) for each in SAMPLE.entries]
    assert risk.screen(session, screener=risk.Screener(changed), **known).matches
    told = eventlog.events_about(session, bank_id=bank_id, subject="pty_1", limit_max=5)
    assert [each.kind for each in told] == ["risk.match_cleared"]


def test_what_screening_does_not_find_cannot_be_cleared(session, bank_id, now):
    with pytest.raises(risk.MatchNotFound):
        risk.clear_match(
            session, bank_id=bank_id, screener=SAMPLE, subject="pty_1", name="Ava Mitchell",
            entry_id="inv-001", reason="none", by="pty_ann", now=now,
        )  # fmt: skip
    with pytest.raises(sqlalchemy.exc.DatabaseError, match="append-only"):
        session.execute(sqlalchemy.text("DELETE FROM risk.clearances"))
