"""Products: what lenders promise, and the arithmetic of promises.

It holds the nouns that every lender's loan is stated in (product, rate, tier, fee, eligibility),
schedules in whole units, true annual rates under each jurisdiction's formula, the jurisdictions'
rules as data, and the agreements that customers make.

Words: a *product* is what a lender publishes; its *version* is the hash of its content; an
*agreement* pins a version and promises *instalments*; a *pack* is one jurisdiction's rules; a
*breach* is a rule that a quote does not meet; a *true rate* is 12 x the monthly internal rate.

Always true: a schedule's principal adds up to the loan exactly; a rate is the same from the
lender's and the borrower's side; the same content has the same version; an agreement and its rows
never change; a rule whose number is not verified never refuses, it asks for a person.

It does not rank products, decide on credit, move money, or know what has been repaid: those are
offers, decisions, the ledger and lending.
"""

from jiuding.kernel.products.errors import (
    AgreementConflict,
    AgreementNotFound,
    BadPack,
    BadRateRequest,
    BadScheduleCase,
    BadTerms,
    UnknownJurisdiction,
)
from jiuding.kernel.products.operations import (
    agree,
    keep_version,
    read_agreement,
    read_product,
    read_product_content,
    true_rate,
)
from jiuding.kernel.products.rules.packs import breaches, forbidden_purposes, pack_from
from jiuding.kernel.products.rules.rates import (
    TimedFlow,
    au_comparison,
    cn_irr,
    eu_apr,
    from_daily,
    from_flat,
    from_monthly,
    rate_per_period,
    uk_apr,
    us_reg_z,
    xirr,
)
from jiuding.kernel.products.rules.schedules import (
    annuity,
    equal_payment,
    schedule,
    schedule_of,
    year_fraction,
)
from jiuding.kernel.products.rules.unit_periods import UnitPeriod, parse_unit_period
from jiuding.kernel.products.rules.versions import (
    canonical_of,
    content_of,
    pinned,
    product_of,
    seal,
    short_version,
    version_of,
)
from jiuding.kernel.products.store import read_packs
from jiuding.kernel.products.types import (
    Agreement,
    Breach,
    Cashflow,
    Category,
    Confidence,
    Eligibility,
    Fee,
    FeeTiming,
    Instalment,
    LoanProduct,
    Pack,
    QuoteFacts,
    RateKind,
    RateTerm,
    Repayment,
    Rule,
    Terms,
    Tier,
    TierUnit,
)

__all__ = [
    "Agreement",
    "AgreementConflict",
    "AgreementNotFound",
    "BadPack",
    "BadRateRequest",
    "BadScheduleCase",
    "BadTerms",
    "Breach",
    "Cashflow",
    "Category",
    "Confidence",
    "Eligibility",
    "Fee",
    "FeeTiming",
    "Instalment",
    "LoanProduct",
    "Pack",
    "QuoteFacts",
    "RateKind",
    "RateTerm",
    "Repayment",
    "Rule",
    "Terms",
    "Tier",
    "TierUnit",
    "TimedFlow",
    "UnitPeriod",
    "UnknownJurisdiction",
    "agree",
    "annuity",
    "au_comparison",
    "breaches",
    "canonical_of",
    "cn_irr",
    "content_of",
    "equal_payment",
    "eu_apr",
    "forbidden_purposes",
    "from_daily",
    "from_flat",
    "from_monthly",
    "keep_version",
    "pack_from",
    "parse_unit_period",
    "pinned",
    "product_of",
    "rate_per_period",
    "read_agreement",
    "read_packs",
    "read_product",
    "read_product_content",
    "schedule",
    "schedule_of",
    "seal",
    "short_version",
    "true_rate",
    "uk_apr",
    "us_reg_z",
    "version_of",
    "xirr",
    "year_fraction",
]
