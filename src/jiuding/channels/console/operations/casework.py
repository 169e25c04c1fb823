"""Cases and screening as pages show them."""

from __future__ import annotations

from datetime import datetime

from jiuding.base.database.engine import Session
from jiuding.channels.console.rules import drawing
from jiuding.channels.console.types.casework import (
    CaseRowView,
    CaseView,
    EvidenceView,
    MatchView,
    MomentView,
    QueueView,
    ScreeningView,
)
from jiuding.kernel import identity
from jiuding.services import cases, offers, risk

PAGE = 50
SHOWS = ("open", "mine", "proposed", "closed")
WIDE, TALL = (720, 400), (340, 430)


def row_view(case: cases.Case, *, lang: str, now: datetime) -> CaseRowView:
    """Return a case as the queue shows it."""
    kind = cases.declared().kinds.get(case.kind)
    until = case.closed_at or now
    return CaseRowView(
        case_id=case.case_id,
        kind=case.kind,
        title=getattr(kind, f"title_{lang}") if kind else case.kind,
        subject=case.subject,
        priority=cases.PRIORITIES[case.priority - 1],
        status=case.status.value,
        opened_at=case.opened_at,
        due_at=case.due_at,
        age=until - case.opened_at,
        left=case.due_at - until,
        holder=case.holder_at(now),
        lease_until=case.lease_until,
        outcome=case.outcome.value if case.outcome else None,
        proposed_by=case.proposed_by,
        closed_at=case.closed_at,
        was_late=case.overdue_at(now),
    )


def queue_view(
    session: Session, *, bank_id: str, show: str, kind: str, search: str, after: str | None,
    by: str, lang: str, now: datetime,
) -> QueueView:  # fmt: skip
    """Return a part of the queue: what is open, what I hold, what awaits approval, what is done.

    A search looks everywhere.
    """
    status = {
        "open": cases.Status.OPEN, "proposed": cases.Status.PROPOSED, "closed": cases.Status.CLOSED,
    }.get(show)  # fmt: skip
    wanted = cases.Wanted(
        None if search else status, kind, by if show == "mine" and not search else "", search
    )
    page = cases.list_cases(
        session, bank_id=bank_id, wanted=wanted, now=now, limit_max=PAGE, after=after
    )
    counts = cases.count_cases(session, bank_id=bank_id, now=now)
    kinds = cases.declared().kinds.values()
    return QueueView(
        show=show, kind=kind, search=search,
        kinds=tuple((each.name, getattr(each, f"title_{lang}")) for each in kinds),
        rows=tuple(row_view(each, lang=lang, now=now) for each in page.cases),
        next_after=page.next_after, open_count=counts.open, overdue_count=counts.overdue,
        proposed_count=counts.proposed,
    )  # fmt: skip


def case_view(
    session: Session, *, bank_id: str, case_id: str, by: str, lang: str, now: datetime, key: str
) -> CaseView:
    """Return a case with all that is known of it; that this person looked is recorded."""
    file = cases.read_case(
        session, bank_id=bank_id, case_id=case_id, by=by, now=now, idempotency_key=key
    )
    return file_view(file, by=by, lang=lang, now=now)


def file_view(file: cases.CaseFile, *, by: str, lang: str, now: datetime) -> CaseView:
    """Return a case that was read as its page shows it."""
    case, graph = file.case, file.graph
    labels = {node.node_id: node.label for node in graph.nodes}
    given = [step for step in file.steps if step.step is cases.StepKind.PROPOSED]
    return CaseView(
        row=row_view(case, lang=lang, now=now),
        evidence=tuple(
            _evidence(each, lang)
            for each in file.evidence
            if each.kind is not cases.EvidenceKind.GRAPH
        ),
        wide=drawing.draw(graph, subject=case.subject, width=WIDE[0], height=WIDE[1]),
        tall=drawing.draw(graph, subject=case.subject, width=TALL[0], height=TALL[1]),
        ties=tuple(
            (labels[edge.from_id], edge.kind, labels[edge.to_id], edge.count)
            for edge in graph.edges
        ),
        things=tuple((node.node_id, node.kind, node.label, node.flags) for node in graph.nodes),
        timeline=tuple(_moment(each) for each in file.timeline),
        reason=str(given[-1].data.get("reason", "")) if given and case.outcome else "",
        may=_may(case, by, now),
    )


