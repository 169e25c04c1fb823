"""Verbs of the assistant: hear a sentence, take a correction, and bring back plans or a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from jiuding.base.clock import Stopwatch
from jiuding.base.database.engine import Session
from jiuding.base.ids import new_id, to_uuid
from jiuding.base.problems import Problem
from jiuding.channels.assistant import store
from jiuding.channels.assistant.errors import ConversationNotFound, SpeechNotHere
from jiuding.channels.assistant.events import HandedOver, NeedStated
from jiuding.channels.assistant.gateways import LanguageModel, NoLanguageModel, SpeechEngine
from jiuding.channels.assistant.rules import dialogue
from jiuding.channels.assistant.rules.frames import understand
from jiuding.channels.assistant.rules.hearing import read_back
from jiuding.channels.assistant.rules.proposals import question_of, with_proposal
from jiuding.channels.assistant.rules.sound import is_silent, read_wav
from jiuding.channels.assistant.rules.text import TEXT_CHARACTERS_MAX
from jiuding.channels.assistant.types import (
    Conversation,
    Heard,
    Intent,
    Span,
    Turn,
    TurnKind,
    Understanding,
)
from jiuding.kernel import eventlog, identity, ledger, products
from jiuding.services import lending, offers

# Intents that end in plans once amount and purpose are known.
_PLANNED = frozenset({Intent.LOAN_REQUEST, Intent.LOAN_COMPARE, Intent.REFINANCE, Intent.LOAN_INFO})
_HANDED_OVER = {Intent.HARDSHIP: "hardship", Intent.HUMAN: "request"}


def hear(
    session: Session, *, branch: offers.Branch, party_id: str, text: str, lang: str | None = None,
    conversation_id: str | None = None, now: datetime, watch: Stopwatch | None = None,
    proposal: Mapping[str, Any] | None = None,
) -> Turn:  # fmt: skip
    """Answer a sentence: with plans, the one question that matters, or the reason why not.

    `proposal` is what `consult` brought; our own grammar has the last word on it.
    Refuses: TextEmpty, TextTooLong, ConversationNotFound, BadSlot, identity.PartyNotFound.
    """
    watch = watch or Stopwatch()
    before = _conversation(session, branch, party_id, conversation_id, lang, now)
    heard = understand(text, lang=lang, context={"asked": before.asked, "slots": before.slots})
    heard = with_proposal(heard, proposal)
    watch.lap("understand")
    talk = _Talk(session, branch, party_id, heard, before, text, now, watch)
    talk.proposal = proposal
    return talk.answer()


def consult(
    model: LanguageModel, *, text: str, lang: str | None = None
) -> Mapping[str, Any] | None:
    """Ask the operator's language model about a wish to borrow that leaves something open.

    It is asked before any transaction is begun, and never about anything but such a wish: what runs
    against a rule, hardship, accounts and payments stay in the house.
    """
    if isinstance(model, NoLanguageModel):
        return None
    try:
        heard = understand(text, lang=lang)
    except Problem:
        return None
    if heard.intent is not Intent.LOAN_REQUEST or heard.policy is not None or not heard.ask:
        return None
    return model.propose(text=text, lang=heard.lang, ask=heard.ask[0])


def listen(engine: SpeechEngine, sound: bytes, *, lang: str) -> Heard:
    """Return what a WAV says, to be seen and sent by the customer; the sound is not kept.

    Silence is not shown to the engine: some hear words in it. It is nothing heard, and a question.
    Refuses: SoundUnreadable, SpeechNotHere, SpeechBusy.
    """
    samples, rate = read_wav(sound)
    if lang not in engine.languages:
        raise SpeechNotHere("this bank hears no sound in this language; please write instead")
    if is_silent(samples, rate):
        return read_back("", lang=lang)
    heard = engine.transcribe(samples, rate=rate, lang=lang)
    return read_back(" ".join(heard.split())[:TEXT_CHARACTERS_MAX], lang=lang)


def amend(
    session: Session, *, branch: offers.Branch, party_id: str, conversation_id: str,
    slots: Mapping[str, Any], now: datetime, watch: Stopwatch | None = None,
) -> Turn:  # fmt: skip
    """Plan again after a customer edited what was understood; an empty value removes a slot.

    Refuses: ConversationNotFound, BadSlot.
    """
    before = _conversation(session, branch, party_id, conversation_id, None, now)
    known = dialogue.edited(before.slots, slots)
    heard = Understanding(
        intent=Intent.LOAN_REQUEST, slots={}, spans={},
        ask=tuple(name for name in ("amount", "purpose") if not _has(known, name)),
        policy=None, confidence=1.0, lang=before.lang, actions=(),
    )  # fmt: skip
    before = replace(before, slots=known)
    talk = _Talk(session, branch, party_id, heard, before, "", now, watch or Stopwatch())
    return talk.answer()


def _has(slots: Mapping[str, Any], name: str) -> bool:
    if name == "amount":
        return dialogue.amount_of(slots) is not None
    return bool(slots.get(name) or (name == "purpose" and slots.get("goals")))


def _conversation(
    session: Session, branch: offers.Branch, party_id: str, conversation_id: str | None,
    lang: str | None, now: datetime,
) -> Conversation:  # fmt: skip
    if conversation_id is None:
        return Conversation(new_id("cvs", now), party_id, lang or "", {}, None, None, 0)
    to_uuid("cvs", conversation_id)
    found = store.conversation(session, branch.bank_id, conversation_id)
    if found is None or found.party_id != party_id:
        raise ConversationNotFound(f"there is no conversation {conversation_id}")
    return found


class _Talk:
    """One turn in the making: what was heard, what is known, and where it is written down."""

    def __init__(
        self, session: Session, branch: offers.Branch, party_id: str, heard: Understanding,
        before: Conversation, text: str, now: datetime, watch: Stopwatch,
    ) -> None:  # fmt: skip
        self.session, self.branch, self.heard, self.now, self.watch = (
            session, branch, heard, now, watch,
        )  # fmt: skip
        self.lang = heard.lang if heard.lang in ("zh", "en") else before.lang or "en"
        self.before = before
        self.text = text
        self.proposal: Mapping[str, Any] | None = None
        self.slots = dialogue.merged(before.slots, heard.slots)
        self.customer = offers.meet(session, branch=branch, party_id=party_id, now=now)
        self.market = branch.market(self.customer.person.party.market)
        watch.lap("portrait")

    def answer(self) -> Turn:
        """Choose what this turn is, and write it down."""
        intent = self.heard.intent
        answering = self.before.asked is not None and intent in (
            Intent.OUT_OF_SCOPE, Intent.CHITCHAT, Intent.CONFIRM, Intent.LOAN_REQUEST,
        )  # fmt: skip
        if answering and self.heard.slots and self.heard.policy is None:
            intent = Intent.LOAN_REQUEST
        if intent in _HANDED_OVER:
            return self._hand_over(_HANDED_OVER[intent])
        if intent is Intent.UNSAFE:
            return self._said(TurnKind.DECLINE, dialogue.refusal(self.lang, self.heard.policy))
        if self.heard.policy == "purpose_prohibited":
            return self._prohibited()
        if intent is Intent.AFFORDABILITY and self._can_compute():
            return self._said(TurnKind.ANSWER, self._computed())
        if intent is Intent.AFFORDABILITY:
            return self._afford_or_ask()
        if intent in _PLANNED and (self.heard.slots or self.before.slots):
            return self._plan_or_ask()
        if intent in _PLANNED and intent is Intent.LOAN_REQUEST:
            return self._plan_or_ask()
        return self._said(TurnKind.ANSWER, self._explained(intent))

    def _plan_or_ask(self) -> Turn:
        missing = [name for name in ("amount", "purpose") if not _has(self.slots, name)]
        if missing:
            return self._ask(missing)
        span = self.heard.spans.get("currency")
        foreign = span and dialogue.foreign_currency(
            self.slots, span.text + self.text, self.market.asset.code
        )
        if foreign:
            line = dialogue.say(
                self.lang, "other_currency", currency=self.market.asset.code, asked=foreign
            )
            return self._said(TurnKind.DECLINE, line)
        return self._plan()

    def _afford_or_ask(self) -> Turn:
        # Without a rate to reckon with, the plans themselves tell what a month would cost.
        asks = [name for name in self.heard.ask if name not in self.slots]
        if asks:
            return self._said(
                TurnKind.QUESTION, dialogue.question(self.lang, asks[0]), ask=(asks[0],)
            )
        return self._plan_or_ask()

    def _ask(self, missing: list[str]) -> Turn:
        # One question at a time; a model may word it, and never choose it.
        own = dialogue.question(self.lang, missing[0])
        is_first = self.heard.ask[:1] == (missing[0],)
        line = question_of(self.proposal, own) if is_first else own
        return self._said(TurnKind.QUESTION, line, ask=tuple(missing))

    def _plan(self) -> Turn:
        need = dialogue.need_from(
            self.slots, currency=self.market.asset.code, default_terms=self.market.default_terms
        )
        quote = offers.make_quote(
            self.session, branch=self.branch, customer=self.customer, need=need,
            collateral=dialogue.collateral_from(self.slots), now=self.now, watch=self.watch,
        )  # fmt: skip
        if not quote.plan_set.plans:
            return self._said(TurnKind.DECLINE, *self._why_no_plan(quote), quote=quote)
        return self._said(TurnKind.PLANS, *self._shown(quote), quote=quote)

    def _shown(self, quote: offers.Quote) -> list[str]:
        need, best = quote.need, quote.plan_set.plans[0]
        code = need.currency
        lines = [
            dialogue.say(
                self.lang, "plans", count=len(quote.plan_set.plans), currency=code,
                total=dialogue.money(need.amount + best.total_cost),
                cost=dialogue.money(best.total_cost), rate=dialogue.percent(best.true_rate),
            )
        ]  # fmt: skip
        if need.term_months_min != need.term_months_max and "term_months_range" not in self.slots:
            lines.append(
                dialogue.say(
                    self.lang, "term_assumed", low=need.term_months_min, high=need.term_months_max
                )
            )
        if "amount_range" in self.slots:
            lines.append(
                dialogue.say(
                    self.lang, "range_assumed", amount=dialogue.money(need.amount), currency=code
                )
            )
        asked = self.slots.get("rate_max_pct_pa")
        if asked is not None and best.true_rate * 100 > Decimal(str(asked)):
            rate = dialogue.percent(best.true_rate)
            lines.append(dialogue.say(self.lang, "rate_above", asked=asked, rate=rate))
        if self.customer.portrait.income_monthly is None:
            lines.append(dialogue.say(self.lang, "income_unproven"))
        return lines

    def _why_no_plan(self, quote: offers.Quote) -> list[str]:
        """Say that nothing fits, what stands in the way, and what would."""
        lines = [dialogue.say(self.lang, "no_plan", count=len(self.market.library.products))]
        code, nearest = quote.need.currency, quote.plan_set.nearest
        if any(rule.endswith("budget") for rule in quote.plan_set.counts):
            profile = quote.profile
            room = profile.dsr_max * profile.income_monthly - profile.debts_monthly
            budget = dialogue.money(max(min(room, quote.need.monthly_max or room), Decimal(0)))
            lines.append(dialogue.say(self.lang, "no_plan_budget", budget=budget, currency=code))
        if nearest is not None and nearest.monthly_needed:
            needed = dialogue.money(nearest.monthly_needed)
            lines.append(dialogue.say(self.lang, "nearest_monthly", needed=needed, currency=code))
        if nearest is not None and nearest.amount_max:
            most = dialogue.money(nearest.amount_max)
            lines.append(dialogue.say(self.lang, "nearest_amount", amount=most, currency=code))
        return lines

    def _prohibited(self) -> Turn:
        reasons = lending.check_purpose(
            self.session, bank_id=self.branch.bank_id,
            applicant=offers.applicant_of(self.customer, self.market, self.now),
            purpose=str(self.slots.get("purpose", "")), amount=None,
            policy=self.branch.credit_policy,
            subject=f"{self.before.conversation_id}-{self.before.turn_count + 1}", now=self.now,
        )  # fmt: skip
        line = dialogue.say(self.lang, "purpose_prohibited")
        return self._said(TurnKind.DECLINE, line, reasons=reasons)

    def _hand_over(self, why: str) -> Turn:
        event = HandedOver(
            conversation_id=self.before.conversation_id,
            party_id=self.customer.person.party.party_id, why=why,
        )  # fmt: skip
        self._announce(event)
        key = "hardship" if why == "hardship" else "human"
        if "give_crisis_help" in self.heard.actions:
            key = "crisis"
        return self._said(TurnKind.HAND_OVER, dialogue.say(self.lang, key))

    def _can_compute(self) -> bool:
        return {"amount", "term_months"} <= set(self.slots) and (
            "rate_pct_pa" in self.slots or "rate_max_pct_pa" in self.slots
        )

    def _computed(self) -> str:
        """Answer a what-if with the exact schedule of an equal-payment loan."""
        asset = self.market.asset
        percent = Decimal(str(self.slots.get("rate_pct_pa", self.slots.get("rate_max_pct_pa"))))
        amount = Decimal(str(self.slots["amount"])).quantize(Decimal("0.01"))
        units = int(amount.scaleb(asset.scale))
        months = int(self.slots["term_months"])
        payment = products.equal_payment(units, percent / 100, months)
        interest = max(payment * months - units, 0)
        return dialogue.say(
            self.lang, "affordability", amount=dialogue.money(amount), currency=asset.code,
            months=months, rate=f"{percent:f}",
            instalment=dialogue.money(Decimal(payment).scaleb(-asset.scale)),
            interest=dialogue.money(Decimal(interest).scaleb(-asset.scale)),
        )  # fmt: skip

    def _explained(self, intent: Intent) -> str:
        known = dialogue.words(self.lang)["say"]
        key = intent.value if intent.value in known else "other"
        if intent is Intent.APPLICATION_STATUS:
            return self._status()
        return dialogue.say(self.lang, key, count=len(self.market.library.products))

    def _status(self) -> str:
        party_id = self.customer.person.party.party_id
        loans = lending.loans_of(self.session, bank_id=self.branch.bank_id, party_id=party_id)
        if not loans:
            return dialogue.say(self.lang, "application_none")
        application = lending.read_application(
            self.session, bank_id=self.branch.bank_id, application_id=loans[0].application_id
        )
        status = dialogue.words(self.lang)["status"][application.status.value]
        return dialogue.say(self.lang, "application_status", status=status)

    def _announce(self, event: eventlog.Event) -> None:
        eventlog.append(
            self.session, bank_id=self.branch.bank_id, event=event,
            subject=self.before.conversation_id, source="assistant", occurred_at=self.now,
            recorded_at=self.now,
        )  # fmt: skip

    def _said(
        self, kind: TurnKind, *lines: str, ask: tuple[str, ...] = (),
        quote: offers.Quote | None = None, reasons: tuple[lending.Reason, ...] = (),
    ) -> Turn:  # fmt: skip
        """Write the turn down and return it."""
        asked = ask[0] if ask else None
        after = replace(
            self.before, lang=self.lang, asked=asked, turn_count=self.before.turn_count + 1,
            quote_id=quote.quote_id if quote else self.before.quote_id,
        )  # fmt: skip
        kept = {name: value for name, value in self.slots.items() if name not in dialogue.NOT_KEPT}
        store.keep(self.session, self.branch.bank_id, after, products.canonical_of(kept), self.now)
        self._announce(
            NeedStated(
                conversation_id=after.conversation_id, party_id=after.party_id,
                intent=self.heard.intent.value, turn_number=after.turn_count, asked=asked or "",
            )
        )  # fmt: skip
        spans: Mapping[str, Span] = self.heard.spans
        return Turn(
            after.conversation_id, self.lang, kind, self.heard.intent.value, self.slots, spans,
            tuple(lines), ask, quote, reasons, self.heard.confidence, tuple(self.watch.laps),
        )  # fmt: skip


def own_statement(
    session: Session, *, branch: offers.Branch, party_id: str, account_id: str,
    cursor: str | None = None, limit_max: int = 50,
) -> ledger.StatementPage:  # fmt: skip
    """Return a page of the statement of one's own account.

    Refuses: ledger.AccountNotFound for an account that is not here, or another's.
    """
    held = ledger.accounts_of(session, bank_id=branch.bank_id, owner_id=party_id)
    if account_id not in {account.account_id for account in held}:
        raise ledger.AccountNotFound(f"you have no account {account_id[:40]}")
    return ledger.statement(
        session, bank_id=branch.bank_id, account_id=account_id, cursor=cursor, limit_max=limit_max
    )


def market_of(session: Session, *, branch: offers.Branch, party_id: str) -> offers.Market:
    """Return the market that a party is served in.

    Refuses: identity.PartyNotFound.
    """
    person = identity.read_person(
        session, bank_id=branch.bank_id, vault=branch.vault, party_id=party_id
    )
    return branch.market(person.party.market)
