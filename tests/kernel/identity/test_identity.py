"""Who it is: PINs that lock, logins that end, details that can be forgotten."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import text

from jiuding.base.ids import new_id
from jiuding.base.problems import Problem
from jiuding.base.vault import Vault
from jiuding.kernel import identity
from jiuding.kernel.identity import tables

VAULT = Vault(b"k" * 32)


@pytest.fixture
def vault():
    return VAULT


@pytest.fixture
def party_id(session, bank_id, vault, now):
    person = identity.NewPerson("林岚", date(1992, 2, 29), "cn", "CN", "zh")
    party = identity.register_person(session, bank_id=bank_id, vault=vault, person=person, now=now)
    identity.set_pin(
        session, bank_id=bank_id, vault=VAULT, party_id=party.party_id, pin="123456", now=now
    )
    return party.party_id


def prove(session, bank_id, party_id, pin, now):
    return identity.prove_with_pin(
        session, bank_id=bank_id, vault=VAULT, party_id=party_id, pin=pin, purpose="login", now=now
    )


def test_a_person_reads_back_and_has_an_age(session, bank_id, vault, party_id):
    person = identity.read_person(session, bank_id=bank_id, vault=vault, party_id=party_id)
    assert person.name == "林岚" and person.party.market == "cn"
    assert person.age(date(2026, 2, 28)) == 33 and person.age(date(2026, 3, 1)) == 34


def test_no_personal_detail_is_readable_in_the_database(session, bank_id, party_id):
    for table in tables.metadata.sorted_tables:
        for row in session.execute(table.select().where(table.c.bank_id == bank_id)):
            assert "林岚" not in str(row) and "林岚".encode() not in b"".join(
                value for value in row if isinstance(value, bytes)
            )


def test_details_sealed_for_one_party_do_not_open_for_another(session, bank_id, vault, party_id):
    sealed = vault.seal({"name": "x"}, about="one")
    with pytest.raises(InvalidTag):
        vault.open(sealed, about="another")


def test_a_right_pin_is_a_proof_and_a_wrong_one_a_counted_refusal(session, bank_id, party_id, now):
    proof = prove(session, bank_id, party_id, "123456", now)
    assert isinstance(proof, identity.Proof) and proof.means == "pin"
    refusal = prove(session, bank_id, party_id, "654321", now)
    assert isinstance(refusal, Problem) and refusal.code == "identity.pin_refused"
    assert "4 tries" in refusal.detail


def test_five_wrong_pins_lock_even_the_right_one_for_a_quarter_of_an_hour(
    session, bank_id, party_id, now
):
    for _ in range(5):
        prove(session, bank_id, party_id, "000000", now)
    locked = prove(session, bank_id, party_id, "123456", now + timedelta(minutes=14))
    assert isinstance(locked, Problem) and locked.code == "identity.pin_locked"
    later = prove(session, bank_id, party_id, "123456", now + timedelta(minutes=16))
    assert isinstance(later, identity.Proof)


@pytest.mark.parametrize("pin", ["12345", "1234567", "12345a", "", "１２３４５６"])
def test_a_pin_is_six_digits(session, bank_id, party_id, now, pin):
    with pytest.raises(Problem) as refusal:
        identity.set_pin(session, bank_id=bank_id, vault=VAULT, party_id=party_id, pin=pin, now=now)
    assert refusal.value.code == "identity.bad_pin"


def test_a_login_ends_by_itself_and_when_told(session, bank_id, party_id, now):
    proof = prove(session, bank_id, party_id, "123456", now)
    login = identity.open_login(session, bank_id=bank_id, proof=proof, now=now)
    found = identity.authenticate_login(session, bank_id=bank_id, token=login.token, now=now)
    assert found.party_id == party_id and found.token is None
    for token, at in (
        (login.token, now + timedelta(hours=13)),
        ("guess", now),
        (None, now),
    ):
        with pytest.raises(identity.LoginRequired):
            identity.authenticate_login(session, bank_id=bank_id, token=token, now=at)
    identity.end_login(session, bank_id=bank_id, token=login.token)
    with pytest.raises(identity.LoginRequired):
        identity.authenticate_login(session, bank_id=bank_id, token=login.token, now=now)


def test_the_token_itself_is_not_stored(session, bank_id, party_id, now):
    proof = prove(session, bank_id, party_id, "123456", now)
    login = identity.open_login(session, bank_id=bank_id, proof=proof, now=now)
    stored = session.execute(text("SELECT token_hash FROM identity.logins")).scalars().all()
    assert login.token.encode() not in b"".join(bytes(each) for each in stored)


def test_an_erased_party_keeps_its_id_and_nothing_else(session, bank_id, vault, party_id, now):
    identity.erase_personal_details(session, bank_id=bank_id, party_id=party_id, now=now)
    identity.erase_personal_details(session, bank_id=bank_id, party_id=party_id, now=now)
    party = identity.read_party(session, bank_id=bank_id, party_id=party_id)
    assert party.status is identity.PartyStatus.ERASED
    with pytest.raises(identity.PartyNotFound):
        identity.read_person(session, bank_id=bank_id, vault=vault, party_id=party_id)
    assert isinstance(prove(session, bank_id, party_id, "123456", now), Problem)


def test_another_banks_party_is_not_here(session, party_id, vault, now):
    with pytest.raises(identity.PartyNotFound):
        identity.read_party(session, bank_id=new_id("bank", now), party_id=party_id)


def test_a_passkey_is_asked_for_only_where_there_is_one(session, bank_id, party_id, now):
    with pytest.raises(identity.PasskeyRefused):
        identity.ask_for_passkey(
            session, bank_id=bank_id, party_id=party_id, purpose="x", host="localhost", now=now
        )
    options = identity.offer_passkey(
        session, bank_id=bank_id, party_id=party_id, host="localhost", now=now
    )
    assert '"rp"' in options and "林岚" not in options


def test_a_passkeys_answer_that_was_not_asked_for_is_refused(session, bank_id, party_id, now):
    for answer in ({}, {"response": {"clientDataJSON": "e30"}}, {"response": 7}):
        with pytest.raises(identity.ChallengeRefused):
            identity.prove_with_passkey(
                session, bank_id=bank_id, party_id=party_id, purpose="x", answer=answer,
                host="localhost", origin="http://localhost:8000", now=now,
            )  # fmt: skip


def test_a_bank_is_registered_once_by_its_short_name(session, now):
    def bank(bank_id):
        return identity.Bank(bank_id, "once", "一", "One", ("cn",), True)

    first = identity.register_bank(session, bank=bank(new_id("bank", now)), now=now)
    second = identity.register_bank(session, bank=bank(new_id("bank", now)), now=now)
    assert first == second == identity.find_bank(session, slug="once")


def test_questions_to_a_passkey_are_limited_and_run_out(session, bank_id, party_id, now):
    def offer(at):
        return identity.offer_passkey(
            session, bank_id=bank_id, party_id=party_id, host="localhost", now=at
        )

    for _ in range(20):
        offer(now)
    with pytest.raises(Problem) as refusal:
        offer(now)
    assert refusal.value.code == "identity.too_many_challenges"
    offer(now + timedelta(minutes=6))
