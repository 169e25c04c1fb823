"""`jiuding ask`: one sentence, the plans, and with `--accept` a funded loan, in the terminal."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from jiuding.base import clock
from jiuding.base.clock import Stopwatch
from jiuding.base.database.engine import transaction
from jiuding.base.problems import BadInput
from jiuding.base.settings import read_settings

NAMES_LISTED_MAX = 500
CONDITIONS_SHOWN_MAX = 3

WORDS = {
    "zh": {
        "customer": "客户", "plan": "方案", "lender": "机构与产品", "amount": "金额",
        "term": "期限", "rate": "真实年利率", "instalment": "首月还款", "cost": "总成本",
        "months": "个月", "cheapest": "最省", "lightest": "月供最轻", "surest": "最稳",
        "proven": "已证明最优",
        "condition": "条件", "gap": "离最优不超过", "others": "其余产品为什么没有入选",
        "granted": "贷款已发放", "declined": "没有批准", "submitted": "等待其他机构答复",
        "why": "原因", "remedy": "怎样会改变结果", "timeline": "用时（毫秒）", "loan": "贷款",
        "accept": "要接受，在同一句话后面加 --accept",
    },
    "en": {
        "customer": "Customer", "plan": "Plan", "lender": "Lender and product", "amount": "Amount",
        "term": "Term", "rate": "True yearly rate", "instalment": "First month", "cost": "Cost",
        "months": "months", "cheapest": "cheapest", "lightest": "lightest", "surest": "surest",
        "proven": "proven best",
        "condition": "condition", "gap": "from the best at most", "others": "Why the others lost",
        "granted": "Funded", "declined": "Not approved", "submitted": "Waiting for other lenders",
        "why": "Why", "remedy": "What would change it", "timeline": "Milliseconds", "loan": "Loan",
        "accept": "To accept, add --accept to the same sentence",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What `ask` found out: a turn, and the application where a plan was accepted."""

    products: Any
    turn: Any
    application: Any
    plan: Any
    steps: tuple[tuple[str, float], ...]


def ask(
    sentence: str, *, accept: bool, as_json: bool, kind: str, customer: str, pin: str,
    lang: str | None,
) -> int:  # fmt: skip
    """Answer a sentence for a customer of the demonstration bank; return the exit code.

    0 plans or a grant, 2 a question, 3 a decline or no plan.
    """
    from jiuding.bootstrap import demonstration, open_house

    settings = read_settings()
    console = Console(highlight=False, stderr=as_json)
    watch = Stopwatch()
    with open_house(settings, now=clock.now()) as house:
        branch = house.branch
        watch.lap("open")
        person = _choose(branch, customer, sentence)
        answer = _walk(
            branch, person, sentence, kind if accept else "", pin or demonstration.PIN, lang
        )
        if as_json:
            sys.stdout.write(json.dumps(_document(answer), ensure_ascii=False) + "\n")
        else:
            _show(console, person, answer)
    return _code(answer)


def _choose(branch: Any, customer: str, sentence: str) -> Any:
    """Return the customer who was named, or the first whose language the sentence is in."""
    if customer:
        return find_customer(branch, customer)
    people = _listed(branch)
    market = "cn" if any("\u4e00" <= letter <= "\u9fff" for letter in sentence) else "au"
    return next(person for person in people if person.party.market == market)


def find_customer(branch: Any, customer: str) -> Any:
    """Return the person of this id or name.

    Refuses: BadInput for nobody.
    """
    for person in _listed(branch):
        if customer in (person.name, person.party.party_id):
            return person
    raise BadInput(f"there is no customer {customer[:60]!r} in the demonstration bank")


def _listed(branch: Any) -> Any:
    from jiuding.kernel import identity

    with transaction(branch.engine) as session:
        return identity.list_parties(
            session, bank_id=branch.bank_id, vault=branch.vault, limit_max=NAMES_LISTED_MAX
        )


def _walk(branch: Any, person: Any, sentence: str, kind: str, pin: str, lang: str | None) -> Answer:
    from jiuding.channels import assistant
    from jiuding.services import offers

    party_id = person.party.party_id
    watch = Stopwatch()
    products = branch.market(person.party.market).library.products
    with transaction(branch.engine) as session:
        turn = assistant.hear(
            session, branch=branch, party_id=party_id, text=sentence, lang=lang, now=clock.now(),
            watch=watch,
        )  # fmt: skip
    watch.lap("commit")
    if not kind or turn.kind is not assistant.TurnKind.PLANS:
        return Answer(products, turn, None, None, tuple(watch.laps))
    plan = offers.plan_of(turn.quote, kind)
    proof = offers.confirm(
        branch, party_id=party_id, pin=pin, passkey=None,
        purpose=offers.proof_purpose(turn.quote.quote_id, kind),
    )  # fmt: skip
    watch.lap("confirm")
    application = offers.accept(
        branch, quote_id=turn.quote.quote_id, kind=kind, proof=proof,
        idempotency_key=f"ask-{turn.quote.quote_id}", now=clock.now(), watch=watch,
    )  # fmt: skip
    return Answer(products, turn, application, plan, tuple(watch.laps))


