"""Who is here: the visitor of a request, and the customers of a demonstration bank."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from jiuding.base.database.engine import Session
from jiuding.channels.console.types import CustomerView
from jiuding.kernel import identity
from jiuding.services import offers

CUSTOMERS_SHOWN_MAX = 12
CUSTOMERS_READ_MAX = 500
SEARCH_MAX = 80  # characters


def visitor_of(
    session: Session, *, branch: offers.Branch, token: str | None, now: datetime
) -> CustomerView | None:
    """Return who a login token belongs to, or None."""
    if not token:
        return None
    try:
        login = identity.authenticate_login(session, bank_id=branch.bank_id, token=token, now=now)
        person = identity.read_person(
            session, bank_id=branch.bank_id, vault=branch.vault, party_id=login.party_id
        )
    except (identity.LoginRequired, identity.PartyNotFound):
        return None
    return _view(person, now)


def _view(person: identity.Person, now: datetime) -> CustomerView:
    return CustomerView(
        person.party.party_id, person.name, person.story, person.party.market,
        age=person.age(now.date()),
    )  # fmt: skip


def customers(
    session: Session, *, branch: offers.Branch, search: str, lang: str, now: datetime,
    stories: Mapping[str, str],
) -> tuple[CustomerView, ...]:  # fmt: skip
    """Return the customers of a demonstration bank to choose from; of any other bank, nobody.

    Without a search: one of every story, those of the reader's market first. `stories` holds what
    a reader calls each story.
    """
    if not branch.bank.is_demonstration:
        return ()
    people = [
        _view(person, now)
        for person in identity.list_parties(
            session, bank_id=branch.bank_id, vault=branch.vault, limit_max=CUSTOMERS_READ_MAX
        )
    ]
    home = "cn" if lang == "zh" else "au"
    people.sort(key=lambda each: each.market != home)
    wanted = search[:SEARCH_MAX].strip().casefold()
    if wanted:
        found = [
            each
            for each in people
            if wanted in f"{each.name} {stories.get(each.story, each.story)}".casefold()
        ]
        return tuple(found[:CUSTOMERS_SHOWN_MAX])
    seen: dict[tuple[str, str], int] = {}
    chosen = []
    for each in people:
        kind = (each.market, each.story)
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] == 1:
            chosen.append(each)
    return tuple(chosen[:CUSTOMERS_SHOWN_MAX])
