"""Count a log in DuckDB: every feature of every event, as it was when the event became known."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from jiuding.services.risk.rules import SQL_TYPES, feature_query
from jiuding.services.risk.types import FeatureEvent, Stream

READ = 10_000


def count_in_duckdb(
    stream: Stream, events: Iterable[FeatureEvent]
) -> Iterator[tuple[int, tuple[int | None, ...]]]:
    """Return the sequence of each event and its features, in the order of `stream.names`."""
    import duckdb

    kinds = {"_sequence": "BIGINT", "_at": "BIGINT"}
    kinds |= {name: SQL_TYPES[kind] for name, kind in stream.fields.items()}
    columns = ", ".join(f"\"{name}\": '{kind}'" for name, kind in kinds.items())
    with tempfile.TemporaryDirectory(prefix="jiuding-log-") as folder:
        path = Path(folder) / "log.json"
        with path.open("w", encoding="utf-8") as file:
            for event in events:
                row = {"_sequence": event.sequence, "_at": event.at, **event.values}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        with duckdb.connect() as connection:
            connection.execute(
                f"CREATE TABLE log AS SELECT * FROM read_json('{path}',"
                f" format = 'newline_delimited', columns = {{{columns}}})"
            )
            found = connection.execute(feature_query(stream))
            while rows := found.fetchmany(READ):
                for row in rows:
                    yield row[0], tuple(row[1:])
