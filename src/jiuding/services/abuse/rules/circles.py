"""Who hangs together at the gates of a stream: links from each event, marks from each review.

The same events in the same order give the same circles, in memory and after a restart from the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jiuding.services import risk, signals
from jiuding.services.abuse.types import FOUND_BAD, Gate


class Circles:
    """The graph of what the parties of a stream share, for gates that link."""

    def __init__(self, gates: Iterable[Gate]) -> None:
        linking = [gate for gate in gates if gate.links]
        self.party = linking[0].party if linking else ""
        self.links = {name: kind for gate in linking for name, kind in gate.links.items()}
        self.graph = signals.LinkGraph()
        self.sequence = 0

    def tell(self, values: Mapping[str, Any], sequence: int = 0) -> None:
        """Link who acts to what it shares; mark whom a review found to cheat."""
        self.sequence = sequence
        party = values.get(self.party) if self.links else None
        if party is None:
            return
        for name, kind in self.links.items():
            if name in values:
                self.graph.link(str(party), kind, _thing(kind, str(values[name])))
        if values.get("found") == FOUND_BAD:
            self.graph.mark(str(party), FOUND_BAD)

    def features(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the place in the graph of who acts; nothing where the gates do not link."""
        party = values.get(self.party) if self.links else None
        return {} if party is None else dict(self.graph.features(str(party)))


def _thing(kind: str, value: str) -> str:
    """Return what is shared: of an address its network, as it is counted."""
    return risk.network_of(value) if kind == signals.LinkKind.ADDRESS else value
