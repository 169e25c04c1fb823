"""Logins: fast, slow and distributed guessing shows; owners on their own devices do not wait."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiuding.services import signals

SECOND = 1_000_000
HOUR = 3_600 * SECOND
START = 1_700_000_000 * SECOND


def attempt(at, account="a", device="d", **more):
    client = signals.Client(
        network=more.get("network", "203.0.113.0/24"),
        device=device,
        fingerprint=more.get("fingerprint", "f"),
    )
    return signals.LoginAttempt(START + at, account, client, is_breached=more.get("lost", False))


def fail(watch, *attempts):
    for each in attempts:
        watch.tell(each, is_good=False)


def test_fast_guessing_at_one_account_waits_and_failures_are_forgiven_by_the_clock():
    watch = signals.LoginWatch()
    for number in range(5):
        assert watch.look(attempt(number * SECOND))["login.account_wait_seconds"] == 0
        fail(watch, attempt(number * SECOND, device=f"d{number}"))
    found = watch.look(attempt(5 * SECOND, device="d9"))
    assert found["login.account_wait_seconds"] == 595
    assert (found["login.account_failures_1h"], found["login.account_devices_24h"]) == (5, 5)
    assert watch.look(attempt(600 * SECOND, device="d9"))["login.account_wait_seconds"] == 0
    assert watch.look(attempt(26 * HOUR))["login.account_failures_24h"] == 0


def test_slow_guessing_meets_the_slow_bucket():
    watch = signals.LoginWatch()
    waits = []
    for number in range(30):
        at = number * HOUR
        waits.append(watch.look(attempt(at, device=f"d{number}"))["login.account_wait_seconds"])
        fail(watch, attempt(at, device=f"d{number}"))
    assert waits[0] == 0
    assert waits[-1] > 3_600


def test_what_a_stranger_does_to_an_account_does_not_lock_out_its_own_device():
    watch = signals.LoginWatch()
    watch.tell(attempt(0, device="mine"), is_good=True)
    for number in range(40):
        fail(watch, attempt(HOUR + number * SECOND, device=f"x{number}"))
    mine = watch.look(attempt(HOUR + 60 * SECOND, device="mine"))
    theirs = watch.look(attempt(HOUR + 60 * SECOND, device="other"))
    assert (mine["login.device_known"], mine["login.account_wait_seconds"]) == (True, 0)
    assert theirs["login.device_known"] is False
    assert theirs["login.account_wait_seconds"] > 0
    # Whoever sits at the known device has its bucket all the same.
    for number in range(8):
        fail(watch, attempt(2 * HOUR + number * SECOND, device="mine"))
    assert (
        watch.look(attempt(2 * HOUR + 9 * SECOND, device="mine"))["login.device_wait_seconds"] > 0
    )


def test_one_device_trying_many_accounts_shows():
    watch = signals.LoginWatch()
    for number in range(7):
        fail(watch, attempt(number * 60 * SECOND, account=f"a{number}"))
    found = watch.look(attempt(HOUR, account="a9"))
    assert found["login.device_accounts_24h"] == 7
    assert watch.look(attempt(430 * SECOND))["login.device_wait_seconds"] > 0


def test_distributed_guessing_shows_in_its_fingerprint_and_over_the_whole_bank():
    watch, draw = signals.LoginWatch(), random.Random(3)
    for number in range(400):
        at = number * 10 * SECOND
        honest = attempt(at, f"h{number % 90}", f"hd{number % 90}", fingerprint=f"b{number % 9}")
        watch.tell(honest, is_good=draw.random() < 0.95)
    before = watch.look(attempt(4_000 * SECOND, device=None))["login.bank_failure_percent_1h"]
    for number in range(300):
        at = (4_000 + number) * SECOND
        fail(watch, attempt(at, f"v{number}", f"n{number}", network=f"10.0.{number % 250}.0/24",
                            fingerprint="tool", lost=number % 2 == 0))  # fmt: skip
    found = watch.look(attempt(4_300 * SECOND, "v900", "n900", fingerprint="tool"))
    honest = watch.look(attempt(4_300 * SECOND, "h1", "hd1", fingerprint="b1"))
    assert found["login.account_failures_24h"] == 0
    assert found["login.device_failures_24h"] == 0
    assert found["login.fingerprint_failure_percent_1h"] == 100
    assert found["login.fingerprint_new_device_percent_24h"] == 100
    assert honest["login.fingerprint_failure_percent_1h"] < 20
    assert before < 10
    assert found["login.bank_failure_percent_1h"] > 40
    assert found["login.bank_new_device_failures_1h"] >= 300
    assert found["login.bank_breached_percent_1h"] > 20


def test_what_a_client_does_not_have_is_missing_and_not_nought():
    found = signals.LoginWatch().look(signals.LoginAttempt(START, "a", signals.Client()))
    missing = set(signals.LOGIN_FEATURES) - set(found)
    assert missing == {n for n in signals.LOGIN_FEATURES if n.split(".")[1].startswith(
        ("device_", "fingerprint_", "network_"))}  # fmt: skip


def test_looking_counts_nothing_and_the_same_attempts_show_the_same():
    one, other, draw = signals.LoginWatch(), signals.LoginWatch(), random.Random(1)
    seen = []
    for number in range(2_000):
        each = attempt(number * 90 * SECOND, f"a{draw.randrange(40)}", f"d{draw.randrange(50)}",
                       fingerprint=f"f{draw.randrange(5)}")  # fmt: skip
        is_good = draw.random() < 0.8
        seen.append(one.look(each))
        other.look(each)
        assert other.look(each) == seen[-1]
        one.tell(each, is_good=is_good)
        other.tell(each, is_good=is_good)
    assert set(seen[-1]) == set(signals.LOGIN_FEATURES)


def test_memory_is_bounded_by_what_was_met_within_the_time_kept():
    watch = signals.LoginWatch()
    for number in range(3_000):
        fail(watch, attempt(number * HOUR, f"a{number}", f"d{number}", network=f"n{number}"))
    for place in (watch.accounts, watch.devices, watch.networks):
        assert len(place) <= 30 * 24
    assert len(watch.bank.slots) < 5_000
    assert len(watch.fingerprints["f"].accounts.seen) <= 1_000


@given(st.lists(st.integers(0, 2_000), max_size=40), st.integers(1, 6), st.integers(1, 900))
@settings(max_examples=100, deadline=None)
def test_a_bucket_waits_as_one_that_counts_drops_does(gaps, capacity, refill):
    limits = signals.LoginLimits(
        account_fast=signals.Bucket(capacity, refill), account_slow=signals.Bucket(100, 1)
    )
    watch, at, level = signals.LoginWatch(limits), 0, 0
    for gap in gaps:
        at += gap
        level = max(0, level - gap)  # seconds until every failure is forgiven
        over = level - (capacity - 1) * refill
        wait = watch.look(attempt(at * SECOND, device=None))["login.account_wait_seconds"]
        assert wait == max(0, over)
        fail(watch, attempt(at * SECOND, device=None))
        level += refill


def test_limits_are_read_from_a_declaration():
    limits = signals.limits_of({"device_fast": {"capacity": 2, "refill_seconds": 5}})
    assert limits.device_fast == signals.Bucket(2, 5)
    assert limits.account_fast == signals.LoginLimits().account_fast
    with pytest.raises(TypeError):
        signals.limits_of({"colour": {"capacity": 2, "refill_seconds": 5}})
