"""`jiuding decide`: which desk answers a policy's lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jiuding.base.problems import BadInput


def decider(name: str, past: Path | None) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return what answers one line under a policy; payments and acts at gates come as a stream.

    Refuses: BadInput for a past that the policy does not remember; PolicyNotFound, BadModel.
    """
    from jiuding.services.risk.commands import card_payments

    if name == card_payments.POLICY:
        desk = card_payments.CardDesk()
        if past is not None:
            desk.warm(past)
        return desk.answer
    if past is not None:
        raise BadInput("only card_fraud remembers past payments: leave --past out")
    from jiuding.services import abuse

    if name in abuse.GATES:
        from jiuding.services.abuse import commands

        return commands.gate_lines(name)
    from jiuding.kernel import decisions
    from jiuding.kernel.decisions.commands import decide_line

    loaded = decisions.load_policy(name)
    if loaded.model is not None:
        from jiuding.services.risk.commands import models

        return models.decider(loaded)
    return lambda line: decide_line(loaded, line)
