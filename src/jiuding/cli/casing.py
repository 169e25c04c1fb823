"""`jiuding cases …` and `jiuding screening …`: work cases and bring lists from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from jiuding.base import clock
from jiuding.base.problems import BadInput
from jiuding.base.settings import read_secret, read_settings

Token = Annotated[str, typer.Option(help="Your own token.", prompt=True, hide_input=True)]
Key = Annotated[str, typer.Option(help="An idempotency key; made up when left out.")]
CaseId = Annotated[str, typer.Argument(help="The case's id.")]


def install(cases: typer.Typer, screening: typer.Typer) -> None:
    """Add these commands to their groups."""
    for name, command in (
        ("list", list_cases),
        ("show", show),
        ("open", open_case),
        ("claim", claim),
        ("release", release),
        ("propose", propose),
        ("approve", approve),
        ("return", return_outcome),
        ("labels", labels),
    ):
        cases.command(name)(command)
    screening.command("import")(import_list)
    screening.command("lists")(lists)


def list_cases(
    status: Annotated[str, typer.Option(help="open, proposed or closed.")] = "",
    kind: Annotated[str, typer.Option(help="One kind of case.")] = "",
    search: Annotated[str, typer.Option(help="An id of a case, a subject or evidence.")] = "",
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=200)] = 50,
) -> None:
    """Write the queue as JSON lines, by priority and age."""
    from jiuding.cli import write_line
    from jiuding.services import cases

    if status and status not in tuple(cases.Status):
        raise BadInput(f"a status is one of {', '.join(cases.Status)}")
    now = clock.now()
    wanted = cases.Wanted(cases.Status(status) if status else None, kind, "", search)
    with _opened() as (session, bank_id):
        page = cases.list_cases(session, bank_id=bank_id, wanted=wanted, now=now, limit_max=limit)
    for each in page.cases:
        write_line(cases.plain_case(each, now))


def show(case_id: CaseId, token: Token) -> None:
    """Show a case with evidence, picture and timeline; that you looked is one of its steps."""
    from jiuding.base.ids import new_id
    from jiuding.cli import write_line
    from jiuding.services import cases

    by, now = _person(token), clock.now()
    with _opened() as (session, bank_id):
        found = cases.read_case(
            session, bank_id=bank_id, case_id=case_id, by=by, now=now,
            idempotency_key=f"view:{new_id('evt', now)}",
        )  # fmt: skip
    write_line(cases.plain_file(found, now))


def open_case(
    kind: Annotated[str, typer.Argument(help="A kind of catalog/cases.toml.")],
    subject: Annotated[str, typer.Argument(help="Whom it is about: an id.")],
    token: Token,
    evidence: Annotated[
        Path | None, typer.Option(help="JSON lines {kind, source, reference, happened_at, data}.")
    ] = None,
    source: Annotated[str, typer.Option(help="What made it come up; opens one case.")] = "",
    priority: Annotated[str, typer.Option(help="urgent, high, normal or low.")] = "",
) -> None:
    """Open a case about a subject; the same source again returns the first."""
    from jiuding.base.ids import new_id
    from jiuding.cli import write_line
    from jiuding.services import cases

    by, now = _person(token), clock.now()
    pieces = () if evidence is None else tuple(_evidence(evidence))
    with _opened() as (session, bank_id):
        case = cases.open_case(
            session, bank_id=bank_id, kind=kind, subject=subject,
            source=f"given:{source}" if source else f"staff:{new_id('evt', now)}",
            by=by, now=now, evidence=pieces, priority=priority,
        )  # fmt: skip
    write_line(cases.plain_case(case, now))


def claim(
    token: Token,
    case_id: Annotated[str, typer.Argument(help="The case; the next one when left out.")] = "",
    key: Key = "",
) -> None:
    """Hold a case, or the next that waits, for as long as catalog/cases.toml says."""
    if case_id:
        _step("claim_case", token, key, case_id=case_id)
    else:
        _step("claim_next", token, key)


def release(case_id: CaseId, token: Token, key: Key = "") -> None:
    """Give a case back to the queue."""
    _step("release_case", token, key, case_id=case_id)


def propose(
    case_id: CaseId,
    outcome: Annotated[str, typer.Argument(help="confirmed, unfounded or inconclusive.")],
    reason: Annotated[str, typer.Option(help="Why; without names.")],
    token: Token,
    key: Key = "",
) -> None:
    """Say what was found in a case that you hold; a second person has to agree."""
    from jiuding.services import cases

    if outcome not in tuple(cases.CaseOutcome):
        raise BadInput(f"an outcome is one of {', '.join(cases.CaseOutcome)}")
    _step(
        "propose_outcome", token, key, case_id=case_id, outcome=cases.CaseOutcome(outcome),
        reason=reason,
    )  # fmt: skip


def approve(case_id: CaseId, token: Token, key: Key = "") -> None:
    """Agree to an outcome that another proposed; the case is closed, its labels are recorded."""
    _step("approve_outcome", token, key, case_id=case_id)


def return_outcome(
    case_id: CaseId,
    reason: Annotated[str, typer.Option(help="Why; without names.")],
    token: Token,
    key: Key = "",
) -> None:
    """Send a proposed outcome back: the case waits again."""
    _step("return_outcome", token, key, case_id=case_id, reason=reason)


def labels(
    policy: Annotated[str, typer.Option(help="The policy whose decisions are labelled.")],
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=1_000_000)] = 100_000,
) -> None:
    """Write labelled decisions as JSON lines that a back-test and a learner read."""
    from jiuding.cli import write_line
    from jiuding.kernel import decisions

    with _opened() as (session, bank_id):
        for line in decisions.labelled_history(
            session, bank_id=bank_id, policy_name=policy, now=clock.now(), limit_max=limit
        ):
            write_line(line)


def import_list(
    file: Annotated[Path, typer.Argument(help="Simple CSV, or XML of OFAC or the UN.")],
    name: Annotated[str, typer.Option(help="The list's name, such as un or ofac.")],
    token: Token,
) -> None:
    """Bring a list of names: it is screened against from now on, in place of its older version."""
    from jiuding.cli import write_line
    from jiuding.services import risk

    by = _person(token)
    with _opened() as (session, bank_id):
        found = risk.import_list(
            session, bank_id=bank_id, path=file, name=name, by=by, now=clock.now()
        )
    write_line(_plain(found))


def lists() -> None:
    """Write the lists in force as JSON lines."""
    from jiuding.cli import write_line
    from jiuding.services import risk

    with _opened() as (session, bank_id):
        found = risk.lists_in_force(session, bank_id=bank_id)
    for each in found:
        write_line(_plain(each))


def _plain(found: Any) -> dict[str, Any]:
    return {
        "name": found.name,
        "number": found.number,
        "version": found.version,
        "entry_count": found.entry_count,
        "imported_by": found.imported_by,
        "imported_at": found.imported_at.isoformat(),
    }


def _step(verb: str, token: str, key: str, **more: Any) -> None:
    from jiuding.base.ids import new_id
    from jiuding.cli import write_line
    from jiuding.services import cases

    by, now = _person(token), clock.now()
    with _opened() as (session, bank_id):
        case = getattr(cases, verb)(
            session, bank_id=bank_id, by=by, now=now, idempotency_key=key or new_id("evt", now),
            **more,
        )  # fmt: skip
    write_line(cases.plain_case(case, now))


def _person(token: str) -> str:
    from jiuding.kernel import decisions

    return decisions.person_of(read_secret(read_settings().home, "staff"), token)


@contextmanager
def _opened() -> Iterator[tuple[Any, str]]:
    """Open a transaction in the bank's database; give it and the bank's id."""
    from jiuding.base.database.engine import transaction
    from jiuding.bootstrap import open_house
    from jiuding.cli.keeping import bank_id_of

    with open_house(read_settings(), now=clock.now(), seed=False) as house:
        bank_id = bank_id_of(house)
        with transaction(house.engine) as session:
            yield session, bank_id


def _evidence(path: Path) -> Iterator[Any]:
    """Read evidence as `POST /v1/cases` takes it. Refuses: BadInput naming the line."""
    from pydantic import ValidationError

    from jiuding.services.cases.routes import EvidenceBody

    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            try:
                yield EvidenceBody.model_validate(json.loads(text)).evidence()
            except (ValueError, ValidationError) as error:
                said = str(error).splitlines()[0][:200]
                raise BadInput(f"{path.name} line {number}: {said}") from error
