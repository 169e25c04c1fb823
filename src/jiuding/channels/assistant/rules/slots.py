"""From mentions to slots: which values the sentence gives, which follow from them by arithmetic.

Derived: amount = price − down payment, or price × (1 − share). Nothing else is inferred; a value
that could be two things is left out and asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from jiuding.channels.assistant.rules import details
from jiuding.channels.assistant.rules.corrections import complete, correct, unit_left_out
from jiuding.channels.assistant.rules.money import bare_numbers_in, moneys_in
from jiuding.channels.assistant.rules.numbers import join_ranges, numbers_in
from jiuding.channels.assistant.rules.purposes import main_purpose, purposes_in
from jiuding.channels.assistant.rules.rates import percents_in
from jiuding.channels.assistant.rules.roles import assign_roles
from jiuding.channels.assistant.rules.terms import terms_in
from jiuding.channels.assistant.types import Kind, Mention, Reading, Span

_MAX_WORDS_BEFORE = re.compile(
    r"(?:不超过|不高于|低于|不能超|别超过?|不要超过?|最高|至多|最多|以下|封顶|小于|控制在|"
    r"within|under|below|at most|max(?:imum)?|no (?:more|higher) than|less than|"
    r"cap(?:ped)?(?: at)?|up to|not (?:more|over|above)|lower than|"
    r"don't want (?:to pay )?(?:more|over)|not exceed(?:ing)?)[^,;\d]{0,14}$"
)
_MAX_WORDS_AFTER = re.compile(
    r"(?:的|利息|利率|年化)?(?:以下|以内|之内|内|封顶|顶|之下)|[^,.;]{0,14}\b(?:or (?:less|"
    r"lower|below|under)|max(?:imum)?|at most|tops|cap)\b"
)
_CURRENT = re.compile(
    r"(?:现在|目前|原来|现有|当前|之前|原贷款|眼下|如今|手头)[^,.;]{0,16}$|(?:房贷|车贷|贷款|"
    r"网贷|信用卡)(?:的)?(?:利率|利息|年化)?(?:是|为|高达|有|,)?\s*$"
    r"|\b(?:current(?:ly)?|now|existing|at the moment|presently|i'?m paying|i pay|paying|"
    r"my (?:mortgage|loan|rate|car loan|card|home loan|credit card)s?(?: is| are| rate| has|"
    r" at| charges?)*(?: at)?)[^,.;]{0,24}$"
)
_DOWN_BEFORE = re.compile(
    r"(?:首付|首期|先付|自付|自有|自筹|deposit|down ?payment|put(?:ting)?(?: down)?|down|"
    r"upfront|ltv)[^,.;]{0,14}$"
)
_DOWN_AFTER = re.compile(
    r"的?首付|\s*(?:as (?:a )?)?(?:deposit|down\b|down ?payment|upfront|up front|saved|put by|"
    r"put aside|in savings|of our own|of my own|in cash|equity)"
)
_HALF_DOWN = re.compile(
    r"首付(?:款)?(?:先)?(?:付|给|出|交|是)?(?:个)?一半|一半(?:的)?首付|\bhalf (?:down|upfront|"
    r"up front)\b|\bput(?:ting)? half down"
)
_LOAN_SHARE = re.compile(
    r"(?:贷款?|按揭|借|ltv|finance|borrow|loan for|mortgage(?: for)?)[^,.;\d]{0,10}$"
)
_LOAN_SHARE_AFTER = re.compile(
    r"\s*(?:ltv|financing|finance|mortgage|loan[- ]to[- ]value)\b|按揭|贷款"
)
_MONEY_SLOTS = ("amount", "amount_range", "price", "down_payment", "monthly_max", "monthly_income",
                "existing_monthly_debt", "debt", "goals")  # fmt: skip
_TERM_MONTHS_MAX = 600


_BOUGHT = frozenset({"home", "car", "equipment", "agri", "renovation", "wedding", "furniture"})


@dataclass(slots=True)
class Frame:
    """Slots being filled, each with the span of its value."""

    reading: Reading
    slots: dict[str, Any] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    purposes: list[Mention] = field(default_factory=list)
    owed: list[Mention] = field(default_factory=list)  # loans being paid already, by product
    moneys: list[Mention] = field(default_factory=list)
    values: list[Mention] = field(default_factory=list)  # every amount, term and percentage found
    is_vague: bool = False  # a sum was meant but no figure was said
    is_doubtful: bool = False  # two readings of the figures were possible

    def put(self, name: str, value: Any, mention: Mention | tuple[int, int]) -> None:
        """Fill a slot that is still empty."""
        if name in self.slots:
            return
        start, end = mention if isinstance(mention, tuple) else (mention.start, mention.end)
        self.slots[name] = value
        self.spans[name] = self.reading.span(start, end)


def frame_of(reading: Reading, *, asked: str | None = None) -> Frame:
    """Return every slot that the sentence gives, whatever its intent turns out to be."""
    norm = reading.norm
    frame = Frame(reading)
    numbers = join_ranges(norm, numbers_in(norm))
    percents = percents_in(norm, numbers)
    free = [n for n in numbers if not _overlaps(n.start, n.end, percents)]
    terms = terms_in(norm, free)
    age = details.age_of(norm)
    aged = [Mention(Kind.TERM, age[1], age[2], role="other")] if age else []
    terms = [t for t in terms if not _overlaps(t.start, t.end, aged)] + aged
    moneys = moneys_in(norm, free, percents + terms)
    bare = bare_numbers_in(norm, free, percents + terms + moneys)
    more_moneys, more_terms = complete(norm, bare, moneys, terms)
    moneys, terms = moneys + more_moneys, terms + more_terms
    read, old = unit_left_out(norm, bare, moneys)
    moneys = [m for m in moneys if all(m is not other for other in old)] + read
    moneys = assign_roles(norm, moneys, terms + percents)
    if asked in ("price", "monthly") and len(moneys) == 1 and moneys[0].role in ("", "need"):
        moneys = [replace(moneys[0], role=asked)]
    if asked == "monthly_income" and len(moneys) == 1 and moneys[0].role in ("", "need", "monthly"):
        moneys = [replace(moneys[0], role="income")]
    kept = correct(norm, [*moneys, *terms, *percents, *purposes_in(norm)])
    frame.values = [*moneys, *terms, *percents]
    kinds = {kind: [m for m in kept if m.kind is kind] for kind in Kind}
    frame.purposes = [m for m in kinds[Kind.PURPOSE] if m.role != "owed"]
    frame.owed = [m for m in kinds[Kind.PURPOSE] if m.role == "owed"]
    frame.moneys = [m for m in kinds[Kind.MONEY] if m.role != "vague"]
    frame.is_vague = len(frame.moneys) < len(kinds[Kind.MONEY])
    _fill_shares(frame, kinds[Kind.PERCENT])
    _fill_money(frame)
    _fill_terms(frame, kinds[Kind.TERM])
    _fill_purpose(frame)
    _fill_details(frame, kinds[Kind.TERM], age)
    _fill_currency(frame)
    return frame


def _overlaps(start: int, end: int, others: list[Mention]) -> bool:
    return any(start < other.end and end > other.start for other in others)


def _fill_shares(frame: Frame, percents: list[Mention]) -> None:
    norm = frame.reading.norm
    half = _HALF_DOWN.search(norm)
    if half is not None:
        frame.put("down_payment_pct", Decimal(50), half.span())
    for mention in percents:
        before = norm[max(0, mention.start - 40) : mention.start]
        after = norm[mention.end : mention.end + 32]
        is_down = _DOWN_BEFORE.search(before) or _DOWN_AFTER.match(after)
        share_said = _LOAN_SHARE.search(before) or _LOAN_SHARE_AFTER.match(after)
        if mention.per == "share" or is_down:
            if is_down or not share_said:
                if is_down:
                    frame.put("down_payment_pct", mention.low, mention)
            else:
                frame.put("down_payment_pct", 100 - mention.low, mention)
        elif share_said and mention.low >= 50:
            frame.put("down_payment_pct", 100 - mention.low, mention)
        elif _MAX_WORDS_BEFORE.search(before) or _MAX_WORDS_AFTER.match(after):
            frame.put("rate_max_pct_pa", mention.high, mention)
        elif _CURRENT.search(before) or re.match(r"的(?:房贷|车贷|按揭|网贷)", after):
            frame.put("current_rate_pct_pa", mention.low, mention)
        elif mention.high > 0:
            frame.put("rate_pct_pa", mention.low, mention)


def _fill_money(frame: Frame) -> None:
    by_role: dict[str, list[Mention]] = {}
    for mention in frame.moneys:
        by_role.setdefault(mention.role or "open", []).append(mention)
    _summed(frame, by_role)
    _settle(frame, by_role)
    for role, slot in (
        ("price", "price"), ("down", "down_payment"), ("debt", "debt"),
        ("income", "monthly_income"), ("existing", "existing_monthly_debt"),
    ):  # fmt: skip
        for mention in by_role.get(role, [])[:1]:
            if not (slot == "price" and mention.low != mention.high):
                frame.put(slot, mention.low, mention)
    for mention in by_role.get("monthly", [])[:1]:
        frame.put("monthly_max", mention.high, mention)
    if _goals(frame, by_role):
        return
    amounts = by_role.get("amount", [])
    if amounts:
        _put_amount(frame, amounts[0])
    elif "price" in frame.slots:
        _derive(frame, by_role["price"][0])


def _settle(frame: Frame, by_role: dict[str, list[Mention]]) -> None:
    """Give the amounts without an outright cue a role, knowing what the others are."""
    aim = main_purpose(frame.purposes)
    if aim is not None and aim.label == "home_deposit" and "amount" not in by_role:
        # Borrowing the deposit itself: what else would be a down payment is the sum asked for.
        by_role.setdefault("amount", []).extend(by_role.pop("down", []))
    has_down = "down" in by_role or "down_payment_pct" in frame.slots
    loose = sorted(by_role.pop("open", []) + by_role.pop("need", []), key=lambda m: m.start)
    totals = by_role.pop("total", [])
    if totals:
        role = "price" if has_down and "price" not in by_role else "amount"
        if (role == "amount" and "amount" in by_role) or (role == "amount" and loose):
            by_role["sum"] = totals
        else:
            by_role.setdefault(role, []).extend(totals)
    if "down" in by_role and "down_payment_pct" not in frame.slots and not (
        loose or "price" in by_role or "amount" in by_role
    ) and frame.reading.norm:  # fmt: skip
        if aim is not None and aim.label not in _BOUGHT and len(by_role["down"]) == 1:
            by_role["amount"] = by_role.pop("down")  # rent upfront, 5,400: nothing is bought by it
        return
    if loose and has_down and "price" not in by_role:
        by_role["price"] = [loose.pop(0)]
    if loose and "amount" not in by_role and not (has_down and "price" in by_role):
        by_role["amount"] = loose
    elif loose:
        by_role["extra"] = loose


def _summed(frame: Frame, by_role: dict[str, list[Mention]]) -> None:
    """Where one sum is said to be the whole of the others, each of those is a goal's."""
    totals = by_role.get("total", []) or by_role.get("need", [])
    parts = [
        m for role in ("amount", "need", "open", "price", "total") for m in by_role.get(role, [])
    ]
    for total in totals:
        rest = [m for m in parts if m is not total]
        aims = {p.label for p in frame.purposes}
        if len(rest) > 1 and len(aims) > 1 and sum(m.low for m in rest) == total.low:
            for role in ("amount", "need", "open", "price", "total"):
                by_role.pop(role, None)
            by_role["amount"], by_role["sum"] = rest, [total]
            return


