"""Refusals of signals, each with a stable code."""

from __future__ import annotations

from jiuding.base.problems import BadInput, Problem


class BadAddress(BadInput):
    """Refuse a text that is no address of the internet."""

    code = "signals.bad_address"
    title = "This is not an address"


class BadNetworkList(BadInput):
    """Refuse a list of networks, naming the file and the line."""

    code = "signals.bad_network_list"
    title = "The list of networks cannot be used"


class BadPasswordList(BadInput):
    """Refuse a list of breached passwords that is not sorted, or in no form known here."""

    code = "signals.bad_password_list"
    title = "The list of breached passwords cannot be used"


class SecretBreached(BadInput):
    """Refuse a secret that others have lost, or that anybody would try first."""

    code = "signals.secret_breached"
    title = "This secret is known to others"


class BadDevice(BadInput):
    """Refuse what a browser says of itself when it is not in the agreed form."""

    code = "signals.bad_device"
    title = "The device cannot be read"


class BadLink(BadInput):
    """Refuse a link between things that are not of the known kinds."""

    code = "signals.bad_link"
    title = "The link cannot be read"


class BadWordList(BadInput):
    """Refuse a list of words, naming the file and the place."""

    code = "signals.bad_word_list"
    title = "The list of words cannot be used"


class StepUpRequired(Problem):
    """Ask for a stronger proof than the one offered; nobody is shut out."""

    code = "signals.step_up_required"
    status = 403
    title = "Prove it is you with a passkey"


class SlowDown(Problem):
    """Refuse an attempt that comes too soon after those that failed; `retry_at` says until when."""

    code = "signals.slow_down"
    status = 429
    title = "Too many attempts"
