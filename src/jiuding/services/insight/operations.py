"""Verbs of insight: draw a portrait, show it with its evidence, and heed what its owner says."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from jiuding.base.amounts import Asset
from jiuding.base.clock import add_months
from jiuding.base.database.engine import Session
from jiuding.base.ids import new_id
from jiuding.base.problems import ensure
from jiuding.kernel import decisions, eventlog, identity, ledger
from jiuding.services.insight import store
from jiuding.services.insight.errors import (
    AmountUnusable,
    FigureUnknown,
    ForesightNotAllowed,
    PortraitDeleted,
)
from jiuding.services.insight.events import (
    FigureStated,
    ForesightAllowed,
    ForesightTold,
    PortraitRemoved,
    PortraitRestored,
)
from jiuding.services.insight.rules.cash_flow import flow_facts
from jiuding.services.insight.rules.foresight import (
    LOOK_BACK_DAYS,
    WINDOW_DAYS,
    Outlook,
    is_worth_telling,
    outlook,
    season_of,
    shipped_version,
    windows,
)
from jiuding.services.insight.rules.portrait import PORTRAIT_MONTHS, draw_portrait
from jiuding.services.insight.rules.sheet import EVIDENCE_MAX, STATABLE, lay_out, said_by
from jiuding.services.insight.types import (
    CashFlowScore,
    Flow,
    Movement,
    Portrait,
    Sheet,
    Telling,
    Wish,
    WishKind,
)

CASH_FLOW_POLICY = "cash_flow"
STATED_MAX = Decimal("1e9")
TELL_PAGE_MAX = 200
TELLINGS_LISTED_MAX = 20
_PAGE = 200
_PAGES_MAX = 25  # of one account's statement: what is older is not looked at
_CENT = Decimal("0.01")
_SPENT = ("living.", "debt.", "business.")


def read_portrait(
    session: Session, *, bank_id: str, party_id: str, asset: Asset, on: date
) -> Portrait:
    """Return what the party's own deposit accounts in this asset show on a day.

    A party without an account, and one that had its portrait deleted, have an empty portrait: no
    income, no history. The lowest balance walks back from what is on the account now, so `on` is
    today or a day without later postings. What the party stated never enters.
    """
    since = add_months(on.replace(day=1), -PORTRAIT_MONTHS)
    flows: list[Flow] = []
    balance_units = 0
    if said_by(store.wishes_of(session, bank_id, party_id))[0]:
        return draw_portrait((), asset=asset, on=on, balance_units=0)
    for account_id in _own_accounts(session, bank_id, party_id, asset):
        balance = ledger.balance(session, bank_id=bank_id, account_id=account_id)
        balance_units += balance.units
        rows = ledger.daily_flows(
            session, bank_id=bank_id, account_id=account_id, since=since, until=on
        )
        flows += [Flow(row.on, row.code, row.units) for row in rows]
    return draw_portrait(flows, asset=asset, on=on, balance_units=balance_units)


def score_cash_flow(portrait: Portrait, *, policy: decisions.Policy | None = None) -> CashFlowScore:
    """Return the score of a portrait by the catalogue's points; the same portrait, the same score.

    A portrait without any history has no score.
    """
    policy = policy or decisions.load_policy(CASH_FLOW_POLICY)
    if not portrait.months_of_history:
        return CashFlowScore(None, (), (), policy.version)
    inputs = decisions.read_inputs(policy, event={}, features=flow_facts(portrait), lists={})
    verdict = decisions.assess(policy, inputs)
    return CashFlowScore(verdict.score, verdict.reasons, verdict.not_evaluated, policy.version)


def show_portrait(
    session: Session, *, bank_id: str, party_id: str, asset: Asset, on: date
) -> Sheet:
    """Return the portrait as its owner sees it: each figure with the transfers behind it."""
    since = add_months(on.replace(day=1), -PORTRAIT_MONTHS)
    movements: list[Movement] = []
    balance_units = 0
    for account_id in _own_accounts(session, bank_id, party_id, asset):
        balance = ledger.balance(session, bank_id=bank_id, account_id=account_id)
        balance_units += balance.units
        movements += _movements(session, bank_id, account_id, since)
    wishes = store.wishes_of(session, bank_id, party_id)
    return lay_out(movements, asset=asset, on=on, balance_units=balance_units, wishes=wishes)


def _own_accounts(session: Session, bank_id: str, party_id: str, asset: Asset) -> list[str]:
    held = ledger.accounts_of(session, bank_id=bank_id, owner_id=party_id)
    return [a.account_id for a in held if a.kind == "customer_deposit" and a.asset == asset]


def _movements(session: Session, bank_id: str, account_id: str, since: date) -> list[Movement]:
    found: list[Movement] = []
    cursor: str | None = None
    for _ in range(_PAGES_MAX):
        page = ledger.statement(
            session, bank_id=bank_id, account_id=account_id, cursor=cursor, limit_max=_PAGE
        )
        found += [
            Movement(line.effective_on, line.code, line.change.units, line.transfer_id)
            for line in page.lines
            if line.effective_on >= since
        ]
        cursor = page.cursor
        if cursor is None or all(line.effective_on < since for line in page.lines):
            break
    return found


def state_figure(
    session: Session, *, bank_id: str, party_id: str, figure: str, amount: Decimal | str | None,
    currency: str, now: datetime,
) -> Wish:  # fmt: skip
    """Keep what a party says of a figure instead, beside the verified one; None takes it back.

    A statement is shown and handed to a person; no plan and no decision rests on it.
    Refuses: FigureUnknown, AmountUnusable, PortraitDeleted.
    """
    if figure not in STATABLE:
        raise FigureUnknown(f"a portrait has no figure {str(figure)[:40]!r} to correct")
    if said_by(store.wishes_of(session, bank_id, party_id))[0]:
        raise PortraitDeleted("have the portrait drawn again before correcting it")
    kind = WishKind.TAKE_BACK if amount is None else WishKind.STATE
    exact = None if amount is None else _usable(amount)
    wish = Wish(new_id("wsh", now), party_id, kind, figure, exact, currency, now)
    store.add_wish(session, bank_id, wish)
    event = FigureStated(party_id=party_id, figure=figure, is_taken_back=amount is None)
    _announce(session, bank_id, party_id, event, now)
    return wish


def _usable(amount: Decimal | str) -> Decimal:
    try:
        exact = Decimal(str(amount).replace(",", "").replace("，", "").strip())
    except InvalidOperation as error:
        raise AmountUnusable(f"{str(amount)[:40]!r} is not an amount") from error
    if not exact.is_finite() or not 0 <= exact <= STATED_MAX:
        raise AmountUnusable("the amount must be from nothing to a thousand millions")
    return exact.quantize(_CENT)


def delete_portrait(session: Session, *, bank_id: str, party_id: str, now: datetime) -> None:
    """Erase what the party stated and was told, and draw nothing of it until it asks for it.

    Without a portrait no income is verified, so plans can be looked at and no loan be granted.
    """
    store.lock_foresight(session, bank_id, party_id)
    store.forget_statements(session, bank_id, party_id)
    store.forget_tellings(session, bank_id, party_id)
    _wish(session, bank_id, party_id, WishKind.DELETE, now)
    _announce(session, bank_id, party_id, PortraitRemoved(party_id=party_id), now)


def restore_portrait(session: Session, *, bank_id: str, party_id: str, now: datetime) -> None:
    """Draw the party's portrait again, from history."""
    _wish(session, bank_id, party_id, WishKind.RESTORE, now)
    _announce(session, bank_id, party_id, PortraitRestored(party_id=party_id), now)