def _goals(frame: Frame, by_role: dict[str, list[Mention]]) -> bool:
    sums = sorted(by_role.get("amount", []) + by_role.get("extra", []), key=lambda m: m.start)
    if "price" in frame.slots or len(sums) < 2:
        return False
    aims = [p for p in frame.purposes if p.strength >= 2] or frame.purposes
    distinct: list[Mention] = []
    for aim in aims:
        if not distinct or distinct[-1].label != aim.label:
            distinct.append(aim)
    if len(distinct) == 1 and len(aims) == len(sums) and "sum" not in by_role:
        # 彩礼八万八，酒席五万: two parts of one purpose, each named.
        whole = Mention(Kind.MONEY, sums[0].start, sums[-1].end, sum(m.low for m in sums),
                        sum(m.high for m in sums), any(m.is_approx for m in sums))  # fmt: skip
        by_role["amount"] = [whole]
        return False
    if len(distinct) != len(sums) or len({aim.label for aim in distinct}) < 2:
        return False
    pairs = zip(distinct, sums, strict=True)
    goals = [{"purpose": aim.label, "amount": money.low} for aim, money in pairs]
    frame.put("goals", goals, (min(distinct[0].start, sums[0].start),
                               max(distinct[-1].end, sums[-1].end)))  # fmt: skip
    for total in by_role.get("sum", [])[:1]:
        frame.put("amount", total.low, total)
    return True


