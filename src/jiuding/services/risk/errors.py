"""Refusals of risk."""

from __future__ import annotations

from jiuding.base.problems import BadInput, Problem


class BadPayment(BadInput):
    """Refuse a payment line that lacks a part or holds one of another kind."""

    code = "risk.bad_payment"
    title = "The card payment cannot be read"


class OutOfOrder(Problem):
    """Refuse a payment earlier than one already judged, or too far ahead of the clock."""

    code = "risk.out_of_order"
    status = 409
    title = "Payments come in time order"


class PaymentRepeated(Problem):
    """Refuse a payment whose id was judged already: its first answer stands."""

    code = "risk.payment_repeated"
    status = 409
    title = "This payment was judged already"


class BadData(BadInput):
    """Refuse training data that is not there or not in the declared form."""

    code = "risk.bad_data"
    title = "The data cannot be used"
