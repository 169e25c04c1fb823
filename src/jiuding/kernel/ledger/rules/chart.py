"""The chart of accounts, read from its declaration; and balances on their normal side."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jiuding.base.amounts import Amount, Asset
from jiuding.kernel.ledger.errors import BadChart, BadLimits
from jiuding.kernel.ledger.rules.marking import is_use
from jiuding.kernel.ledger.types import AccountClass, AccountKind, Balance, Limits

KIND_COUNT_MAX = 500

_NAME = re.compile(r"^[a-z][a-z0-9_]{1,62}$")
_FIELDS = {"class", "zh", "en", "is_limited"}
_OPTIONAL = {"use", "is_traced"}


def read_chart(declared: Mapping[str, Any]) -> dict[str, AccountKind]:
    """Return the kinds of account by name.

    Refuses: BadChart for a name, class or field that cannot be, or more kinds than the limit.
    """
    if not 0 < len(declared) <= KIND_COUNT_MAX:
        raise BadChart(f"{len(declared)} kinds; 1 to {KIND_COUNT_MAX} can be used")
    return {name: _kind(name, terms) for name, terms in declared.items()}


def _kind(name: str, terms: Any) -> AccountKind:
    if not isinstance(terms, Mapping) or not _NAME.match(name) or set(terms) - _OPTIONAL != _FIELDS:
        raise BadChart(f"{name[:64]} must state exactly {', '.join(sorted(_FIELDS))}")
    if terms["class"] not in list(AccountClass) or type(terms["is_limited"]) is not bool:
        raise BadChart(f"{name}: class is one of {', '.join(AccountClass)}; is_limited a truth")
    account_class, use = AccountClass(terms["class"]), terms.get("use")
    if use is not None and not (isinstance(use, str) and is_use(use)):
        raise BadChart(f"{name}: a use is one word in small letters")
    if terms.get("is_traced", False) not in (False, account_class is AccountClass.LIABILITY):
        raise BadChart(f"{name}: marks stay only on what is owed to owners: liabilities")
    return AccountKind(
        name, account_class, terms["zh"], terms["en"], terms["is_limited"], use,
        bool(terms.get("is_traced", False)),
    )  # fmt: skip


def default_limits(kind: AccountKind, asset: Asset) -> Limits:
    """Return the limits of an account that was opened without any: never below zero, or none."""
    return Limits(overdraft_max=Amount(0, asset) if kind.is_limited else None)


def check_limits(limits: Limits, kind: AccountKind, asset: Asset) -> None:
    """Check that an account of this kind can have these limits.

    Refuses: BadLimits.
    """
    values = (
        limits.overdraft_max,
        limits.balance_max,
        limits.outflow_per_day_max,
        limits.outflow_per_year_max,
    )
    for value in values:
        if value is not None and (value.asset != asset or value.units < 0):
            raise BadLimits(f"a limit is zero or more of {asset.code}, not {value}")
    counts_outflow = limits.outflow_per_day_max or limits.outflow_per_year_max
    if counts_outflow and kind.account_class.is_debit_normal:
        raise BadLimits("outflow by day or year is limited on liabilities, equity and income only")


def check_room(limits: Limits, balance: Balance) -> None:
    """Check that an account is within these limits as it stands.

    Refuses: BadLimits.
    """
    low, high = limits.overdraft_max, limits.balance_max
    if low is not None and (balance.posted - balance.held_out + low).units < 0:
        raise BadLimits(f"the account is below that already: {balance.posted}")
    if high is not None and balance.posted + balance.held_in > high:
        raise BadLimits(f"the account holds more than that already: {balance.posted}")


def normal(units: int, is_debit_normal: bool) -> int:
    """Return credits less debits as a balance on the account's normal side."""
    return -units if is_debit_normal else units