def _put_amount(frame: Frame, mention: Mention) -> None:
    if mention.low != mention.high:
        frame.put("amount_range", [mention.low, mention.high], mention)
    else:
        frame.put("amount", mention.low, mention)
    if mention.is_approx:
        frame.put("amount_approx", True, mention)


def _derive(frame: Frame, price: Mention) -> None:
    slots = frame.slots
    amount: Decimal | None = None
    if "down_payment" in slots:
        amount = slots["price"] - slots["down_payment"]
    elif "down_payment_pct" in slots:
        amount = slots["price"] * (100 - slots["down_payment_pct"]) / 100
    if amount is not None and amount > 0:
        frame.put("amount", amount, price)
        if price.is_approx:
            frame.put("amount_approx", True, price)


def _fill_terms(frame: Frame, terms: list[Mention]) -> None:
    for term in sorted(terms, key=lambda term: not _is_repaid_over(frame.reading.norm, term)):
        if term.role == "defer" and term.label == "month":
            frame.put("defer_months", int(term.low), term)
        elif term.role == "term":
            if term.label == "day":
                if term.low % 30 or not term.low:
                    continue
                term = replace(term, low=term.low / 30, high=term.high / 30)
            if not 0 < term.high <= _TERM_MONTHS_MAX or term.low != int(term.low):
                continue
            if "term_months" in frame.slots or "term_months_range" in frame.slots:
                continue
            if term.low == term.high:
                frame.put("term_months", int(term.low), term)
            else:
                frame.put("term_months_range", [int(term.low), int(term.high)], term)


