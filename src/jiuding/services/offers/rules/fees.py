"""Read fees: what they are for, when they are due, and whether every borrower pays them.

The rule, in one place. A fee is read by its name first and its words second:

1. **Never counted**: what happens only if something happens or is asked for (late, default, top-up,
   construction, bridging, guarantee, split, switch, redraw, rate lock, extra valuation, searches,
   statements, cheques, transfers, cards). It stays in the product with its condition.
2. **Up front**: UPFRONT fees with an amount, or a fraction of the loan, that rule 1 does not name;
   and EVENT fees that no borrower can avoid by their name: establishment, application, settlement,
   documents, processing, administration of a new loan.
3. **Monthly or yearly**: PERIODIC fees, at their stated period (P1M, P1Y, "Monthly"), else the one
   in their name or words; and package or annual fees of any type. A plan counts a yearly fee as a
   twelfth a month.
4. **Conditional**: registering a security is charged with a secured personal loan; a fee "for
   fixed rate loans", "for investment", "above 80 % LVR", "with offset" or "for the X package" only
   with a rate of that kind; one "waived under the package" is not charged where the product or the
   rate is that package, one "waived for loans over $150,000" not for such a loan.
5. **Alternatives**: of several establishment fees (home loan, personal loan), application fees or
   package fees one is charged: the one whose name shares most with the product's, then the
   largest. A fee that is listed twice is charged once.
6. **Discharge** of a mortgage is paid once, at the end of the term: a comparison rate counts the
   largest, in the last month; a plan shows it beside its instalments. Other loans owe it only when
   they end early.
7. **A package or its parts**: where a product has a package fee and a monthly fee of its own, only
   one of them is charged: the package's, where the product or the rate is named for it, and then
   the fees for setting up the loan are part of it.

No published comparison rate is seen here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from jiuding.kernel.products import (
    Category,
    Fee,
    FeeTiming,
    LoanProduct,
    RateKind,
    RateTerm,
    TierUnit,
)
from jiuding.services.offers.rules.reading import clean, items, read_months, read_number

ZERO = Decimal(0)
FRACTION_MAX = Decimal("0.1")  # a fee above a tenth of the loan is not a fraction of the loan
MONTHLY_MAX = Decimal(45)  # a periodic fee above this, with no period stated, is a yearly one

# Rule 1: names of what a borrower may never meet, each with the kind it becomes.
_OPTIONAL: tuple[tuple[str, str], ...] = (
    ("discharge", r"discharg|release of (?:security|mortgage)|(?:mortgage|security) release"),
    ("discharge", r"loan finalisation|fees - release"),
    ("late", r"\blate\b|overdue|arrear|default|dishono|missed|collection|demand|enforce|notice to"),
    ("construction", r"construct|progress|building loan|owner.?builder|draw(?:ing|down)\b"),
    ("bridging", r"bridging|relocation|go-between"),
    ("top_up", r"top.?up|increase|existing|further|additional(?! borrower)|second mortgage|extra"),
    ("guarantee", r"guarant|suret(?:y|ies)|letter of offer amend"),
    ("switch", r"\bport(?:ing|ability|able)\b|novat|assumption|subordinat|postpone|priority"),
    ("switch", r"security (?:swap|exchange|replace|release)|partial release|deed of"),
    ("split", r"\bsplit"),
    ("switch", r"(?<!processing and )switch|variation|restruct|substitut|conver|reneg|refix"),
    ("switch", r"roll.?over|refinanc"),
    ("switch", r"change of|variable to fixed|fixed to variable|recontract|recalcul|rework|capital"),
    ("rate_lock", r"\block"),
    ("redraw", r"re-?draw"),
    ("redocument", r"re-?issue|re-?doc|reprint|reprep|duplicate|cop(?:y|ies)|reschedul|re-?print"),
    ("entity", r"trust|company|\basic\b|caveat|self.?employ|owner occupier conversion"),
    (
        "payment",
        r"cheque|chq|rtgs|transfer|telegraph|\bnpp\b|direct debit|stop payment|voucher|\batm\b",
    ),
    ("statement", r"statement|paper|transaction list|interest cert|audit|balance enq|confirm"),
    ("security", r"ppsr.*regist|^ppsr fee|^(?:vehicle |vsr |personal property ).*(?:regist|admin)"),
    ("security", r"(?:registration|processing) fee \(security\)|ppsr security interest"),
    ("search", r"search|\bcitec|ppsr|\bregist|lodg|stamp|government|consent|produc\w+|title"),
    ("early", r"break|prepay|\bearly|\bexit|terminat|deferred|cancel|admin\w* \(?fixed"),
    ("custody", r"custody|dormant|unclaimed|locker|insur|\blmi\b|reserve|dispute|card|overdrawn"),
    ("rush", r"urgent|rebook|express (?:fee|post|deliv)|special clearance|short notice"),
    ("rush", r"after hours|call fee|phone|\bsms\b|site visit|travel|inspection|attendance"),
    ("late", r"recover(?:y|ies)\b|reposs|failed|return(?:ed)? (?:pay|item|cheque)|reject|remind"),
    ("late", r"excess fee|over.?limit|over.?draw|bankrupt|deceased|garnishee|subpoena"),
    ("payment", r"over the counter|branch repay|foreign|international|overseas|tracing|recall"),
    ("redocument", r"replacement|retriev|certif|witness|translat|amend"),
    ("valuation", r"(?<!legal & )valuat|apprais|\bavm\b"),
)
# Rules 2 and 3: names of what every borrower pays.
_CERTAIN: tuple[tuple[str, str], ...] = (
    ("package", r"package"),
    ("account_keeping", r"annual|yearly|month|mthly|account.?(?:keep|service|fee)|maint|ongoing"),
    ("account_keeping", r"service fee|loan service|facility fee|per month|administration fee -"),
    ("establishment", r"estab|set.?up|origination|advance fee|approval|up.?front fee|funding fee"),
    ("establishment", r"loan fee|arrangement|commencement|inception|initial fee|drawing fee"),
    ("establishment", r"^(?:new )?(?:credit|lending|lender'?s?|origination|start.?up) fee"),
    ("application", r"applic|app ?fee"),
    ("settlement", r"settle"),
    ("processing", r"processing"),
    ("documents", r"document|\bdoc\b|legal|solicitor|mortgage prep"),
    ("administration", r"admin"),
)
_OPTIONAL_NAMES = tuple((kind, re.compile(pattern)) for kind, pattern in _OPTIONAL)
_CERTAIN_NAMES = tuple((kind, re.compile(pattern)) for kind, pattern in _CERTAIN)
# An EVENT fee of these kinds meets every new loan; of the others, only whoever causes the event.
_UNAVOIDABLE = frozenset({"establishment", "application", "settlement", "documents", "package"})
_UNAVOIDABLE |= frozenset({"account_keeping", "administration", "processing"})
_UNAVOIDABLE_EVENT = re.compile(
    r"^(?:home|housing|mortgage|personal|vehicle|car|auto|secured|unsecured|loan|lending|standard|annual|monthly|new|\W|\d)*"
    r"(?:estab|applic|settle|document(?:ation)? (?:prep|process)|package|loan admin|legal fee"
    r"|process|admin\w*\s*(?:fee)?$|service fee|maint|account|fee|solicitors and mortgage"
    r"|set.?up|originat|arrangement|commencement|inception|initial fee|credit fee|lend\w* fee)"
)
_IF = re.compile(
    r"\bif (?:you|your|a |an |we|there|applic|requir|needed|using)"
    r"|\bonly (?:payable|charged|when|if)|may be (?:charged|payable)"
    r"|when(?:ever)? (?:you|requir|increasing|a valuation)"
    r"|\belect\b|at your request|on request|each (?:additional|time you)"
    r"|payable when(?:ever)? we|where required|increas|cancell|not proceed|in excess of",
)
_LOW_DEPOSIT = re.compile(r"(?:excess of|above|over|>|greater than)(?: or equal to)?\s*[89]\d\s*%")
_LARGE_WAIVER = re.compile(
    r"waived (?:for|on) (?:\w+ )?loans? (?:greater than|over|above|of|from|more than)\D{0,25}"
    r"\$(\d{1,3}),(\d{3})?"
)
_EARLY = re.compile(r"partial|within|after \d|\bearly|before the end|in excess")
_WAIVED = re.compile(
    r"currently waived|\bfee is waived\b(?! (?:for|if|when|on|where|under|by|in))"
    r"|^waived\.?$|no longer charged"
)
_WAIVED_UNDER = re.compile(
    r"waived (?:on|under|for|with|in|as part of)(?: the| our)? ([\w+ ]{0,40}?)\s*(?:package|pack\b)"
)
_USUAL_MONTHS = (1, 2, 3, 4, 6, 12)
_ACCRUALS = {"M": "P1M", "P1M": "P1M", "Y": "P1Y", "P1Y": "P1Y", "P12M": "P1Y"}
# What sounds like a condition and meets every borrower whose loan goes ahead.
_ANYWAY = re.compile(
    r"(?:only )?(?:payable |charged )?(?:if|when|once) (?:your|the|a|an)?\s*(?:new )?(?:\w+ )?"
    r"loan (?:is|has been) (?:funded|approved|settled|drawn|established|granted)"
    r"|(?:if|when) (?:your|the) (?:application|loan) (?:is )?(?:successful|proceeds)"
)
_YEARLY = re.compile(r"annual|year|per annum|\bp\.?a\b|anniversary")
_MONTHLY = re.compile(r"month|mthly|\bp\.?m\b")
_QUARTERLY = re.compile(r"quarter")
_ONCE = re.compile(r"establishing|one.?off|once.?off|once only")
_NOISE = frozenset({"fee", "fees", "loan", "loans", "home", "mortgage", "rate", "new"}) | frozenset(
    {"the", "for", "of", "and", "a", "an"}
)


def read_fees(entries: Iterable[Any]) -> tuple[Fee, ...]:
    """Return the fees of a product's `fees` list, in order; the unreadable stay, as uncertain."""
    return tuple(_fee(entry) for entry in entries)


