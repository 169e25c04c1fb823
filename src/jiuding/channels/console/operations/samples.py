"""Invented records for the design pages: what every component and page looks like when it is full.

Nothing here is a customer, a lender or a rate of anybody's.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from jiuding.base.amounts import Amount, currency
from jiuding.base.clock import add_months
from jiuding.channels.console import rules
from jiuding.channels.console.operations import watches
from jiuding.channels.console.types import (
    ChipView,
    CustomerView,
    HoldingView,
    LegView,
    LibraryView,
    LoanView,
    MoveView,
    PeriodView,
    PlanView,
    ProblemView,
    ProductView,
    ReadBackView,
    ReasonView,
    RejectionView,
    ResultView,
    ScheduleRowView,
    StatementView,
    StepView,
    TurnView,
    WhyNotView,
    YouView,
)
from jiuding.channels.console.types.books import (
    BookPartView,
    BookRowView,
    BooksView,
    BookTableView,
)

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
_QUOTE = "quo_01k8z3demq0000000000000000"
_LOAN = "ln_01k8z3deml0000000000000000"
_ACCOUNT = "acc_01k8z3dema0000000000000000"
_LENDERS = {
    "zh": (
        ("青禾银行", "青禾新车贷"),
        ("长桥消费金融", "长桥轻松分期"),
        ("九鼎演示银行", "安心车贷"),
    ),
    "en": (
        ("Greenfield Bank", "Greenfield New Car Loan"),
        ("Longbridge Credit Union", "Longbridge Easy Instalments, for members who keep an account"),
        ("Jiuding demonstration bank", "Steady Car Loan"),
    ),
}
_REJECTED = (
    ("offers.term_out_of_range", 1211),
    ("offers.purpose_not_served", 903),
    ("offers.rate_not_quotable", 412),
    ("offers.usable", 286),
    ("offers.amount_below_minimum", 53),
)


def asset(lang: str):
    """Return the currency of a language's sample."""
    return currency("CNY" if lang == "zh" else "AUD")


def _money(lang: str, text: str) -> Amount:
    return Amount.parse(text, asset(lang))


def _months(principal: Amount, rate: Decimal, term: int, instalment: Amount) -> list[PeriodView]:
    rows, balance = [], principal
    none = Amount(0, principal.asset)
    for number in range(1, term + 1):
        interest = Amount.round(balance.decimal * rate / 12, principal.asset)
        part = balance if number == term else instalment - interest
        balance = balance - part
        rows.append(PeriodView(number, part, interest, none, balance))
    return rows


def _plan(lang: str, place: int, kinds: tuple[str, ...], rate: str, term: int) -> PlanView:
    amount = _money(lang, "150000.00" if lang == "zh" else "30000.00")
    monthly = Decimal(rate) / 12
    factor = monthly / (1 - (1 + monthly) ** -term)
    instalment = Amount.round(amount.decimal * factor, amount.asset)
    months = _months(amount, Decimal(rate), term, instalment)
    interest = Amount(sum(row.interest.units for row in months), amount.asset)
    fee = Amount(0, amount.asset)
    lender, product = _LENDERS[lang][place]
    leg = LegView(
        lender, product, f"prd_sample_{place}", amount, term, Decimal(rate), Decimal(rate),
        instalment, fee, fee, ("Salary paid into an account of the lender",) if place else (),
        is_illustrative=place != 1,
    )  # fmt: skip
    size, periods = rules.by_period(months)
    return PlanView(
        _QUOTE, kinds, amount, amount + interest, interest, interest, fee, Decimal(rate),
        instalment, term, (leg,), Decimal(0), place == 0,
        periods=periods, period_months=size,
    )  # fmt: skip


def plans(lang: str) -> tuple[PlanView, ...]:
    """Return three plans."""
    made = (
        _plan(lang, 0, ("cheapest",), "0.0412", 36),
        _plan(lang, 1, ("lightest",), "0.0568", 60),
        _plan(lang, 2, ("surest",), "0.0498", 36),
    )
    least = made[0].total_cost
    made = tuple(
        replace(plan, gap=(plan.total_cost - least).decimal / plan.amount.decimal) for plan in made
    )
    return rules.with_reasons(made, _money(lang, "5000.00" if lang == "zh" else "950.00"))