def allow_foresight(
    session: Session, *, bank_id: str, party_id: str, is_allowed: bool, now: datetime
) -> None:
    """Record whether the party lets us look ahead and tell it what we see.

    From the moment a withdrawal is committed nothing is told, and what was told is not shown.
    """
    store.lock_foresight(session, bank_id, party_id)
    kind = WishKind.FORESEE if is_allowed else WishKind.STOP_FORESEEING
    _wish(session, bank_id, party_id, kind, now)
    event = ForesightAllowed(party_id=party_id, is_allowed=is_allowed)
    _announce(session, bank_id, party_id, event, now)


def foresee(
    session: Session, *, bank_id: str, party_id: str, asset: Asset, on: date
) -> Outlook | None:
    """Return the chance that the party soon spends much more than usual; None without history.

    Refuses: ForesightNotAllowed without the party's own consent, PortraitDeleted.
    """
    is_deleted, foresees, _ = said_by(store.wishes_of(session, bank_id, party_id))
    if is_deleted:
        raise PortraitDeleted("nothing is drawn of this party, and nothing foreseen")
    if not foresees:
        raise ForesightNotAllowed("allow us to look ahead first")
    since = on - timedelta(days=LOOK_BACK_DAYS)
    spending: list[tuple[date, int]] = []
    for account_id in _own_accounts(session, bank_id, party_id, asset):
        rows = ledger.daily_flows(
            session, bank_id=bank_id, account_id=account_id, since=since, until=on
        )
        spending += [
            (row.on, -row.units) for row in rows if row.units < 0 and row.code.startswith(_SPENT)
        ]
    return outlook(spending, on)


