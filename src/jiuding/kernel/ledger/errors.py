"""Refusals of the ledger."""

from __future__ import annotations

from jiuding.base.problems import Problem


class BatchTooLarge(Problem):
    """Refuse a batch of more than the stated number of instructions."""

    code = "ledger.batch_too_large"
    status = 422
    title = "The batch holds too many instructions"


class BadInstruction(Problem):
    """Refuse an instruction whose code, id or about is not one."""

    code = "ledger.bad_instruction"
    status = 422
    title = "The instruction has the wrong shape"


class BadCursor(Problem):
    """Refuse a cursor that no page gave."""

    code = "ledger.bad_cursor"
    status = 422
    title = "This is not a statement's cursor"


class BadLimits(Problem):
    """Refuse limits in another asset, below zero, or on an account that cannot have them."""

    code = "ledger.bad_limits"
    status = 422
    title = "The account cannot have these limits"


class BadChart(Problem):
    """Refuse a chart of accounts that cannot be read."""

    code = "ledger.bad_chart"
    status = 422
    title = "The chart of accounts cannot be used"


class KindUnknown(Problem):
    """Refuse a kind that the chart of accounts does not have."""

    code = "ledger.kind_unknown"
    status = 422
    title = "The chart of accounts has no such kind"


class GradeUnknown(Problem):
    """Refuse a grade that is not declared, or not for this kind of account or its asset."""

    code = "ledger.grade_unknown"
    status = 422
    title = "There is no such grade for this account"


class AssetScaleFixed(Problem):
    """Refuse an asset with another scale than the bank uses for it."""

    code = "ledger.asset_scale_fixed"
    status = 409
    title = "The asset has another scale here"


class AccountNotEmpty(Problem):
    """Refuse to close an account that has a balance or holds."""

    code = "ledger.account_not_empty"
    status = 409
    title = "The account still holds something"


class AmountNotPositive(Problem):
    """Refuse to move nothing, or less."""

    code = "ledger.amount_not_positive"
    status = 422
    title = "The amount must be more than zero"


class SameAccount(Problem):
    """Refuse a transfer between an account and itself."""

    code = "ledger.same_account"
    status = 422
    title = "An account cannot pay itself"


class AccountNotFound(Problem):
    """Refuse to name an account that this bank does not have."""

    code = "ledger.account_not_found"
    status = 404
    title = "There is no such account here"


class AssetMismatch(Problem):
    """Refuse to move one asset between accounts of another."""

    code = "ledger.asset_mismatch"
    status = 422
    title = "The account holds another asset"


class AccountClosed(Problem):
    """Refuse to post on a closed account."""

    code = "ledger.account_closed"
    status = 409
    title = "The account is closed"


class AccountFrozen(Problem):
    """Refuse to post on a frozen account."""

    code = "ledger.account_frozen"
    status = 409
    title = "The account is frozen"


class Overflow(Problem):
    """Refuse a posting that 64 bits could not hold."""

    code = "ledger.overflow"
    status = 409
    title = "The sum is larger than an account can count"


class InsufficientFunds(Problem):
    """Refuse to take more than is available."""

    code = "ledger.insufficient_funds"
    status = 409
    title = "The account does not hold enough"


class CreditLimit(Problem):
    """Refuse to take more than is available with the credit limit."""

    code = "ledger.credit_limit"
    status = 409
    title = "The credit limit would be passed"


class BalanceMax(Problem):
    """Refuse to let a balance grow past its limit."""

    code = "ledger.balance_max"
    status = 409
    title = "The account would hold too much"


class OutflowPerDayMax(Problem):
    """Refuse to let more leave in one day than the account may pay."""

    code = "ledger.outflow_per_day_max"
    status = 409
    title = "The account's limit for one day would be passed"


class OutflowPerYearMax(Problem):
    """Refuse to let more leave in one year than the account may pay."""

    code = "ledger.outflow_per_year_max"
    status = 409
    title = "The account's limit for one year would be passed"


class ForbiddenUse(Problem):
    """Refuse to carry marked money to a use that its mark forbids; says by which transfers it came.

    `trace` is oldest first, each with its transfer, accounts and marked amount.
    """

    code = "ledger.forbidden_use"
    status = 409
    title = "Money lent for a purpose may not be used for this"


class MarkNotFound(Problem):
    """Refuse to name a mark that this bank has not opened."""

    code = "ledger.mark_not_found"
    status = 404
    title = "There is no such mark here"