def _chips(lang: str) -> tuple[ChipView, ...]:
    zh = lang == "zh"
    return (
        ChipView("purpose", "choice", "car", said="买车" if zh else "car",
                 options=("car", "home", "renovation", "education", "wedding", "working_capital")),
        ChipView("amount", "money", "150000" if zh else "30000",
                 _money(lang, "150000.00" if zh else "30000.00"),
                 said="15万" if zh else "30,000 dollars"),
        ChipView("term_months", "months", "36" if zh else "60",
                 said="分三年还" if zh else "over five years"),
        ChipView("monthly_max", "money", "5000" if zh else "950",
                 _money(lang, "5000.00" if zh else "950.00"),
                 said="月供别超过5000" if zh else "at most 950 a month"),
        ChipView("currency", "choice", "CNY" if zh else "AUD", options=("CNY", "AUD", "USD")),
    )  # fmt: skip


def why_not(lang: str) -> WhyNotView:
    """Return the first page of rejections."""
    rows = [
        RejectionView(f"{lender} {number}", product, rule, "")
        for number in range(1, 5)
        for (lender, product), (rule, _) in zip(_LENDERS[lang] * 2, _REJECTED, strict=False)
    ]
    total = sum(count for _, count in _REJECTED)
    return WhyNotView(_QUOTE, tuple(rows), _REJECTED, total, total, next_after=len(rows))


def turn(lang: str) -> TurnView:
    """Return an answer with three plans."""
    zh = lang == "zh"
    text = (
        "买车还差15万，分三年还，月供别超过5000"
        if zh
        else "I need 30,000 dollars for a car over five years, at most 950 a month"
    )
    return TurnView(
        "cvs_01k8z3demc0000000000000000", text, _chips(lang), (), plans=plans(lang),
        lang=lang, rejected_count=2865, quote_id=_QUOTE, expires_at=AT, product_count=2868,
        ms=183.4,
    )  # fmt: skip


def question(lang: str) -> TurnView:
    """Return a turn that asks for what is missing."""
    said = "多少钱、多久还清还没有说。" if lang == "zh" else "You have not said how much."
    missing = ChipView("amount", "money", "", Amount(0, asset(lang)), is_missing=True)
    chips = (_chips(lang)[0],)
    return replace(
        turn(lang),
        chips=chips,
        say=(said,),
        ask=(missing,),
        plans=(),
        rejected_count=0,
        quote_id=None,
    )


def read_back(lang: str) -> ReadBackView:
    """Return a plan said back."""
    return ReadBackView(
        plans(lang)[0], "car", f"accept:{_QUOTE}:cheapest", AT,
        has_passkey=True, library_version="3f9a1c", pin_hint="246810",
    )  # fmt: skip


_STEPS = (
    StepView("understand", 4.1),
    StepView("plan", 121.7),
    StepView("confirm", 38.2),
    StepView("profile", 6.4),
    StepView("decide", 3.3),
    StepView("agree", 9.8),
    StepView("fund", 11.2),
    StepView("commit", 4.9),
)


def granted(lang: str) -> ResultView:
    """Return a grant."""
    receipt = (
        ("loan", _LOAN),
        ("application", "app_01k8z3demt0000000000000000"),
        ("decision", "dec_01k8z3demd0000000000000000"),
        ("quote", _QUOTE),
    )
    return ResultView(
        "granted", plans(lang)[0], (_LOAN,), _ACCOUNT, steps=_STEPS, happened_at=AT, receipt=receipt
    )


def declined(lang: str) -> ResultView:
    """Return a decline with two reasons."""
    zh = lang == "zh"
    reasons = (
        ReasonView(
            "lending.unaffordable",
            "月供加上已有的还款，占核实收入的 61%，超过 55%。" if zh
            else "All debts would take 61% of your verified income; 50% is the limit.",
            "少借 2 万，或者把期限拉长到五年。" if zh else "Borrow 4,000 less, or take 7 years.",
        ),
        ReasonView(
            "lending.income_unverified",
            "账户流水里只有两个月的工资。" if zh else "Only two months of salary are on record.",
            "再有一个月的工资到账之后可以再问。" if zh else "Ask again after the next salary.",
        ),
    )  # fmt: skip
    return ResultView(
        "declined", plans(lang)[0], reasons=reasons, steps=_STEPS[:5], happened_at=AT,
        receipt=(("decision", "dec_01k8z3demd0000000000000000"), ("quote", _QUOTE)),
    )  # fmt: skip


def loan(lang: str) -> LoanView:
    """Return a running loan."""
    plan = plans(lang)[0]
    months = _months(plan.amount, plan.true_rate, plan.term_months, plan.instalment)
    rows = tuple(
        ScheduleRowView(
            row.number,
            add_months(date(2026, 11, 23), row.number),
            row.principal,
            row.interest,
            row.fees,
            row.total,
            row.balance,
            is_paid=row.number <= 2,
        )
        for row in months
    )
    leg = plan.legs[0]
    return LoanView(
        _LOAN, leg.lender, leg.product, "car", "active", plan.amount, rows[1].balance, leg.rate,
        plan.true_rate, plan.instalment, plan.total_cost, plan.term_months, AT, rows, plan.periods,
        _ACCOUNT,
    )  # fmt: skip


