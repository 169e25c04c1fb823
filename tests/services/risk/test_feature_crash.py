"""A program that counts is killed without warning; the log gives every committed count back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta

from jiuding.base.clock import now as clock_now
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.kernel import decisions
from jiuding.services import risk

STREAM = risk.load_stream("payments")
KILLED_AFTER = 6

PROGRAM = """
import sys
from datetime import datetime, timedelta
from jiuding.base.database.engine import create_engine, transaction
from jiuding.services import risk
url, bank_id, at = sys.argv[1], sys.argv[2], datetime.fromisoformat(sys.argv[3])
engine = create_engine(url)
book = risk.Book(bank_id, risk.load_stream("payments"))
number = 0
while True:
    events = [{"id": f"e{number + n}", "at": (at + timedelta(milliseconds=number + n)).isoformat(),
               "party": f"p{n % 3}", "card": f"c{n % 5}", "payee": "shop", "amount": n, "ip":
               "203.0.113.7", "result": "paid"} for n in range(20)]
    with transaction(engine) as session:
        found = risk.judge_events(
            session, book=book, policy="payment_velocity", events=events, now=at
        )
    number += 20
    print(found[-1].observed.sequence, flush=True)
"""


def test_after_kill_9_the_log_is_counted_again_to_the_same_values(engine):
    now = clock_now()
    bank_id = new_id("bank", now)
    url = engine.url.render_as_string(hide_password=False)
    arguments = [sys.executable, "-c", PROGRAM, url, bank_id, now.isoformat()]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as program:
        told = 0
        for _ in range(KILLED_AFTER):
            told = int(program.stdout.readline())
        os.kill(program.pid, signal.SIGKILL)
        program.wait(timeout=30)
    book = risk.Book(bank_id, STREAM)
    later = {"id": "later", "at": (now + timedelta(minutes=4)).isoformat(), "party": "p0",
             "card": "c0", "payee": "shop", "amount": 1}  # fmt: skip
    with transaction(engine) as session:
        (found,) = risk.judge_events(
            session, book=book, policy="payment_velocity", events=[later], now=now
        )
        # Whole batches stand or none of them: what was told is there, and what was not may be.
        assert found.observed.sequence - 1 >= told
        assert (found.observed.sequence - 1) % 20 == 0
        assert found.observed.features["payee.count_24h"] == found.observed.sequence - 1
        assert risk.parity_differences(session, bank_id=bank_id, stream=STREAM) == 0
        count = decisions.replay_all(session, bank_id=bank_id, limit_max=10_000)
        assert (count.replayed_count, count.different) == (found.observed.sequence, ())