def _is_repaid_over(norm: str, term: Mention) -> bool:
    """Tell whether the words around a term say that it is the one to pay back in."""
    return bool(_REPAID_AFTER.match(norm, term.end) or _REPAID_BEFORE.search(norm[: term.start]))


_REPAID_AFTER = re.compile(r"\s*(?:内|之内|左右|慢慢|就|能|可以|全部|才|再)*(?:还|付)(?:清|完|掉)?")
_REPAID_BEFORE = re.compile(
    r"(?:分|分成|分期|还款期|贷款期限|期限|年限)(?:个|到|是|为|:)?\s*$"
    r"|\b(?:re)?pa(?:y|id|ying)[a-z ]{0,16}(?:over|in|across|back)\s*$|\b(?:spread|rest|balance)"
    r"[a-z ]{0,12}(?:over|across)\s*$|\bterm(?: of| is)?\s*$"
)


def _fill_purpose(frame: Frame) -> None:
    purpose = main_purpose(frame.purposes)
    if purpose is None or "goals" in frame.slots:
        return
    label = purpose.label
    norm = frame.reading.norm
    is_appliance = _APPLIANCE.search(norm[purpose.start : purpose.end])
    if label == "consumption" and is_appliance and details.business_in(norm):
        label = "equipment"  # a shop's air conditioning serves the shop
    frame.put("purpose", label, purpose)


_APPLIANCE = re.compile(
    r"空调|冰箱|洗衣机|热水器|电脑|电视|投影仪|\b(?:fridge|dryer|dishwasher|washing machine|"
    r"computers?|laptops?|appliances?|tv|phones?)\b"
)


def _fill_details(frame: Frame, terms: list[Mention], age: details.Found | None) -> None:
    norm = frame.reading.norm
    wanted, unwanted = details.lenders_in(norm)
    for name, found in (
        ("repayment", details.repayment_in(norm)),
        ("collateral", details.collateral_in(norm)),
        ("needed_within_days", details.days_in(norm, terms)),
        ("prefs", details.prefs_in(norm)),
        ("applicant", details.applicant_in(norm)),
        ("business", details.business_in(norm)),
        ("payee", details.payee_in(norm)),
        ("age", age),
    ):
        if found is not None:
            frame.put(name, found[0], (found[1], found[2]))
    for name, found in (("lenders", wanted), ("exclude", unwanted)):
        if found is not None:
            names = [frame.reading.span(start, end).text for start, end in found[0]]
            frame.put(name, names, (found[1], found[2]))
    if "payee" in frame.slots:
        frame.slots["payee"] = frame.spans["payee"].text


def _fill_currency(frame: Frame) -> None:
    labelled = [mention for mention in frame.moneys if mention.label]
    if labelled:
        frame.put("currency", labelled[0].label, labelled[0])
    elif frame.reading.lang == "zh" and any(name in frame.slots for name in _MONEY_SLOTS):
        frame.slots["currency"] = "CNY"  # assumed in Chinese; no span, for nobody said it
