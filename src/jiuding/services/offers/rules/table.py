"""Read products from a table (CSV): one row a rate; rows of one product stand together.

A row becomes a record of the published form, so that a table is read, refused and quarantined by
the same rules as any other library. Columns: `product_id`, `lender`, `name`, `category`
(personal, mortgage, business, …), `currency`, `rate` (a fraction a year), and where they apply
`kind` (fixed, variable), `fixed_months`, `repayment`, `amount_min`, `amount_max`, `fee_upfront`,
`fee_monthly`, `age_min`, `age_max`, `loan_to_value_max`, `condition`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from jiuding.services.offers.errors import BrokenLine
from jiuding.services.offers.rules.cdr import CATEGORIES

NEEDED = ("product_id", "lender", "name", "category", "currency", "rate")
COLUMNS = frozenset(
    {*NEEDED, "kind", "fixed_months", "repayment", "amount_min", "amount_max", "fee_upfront"}
    | {"fee_monthly", "age_min", "age_max", "loan_to_value_max", "condition"}
)
_CATEGORY_LABELS = {category.value: label for label, category in CATEGORIES.items()}
_CONSTRAINTS = {"amount_min": "MIN_LIMIT", "amount_max": "MAX_LIMIT"}
_FEES = {"fee_upfront": ("UPFRONT", ""), "fee_monthly": ("PERIODIC", "P1M")}


def table_records(lines: Iterable[str]) -> Iterator[tuple[int, Any]]:
    """Yield (line, record) of a table; what cannot be read is yielded as BrokenLine.

    Rows that follow one another with the same lender and product id are rates of one product.
    """
    reader = csv.DictReader(lines, restkey="", strict=True)
    current: tuple[int, dict[str, Any]] | None = None
    try:
        missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
        strange = [name for name in reader.fieldnames or () if name not in COLUMNS]
        if missing or strange:
            wrong = f"columns missing: {missing}; unknown: {strange}"
            yield 1, BrokenLine(wrong[:300])
            return
        for row in reader:
            record = _record(row)
            if isinstance(record, BrokenLine):
                yield reader.line_num, record
            elif current and _key(current[1]) == _key(record):
                current[1]["lendingRates"] += record["lendingRates"]
            else:
                if current:
                    yield current
                current = reader.line_num, record
    except csv.Error as error:
        yield reader.line_num, BrokenLine(f"not a table: {error}")
    if current:
        yield current


def _key(record: dict[str, Any]) -> tuple[str, str]:
    """Return what rows of one product share."""
    return record["brand"], record["productId"]


def _record(row: dict[str, Any]) -> dict[str, Any] | BrokenLine:
    """Return a row as a record of the published form."""
    if row.get("") or None in row.values():
        return BrokenLine("a row has more or fewer cells than the table has columns")
    cells = {name: value.strip() for name, value in row.items()}
    label = _CATEGORY_LABELS.get(cells["category"].lower(), cells["category"])
    months = cells.get("fixed_months", "")
    kind = cells.get("kind", "") or ("fixed" if months else "variable")
    rate = {
        "lendingRateType": kind.upper(),
        "rate": cells["rate"] or None,
        "repaymentType": (cells.get("repayment", "") or "principal_and_interest").upper(),
        "additionalValue": f"P{months}M" if months else "",
    }
    ages = [("MIN_AGE", cells.get("age_min")), ("MAX_AGE", cells.get("age_max"))]
    words = [cells.get("condition", "")]
    if share := cells.get("loan_to_value_max"):
        words.append(f"maximum LVR {share}%")
    return {
        "productId": cells["product_id"],
        "brand": cells["lender"],
        "name": cells["name"],
        "productCategory": label,
        "currency": cells["currency"],
        "lendingRates": [rate],
        "constraints": [
            {"constraintType": label, "additionalValue": cells[name]}
            for name, label in _CONSTRAINTS.items()
            if cells.get(name)
        ],
        "fees": [
            {"name": name, "feeType": label, "amount": cells[name], "additionalValue": period}
            for name, (label, period) in _FEES.items()
            if cells.get(name)
        ],
        "eligibility": [
            *({"eligibilityType": label, "additionalValue": age} for label, age in ages if age),
            *({"eligibilityType": "OTHER", "additionalInfo": text} for text in words if text),
        ],
    }