def _fee(entry: Any) -> Fee:
    """Return one fee of a CDR product."""
    if not isinstance(entry, dict):
        return Fee(clean(str(entry), 100), FeeTiming.EVENT, None, is_certain=False, kind="unread")
    label = clean(entry.get("feeType"), 40).upper()
    value = clean(entry.get("additionalValue"), 160)
    accrual = _ACCRUALS.get(clean(entry.get("accrualFrequency"), 20).upper(), "")
    if label == "PERIODIC" and accrual and read_months(value) not in _USUAL_MONTHS:
        value = accrual
    elif label == "PAYMENT" and accrual:
        label, value = "EVENT", accrual  # a fee that accrues by the month or year is no payment's
    fee = _read(
        clean(entry.get("name"), 120),
        label,
        value,
        clean(entry.get("additionalInfo"), 300),
        read_number(entry.get("amount")),
        _fraction(entry),
    )
    discounts = [_discount(item) for item in items(entry, "discounts") if isinstance(item, dict)]
    if not discounts:
        return fee
    return replace(fee, condition="; ".join(part for part in (fee.condition, *discounts) if part))


def _discount(item: dict[str, Any]) -> str:
    """Return a discount on a fee in words; a plan never counts on one."""
    amount = clean(str(item.get("amount") or ""), 20)
    return f"discount {amount}: {clean(item.get('description'), 120)}".replace(" :", ":")