def account(lang: str) -> StatementView:
    """Return a statement with money in and out, a long text and a huge amount."""
    zh = lang == "zh"
    moves = (
        (
            "lending.disbursement",
            "150000.00" if zh else "30000.00",
            "",
        ),
        ("income.salary", "18600.00" if zh else "7150.00", ""),
        ("living.rent", "-5200.00" if zh else "-2340.00", ""),
        (
            "living.food",
            "-386.40",
            "盒马鲜生" if zh else "A shop with a name longer than its shelf",
        ),
        ("debt.repayment", "-4437.58" if zh else "-612.20", ""),
        ("living.bills", "-128.77", ""),
        ("income.salary", "18600.00" if zh else "7150.00", ""),
    )
    balance, rows = _money(lang, "181234567.89"), []
    for place, (code, text, what) in enumerate(moves):
        amount = _money(lang, text)
        day = date(2026, 11, 23 - 3 * place)
        rows.append(MoveView(f"trf_{place}", day, code, what, amount, balance))
        balance = balance - amount
    title = "活期账户" if zh else "Current account"
    return StatementView(
        _ACCOUNT, title, rows[0].balance, rows[0].balance, tuple(rows), next_after="trf_6"
    )


def customers(lang: str) -> tuple[CustomerView, ...]:
    """Return customers to choose from."""
    if lang == "zh":
        people = (
            ("林晓雨", "steady"),
            ("阿依古丽·买买提吐尔逊", "merchant"),
            ("陈建国", "indebted"),
        )
    else:
        people = (
            ("Grace Oduya", "steady"),
            ("Maximilian Featherstonehaugh-Cholmondeley", "merchant"),
            ("Tom Reyes", "indebted"),
        )
    return tuple(
        CustomerView(f"pty_{place}", name, story, "cn" if lang == "zh" else "au", 32 + 9 * place)
        for place, (name, story) in enumerate(people)
    )


def watch(lang: str) -> watches.WatchView:
    """Return the watch on that loan, which has found a better plan."""
    held = loan(lang)
    rate = Decimal("0.0311")
    legs = (watches.FoundLegView(held.lender, held.product, held.outstanding, rate),)
    units = {"saved": 1_204_18, "stay": 9_310_50, "switch": 8_106_32, "exit": 300_00}
    sums = {name: Amount(each, held.amount.asset) for name, each in units.items()}
    found = watches.FoundView(held.granted_at, **sums, term_months=24, legs=legs)
    return watches.WatchView(
        "wch_sample", "sample", held.granted_at, held.granted_at, "better", (found,)
    )


def notices(lang: str) -> tuple[watches.NoticeView, ...]:
    """Return what the customer is told of it."""
    found = watch(lang).found[0]
    return (watches.NoticeView("ln_sample", loan(lang).product, found.saved),)


def you(lang: str) -> YouView:
    """Return one account and no loan."""
    held = account(lang)
    return YouView((HoldingView(held.account_id, held.title, held.balance),), ())


def library(lang: str) -> LibraryView:
    """Return a page of the library."""
    rows = tuple(
        ProductView(
            f"prd_{n}",
            n,
            lender,
            product,
            "personal",
            asset(lang).code,
            None if n == 2 else Decimal("0.0412") + n * Decimal("0.005"),
            n == 0,
        )
        for n, (lender, product) in enumerate(_LENDERS[lang] * 2)
    )
    return LibraryView(
        rows, 2892, 127, 2892, "3f9a1c07d2", (("offers.rate_not_quotable", 412),),
        categories=(("mortgage", 1904), ("personal", 512), ("business", 476)), next_after=20,
    )  # fmt: skip


def books(lang: str) -> BooksView:
    """Return a trial balance."""
    amount = _money(lang, "150000.00")
    none = Amount(0, amount.asset)
    zh = lang == "zh"
    rows = (
        BookRowView(
            "loan_receivable", "应收贷款本金" if zh else "Loans", amount, none, amount
        ),
        BookRowView(
            "customer_deposit", "客户存款" if zh else "Deposits", none, amount, amount
        ),
    )  # fmt: skip
    table = BookTableView(
        amount.asset, (BookPartView("all", rows, none),), amount, amount, none, amount, True
    )
    return BooksView("trial", AT.date(), AT.date().replace(day=1), (table,), AT)


def problem() -> ProblemView:
    """Return a refusal."""
    return ProblemView("identity.pin_refused", 403, "", "", "7f3ac01b92de4410")
