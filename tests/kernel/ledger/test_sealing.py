"""The seal: any row that is touched is named, and one transfer is proven to anyone."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from jiuding.base.amounts import Amount, currency
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id, to_uuid
from jiuding.kernel import ledger
from jiuding.kernel.ledger.rules import sealing as rules

CNY = currency("CNY")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def seal(bank) -> ledger.Seal | None:
    return ledger.seal_transfers(bank.session, bank_id=bank.bank_id, now=bank.now)


def verify(bank, **terms) -> ledger.Verification:
    return ledger.verify_seals(bank.session, bank_id=bank.bank_id, **terms)


def tamper(bank, statement: str, **values) -> None:
    """Write past the ledger, as someone would who may do everything on the server."""
    for table in ("transfers", "seals"):
        bank.session.execute(text(f"ALTER TABLE ledger.{table} DISABLE TRIGGER append_only"))
    bank.session.execute(text(statement), values | {"bank": to_uuid("bank", bank.bank_id)})


def fill(bank, count: int = 3) -> list[str]:
    a = bank.open()
    items = [bank.item(bank.cash(), a, 10 + number) for number in range(count)]
    assert set(bank.post(*items)) == {"posted"}
    return [item.transfer_id for item in items]


def test_what_was_posted_waits_and_is_sealed_once(bank):
    assert seal(bank) is None
    ids = fill(bank)
    assert verify(bank) == ledger.Verification(0, 0, 3, rules.NO_SEAL.hex(), None)
    first = seal(bank)
    assert (first.number, first.transfer_count, first.previous) == (1, 3, rules.NO_SEAL)
    assert seal(bank) is None
    fill(bank, 2)
    second = seal(bank)
    assert (second.number, second.previous) == (2, first.seal)
    assert verify(bank) == ledger.Verification(2, 5, 0, second.seal.hex(), None)
    assert verify(bank, head=first.seal.hex()).finding is None
    assert len(ids) == 3


def test_refusals_and_holds_have_nothing_to_seal_but_captures_do(bank):
    a, b = bank.funded(100), bank.open()
    assert seal(bank).transfer_count == 1
    hold = bank.hold(a, b, 30)
    assert bank.post(hold, bank.item(a, b, 101)) == ["posted", "insufficient_funds"]
    assert seal(bank) is None
    assert bank.post(bank.capture(hold.hold_id), bank.item(a, b, 1)) == ["posted", "posted"]
    assert seal(bank).transfer_count == 2
    assert verify(bank).finding is None


@pytest.fixture
def touched(session, bank_id, now):
    """A bank with two sealed blocks, whose books are not proven when the test ends."""
    terms = {"bank_id": bank_id, "asset": CNY, "now": now}
    cash = ledger.bank_account(session, kind="cash_at_central_bank", **terms).account_id
    held = ledger.open_account(
        session, kind="customer_deposit", owner_id="pty_1", **terms
    ).account_id
    ids = []
    for size in (3, 4):
        items = [
            ledger.NewTransfer(
                new_id("trf", now), cash, held, Amount(5, CNY), "tests.moved", date(2026, 11, 23)
            )
            for _ in range(size)
        ]
        ledger.post_all(session, bank_id=bank_id, transfers=items, now=now)
        ledger.seal_transfers(session, bank_id=bank_id, now=now)
        ids += [item.transfer_id for item in items]
    return SimpleNamespace(session=session, bank_id=bank_id, now=now, ids=ids)


@pytest.mark.parametrize(
    "change",
    [
        "units = units + 1", "code = 'tests.other'", "about = 'ln_1'",
        "effective_on = effective_on - 1", "recorded_at = recorded_at + interval '1 microsecond'",
        "debit_id = credit_id", "debit_previous_id = transfer_id",
        "debit_after = debit_after + 1", "hold_id = transfer_id",
    ],
)  # fmt: skip
def test_the_first_row_that_was_touched_is_named(touched, change):
    for place in (5, 2):
        tamper(
            touched,
            f"UPDATE ledger.transfers SET {change} WHERE bank_id = :bank AND transfer_id = :id",
            id=to_uuid("trf", touched.ids[place]),
        )
    finding = verify(touched).finding
    assert (finding.code, finding.ids) == ("ledger.transfer_touched", (touched.ids[2],))


def test_a_row_that_was_deleted_is_named(touched):
    tamper(
        touched, "DELETE FROM ledger.transfers WHERE bank_id = :bank AND transfer_id = :id",
        id=to_uuid("trf", touched.ids[4]),
    )  # fmt: skip
    finding = verify(touched).finding
    assert (finding.code, finding.ids) == ("ledger.transfer_missing", (touched.ids[4],))


def test_two_rows_that_changed_places_are_named(touched):
    tamper(
        touched,
        """UPDATE ledger.transfers AS t
           SET (debit_number, credit_number, debit_after, credit_after, recorded_at)
               = (o.debit_number + 100, o.credit_number + 100, o.debit_after, o.credit_after,
                  o.recorded_at)
           FROM ledger.transfers AS o WHERE t.bank_id = :bank AND o.bank_id = :bank
             AND (t.transfer_id, o.transfer_id) IN ((:a, :b), (:b, :a))""",
        a=to_uuid("trf", touched.ids[1]), b=to_uuid("trf", touched.ids[4]),
    )  # fmt: skip
    tamper(
        touched,
        """UPDATE ledger.transfers SET debit_number = debit_number - 100,
               credit_number = credit_number - 100
           WHERE bank_id = :bank AND debit_number > 100""",
    )
    assert touched.session.execute(
        text("SELECT count(DISTINCT debit_number) FROM ledger.transfers WHERE bank_id = :bank"),
        {"bank": to_uuid("bank", touched.bank_id)},
    ).scalar_one() == 7  # fmt: skip
    finding = verify(touched).finding
    assert (finding.code, finding.ids) == ("ledger.transfer_touched", (touched.ids[1],))


def slip_in(touched, like: str) -> str:
    """Write a row as no posting would."""
    slipped = new_id("trf", touched.now)
    tamper(
        touched,
        """INSERT INTO ledger.transfers SELECT bank_id, :new, debit_id, credit_id, units, code,
               about, effective_on, recorded_at, 100, 100, 0, 0, hold_id, reverses_id
           FROM ledger.transfers WHERE bank_id = :bank AND transfer_id = :id""",
        id=to_uuid("trf", like), new=to_uuid("trf", slipped),
    )  # fmt: skip
    return slipped


def note_as_waiting(touched, transfer_id: str) -> None:
    """Say past the ledger that a transfer waits, later than it was written."""
    statement = "INSERT INTO ledger.unsealed VALUES (:bank, :id, ARRAY[:id]::uuid[])"
    with touched.session.begin_nested():
        tamper(touched, statement, id=to_uuid("trf", transfer_id))


def test_a_row_that_was_slipped_in_beside_one_that_counts_twice_is_named(touched):
    slipped = slip_in(touched, touched.ids[0])
    note_as_waiting(touched, touched.ids[6])
    finding = verify(touched).finding
    assert (finding.code, finding.ids) == ("ledger.transfer_unsealed", (slipped,))


def test_a_row_that_counts_twice_is_named(touched):
    note_as_waiting(touched, touched.ids[0])
    finding = verify(touched).finding
    assert (finding.code, finding.ids) == ("ledger.sealed_twice", (touched.ids[0],))


def test_the_newest_seals_alone_are_looked_at_when_asked(touched):
    assert verify(touched, newest=1).sealed_count == 4
    assert verify(touched, newest=9).sealed_count == 7
    change = "UPDATE ledger.transfers SET units = 6 WHERE transfer_id = :id"
    tamper(touched, change, id=to_uuid("trf", touched.ids[0]))
    assert verify(touched, newest=1).finding is None
    tamper(touched, change, id=to_uuid("trf", touched.ids[4]))
    assert verify(touched, newest=1).finding.ids == (touched.ids[4],)


def test_a_row_that_was_slipped_in_is_named(touched):
    slipped = slip_in(touched, touched.ids[0])
    finding = verify(touched).finding
    assert (finding.code, finding.ids) == ("ledger.transfer_unsealed", (slipped,))


@pytest.mark.parametrize(
    "change",
    ["root = sha256(root)", "previous = sha256(root)", "seal = sha256(seal)",
     "tree = sha256(root)", "nodes = sha256(root)", "nodes = nodes || root", "leaves = ''",
     "sealed_at = sealed_at + interval '1 second'", "leaves = leaves || sha256(root)",
     "first_at = first_at - interval '1 second'", "last_at = last_at + interval '1 second'",
     "number = 5", "transfer_ids = transfer_ids[2:]",
     "transfer_ids = transfer_ids[2:] || transfer_ids[1]"],
)  # fmt: skip
def test_a_seal_that_was_touched_is_named(touched, change):
    tamper(touched, f"UPDATE ledger.seals SET {change} WHERE bank_id = :bank AND number = 1")
    assert verify(touched).finding.code == "ledger.seal_broken"


def test_the_tree_under_the_newest_seal_is_looked_at_too(touched):
    change = "UPDATE ledger.seals SET nodes = sha256(nodes) WHERE bank_id = :bank AND number = 2"
    tamper(touched, change)
    assert verify(touched).finding.code == "ledger.seal_broken"


def test_a_chain_made_anew_does_not_lead_to_the_seal_that_was_kept(touched):
    kept = verify(touched).head
    statement = "UPDATE ledger.transfers SET units = 9 WHERE bank_id = :bank AND transfer_id = :id"
    tamper(touched, statement, id=to_uuid("trf", touched.ids[0]))
    tamper(touched, "DELETE FROM ledger.seals WHERE bank_id = :bank")
    tamper(
        touched, "INSERT INTO ledger.unsealed VALUES (:bank, :first, :ids)",
        first=to_uuid("trf", touched.ids[0]), ids=[to_uuid("trf", each) for each in touched.ids],
    )  # fmt: skip
    ledger.seal_transfers(
        touched.session, bank_id=touched.bank_id, now=touched.now, as_they_are=True
    )
    assert verify(touched).finding is None
    assert verify(touched, head=kept).finding.code == "ledger.seal_unknown"


def test_every_transfer_is_proven_without_the_database(touched):
    head = verify(touched).head
    for transfer_id in touched.ids:
        proof = ledger.export_proof(
            touched.session, bank_id=touched.bank_id, transfer_id=transfer_id
        )
        carried = json.loads(json.dumps(proof))
        shown = ledger.check_proof(carried, head=head)
        assert (shown["transfer_id"], shown["fields"]["units"]) == (transfer_id, 5)
        assert (shown["head"], shown["head_number"]) == (head, 2)
        assert shown["fields"]["effective_on"] == "2026-11-23"
        assert datetime.fromisoformat(shown["fields"]["recorded_at"]) == touched.now


def break_proof(proof: dict, way: str) -> dict:
    """Return a proof that is wrong in one way."""
    seal, other = proof["seal"], "00" * 32
    return {
        "content": proof | {"content": proof["content"].replace(",5,", ",6,", 1)},
        "place": proof | {"place": 1},
        "far place": proof | {"place": 99},
        "short path": proof | {"path": proof["path"][1:]},
        "long path": proof | {"path": [*proof["path"], other]},
        "other path": proof | {"path": [other, *proof["path"][1:]]},
        "root": proof | {"seal": seal | {"root": other}},
        "tree": proof | {"seal": seal | {"tree": "11" * 32}},
        "number": proof | {"seal": seal | {"number": 2}},
        "large number": proof | {"head": proof["head"] | {"number": 1 << 70}},
        "time": proof | {"seal": seal | {"sealed_at": "2020-01-01T00:00:00Z"}},
        "order": proof | {"seal": proof["head"], "head": seal},
        "other head": proof | {"head": seal},
        "long way": proof | {"seals_path": [other]},
        "bank": proof | {"bank": "01939c3e-0000-7000-8000-000000000001"},
        "format": proof | {"format": "other"},
        "shape": {"content": 5},
    }[way]


@pytest.mark.parametrize(
    "way",
    ["content", "place", "far place", "short path", "long path", "other path", "root", "tree",
     "number", "large number", "time", "order", "other head", "long way", "bank", "format",
     "shape"],
)  # fmt: skip
def test_a_proof_that_was_changed_does_not_hold(touched, way):
    head = verify(touched).head
    proof = ledger.export_proof(
        touched.session, bank_id=touched.bank_id, transfer_id=touched.ids[0]
    )
    ledger.check_proof(proof, head=head)
    broken = break_proof(proof, way)
    assert broken != proof
    with pytest.raises(ledger.ProofBroken):
        ledger.check_proof(broken, head=head)


def test_a_proof_leads_to_the_seal_that_the_checker_keeps(touched):
    terms = {"bank_id": touched.bank_id, "transfer_id": touched.ids[0]}
    first, second = ledger.export_proof(touched.session, **terms), verify(touched).head
    with pytest.raises(ledger.ProofBroken):
        ledger.check_proof(first, head="00" * 32)
    with pytest.raises(ledger.ProofBroken):
        ledger.check_proof(first, head="no seal")
    older = ledger.check_proof(first, head=second)
    kept = rules.seal_of(
        to_uuid("bank", touched.bank_id), 1, touched.now, rules.NO_SEAL,
        bytes.fromhex(first["seal"]["root"]), rules.NO_SEAL, 3,
    ).seal.hex()  # fmt: skip
    proof = ledger.export_proof(touched.session, **terms, head=kept)
    assert ledger.check_proof(proof, head=kept)["fields"] == older["fields"]
    terms["transfer_id"] = touched.ids[5]
    with pytest.raises(ledger.NotSealed):
        ledger.export_proof(touched.session, **terms, head=kept)
    for unknown in ("11" * 32, "no seal"):
        with pytest.raises(ledger.SealUnknown):
            ledger.export_proof(touched.session, **terms, head=unknown)


def test_what_was_touched_has_no_proof(touched):
    tamper(
        touched, "UPDATE ledger.transfers SET units = 6 WHERE transfer_id = :id",
        id=to_uuid("trf", touched.ids[0]),
    )  # fmt: skip
    with pytest.raises(ledger.TransferTouched):
        ledger.export_proof(touched.session, bank_id=touched.bank_id, transfer_id=touched.ids[0])


def test_what_is_not_sealed_yet_has_no_proof(bank):
    (transfer_id,) = fill(bank, 1)
    with pytest.raises(ledger.NotSealed):
        ledger.export_proof(bank.session, bank_id=bank.bank_id, transfer_id=transfer_id)
    with pytest.raises(ledger.TransferNotFound):
        ledger.export_proof(bank.session, bank_id=bank.bank_id, transfer_id=bank.id())


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 9, 31, 33])
def test_every_place_of_a_tree_has_a_path_to_its_root(count):
    leaves = [rules.leaf_of(str(number)) for number in range(count)]
    root = rules.root_of(b"".join(leaves))
    for place in range(count):
        path = rules.path_of(b"".join(leaves), place)
        assert rules.root_by_path(leaves[place], place, count, path) == root
        for other in (path[1:], [*path, root]):
            with pytest.raises(ledger.ProofBroken):
                rules.root_by_path(leaves[place], place, count, other if path else [root])


def test_the_tree_of_seals_grows_by_what_each_seal_completes():
    bank, chain, seals, nodes = to_uuid("bank", new_id("bank", NOW)), rules.Chain(), [], {}

    def root(start: int, size: int) -> bytes:
        return rules.fold([nodes[part] for part in rules.whole_parts(start, size)])

    for number in range(1, 70):
        made = chain.next(bank, NOW, rules.leaf_of(str(number)), 1)
        told = b"".join(rules.leaf_of(seal) for seal in seals)
        assert (made.number, made.tree) == (number, rules.root_of(told))
        completed = rules.completed_by(number, made.seal, chain.peaks)
        nodes.update({(number - (1 << up), 1 << up): node for up, node in enumerate(completed)})
        chain = chain.after(made, completed)
        seals.append(made.seal)
        for place in range(number - 1):
            path = rules.path_by(place, number - 1, root)
            assert len(path) <= 7
            assert made.tree == rules.root_by_path(
                rules.leaf_of(seals[place]), place, number - 1, path
            )


def test_the_tree_is_that_of_rfc_6962():
    """Roots of Certificate Transparency's published test leaves (RFC 6962 reference vectors)."""
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
              "606162636465666768696a6b6c6d6e6f"]  # fmt: skip
    leaves = [hashlib.sha256(b"\0" + bytes.fromhex(each)).digest() for each in inputs]
    assert rules.root_of(leaves[0]).hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert rules.root_of(b"".join(leaves)).hex() == (
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    )


def test_several_sealers_and_posters_make_one_chain(engine):
    bank_id = new_id("bank", NOW)
    terms = {"bank_id": bank_id, "asset": CNY, "now": NOW}
    with transaction(engine) as session:
        cash = ledger.bank_account(session, kind="cash_at_central_bank", **terms).account_id
        held = ledger.open_account(session, kind="customer_deposit", owner_id="pty_1", **terms)

    def post(_):
        for _ in range(20):
            item = ledger.NewTransfer(
                new_id("trf", NOW), cash, held.account_id, Amount(1, CNY), "tests.moved",
                date(2026, 11, 23),
            )  # fmt: skip
            with transaction(engine) as session:
                ledger.transfer(session, bank_id=bank_id, transfer=item, now=NOW)

    def seal_some(_):
        for _ in range(20):
            ledger.seal_waiting(engine, bank_id=bank_id, now=NOW)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda work: work(0), (post, seal_some, post, seal_some)))
    ledger.seal_waiting(engine, bank_id=bank_id, now=NOW)
    with transaction(engine) as session:
        found = ledger.verify_seals(session, bank_id=bank_id)
    assert (found.sealed_count, found.waiting_count, found.finding) == (40, 0, None)