class IdReused(Problem):
    """Refuse an id that came before with other content."""

    code = "ledger.id_reused"
    status = 409
    title = "This id stands for something else already"


class LinkedFailed(Problem):
    """Refuse the rest of a group of which one instruction was refused."""

    code = "ledger.linked_failed"
    status = 409
    title = "Another instruction of the group was refused"


class GroupOpen(Problem):
    """Refuse a group whose last instruction is linked to nothing."""

    code = "ledger.group_open"
    status = 422
    title = "The batch ends inside a linked group"


class HoldNotFound(Problem):
    """Refuse to capture or void a hold that was never placed."""

    code = "ledger.hold_not_found"
    status = 404
    title = "There is no such hold here"


class HoldCaptured(Problem):
    """Refuse to capture or void what was captured already."""

    code = "ledger.hold_captured"
    status = 409
    title = "Nothing of the hold is left"


class HoldVoided(Problem):
    """Refuse to capture a hold that was given back."""

    code = "ledger.hold_voided"
    status = 409
    title = "The hold was voided"


class HoldExpired(Problem):
    """Refuse to capture a hold after its time."""

    code = "ledger.hold_expired"
    status = 409
    title = "The hold has expired"


class HoldExceeded(Problem):
    """Refuse to capture more than is left of a hold."""

    code = "ledger.hold_exceeded"
    status = 409
    title = "The hold is smaller than that"


class HoldNotExpired(Problem):
    """Refuse to expire a hold before its time."""

    code = "ledger.hold_not_expired"
    status = 409
    title = "The hold's time has not passed"


class TransferNotFound(Problem):
    """Refuse to name a transfer that this bank does not have."""

    code = "ledger.transfer_not_found"
    status = 404
    title = "There is no such transfer here"


class AlreadyReversed(Problem):
    """Refuse to reverse a transfer twice."""

    code = "ledger.already_reversed"
    status = 409
    title = "The transfer was reversed already"


class ReversalMismatch(Problem):
    """Refuse a reversal with other accounts or another amount."""

    code = "ledger.reversal_mismatch"
    status = 422
    title = "The reversal is not the transfer turned round"


class Busy(Problem):
    """Refuse a request for which there is no room now; nothing of it was posted."""

    code = "ledger.busy"
    status = 503
    title = "The ledger has too much to do right now"


class PosterStopped(Problem):
    """Refuse a request to a poster that is closing; nothing of it was posted."""

    code = "ledger.poster_stopped"
    status = 503
    title = "The ledger takes no more requests"


class OutcomeUnknown(Problem):
    """Say that the commit could not be confirmed; the same ids again bring the outcome."""

    code = "ledger.outcome_unknown"
    status = 503
    title = "It is not known whether this was posted"


class AssetUnknown(Problem):
    """Refuse an asset in which this bank has no account."""

    code = "ledger.asset_unknown"
    status = 422
    title = "The bank does not use this asset"


class OperatorRequired(Problem):
    """Refuse a request that only the bank's operator may make."""

    code = "ledger.operator_required"
    status = 401
    title = "Only the bank's operator may do this"


class DayNotBegun(Problem):
    """Refuse to close a day that has not begun anywhere on earth."""

    code = "ledger.day_not_begun"
    status = 422
    title = "The day has not begun"


class DayNotClosed(Problem):
    """Refuse to tell of a close that was never made."""

    code = "ledger.day_not_closed"
    status = 404
    title = "The day was not closed"


class ExportUnwritable(Problem):
    """Refuse to export to a folder that cannot be written."""

    code = "ledger.export_unwritable"
    status = 409
    title = "The export cannot be written there"


class ExportTooLarge(Problem):
    """Refuse to write more transfers than a format's own programs can read."""

    code = "ledger.export_too_large"
    status = 422
    title = "There is too much for this format"


class NotSealed(Problem):
    """Refuse a proof of a transfer that still waits for its seal."""

    code = "ledger.not_sealed"
    status = 409
    title = "The transfer is not sealed yet"


class ProofBroken(Problem):
    """Refuse a proof that does not show what it says."""

    code = "ledger.proof_broken"
    status = 422
    title = "The proof does not hold"


class SealUnknown(Problem):
    """Refuse a seal that this bank's chain does not have."""

    code = "ledger.seal_unknown"
    status = 404
    title = "There is no such seal here"


class TransferTouched(Problem):
    """Refuse to prove a transfer that is not as it was sealed."""

    code = "ledger.transfer_touched"
    status = 409
    title = "The transfer was changed after it was sealed"
