"""Amounts: whole units of a named asset.

A currency, a fund share, a coupon and a point are all assets; an asset carries its scale, so that
1234 units of CNY (scale 2) read 12.34. Units fit in 64 bits. There are no floats here, no bare
integers and no implied currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from jiuding.base.problems import BadInput, ensure

UNITS_MAX = 2**63 - 1
SCALE_MAX = 12


class BadAmount(BadInput):
    """Refuse a text that is not an amount of the asset, or an amount that cannot be held."""

    code = "base.bad_amount"
    title = "This is not a valid amount"


@dataclass(frozen=True, slots=True)
class Asset:
    """A thing that can be counted: its code and how many decimal places its unit has."""

    code: str
    scale: int

    def __post_init__(self) -> None:
        ensure(0 <= self.scale <= SCALE_MAX, f"scale {self.scale} of {self.code}")


CURRENCIES: dict[str, Asset] = {
    code: Asset(code, scale)
    for code, scale in {
        "CNY": 2,
        "AUD": 2,
        "USD": 2,
        "EUR": 2,
        "GBP": 2,
        "HKD": 2,
        "JPY": 0,
    }.items()
}


def currency(code: str) -> Asset:
    """Return the asset of an ISO 4217 currency that we hold.

    Refuses: BadAmount for a currency that is not held here.
    """
    if code not in CURRENCIES:
        raise BadAmount(f"{code[:12]!r} is not a currency held here; held: {', '.join(CURRENCIES)}")
    return CURRENCIES[code]


@dataclass(frozen=True, slots=True, order=False)
class Amount:
    """Whole units of an asset; may be negative where a difference is meant."""

    units: int
    asset: Asset

    def __post_init__(self) -> None:
        if type(self.units) is not int or abs(self.units) > UNITS_MAX:
            raise BadAmount(f"{self.units!r} units of {self.asset.code} cannot be held")

    @classmethod
    def parse(cls, text: str | Decimal | int, asset: Asset) -> Amount:
        """Read decimal text such as "12.34".

        Refuses: BadAmount for anything else, or for more places than the asset has.
        """
        try:
            scaled = Decimal(str(text)).scaleb(asset.scale)
            whole = scaled.to_integral_exact() if scaled.is_finite() else None
        except (InvalidOperation, ValueError):
            whole = scaled = None
        if whole is None or whole != scaled or abs(whole) > UNITS_MAX:
            raise BadAmount(f"{str(text)[:40]!r} is not an amount of {asset.code}")
        return cls(int(whole), asset)

    @classmethod
    def round(cls, value: Decimal, asset: Asset, rounding: str = ROUND_HALF_EVEN) -> Amount:
        """Return the amount nearest to a decimal count of currency (12.345 CNY)."""
        return cls(int(value.scaleb(asset.scale).to_integral_value(rounding)), asset)

    @property
    def decimal(self) -> Decimal:
        """The amount as a decimal count of whole currency."""
        return Decimal(self.units).scaleb(-self.asset.scale)

    def text(self) -> str:
        """Return the plain decimal text that goes on the wire, such as "12.34"."""
        return f"{self.decimal:f}"

    def split(self, weights: Sequence[int]) -> tuple[Amount, ...]:
        """Split in proportion; the parts sum to the whole and early parts own the odd units.

        Weights are whole numbers, not all zero. Source: largest remainder, ties to the first.
        """
        total = sum(weights)
        ensure(total > 0 and min(weights) >= 0, "weights are whole numbers, not all zero")
        sign = -1 if self.units < 0 else 1
        shares = [divmod(abs(self.units) * weight, total) for weight in weights]
        odd = abs(self.units) - sum(quotient for quotient, _ in shares)
        by_remainder = sorted(range(len(shares)), key=lambda place: (-shares[place][1], place))
        lucky = set(by_remainder[:odd])
        return tuple(
            Amount(sign * (quotient + (place in lucky)), self.asset)
            for place, (quotient, _) in enumerate(shares)
        )

    def _same(self, other: Amount) -> int:
        ensure(self.asset == other.asset, f"{self.asset.code} met {other.asset.code}")
        return other.units

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.units + self._same(other), self.asset)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.units - self._same(other), self.asset)

    def __neg__(self) -> Amount:
        return Amount(-self.units, self.asset)

    def __lt__(self, other: Amount) -> bool:
        return self.units < self._same(other)

    def __le__(self, other: Amount) -> bool:
        return self.units <= self._same(other)

    def __gt__(self, other: Amount) -> bool:
        return self.units > self._same(other)

    def __ge__(self, other: Amount) -> bool:
        return self.units >= self._same(other)

    def __str__(self) -> str:
        return f"{self.text()} {self.asset.code}"


def total(amounts: Iterable[Amount], asset: Asset) -> Amount:
    """Return the sum of amounts of this asset; nothing sums to zero."""
    result = Amount(0, asset)
    for amount in amounts:
        result = result + amount
    return result
