"""Breached secrets: found in both forms, and a list that is out of order is not used."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiuding.services import signals


def ordered(secrets: dict[str, int], end: str = "\r\n") -> bytes:
    hashes = {hashlib.sha1(s.encode()).hexdigest().upper(): n for s, n in secrets.items()}
    return "".join(f"{each}:{hashes[each]}{end}" for each in sorted(hashes)).encode()


@given(
    st.dictionaries(st.text(max_size=8), st.integers(1, 10**9), max_size=60),
    st.lists(st.text(max_size=8), max_size=20),
    st.sampled_from(("\n", "\r\n")),
)
@settings(max_examples=100, deadline=None)
def test_what_is_on_the_list_is_found_and_nothing_else(secrets, others, end):
    text = ordered(secrets, end)
    lost = signals.BreachedSecrets(text)
    packed = signals.BreachedSecrets(b"".join(signals.compact(text.splitlines())))
    for secret in [*secrets, *others]:
        assert lost.count(secret) == secrets.get(secret, 0)
        assert packed.count(secret) == (secret in secrets)


def test_the_compact_form_can_leave_out_what_is_rare():
    lines = ordered({"123456": 9_000, "a rare one": 2}).splitlines()
    lost = signals.BreachedSecrets(b"".join(signals.compact(lines, count_min=100)))
    assert (lost.count("123456"), lost.count("a rare one")) == (1, 0)


def test_a_secret_that_others_lost_is_refused():
    lost = signals.BreachedSecrets(ordered({"123456": 9}))
    lost.ensure_unknown("a long one of my own")
    with pytest.raises(signals.SecretBreached):
        lost.ensure_unknown("123456")


@pytest.mark.parametrize(
    "text",
    [
        b"\n".join(reversed(ordered({str(n): 1 for n in range(50)}).split())),
        b"not a hash at all\n",
        ordered({str(n): 1 for n in range(50)}) + b"\x00" * 30,
    ],
)
def test_a_list_out_of_order_or_of_another_form_is_refused(text):
    with pytest.raises(signals.BadPasswordList):
        signals.BreachedSecrets(text)
    with pytest.raises(signals.BadPasswordList, match="line"):
        list(signals.compact(text.splitlines()))


def test_a_compact_list_that_was_cut_off_is_refused():
    packed = b"".join(signals.compact(ordered({"1": 1, "2": 1}).splitlines()))
    with pytest.raises(signals.BadPasswordList, match="cut off"):
        signals.BreachedSecrets(packed[:-3])
