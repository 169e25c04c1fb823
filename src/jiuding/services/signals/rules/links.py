"""The graph of what parties share: groups, the way to a marked party, and pictures of both.

A thing that few share joins those who share it; one that more than its cap share (the address of a
library, a popular shop) is a *hub* and joins nobody, so that it does not make one group of a town.
Groups are kept up to date link by link with a union-find whose roots know their members; when a
thing becomes a hub its group alone is taken apart and joined anew, which happens once in the life
of a thing. The groups are those of the finished graph, in whatever order the links came.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from jiuding.services.signals.errors import BadLink
from jiuding.services.signals.types.links import CAPS, Group, LinkKind, Nearness

NAME_MAX = 128
STEPS_MAX = 4
VISITED_MAX = 5_000
NODES_MAX = 60

Thing = tuple[LinkKind, str]
Node = str | Thing  # a party is its id


class LinkGraph:
    """Parties, what they share, and which parties are marked (known bad, or under watch)."""

    def __init__(self, caps: Mapping[LinkKind, int] | None = None) -> None:
        self.caps = {**CAPS, **(caps or {})}
        self.things_of: dict[str, dict[Thing, None]] = {}
        self.parties_of: dict[Thing, dict[str, None]] = {}
        self.marks: dict[str, str] = {}
        self._root: dict[Node, Node] = {}
        self._members: dict[Node, list[Node]] = {}

    def link(self, party: str, kind: LinkKind | str, thing: str) -> bool:
        """Say that a party used, gave or came by a thing; false when that was known.

        Refuses: BadLink for another kind or a name that is empty or too long.
        """
        node = (_kind(kind), _name(thing))
        self._add_party(_name(party))
        if node in self.things_of[party]:
            return False
        self.things_of[party][node] = None
        parties = self.parties_of.setdefault(node, {})
        parties[party] = None
        cap = self.caps[node[0]]
        if len(parties) <= cap:
            if node not in self._root:
                self._root[node] = node
                self._members[node] = [node]
            self._join(party, node)
        elif len(parties) == cap + 1 and node in self._root:
            self._take_out(node)
        return True

    def mark(self, party: str, mark: str | None) -> None:
        """Mark a party (`bad`, `watched`, …), or take its mark away with None."""
        self._add_party(_name(party))
        if mark is None:
            self.marks.pop(party, None)
        else:
            self.marks[party] = mark

    def is_hub(self, kind: LinkKind | str, thing: str) -> bool:
        """Tell whether so many share a thing that it joins nobody."""
        node = (_kind(kind), thing)
        return len(self.parties_of.get(node, ())) > self.caps[node[0]]

    def degree(self, kind: LinkKind | str, thing: str) -> int:
        """Return how many parties share a thing."""
        return len(self.parties_of.get((_kind(kind), thing), ()))

    def group_of(self, party: str) -> Group:
        """Return the group that a party hangs together with; one that is not linked is alone."""
        if party not in self._root:
            return Group(party, 1, 0, int(party in self.marks))
        members = self._members[self._root[party]]
        parties = [each for each in members if isinstance(each, str)]
        marked = sum(each in self.marks for each in parties)
        return Group(min(parties), len(parties), len(members) - len(parties), marked)

    def members_of(self, party: str) -> tuple[str, ...]:
        """Return the parties of a party's group, sorted."""
        found = self._members.get(self._root.get(party, party), [party])
        return tuple(sorted(each for each in found if isinstance(each, str)))

    def nearest_marked(
        self, party: str, *, mark: str | None = None, steps_max: int = STEPS_MAX
    ) -> Nearness | None:
        """Return the shortest way to another marked party, or None within `steps_max` steps.

        One step is one shared thing. Hubs are not passed. At most 5,000 nodes are looked at.
        """
        came: dict[Node, Node | None] = {party: None}
        waiting: deque[tuple[Node, int]] = deque([(party, 0)])
        while waiting and len(came) <= VISITED_MAX:
            node, steps = waiting.popleft()
            if isinstance(node, str):
                found = self.marks.get(node)
                if node != party and found is not None and mark in (None, found):
                    return Nearness(steps, _way(came, node))
                if steps < steps_max:
                    near: Iterable[Node] = self.things_of.get(node, ())
                    fresh = [each for each in near if each not in came and self._conducts(each)]
                else:
                    fresh = []
            else:
                fresh = [each for each in self.parties_of[node] if each not in came]
                steps += 1
            for each in fresh:
                came[each] = node
                waiting.append((each, steps))
        return None

    def picture(self, party: str, *, nodes_max: int = NODES_MAX) -> dict[str, Any]:
        """Return what surrounds a party as plain JSON: `{nodes, edges, left_out}`, nearest first.

        A node is `{id, kind, steps, degree, mark, is_hub}`; hubs are shown and not passed.
        """
        steps: dict[Node, int] = {party: 0}
        waiting: deque[Node] = deque([party])
        left_out = 0
        while waiting:
            node = waiting.popleft()
            if isinstance(node, str):
                near: Iterable[Node] = self.things_of.get(node, ())
            else:
                near = self.parties_of[node] if self._conducts(node) else ()
            for each in near:
                if each in steps:
                    continue
                if len(steps) >= nodes_max:
                    left_out += 1
                    continue
                steps[each] = steps[node] + 1
                waiting.append(each)
        nodes = [self._shown(node, count) for node, count in steps.items()]
        edges = [
            {"from": each, "to": _spelled(thing), "kind": str(thing[0])}
            for each in steps
            if isinstance(each, str)
            for thing in self.things_of.get(each, ())
            if thing in steps
        ]
        return {"party": party, "nodes": nodes, "edges": edges, "left_out": left_out}

    def features(self, party: str) -> dict[str, int | bool]:
        """Return what policies read of a party's place in the graph."""
        group = self.group_of(party)
        near = self.nearest_marked(party, mark="bad")
        found: dict[str, int | bool] = {
            "graph.group_parties": group.party_count,
            "graph.group_things": group.thing_count,
            "graph.group_bad": sum(self.marks.get(e) == "bad" for e in self.members_of(party)),
            "graph.is_bad": self.marks.get(party) == "bad",
        }
        if near is not None:
            found["graph.steps_to_bad"] = near.steps
        for kind in LinkKind:
            shared = [len(self.parties_of[node]) - 1 for node in self.things_of.get(party, ())
                      if node[0] is kind and self._conducts(node)]  # fmt: skip
            found[f"graph.shared_{kind}"] = max(shared, default=0)
        return found

    def _shown(self, node: Node, steps: int) -> dict[str, Any]:
        if isinstance(node, str):
            return {
                "id": node, "kind": "party", "steps": steps // 2, "mark": self.marks.get(node),
                "degree": len(self.things_of.get(node, ())), "is_hub": False,
            }  # fmt: skip
        return {
            "id": _spelled(node), "kind": str(node[0]), "steps": (steps + 1) // 2, "mark": None,
            "degree": len(self.parties_of[node]), "is_hub": not self._conducts(node),
        }  # fmt: skip

    def _conducts(self, node: Node) -> bool:
        return isinstance(node, str) or len(self.parties_of[node]) <= self.caps[node[0]]

    def _add_party(self, party: str) -> None:
        if party not in self._root:
            self.things_of[party] = {}
            self._root[party] = party
            self._members[party] = [party]

    def _join(self, one: Node, other: Node) -> None:
        large, small = self._root[one], self._root[other]
        if large == small:
            return
        if len(self._members[large]) < len(self._members[small]):
            large, small = small, large
        # Each member changes its root at most log2(n) times: its group at least doubles each time.
        for each in self._members[small]:
            self._root[each] = large
        self._members[large] += self._members.pop(small)

    def _take_out(self, hub: Node) -> None:
        """Take a group apart and join it anew without the thing that has become a hub."""
        members = self._members.pop(self._root[hub])
        del self._root[hub]
        members.remove(hub)
        for each in members:
            self._root[each] = each
            self._members[each] = [each]
        for each in members:
            if isinstance(each, str):
                for thing in self.things_of[each]:
                    if thing in self._root:
                        self._join(each, thing)


def _way(came: Mapping[Node, Node | None], node: Node | None) -> tuple[str, ...]:
    found = []
    while node is not None:
        found.append(_spelled(node))
        node = came[node]
    return tuple(reversed(found))


def _spelled(node: Node) -> str:
    return node if isinstance(node, str) else f"{node[0]}:{node[1]}"


def _kind(kind: LinkKind | str) -> LinkKind:
    try:
        return LinkKind(kind)
    except ValueError:
        raise BadLink(f"{str(kind)[:40]!r} is none of {', '.join(LinkKind)}") from None


def _name(text: str) -> str:
    if not isinstance(text, str) or not 0 < len(text) <= NAME_MAX:
        raise BadLink(f"a name in a link has 1 to {NAME_MAX} characters")
    return text