def _code(answer: Answer) -> int:
    if answer.application is not None:
        return 0 if answer.application.status.value == "granted" else 3
    return {"plans": 0, "question": 2, "answer": 0, "hand_over": 0}.get(answer.turn.kind.value, 3)


def _document(answer: Answer) -> dict[str, Any]:
    """Return the answer as one JSON document, as DESIGN states it."""
    from jiuding.channels import assistant
    from jiuding.services import offers

    turn = assistant.turn_body(answer.turn)
    if answer.application is None:
        return {"granted": False, **turn, "timeline_ms": dict(answer.steps)}
    plan: offers.Plan = answer.plan
    granted = assistant.grant_body(
        answer.application, assistant.plan_body(plan, answer.turn.quote.need), answer.steps
    )
    return {"say": turn["say"], "slots": turn["slots"], **granted}


def _money(value: Decimal, code: str) -> str:
    return f"{value:,.2f} {code}"


def _show(console: Console, person: Any, answer: Answer) -> None:
    turn = answer.turn
    words = WORDS[turn.lang]
    console.print(f"[dim]{words['customer']}[/dim] {person.name}")
    for line in turn.say:
        console.print(Text(line))
    _show_reasons(console, turn.reasons, turn.lang, words)
    if turn.quote is not None and turn.quote.plan_set.plans:
        _show_plans(console, answer, words)
        if answer.application is None:
            console.print(Text(words["accept"], style="dim"))
    if answer.application is not None:
        _show_grant(console, answer, words)
    console.print(
        Text(words["timeline"] + "  ", style="dim")
        + Text("  ".join(f"{name} {ms:.1f}" for name, ms in answer.steps), style="dim")
    )


def _named(answer: Answer, leg: Any) -> str:
    product = answer.products[leg.place]
    name = product.names.get(answer.turn.lang) or product.name
    return f"{product.lender_name or product.lender} · {name}"


def _show_plans(console: Console, answer: Answer, words: dict[str, str]) -> None:
    """Print each different plan once, under every name that it goes by."""
    quote = answer.turn.quote
    by_legs: dict[Any, list[Any]] = {}
    for plan in quote.plan_set.plans:
        by_legs.setdefault(plan.legs, []).append(plan)
    for plans in by_legs.values():
        _show_plan(console, answer, plans, words)
    counts = sorted(quote.plan_set.counts.items(), key=lambda each: -each[1])
    told = "  ".join(f"{rule} {count}" for rule, count in counts[:6])
    console.print(Text(f"{words['others']}: {told}", style="dim"))


def _show_plan(console: Console, answer: Answer, plans: list[Any], words: dict[str, str]) -> None:
    plan, code = plans[0], answer.turn.quote.need.currency
    names = " · ".join(words[each.kind.value] for each in plans)
    proof = words["proven"] if plan.proven else f"{words['gap']} {plan.gap * 100:.3f} %"
    console.print()
    console.print(Text(names, style="bold") + Text(f"  {proof}", style="dim"))
    figures = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for label, value in (
        ("rate", f"{plan.true_rate * 100:.2f} %"),
        ("instalment", _money(plan.instalment, code)),
        ("cost", _money(plan.total_cost, code)),
    ):
        figures.add_row(Text(words[label], style="dim"), value)
    console.print(figures)
    for leg in plan.legs:
        console.print(
            Text(f"{_money(leg.amount, code)}, {leg.term_months} {words['months']}: ")
            + Text(_named(answer, leg), style="bold")
        )
        for condition in leg.conditions[:CONDITIONS_SHOWN_MAX]:
            console.print(Text(f"  {words['condition']}: {condition}", style="dim"))


def _show_reasons(console: Console, reasons: Any, lang: str, words: dict[str, str]) -> None:
    for reason in reasons:
        console.print(Text(f"{words['why']}: {reason.text(lang)} ({reason.code})"))
        if reason.remedy(lang):
            console.print(Text(f"{words['remedy']}: {reason.remedy(lang)}"))


def _show_grant(console: Console, answer: Answer, words: dict[str, str]) -> None:
    application = answer.application
    status = application.status.value
    style = {"granted": "bold green", "declined": "bold red"}.get(status, "bold")
    console.print(Text(words[status], style=style) + Text(f"  {application.amount}"))
    for loan_id in application.loan_ids:
        console.print(f"{words['loan']} {loan_id}")
    _show_reasons(console, application.reasons, answer.turn.lang, words)