def parties_to_tell(
    session: Session, *, bank_id: str, on: date, after: str | None = None, limit_max: int
) -> tuple[str, ...]:
    """Return parties that allow a look ahead and were told nothing in this day's season.

    In the order of their ids, those after `after`; at most `TELL_PAGE_MAX`.
    """
    ensure(0 < limit_max <= TELL_PAGE_MAX, f"visit 1 to {TELL_PAGE_MAX} parties at a time")
    return store.parties_to_tell(session, bank_id, season_of(on), after, limit_max)


def tell_ahead(session: Session, *, bank_id: str, party_id: str, now: datetime) -> Telling | None:
    """Tell a party, once in a season, that money may soon be needed; None where there is no need.

    None without its consent as it is at this moment, for a party that is not active, for history
    that is too short, for a chance that says no more than what is common, and for a party that was
    told something this season. Of several currencies the likeliest is told.
    """
    store.lock_foresight(session, bank_id, party_id)
    is_deleted, foresees, _ = said_by(store.wishes_of(session, bank_id, party_id))
    season = season_of(now.date())
    if is_deleted or not foresees or not _is_active(session, bank_id, party_id):
        return None
    if store.was_told(session, bank_id, party_id, season):
        return None
    seen = [
        (found, asset)
        for asset in _own_assets(session, bank_id, party_id)
        if (found := foresee(
            session, bank_id=bank_id, party_id=party_id, asset=asset, on=now.date()
        )) is not None and is_worth_telling(found)
    ]  # fmt: skip
    if not seen:
        return None
    best, asset = max(seen, key=lambda each: each[0].chance)
    telling = _telling(session, bank_id, party_id, best, asset, now)
    if not store.add_telling(session, bank_id, telling):
        return None
    event = ForesightTold(party_id=party_id, telling_id=telling.telling_id, season=season)
    _announce(session, bank_id, party_id, event, now)
    return telling


def tellings_of(session: Session, *, bank_id: str, party_id: str) -> tuple[Telling, ...]:
    """Return what a party was told, newest first; nothing while it does not allow a look ahead."""
    is_deleted, foresees, _ = said_by(store.wishes_of(session, bank_id, party_id))
    if is_deleted or not foresees:
        return ()
    return store.tellings_of(session, bank_id, party_id, TELLINGS_LISTED_MAX)


def _is_active(session: Session, bank_id: str, party_id: str) -> bool:
    try:
        party = identity.read_party(session, bank_id=bank_id, party_id=party_id)
    except identity.PartyNotFound:
        return False
    return party.status is identity.PartyStatus.ACTIVE


def _own_assets(session: Session, bank_id: str, party_id: str) -> list[Asset]:
    held = ledger.accounts_of(session, bank_id=bank_id, owner_id=party_id)
    assets = {a.asset.code: a.asset for a in held if a.kind == "customer_deposit"}
    return [assets[code] for code in sorted(assets)]


def _telling(
    session: Session, bank_id: str, party_id: str, seen: Outlook, asset: Asset, now: datetime
) -> Telling:
    """Put an outlook together with the payments that it rests on."""
    on = now.date()
    since = on - timedelta(days=LOOK_BACK_DAYS)
    paid = sorted(
        (
            each
            for account_id in _own_accounts(session, bank_id, party_id, asset)
            for each in _movements(session, bank_id, account_id, since)
            if each.units < 0 and each.code.startswith(_SPENT) and each.on < on
        ),
        key=lambda each: (each.on, each.transfer_id),
    )
    return Telling(
        telling_id=new_id("tel", now), party_id=party_id, season=season_of(on), told_at=now,
        currency=asset.code, chance=Decimal(seen.chance).quantize(_CENT),
        common=Decimal(seen.common).quantize(_CENT), usual_units=seen.usual_units,
        window_from=on, window_until=on + timedelta(days=WINDOW_DAYS),
        windows=tuple(windows([(each.on, -each.units) for each in paid], on) or ()),
        seen_from=paid[0].on, seen_until=paid[-1].on, transfer_count=len(paid),
        transfer_ids=tuple(each.transfer_id for each in paid[: -EVIDENCE_MAX - 1 : -1]),
        model_version=shipped_version(),
    )  # fmt: skip


def _wish(session: Session, bank_id: str, party_id: str, kind: WishKind, now: datetime) -> None:
    store.add_wish(
        session, bank_id, Wish(new_id("wsh", now), party_id, kind, None, None, None, now)
    )


def _announce(
    session: Session, bank_id: str, party_id: str, event: eventlog.Event, now: datetime
) -> None:
    eventlog.append(
        session, bank_id=bank_id, event=event, subject=party_id, source="insight",
        occurred_at=now, recorded_at=now,
    )  # fmt: skip
