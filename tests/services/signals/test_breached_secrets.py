"""Breached secrets: found in both forms, and a list that is out of order is not used."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiuding.base.settings import CATALOG
from jiuding.services import signals
from jiuding.services.signals.rules.common_secrets import ordered_lines


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


def test_the_sample_is_what_its_rule_makes_and_holds_what_anybody_tries(tmp_path):
    sample = CATALOG / "secrets" / "common.sha1.txt"
    assert sample.read_text("ascii") == ordered_lines()
    secrets = signals.read_lists(tmp_path).secrets
    for common in ("123456", "000000", "147258", "Password123", "qwerty", "woaini520", "520520"):
        assert secrets.count(common)
    assert not secrets.count("493817")


def test_what_the_operator_brings_stands_instead_of_the_samples(tmp_path):
    (tmp_path / "signals" / "addresses").mkdir(parents=True)
    (tmp_path / "signals" / "addresses" / "tor.netset").write_text("8.8.8.0/24\n")
    packed = b"".join(signals.compact(ordered({"493817": 3}).splitlines()))
    (tmp_path / "signals" / "breached.bin").write_bytes(packed)
    lists = signals.read_lists(tmp_path)
    assert (lists.secrets.count("493817"), lists.secrets.count("123456")) == (1, 0)
    assert lists.networks.facts("8.8.8.8").address_class == "tor"
    assert lists.networks.facts("198.51.100.1").address_class == "reserved"
