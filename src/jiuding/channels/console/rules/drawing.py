"""Lay a picture of nodes and edges out in a box, the same each time: pure arithmetic.

Nodes push each other away and edges pull (T. Fruchterman, E. Reingold, "Graph drawing by
force-directed placement", 1991); where they start depends on their order only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from jiuding.channels.console.types.casework import EdgeView, NodeView, PictureView
from jiuding.services import cases

DRAWN_MAX = 36
ROUNDS = 160
_MARGIN_X, _MARGIN_TOP, _MARGIN_BOTTOM = 62.0, 26.0, 46.0
_RADIUS = 15.0
_PEOPLE = frozenset({"subject", "party", "person", "customer", "merchant", "payee", "staff"})
_FACTS = frozenset({"decision", "list_entry", "mark", "case"})


def drawn_nodes(graph: cases.Graph, subject: str) -> tuple[cases.Node, ...]:
    """Return the nodes that are drawn: the subject, what is flagged, then what is tied to most."""
    ties: dict[str, int] = {}
    for edge in graph.edges:
        for end in (edge.from_id, edge.to_id):
            ties[end] = ties.get(end, 0) + 1
    place = {node.node_id: number for number, node in enumerate(graph.nodes)}
    ranked = sorted(
        graph.nodes,
        key=lambda n: (
            n.node_id != subject,
            not n.flags,
            -ties.get(n.node_id, 0),
            place[n.node_id],
        ),
    )
    return tuple(sorted(ranked[:DRAWN_MAX], key=lambda n: place[n.node_id]))


def draw(graph: cases.Graph, *, subject: str, width: int, height: int) -> PictureView:
    """Return a picture with every node inside the box and no two on one spot."""
    nodes = drawn_nodes(graph, subject)
    index = {node.node_id: number for number, node in enumerate(nodes)}
    edges = [e for e in graph.edges if e.from_id in index and e.to_id in index]
    pairs = [(index[e.from_id], index[e.to_id]) for e in edges if e.from_id != e.to_id]
    spots = _fit(positions(len(nodes), pairs, width / max(height, 1)), width, height)
    shown = tuple(
        NodeView(
            node.node_id, node.kind, _short(node.label), node.flags, _shape(node.kind),
            round(x, 1), round(y, 1), node.node_id == subject,
        )
        for node, (x, y) in zip(nodes, spots, strict=True)
    )  # fmt: skip
    at: Mapping[str, tuple[float, float]] = {
        node.node_id: spot for node, spot in zip(nodes, spots, strict=True)
    }
    return PictureView(
        width, height, shown,
        tuple(_line(edge, at) for edge in edges if edge.from_id != edge.to_id),
        len(graph.nodes) - len(nodes),
    )  # fmt: skip


def positions(
    count: int, pairs: Sequence[tuple[int, int]], ratio: float
) -> list[tuple[float, float]]:
    """Return where nodes come to rest, in units of their own; `ratio` is width over height."""
    if count == 0:
        return []
    angles = np.arange(count) * 2.399963  # the golden angle spreads any number evenly
    radius = np.sqrt(np.arange(count) + 0.5) / math.sqrt(count)
    spots = np.stack([radius * np.cos(angles) * ratio, radius * np.sin(angles)], axis=1)
    ideal = math.sqrt(4 * ratio / count) * 0.8
    ends = np.array(pairs, dtype=int).reshape(-1, 2)
    for step in range(ROUNDS):
        apart = spots[:, None, :] - spots[None, :, :]
        length = np.maximum(np.linalg.norm(apart, axis=2), 1e-3)
        force = (apart * (ideal**2 / length**2)[:, :, None]).sum(axis=1)
        force -= spots * 0.9  # what is tied to nothing stays near
        along = spots[ends[:, 0]] - spots[ends[:, 1]]
        pull = along * (np.linalg.norm(along, axis=1) / ideal)[:, None]
        np.add.at(force, ends[:, 0], -pull)
        np.add.at(force, ends[:, 1], pull)
        size = np.maximum(np.linalg.norm(force, axis=1), 1e-6)
        limit = 0.25 * (1 - step / ROUNDS) + 0.002
        spots = spots + force / size[:, None] * np.minimum(size, limit)[:, None]
    return [(float(x), float(y)) for x, y in spots]


def _fit(
    spots: Sequence[tuple[float, float]], width: int, height: int
) -> list[tuple[float, float]]:
    if len(spots) == 1:
        return [(width / 2, height / 2)]
    found = []
    low = [min((spot[axis] for spot in spots), default=0.0) for axis in (0, 1)]
    high = [max((spot[axis] for spot in spots), default=1.0) for axis in (0, 1)]
    rooms = (width - 2 * _MARGIN_X, height - _MARGIN_TOP - _MARGIN_BOTTOM)
    starts = (_MARGIN_X, _MARGIN_TOP)
    for spot in spots:
        x, y = (
            starts[axis] + (spot[axis] - low[axis]) / (high[axis] - low[axis] or 1.0) * rooms[axis]
            for axis in (0, 1)
        )
        found.append((x, y))
    return found


def _line(edge: cases.Edge, at: Mapping[str, tuple[float, float]]) -> EdgeView:
    (x1, y1), (x2, y2) = at[edge.from_id], at[edge.to_id]
    length = math.hypot(x2 - x1, y2 - y1) or 1.0
    dx, dy = (x2 - x1) / length * (_RADIUS + 3), (y2 - y1) / length * (_RADIUS + 3)
    width = round(min(1.2 + math.log2(edge.count) * 0.7, 5.0), 1)
    return EdgeView(
        round(x1 + dx, 1), round(y1 + dy, 1), round(x2 - dx, 1), round(y2 - dy, 1), edge.count,
        width,
    )  # fmt: skip


def _shape(kind: str) -> str:
    if kind in _PEOPLE:
        return "circle"
    return "diamond" if kind in _FACTS else "square"


def _short(label: str) -> str:
    """Return what fits under a node: an id's ends, or the first words."""
    if len(label) <= 15:
        return label
    return f"{label[:4]}…{label[-6:]}" if " " not in label else f"{label[:14]}…"
