"""Building and measuring foresight from the history in the repository."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from jiuding.services.insight.rules import foresight

HISTORY_FILE = "history.csv"
FIRST_DAY = date(2010, 12, 1)  # day 0 of the history
DAYS = tuple(date(2011, month, 1) for month in range(3, 12))
FORESEEN_FROM = date(2011, 8, 1)


def read_history(folder: Path = foresight.MODEL_FOLDER) -> dict[str, list[tuple[date, int]]]:
    """Return what each merchant of the history bought, by day."""
    found: dict[str, list[tuple[date, int]]] = {}
    with open(folder / HISTORY_FILE, encoding="ascii", newline="") as file:
        for row in csv.DictReader(file):
            day = FIRST_DAY + timedelta(days=int(row["day"]))
            found.setdefault(row["merchant"], []).append((day, int(row["pence"])))
    return found


def build_foresight_model(folder: Path = foresight.MODEL_FOLDER) -> dict[str, Any]:
    """Learn the shipped weights from all of the history, and pin their hash."""
    weights = foresight.learn(read_history(folder), days=DAYS)
    plain = {
        name: [round(each, 6) for each in value] if isinstance(value, tuple) else round(value, 6)
        for name, value in asdict(weights).items()
    }
    content = json.dumps(plain, separators=(",", ":")).encode()
    (folder / foresight.MODEL_FILE.name).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    pin = f"{digest}  {foresight.MODEL_FILE.name}\n"
    (folder / foresight.HASH_FILE.name).write_text(pin, encoding="ascii")
    return {"sha256": digest, **plain}


def measure_foresight(folder: Path = foresight.MODEL_FOLDER) -> dict[str, float]:
    """Measure foresight on the history, walking forward in time."""
    return foresight.measured(read_history(folder), days=DAYS, from_day=FORESEEN_FROM)
