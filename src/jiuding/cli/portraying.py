"""`jiuding portrait`: what an account shows of its owner, corrected and deleted by its owner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from jiuding.base import clock
from jiuding.base.database.engine import Session, transaction
from jiuding.base.settings import read_settings

portrait_app = typer.Typer(
    help="A customer's own financial portrait (demonstration bank).", no_args_is_help=True
)
Customer = Annotated[str, typer.Option(help="A customer's id or name.")]
Pin = Annotated[str, typer.Option(help="The customer's PIN.")]


@portrait_app.command("show")
def portrait_show(customer: Customer, pin: Pin = "") -> None:
    """Show every figure with its evidence, the signs of stress, and what was told of the future."""
    _carry_out(customer, pin, lambda session, whose, code: None)


@portrait_app.command("state")
def portrait_state(
    figure: Annotated[str, typer.Argument(help="income, fixed_costs, expenses or debts.")],
    amount: Annotated[str, typer.Argument(help="What it is each month, such as 1200.50.")],
    customer: Customer,
    pin: Pin = "",
) -> None:
    """Say that a figure is another one; it is kept beside the proven one and proves nothing."""
    from jiuding.services import insight

    _carry_out(
        customer, pin,
        lambda session, whose, code: insight.state_figure(
            session, figure=figure, amount=amount, currency=code, **whose
        ),
    )  # fmt: skip


@portrait_app.command("take-back")
def portrait_take_back(
    figure: Annotated[str, typer.Argument(help="The figure that was stated.")],
    customer: Customer,
    pin: Pin = "",
) -> None:
    """Take back what was said of a figure."""
    from jiuding.services import insight

    _carry_out(
        customer, pin,
        lambda session, whose, code: insight.state_figure(
            session, figure=figure, amount=None, currency=code, **whose
        ),
    )  # fmt: skip


@portrait_app.command("delete")
def portrait_delete(customer: Customer, pin: Pin = "") -> None:
    """Delete the portrait: nothing is drawn and nothing verified until it is restored."""
    from jiuding.services import insight

    _carry_out(
        customer, pin, lambda session, whose, code: insight.delete_portrait(session, **whose)
    )


@portrait_app.command("restore")
def portrait_restore(customer: Customer, pin: Pin = "") -> None:
    """Have the portrait drawn again."""
    from jiuding.services import insight

    _carry_out(
        customer, pin, lambda session, whose, code: insight.restore_portrait(session, **whose)
    )


@portrait_app.command("foresee")
def portrait_foresee(
    customer: Customer,
    pin: Pin = "",
    stop: Annotated[bool, typer.Option(help="No longer allow it.")] = False,
) -> None:
    """Allow the bank to look ahead and tell what it sees, or no longer."""
    from jiuding.services import insight

    _carry_out(
        customer, pin,
        lambda session, whose, code: insight.allow_foresight(
            session, is_allowed=not stop, **whose
        ),
    )  # fmt: skip


def _carry_out(customer: str, pin: str, act: Callable[[Session, dict[str, Any], str], Any]) -> None:
    """Do something to a customer's own portrait, proven by the PIN, and print the portrait."""
    from jiuding.bootstrap import demonstration, open_house
    from jiuding.channels.assistant import outlook_body, portrait_body, telling_body
    from jiuding.cli import write_line
    from jiuding.cli.asking import find_customer
    from jiuding.services import insight, offers

    with open_house(read_settings(), now=clock.now()) as house:
        branch = house.branch
        party = find_customer(branch, customer).party
        offers.confirm(
            branch, party_id=party.party_id, purpose="portrait", pin=pin or demonstration.PIN,
            passkey=None,
        )  # fmt: skip
        now = clock.now()
        asset = branch.market(party.market).asset
        who = {"bank_id": branch.bank_id, "party_id": party.party_id}
        with transaction(branch.engine) as session:
            act(session, {**who, "now": now}, asset.code)
            sheet = insight.show_portrait(session, **who, asset=asset, on=now.date())
            seen = None
            if sheet.foresees and not sheet.is_deleted:
                seen = insight.foresee(session, **who, asset=asset, on=now.date())
            told = insight.tellings_of(session, **who)
    write_line(
        {
            **portrait_body(sheet),
            "foresight": outlook_body(seen, asset) if sheet.foresees else None,
            "told": [telling_body(each) for each in told],
        }
    )
