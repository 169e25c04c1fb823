"""A customer's own financial portrait, as a page shows it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from jiuding.base.amounts import Amount, Asset, currency
from jiuding.base.database.engine import Session
from jiuding.base.problems import BadInput
from jiuding.channels.console.types import FigureView, PortraitView, SignView, ToldView
from jiuding.services import insight, offers

EVIDENCE_SHOWN = 12


def portrait_view(
    session: Session, *, branch: offers.Branch, party_id: str, market: str, now: datetime
) -> PortraitView:
    """Return a party's portrait laid out for its page."""
    asset = branch.market(market).asset
    sheet = insight.show_portrait(
        session, bank_id=branch.bank_id, party_id=party_id, asset=asset, on=now.date()
    )
    seen = None
    if sheet.foresees and not sheet.is_deleted:
        seen = insight.foresee(
            session, bank_id=branch.bank_id, party_id=party_id, asset=asset, on=now.date()
        )
    told = insight.tellings_of(session, bank_id=branch.bank_id, party_id=party_id)
    return PortraitView(
        told=tuple(_told(each) for each in told),
        chance_percent=None if seen is None else round(seen.chance * 100),
        common_percent=None if seen is None else round(seen.common * 100),
        usual=None if seen is None else Amount(seen.usual_units, asset),
        on=sheet.on,
        regularity=sheet.regularity.value,
        months_of_history=sheet.months_of_history,
        is_deleted=sheet.is_deleted,
        foresees=sheet.foresees,
        figures=tuple(_figure(figure, asset) for figure in sheet.figures),
        signs=tuple(
            SignView(sign.name, sign.count, sign.last_on, sign.transfer_ids[:EVIDENCE_SHOWN])
            for sign in sheet.signs
        ),
    )


def _figure(figure: insight.Figure, asset: Asset) -> FigureView:
    return FigureView(
        name=figure.name,
        amount=_amount(figure.amount, asset),
        basis=figure.basis,
        seen_from=figure.seen_from,
        seen_until=figure.seen_until,
        transfer_count=figure.transfer_count,
        transfer_ids=figure.transfer_ids[:EVIDENCE_SHOWN],
        stated=_amount(figure.stated, asset),
        stated_on=figure.stated_on,
        can_state=figure.name in insight.STATABLE,
    )


def _told(telling: insight.Telling) -> ToldView:
    asset = currency(telling.currency)
    return ToldView(
        told_on=telling.told_at.date(),
        window_from=telling.window_from,
        window_until=telling.window_until,
        chance_percent=round(telling.chance * 100),
        common_percent=round(telling.common * 100),
        windows=tuple(Amount(units, asset) for units in telling.windows),
        seen_from=telling.seen_from,
        seen_until=telling.seen_until,
        transfer_count=telling.transfer_count,
        transfer_ids=telling.transfer_ids[:EVIDENCE_SHOWN],
    )


def _amount(value: Decimal | None, asset: Asset) -> Amount | None:
    return None if value is None else Amount(int(value.scaleb(asset.scale)), asset)


def change(
    session: Session, *, branch: offers.Branch, party_id: str, market: str, act: str, figure: str,
    amount: str, now: datetime,
) -> None:  # fmt: skip
    """Do what a form on the portrait's page asks.

    Refuses: BadInput for an act that is not there, and what insight refuses.
    """
    whose = {"bank_id": branch.bank_id, "party_id": party_id, "now": now}
    currency = branch.market(market).asset.code
    if act == "state":
        insight.state_figure(session, figure=figure, amount=amount, currency=currency, **whose)
    elif act == "take_back":
        insight.state_figure(session, figure=figure, amount=None, currency=currency, **whose)
    elif act == "delete":
        insight.delete_portrait(session, **whose)
    elif act == "restore":
        insight.restore_portrait(session, **whose)
    elif act in ("foresee", "stop_foreseeing"):
        insight.allow_foresight(session, is_allowed=act == "foresee", **whose)
    else:
        raise BadInput(f"a portrait cannot be {act[:20]!r}")
