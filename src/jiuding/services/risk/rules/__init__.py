"""Rules of risk: features on line and in SQL, names, and how models are learned and measured."""

from __future__ import annotations

from jiuding.services.risk.rules.declared import read_stream
from jiuding.services.risk.rules.events import (
    FUTURE_SECONDS_MAX,
    LATE_SECONDS_MAX,
    TEXT_MAX,
    content_hash,
    network_of,
    read_event,
)
from jiuding.services.risk.rules.feature_sql import SQL_TYPES, feature_query
from jiuding.services.risk.rules.listed import read_simple_csv, read_xml
from jiuding.services.risk.rules.names import spell
from jiuding.services.risk.rules.screening import Screener, clearance_hash
from jiuding.services.risk.rules.windows import Counters

__all__ = [
    "FUTURE_SECONDS_MAX",
    "LATE_SECONDS_MAX",
    "SQL_TYPES",
    "TEXT_MAX",
    "Counters",
    "Screener",
    "clearance_hash",
    "content_hash",
    "feature_query",
    "network_of",
    "read_event",
    "read_simple_csv",
    "read_stream",
    "read_xml",
    "spell",
]
