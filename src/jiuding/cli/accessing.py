"""`jiuding access …`: who of the staff looked at whose data, and who came past the program."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from jiuding.base import clock
from jiuding.base.settings import read_secret, read_settings

access_app = typer.Typer(help="Who looked at whose data.", no_args_is_help=True)
READS_MAX = 1_000


@access_app.command("reads")
def reads(party: Annotated[str, typer.Argument(help="The customer's id.")]) -> None:
    """Say who looked at a customer's data, what and why, newest first, one line each."""
    from jiuding.cli import write_line
    from jiuding.cli.judging import _session
    from jiuding.services import access

    with _session() as (session, bank_id):
        found = access.reads_of(session, bank_id=bank_id, party_id=party, limit_max=READS_MAX)
    for each in found:
        write_line({"at": each.occurred_at.isoformat(), **each.data})


@access_app.command("approve")
def approve(
    read_id: Annotated[str, typer.Argument(help="The read that waits.")],
    party: Annotated[str, typer.Argument(help="Whose data it is.")],
    token: Annotated[str, typer.Option(help="Your own token.", prompt=True, hide_input=True)],
) -> None:
    """Agree, as a second person, to a read that was held up."""
    from jiuding.cli import write_line
    from jiuding.cli.judging import _session
    from jiuding.kernel import decisions
    from jiuding.services import access

    by = decisions.person_of(read_secret(read_settings().home, "staff"), token)
    with _session() as (session, bank_id):
        access.approve_read(
            session, bank_id=bank_id, read_id=read_id, party_id=party, by=by, now=clock.now()
        )
    write_line({"read_id": read_id, "party_id": party, "by": by})


@access_app.command("register")
def register(
    file: Annotated[Path, typer.Argument(help="TOML of [[staff]] and [[protected]].")],
) -> None:
    """Keep who works here and which customers are protected, in the place of what stood."""
    from jiuding.base.problems import BadInput
    from jiuding.cli import write_line
    from jiuding.cli.judging import _session
    from jiuding.services import access

    try:
        given = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file} cannot be read") from error
    with _session() as (session, bank_id):
        kept = access.keep_register(session, bank_id=bank_id, text=given)
    write_line({"staff": len(kept.staff), "protected": len(kept.protected)})


@access_app.command("analyst")
def analyst(
    login: Annotated[str, typer.Argument(help="A database login of 3 to 41 small letters.")],
    reason: Annotated[str, typer.Option(help="Why, in a word.")],
    days: Annotated[int, typer.Option(help="For so many days.", min=1, max=90)] = 7,
) -> None:
    """Make a database login that reads the analysts' views for some days; print its password."""
    from jiuding.base.database import roles
    from jiuding.base.database.engine import transaction
    from jiuding.bootstrap import open_house
    from jiuding.cli import write_line
    from jiuding.cli.keeping import bank_id_of
    from jiuding.services import access

    now = clock.now()
    until = now + timedelta(days=days)
    with open_house(read_settings(), now=now, seed=False) as house:
        bank_id = bank_id_of(house)
        with house.as_owner() as owner:
            password = roles.add_analyst(owner, login)
        with transaction(house.engine) as session:
            access.allow_analyst(session, bank_id=bank_id, login=login, reason=reason, until=until)
    write_line({"login": login, "password": password, "until": until.isoformat()})


@access_app.command("verify")
def verify(
    head: Annotated[str | None, typer.Option(help="A seal kept elsewhere, in hex.")] = None,
) -> None:
    """Prove the chain over the event log; name the first event that was touched."""
    from jiuding.cli import write_line

    found = _verified(head)
    write_line(found)
    sys.exit(0 if found["finding"] is None else 1)


def _verified(head: str | None) -> dict[str, Any]:
    from jiuding.bootstrap import open_house
    from jiuding.cli.keeping import bank_id_of
    from jiuding.kernel.eventlog import commands

    with open_house(read_settings(), now=clock.now(), seed=False) as house:
        return commands.verify(house.engine, bank_id=bank_id_of(house), head=head)