@lru_cache(maxsize=50_000)
def _read(
    name: str, label: str, value: str, words: str, amount: Decimal | None, fraction: Decimal | None
) -> Fee:
    """Return a fee by its texts; lenders repeat theirs in every product, so each is read once."""
    condition = " ".join(part for part in (value if not read_months(value) else "", words) if part)
    fee = Fee(name, FeeTiming.EVENT, amount, fraction, condition=condition)
    return classify(fee, label, value)


def _fraction(entry: dict[str, Any]) -> Decimal | None:
    """Return the fraction of the loan that a fee is, or None."""
    for key in ("balanceRate", "transactionRate"):
        rate = read_number(entry.get(key))
        if rate is not None and 0 < rate <= FRACTION_MAX:
            return rate
    return None


def classify(fee: Fee, label: str, value: str = "") -> Fee:
    """Return the fee with its kind, timing, period, certainty and conditions by the rules above.

    `label` is the CDR fee type, `value` what its additionalValue says.
    """
    name = fee.name.lower().replace("_", " ")
    words = _ANYWAY.sub("", f"{fee.condition} {value}".lower())
    kind, is_named_optional = _kind(name)
    if kind == "discharge" or label == "EXIT":
        is_early = bool(_EARLY.search(f"{name} {words}")) or kind != "discharge"
        timing = FeeTiming.EVENT if is_early else FeeTiming.DISCHARGE
        is_certain = not is_early and fee.amount is not None
        return replace(fee, kind=kind or "early", timing=timing, is_certain=is_certain)
    period = _period(label, kind, name, value.lower(), words)
    timing = FeeTiming.MONTHLY if period else FeeTiming.UPFRONT
    only_if, waived_if = _conditions(name, words)
    if kind == "security":
        is_named_optional, only_if = False, "secured"
    is_charged = fee.amount is not None or fee.fraction is not None
    is_certain = is_charged and not is_named_optional and not _WAIVED.search(words)
    if label not in ("UPFRONT", "PERIODIC"):
        is_met = kind in _UNAVOIDABLE and bool(_UNAVOIDABLE_EVENT.match(name))
        is_certain = (
            is_certain and label in ("EVENT", "VARIABLE") and (is_met or kind == "security")
        )
        timing = timing if is_certain else FeeTiming.EVENT
    if is_certain and not only_if and _IF.search(words):
        is_certain = kind in _SETTING_UP and "increas" not in words
        if kind == "package":
            only_if = only_if or "package:"
            is_certain = True
    if label == "PERIODIC" and period is None:
        period = 1 if (fee.amount or ZERO) <= MONTHLY_MAX else 12
        timing = FeeTiming.MONTHLY
    if period == 12 and timing is FeeTiming.MONTHLY:
        timing = FeeTiming.YEARLY
    return replace(
        fee,
        kind=kind or "other",
        timing=timing,
        every_months=period,
        is_certain=is_certain,
        only_if=only_if,
        waived_if=waived_if,
    )


