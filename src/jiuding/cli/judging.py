"""`jiuding decisions …`: take policies through their lives and try them on the past."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from jiuding.base import clock
from jiuding.base.problems import BadInput
from jiuding.base.settings import read_secret, read_settings

LINES_MAX = 1_000_000


def install(decisions: typer.Typer) -> None:
    """Add these commands to `jiuding decisions`."""
    for name, command in (
        ("backtest", backtest),
        ("policy", policy),
        ("step", step),
        ("label", label),
        ("staff-token", staff_token),
    ):
        decisions.command(name)(command)


def backtest(
    policy: Annotated[str, typer.Option(help="The policy's name.")],
    candidate: Annotated[Path, typer.Option(help="The candidate's TOML file.")],
    events: Annotated[
        Path | None, typer.Option(help="JSON lines to judge instead of recorded decisions.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="CSV of id,label (good or bad) instead of recorded labels.")
    ] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=1_000_000)] = 100_000,
) -> None:
    """Say what a candidate would have refused, and how many of those were good."""
    from jiuding.cli import write_line
    from jiuding.kernel import decisions

    loaded = decisions.read_policy_file(candidate)
    if loaded.name != policy:
        raise BadInput(f"{candidate.name} is a policy {loaded.name!r}, not {policy!r}")
    known = None if labels is None else _labels(labels)
    if events is not None:
        current = decisions.load_policy(policy)
        found = decisions.back_test_events(current, loaded, _lines(events, known or {}, limit))
    else:
        with _session() as (session, bank_id):
            found = decisions.back_test(
                session,
                bank_id=bank_id,
                policy=loaded,
                now=clock.now(),
                limit_max=limit,
                labels=known,
            )
    write_line(decisions.plain_back_test(found))


def policy(name: Annotated[str, typer.Argument(help="The policy's name.")]) -> None:
    """Show where a policy stands: live shares, shadows, and every step."""
    from jiuding.cli import write_line
    from jiuding.kernel import decisions

    with _session() as (session, bank_id):
        life = decisions.read_life(session, bank_id=bank_id, policy_name=name)
    write_line(decisions.plain_life(life))


def step(
    what: Annotated[
        str,
        typer.Argument(help="drafted, checked, shadowed, unshadowed, approved, published"
                       " or rolled_back."),
    ],
    of: Annotated[str, typer.Argument(help="A file to draft, a version's hash, or a policy.")],
    token: Annotated[str, typer.Option(help="Your own token.", prompt=True, hide_input=True)],
    share: Annotated[int | None, typer.Option(help="Percent of traffic.", min=1, max=100)] = None,
    key: Annotated[str, typer.Option(help="An idempotency key; made up when left out.")] = "",
) -> None:  # fmt: skip
    """Take a step of a policy's life, as the person whose token this is."""
    from jiuding.base.ids import new_id
    from jiuding.cli import write_line
    from jiuding.kernel import decisions

    if what not in tuple(decisions.Step):
        raise BadInput(f"a step is one of {', '.join(decisions.Step)}")
    by = decisions.person_of(read_secret(read_settings().home, "staff"), token)
    with _session() as (session, bank_id):
        now = clock.now()
        common = {
            "bank_id": bank_id,
            "by": by,
            "now": now,
            "idempotency_key": key or new_id("evt", now),
        }
        findings: tuple[decisions.Finding, ...] = ()
        if what == decisions.Step.DRAFTED:
            loaded = decisions.read_policy_file(Path(of))
            version = decisions.draft_policy(session, policy=loaded, **common).version
        elif what == decisions.Step.ROLLED_BACK:
            version = decisions.roll_back(session, policy_name=of, **common).version
        else:
            version = of
            findings = decisions.take_step(
                session, step=decisions.Step(what), version=of, share=share, **common
            )
    shown = decisions.plain_findings(findings)
    write_line({"step": what, "version": version, "by": by, "findings": shown})


def label(file: Annotated[Path, typer.Argument(help="CSV of id,label (good or bad).")]) -> None:
    """Record how decisions turned out, known from now on."""
    from jiuding.cli import write_line
    from jiuding.kernel import decisions

    now = clock.now()
    found = [decisions.Label(each, good, now, "operator") for each, good in _labels(file).items()]
    with _session() as (session, bank_id):
        count = sum(
            decisions.record_labels(
                session, bank_id=bank_id, labels=found[first : first + 10_000], now=now
            )
            for first in range(0, len(found), 10_000)
        )
    write_line({"new_count": count})


def staff_token(person: Annotated[str, typer.Argument(help="Who will act with it.")]) -> None:
    """Print one person's token for the policies' steps; hand it to that person only."""
    from jiuding.kernel import decisions

    typer.echo(decisions.staff_token(read_secret(read_settings().home, "staff"), person))


class _session:
    """A transaction in the bank's database, and the bank's id."""

    def __enter__(self) -> tuple[Any, str]:
        from jiuding.base.database.engine import transaction
        from jiuding.bootstrap import open_house
        from jiuding.cli.keeping import bank_id_of

        self._house = open_house(read_settings(), now=clock.now(), seed=False)
        house = self._house.__enter__()
        try:
            bank_id = bank_id_of(house)
            self._transaction = transaction(house.engine)
            return self._transaction.__enter__(), bank_id
        except BaseException:
            self._house.__exit__(None, None, None)
            raise

    def __exit__(self, *error: Any) -> None:
        try:
            self._transaction.__exit__(*error)
        finally:
            self._house.__exit__(*error)


def _labels(path: Path) -> dict[str, bool]:
    """Read id,label lines. Refuses: BadInput naming the line."""
    found = {}
    with path.open(newline="", encoding="utf-8") as file:
        for number, row in enumerate(csv.reader(file), 1):
            if number == 1 and row == ["id", "label"]:
                continue
            if len(row) != 2 or row[1] not in ("good", "bad"):
                raise BadInput(f"{path.name} line {number}: an id and good or bad")
            found[row[0]] = row[1] == "good"
    return found


def _lines(path: Path, labels: dict[str, bool], limit: int) -> Iterator[dict[str, Any]]:
    """Read events; a label of the labels file counts instead of the line's own."""
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            if number > min(limit, LINES_MAX):
                return
            try:
                line = json.loads(text, parse_float=Decimal)
            except ValueError as error:
                raise BadInput(f"{path.name} line {number}: not JSON") from error
            if not isinstance(line, dict):
                raise BadInput(f"{path.name} line {number}: a line is a JSON object")
            good = labels.get(str(line.get("id")))
            yield line if good is None else {**line, "label": "good" if good else "bad"}
