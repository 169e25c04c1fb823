"""Judge texts that others will read: signals read them, the policy `public_text` judges."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from jiuding.base.settings import CATALOG
from jiuding.kernel import decisions
from jiuding.services import signals
from jiuding.services.abuse.errors import GateNotFound
from jiuding.services.abuse.types import Result

GATE = "public_text"
_BREAKS = frozenset("\u2028\u2029\u0085")


@lru_cache(maxsize=1)
def prohibited_words() -> signals.WordList:
    """Return the catalogue's list of what may not be traded, read once in a process."""
    path = CATALOG / "words" / "prohibited.toml"
    return signals.read_words(path.read_text(encoding="utf-8"), file=path.name)


def read_public_text(field: str, text: str) -> dict[str, str | int]:
    """Return what the policy `public_text` reads of a text: how many flags of each kind."""
    found: dict[str, str | int] = {f"event.{kind.value}": 0 for kind in signals.FlagKind}
    for flag in signals.read_text(text, prohibited_words()):
        found[f"event.{flag.kind.value}"] = int(found[f"event.{flag.kind.value}"]) + 1
    breaks = sum(unicodedata.category(e) == "Cc" or e in _BREAKS for e in text)
    return {**found, "event.field": field, "event.breaks": breaks}


class TextDesk:
    """Judges texts one by one; nothing is remembered between them."""

    def __init__(self, policy: decisions.Policy | None = None) -> None:
        self.policy = policy or decisions.load_policy(GATE)

    def judge(
        self, act_id: str, gate: str, at: int, values: Mapping[str, str | int]
    ) -> decisions.Verdict:
        """Judge a text before it is shown. Refuses: GateNotFound."""
        if gate != GATE:
            raise GateNotFound(f"there is no gate {gate[:40]!r} here", gate=gate[:40])
        event = read_public_text(str(values["field"]), str(values["text"]))
        inputs = decisions.read_inputs(self.policy, event=event, features={}, lists={})
        return decisions.assess(self.policy, inputs)

    def note(
        self, act_id: str, gate: str, at: int, values: Mapping[str, str | int], result: Result
    ) -> None:
        """Remember nothing: what became of a text changes no later answer."""