def _may(case: cases.Case, by: str, now: datetime) -> frozenset[str]:
    """Return what this person may do with a case now."""
    if case.status is cases.Status.CLOSED:
        return frozenset()
    holder = case.holder_at(now)
    if holder not in (None, by):
        return frozenset()
    may = {"note", "release" if holder == by else "claim"}
    if case.status is cases.Status.PROPOSED:
        may |= {"return"} if case.proposed_by == by else {"return", "approve"}
    elif holder == by:
        may.add("propose")
    return frozenset(may)


def _evidence(each: cases.Evidence, lang: str) -> EvidenceView:
    data = each.data
    sentences: tuple[str, ...] = ()
    if each.kind is cases.EvidenceKind.DECISION:
        sentences = tuple(reason[lang] for reason in data["reasons"] if reason.get(lang))
    elif each.kind is cases.EvidenceKind.SIGNAL:
        sentences = (data.get(lang) or f"{data['code']} {data.get('value', '')}".strip(),)
    elif each.kind is cases.EvidenceKind.NOTE:
        sentences = (data["text"],)
    elif each.kind is cases.EvidenceKind.CLEARANCE:
        sentences = (data["reason"],)
    return EvidenceView(
        each.number, each.kind.value, each.source, each.reference, each.happened_at,
        each.added_by, sentences, data,
    )  # fmt: skip


def _moment(each: cases.Moment) -> MomentView:
    data = each.data
    said = str(data.get("reason") or data.get("text") or "") if each.part != "news" else ""
    detail = None
    if each.part == "step" and each.name == cases.StepKind.EVIDENCE_ADDED:
        detail = ("evidence_kinds", str(data["kind"]))
    elif each.part == "step" and each.name == cases.StepKind.PROPOSED:
        detail = ("case_outcomes", str(data["outcome"]))
    return MomentView(each.at, each.part, each.name, each.by, said, detail)


def screening_view(
    session: Session, *, branch: offers.Branch, lists: risk.ListRoom, subject: str, name: str,
    born: str, by: str, lang: str, now: datetime,
) -> ScreeningView:  # fmt: skip
    """Screen a name, or the name of a party of ours, and return what was found.

    A party's name is read from its details for this look and is kept nowhere.
    Refuses: risk.BadName, identity.PartyNotFound, cases.BadCase.
    """
    screener = lists.screener(session, bank_id=branch.bank_id)
    in_force = risk.lists_in_force(session, bank_id=branch.bank_id)
    asked = bool(name or subject)
    found = None
    if asked and not name and subject.startswith("pty_"):
        person = identity.read_person(
            session, bank_id=branch.bank_id, vault=branch.vault, party_id=subject
        )
        name, born = person.name, born or person.born_on.isoformat()
    if asked and subject:
        found = cases.screen_subject(
            session, bank_id=branch.bank_id, screener=screener, subject=subject, name=name,
            born=born, by=by, now=now,
        )  # fmt: skip
    elif asked:
        found = cases.look_up(screener, name=name, born=born)
    known = {each.entry_id: each for each in found.screening.clearances} if found else {}

    def view(match: risk.Match) -> MatchView:
        entry = screener.entry(match.entry_id)
        return MatchView(
            match.entry_id, match.name, match.score, match.why, match.source,
            entry.born if entry else (), entry.countries if entry else (),
            known.get(match.entry_id),
        )  # fmt: skip

    return ScreeningView(
        subject=subject, name=name, born=born, asked=asked,
        matches=tuple(view(each) for each in found.screening.matches) if found else (),
        cleared=tuple(view(each) for each in found.screening.cleared) if found else (),
        case=row_view(found.case, lang=lang, now=now) if found and found.case else None,
        lists=in_force, name_count=screener.name_count,
    )  # fmt: skip
