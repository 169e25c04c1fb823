"""Devices: named by a keyed hash, recognised by a seal that only the bank makes."""

from __future__ import annotations

import pytest

from jiuding.services import signals

KEY, OTHER = b"k" * 32, b"o" * 32
REPORT = {"token": "ab" * 32, "traits": "cd" * 32, "is_automated": False}


def test_a_device_is_the_same_for_the_same_storage_and_means_nothing_elsewhere():
    one = signals.read_report(REPORT)
    again = signals.read_report({**REPORT, "traits": "ee" * 32})
    assert signals.device_id_of(one, key=KEY) == signals.device_id_of(again, key=KEY)
    assert signals.device_id_of(one, key=KEY) != signals.device_id_of(one, key=OTHER)
    assert signals.traits_of(one, key=KEY) != signals.traits_of(again, key=KEY)
    shown = signals.device_id_of(one, key=KEY) + signals.traits_of(one, key=KEY)
    assert REPORT["token"] not in shown
    assert REPORT["traits"] not in shown


def test_a_seal_opens_for_the_bank_that_made_it_alone():
    device_id = signals.device_id_of(signals.read_report(REPORT), key=KEY)
    sealed = signals.seal_device(device_id, key=KEY)
    assert signals.open_device(sealed, key=KEY) == device_id
    assert signals.open_device(sealed, key=OTHER) is None
    for other in (None, "", "x", device_id, sealed[:-1], sealed + "0", "dev_é." + "0" * 32):
        assert signals.open_device(other, key=KEY) is None


@pytest.mark.parametrize(
    "more",
    [
        {"token": "AB" * 32}, {"token": "ab" * 31}, {"token": 7}, {"traits": None},
        {"is_automated": "no"}, {"fonts": []},
    ],
)  # fmt: skip
def test_a_report_in_another_form_is_refused(more):
    with pytest.raises(signals.BadDevice):
        signals.read_report({**REPORT, **more})
