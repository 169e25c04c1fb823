"""Ids sort by time, survive the database, and refuse what is not theirs."""

import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from jiuding.base.ids import BadId, from_uuid, new_id, to_uuid

AT = datetime(2026, 11, 23, tzinfo=UTC)


def test_the_published_typeid_vector_reads_back():
    # TypeID specification, valid.json: "uuidv7".
    value = uuid.UUID("01890a5d-ac96-774b-bcce-b302099a8057")
    assert from_uuid("pty", value) == "pty_01h455vb4pex5vsknk084sn02q"
    assert to_uuid("pty", "pty_01h455vb4pex5vsknk084sn02q") == value


def test_ids_made_in_a_row_sort_in_that_order():
    ids = [new_id("acc", AT) for _ in range(5000)]
    assert ids == sorted(ids) and len(set(ids)) == 5000


def test_a_made_id_is_a_uuid_of_version_seven():
    assert to_uuid("acc", new_id("acc", AT)).version == 7


@given(st.uuids())
def test_every_uuid_survives_printing(value):
    assert to_uuid("evt", from_uuid("evt", value)) == value


@pytest.mark.parametrize(
    "wrong",
    ["", "acc", "acc_", "trf_01h455vb4pex5vsknk084sn02q", "acc_01h455vb4pex5vsknk084sn02Q",
     "acc_z1h455vb4pex5vsknk084sn02q", "acc_01h455vb4pex5vsknk084sn02", None, 7],
)  # fmt: skip
def test_what_is_not_an_id_is_refused_with_a_code(wrong):
    with pytest.raises(BadId) as refusal:
        to_uuid("acc", wrong)
    assert refusal.value.code == "base.bad_id"


def test_the_database_is_migrated(session):
    assert session.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1
