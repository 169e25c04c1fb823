"""Being built."""

from jiuding.kernel.products.types import (
    Cashflow,
    Category,
    Eligibility,
    Fee,
    FeeTiming,
    Instalment,
    LoanProduct,
    RateKind,
    RateTerm,
    Repayment,
    Tier,
    TierUnit,
)

__all__ = [
    "Cashflow",
    "Category",
    "Eligibility",
    "Fee",
    "FeeTiming",
    "Instalment",
    "LoanProduct",
    "RateKind",
    "RateTerm",
    "Repayment",
    "Tier",
    "TierUnit",
]
