"""Keep the graph of what parties share: told once in the news, and rebuilt from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from jiuding.base.database.engine import Session
from jiuding.kernel import eventlog
from jiuding.services.signals import store
from jiuding.services.signals.errors import BadLink
from jiuding.services.signals.events import PartyLinked, PartyMarked
from jiuding.services.signals.rules import LinkGraph
from jiuding.services.signals.types import LinkKind

SOURCE = "signals"
NO_MARK = "none"


def link_party(
    session: Session, *, bank_id: str, party_id: str, kind: LinkKind, thing: str, now: datetime
) -> bool:
    """Tell that a party was seen with a thing; false when that was told before.

    Refuses: BadLink; eventlog.BadEvent for a thing that is no id, hash or network.
    """
    if kind not in tuple(LinkKind):
        raise BadLink(f"{str(kind)[:40]!r} is none of {', '.join(LinkKind)}")
    if not store.add_link(session, bank_id, party_id, str(kind), thing, now):
        return False
    _tell(session, bank_id, party_id, PartyLinked(link_kind=str(kind), thing=thing), now)
    return True


def mark_party(
    session: Session, *, bank_id: str, party_id: str, mark: str | None, by: str, now: datetime
) -> None:
    """Tell what somebody found out about a party (`bad`, `watched`), or that it is not so."""
    _tell(session, bank_id, party_id, PartyMarked(mark=mark or NO_MARK, by=by), now)


def _tell(
    session: Session, bank_id: str, party_id: str, event: eventlog.Event, now: datetime
) -> None:
    eventlog.append(
        session, bank_id=bank_id, event=event, subject=party_id, source=SOURCE, occurred_at=now,
        recorded_at=now,
    )  # fmt: skip


@dataclass(slots=True)
class Circle:
    """The graph of one bank in this process; it follows the news, from the first on."""

    bank_id: str
    graph: LinkGraph = field(default_factory=LinkGraph)
    position: int = 0

    def follow(self, session: Session) -> LinkGraph:
        """Return the graph with everything that the news has told up to now."""
        while True:
            found = eventlog.news_after(
                session, bank_id=self.bank_id, position=self.position,
                limit_max=eventlog.READ_MAX,
            )  # fmt: skip
            for told in found:
                self._hear(told)
                self.position = told.position or self.position
            if len(found) < eventlog.READ_MAX:
                return self.graph

    def _hear(self, told: eventlog.Envelope) -> None:
        if told.kind == PartyLinked.kind:
            self.graph.link(told.subject, told.data["link_kind"], told.data["thing"])
        elif told.kind == PartyMarked.kind:
            mark = told.data["mark"]
            self.graph.mark(told.subject, None if mark == NO_MARK else mark)