def _kind(name: str) -> tuple[str, bool]:
    """Return what a fee is for, by its name, and whether that is optional."""
    for kind, pattern in _OPTIONAL_NAMES:
        if pattern.search(name):
            return kind, True
    for kind, pattern in _CERTAIN_NAMES:
        if pattern.search(name):
            return kind, False
    return "", False


def _period(label: str, kind: str, name: str, value: str, words: str) -> int | None:
    """Return the months between two charges of a fee, or None for one that is paid once."""
    months = read_months(value)
    is_periodic = label == "PERIODIC" or kind in ("package", "account_keeping")
    is_periodic = is_periodic or (kind == "administration" and months is not None)
    if not is_periodic or (label != "PERIODIC" and _ONCE.search(words)):
        return None
    if months:
        return months
    for text in (value, name, words):
        if _MONTHLY.search(text):
            return 1
        if _YEARLY.search(text):
            return 12
        if _QUARTERLY.search(text):
            return 3
    return 12 if kind == "package" else None


def _conditions(name: str, words: str) -> tuple[str, str]:
    """Return the states in which a fee is charged and waived, as far as its text is clear."""
    only_if = waived_if = ""
    if "offset" in name:
        only_if = "offset"
    elif re.search(r"fixed", name):
        only_if = "fixed"
    elif re.search(r"\binv(?:est\w*|loan)?\b|\binvloan", name):
        only_if = "investment"
    elif _LOW_DEPOSIT.search(f"{name} {words}"):
        only_if = "low_deposit"
    elif found := re.search(r"- ([\w+ ]+?) only\b", name):
        only_if = f"package:{found.group(1).strip()}"
    if large := _LARGE_WAIVER.search(words):
        waived_if = f"amount:{large.group(1)}{large.group(2) or '000'}"
    elif waiver := _WAIVED_UNDER.search(words):
        waived_if = f"package:{waiver.group(1).strip()}"
    return only_if, waived_if


_ONE_OF = frozenset({"establishment", "application", "package", "discharge"})
_SETTING_UP = frozenset({"establishment", "application", "processing"})


def charged_fees(
    product: LoanProduct, rate: RateTerm | None = None, amount: Decimal | int = 0
) -> tuple[Fee, ...]:
    """Return the fees that every borrower of this product at this rate pays (rules 2 to 7).

    `amount` is the loan, for a fee that is waived from some amount on; 0 where it is not known.
    """
    listed = {(fee.name, fee.timing, fee.amount, fee.fraction): fee for fee in product.fees}
    charged = [
        fee
        for fee in listed.values()
        if fee.is_certain
        and (fee.timing is not FeeTiming.DISCHARGE or product.category is Category.MORTGAGE)
    ]
    if rate is None:
        charged = [fee for fee in charged if not fee.only_if]
    else:
        text = f"{product.name} {rate.note}".lower()
        charged = [
            fee
            for fee in charged
            if (not fee.only_if or _holds(fee.only_if, product, rate, text, amount))
            and not (fee.waived_if and _holds(fee.waived_if, product, rate, text, amount))
        ]
    return tuple(_package_or_parts(product, rate, _one_of_each(product, charged)))


def _holds(
    state: str, product: LoanProduct, rate: RateTerm, text: str, amount: Decimal | int
) -> bool:
    """Tell whether a rate is in the state that a fee names."""
    match state.partition(":")[0]:
        case "offset":
            return "offset" in text and "no offset" not in text and "without offset" not in text
        case "amount":
            return amount >= int(state.partition(":")[2])
        case "secured":
            return product.category is Category.PERSONAL and _is_secured(product, text)
        case "fixed":
            return rate.kind is RateKind.FIXED
        case "investment":
            return rate.occupancy == "investment"
        case "low_deposit":
            return any(
                tier.unit is TierUnit.LOAN_TO_VALUE and (tier.minimum or ZERO) >= 80
                for tier in rate.tiers
            )
        case "package":
            return (state.partition(":")[2] or "package") in text
    return False


def _is_secured(product: LoanProduct, text: str) -> bool:
    """Tell whether a personal loan is secured, by its collateral or its words."""
    return "unsecured" not in text and (bool(product.collateral) or "secured" in text)


def _package_or_parts(product: LoanProduct, rate: RateTerm | None, fees: list[Fee]) -> list[Fee]:
    """Keep either the package's fee or the loan's own fees, where a product has both.

    A package that a borrower may choose stands in for the monthly fee and for setting up the loan.

    The package is what its name, its rate or its description calls a package; elsewhere a package
    fee beside a monthly fee is a choice that the borrower need not make.
    """
    packages = [fee for fee in fees if fee.kind == "package"]
    parts = [fee for fee in fees if fee.kind in ("account_keeping", "administration")]
    parts = [fee for fee in parts if fee.timing is FeeTiming.MONTHLY]
    setting_up = [fee for fee in fees if fee.kind in _SETTING_UP]
    if not packages or not parts:
        return fees
    text = f"{product.name} {rate.note if rate else ''}".lower()
    words = set(re.findall(r"[a-z]{4,}", packages[0].name.lower().replace("_", " ")))
    is_package = any(word in text for word in words - _NOISE - {"annual", "only"})
    return [fee for fee in fees if fee not in ([*parts, *setting_up] if is_package else packages)]


def _one_of_each(product: LoanProduct, fees: Sequence[Fee]) -> list[Fee]:
    """Keep one fee of each kind of which a borrower pays one, in their order."""
    chosen: dict[str, Fee] = {}
    for fee in fees:
        if fee.kind not in _ONE_OF:
            continue
        best = chosen.get(fee.kind)
        if best is None or _fitness(fee, product) > _fitness(best, product):
            chosen[fee.kind] = fee
    return [fee for fee in fees if fee.kind not in chosen or chosen[fee.kind] is fee]


def _fitness(fee: Fee, product: LoanProduct) -> tuple[int, Decimal]:
    """Return how well a fee's name fits a product, then its amount."""
    words = set(re.findall(r"[a-z]+", fee.name.lower().replace("_", " ")))
    name = set(re.findall(r"[a-z]+", product.name.lower()))
    score = len((words & name) - _NOISE)
    other = {"personal", "car", "vehicle", "business", "commercial", "overdraft", "credit"}
    if product.category is Category.MORTGAGE:
        score += bool(words & {"home", "mortgage", "housing"}) - 2 * bool(words & other)
    elif product.category is Category.PERSONAL:
        score += bool(words & {"personal"}) - 2 * bool(words & {"home", "mortgage", "business"})
    return score, fee.amount or ZERO


def plan_fees(
    product: LoanProduct, rate: RateTerm | None = None
) -> tuple[Decimal, Decimal, Decimal]:
    """Return the certain fees of a plan: upfront, upfront fraction of the loan, and monthly.

    Given the rate, the fees that its kind brings or waives are counted too. A negative fee is not
    a gift: it counts as nothing.
    """
    upfront = fraction = monthly = ZERO
    for fee in charged_fees(product, rate):
        amount = max(fee.amount or ZERO, ZERO)
        if fee.timing is FeeTiming.UPFRONT:
            upfront += amount
            fraction += max(fee.fraction or ZERO, ZERO)
        elif fee.timing in (FeeTiming.MONTHLY, FeeTiming.YEARLY):
            monthly += amount / (fee.every_months or 1)
    return upfront, fraction, monthly
