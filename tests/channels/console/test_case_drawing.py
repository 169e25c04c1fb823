"""Pictures of cases: inside their box, the same each time, nothing on top of another."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiuding.channels.console import rules
from jiuding.channels.console.rules import drawing
from jiuding.services import cases

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
GRAPHS = st.integers(1, 45).flatmap(
    lambda count: st.tuples(
        st.just(count),
        st.lists(
            st.tuples(st.integers(0, count - 1), st.integers(0, count - 1), st.integers(1, 99)),
            max_size=90,
        ),
    )
)


def graph_of(count: int, ties) -> cases.Graph:
    nodes = tuple(cases.Node(f"n{number}", "party", f"n{number}") for number in range(count))
    return cases.Graph(nodes, tuple(cases.Edge(f"n{a}", f"n{b}", "used", c) for a, b, c in ties))


@given(GRAPHS)
@settings(max_examples=40, deadline=None)
def test_every_drawn_node_is_inside_the_box_and_on_a_spot_of_its_own(given_graph):
    graph = graph_of(*given_graph)
    view = drawing.draw(graph, subject="n0", width=340, height=430)
    assert view == drawing.draw(graph, subject="n0", width=340, height=430)
    assert len(view.nodes) + view.left_out == len(graph.nodes)
    assert "n0" in {node.node_id for node in view.nodes}
    for node in view.nodes:
        assert node.x - 17 >= 0 and node.x + 17 <= 340
        assert node.y - 17 >= 0 and node.y + 35 <= 430
    spots = [(node.x, node.y) for node in view.nodes]
    apart = [math.dist(one, other) for n, one in enumerate(spots) for other in spots[:n]]
    assert all(length > 8 for length in apart)
    drawn = {node.node_id for node in view.nodes}
    ties = [e for e in graph.edges if {e.from_id, e.to_id} <= drawn and e.from_id != e.to_id]
    assert len(view.edges) == len(ties)


def test_what_is_flagged_is_drawn_before_what_is_not():
    graph = graph_of(60, [])
    odd = cases.Node("n59", "device", "n59", ("shared",))
    graph = cases.Graph((*graph.nodes[:-1], odd), ())
    drawn = {
        node.node_id for node in drawing.draw(graph, subject="n1", width=720, height=400).nodes
    }
    assert {"n1", "n59"} <= drawn
    assert len(drawn) == drawing.DRAWN_MAX


def test_a_pass_proves_one_person_until_it_ends():
    key, until = b"k" * 32, NOW + timedelta(hours=8)
    shown = rules.staff_pass(key, "ann", until)
    assert rules.staff_of_pass(key, shown, NOW) == "ann"
    assert rules.staff_of_pass(key, shown, until) is None
    assert rules.staff_of_pass(b"x" * 32, shown, NOW) is None
    assert rules.staff_of_pass(b"", rules.staff_pass(b"", "ann", until), NOW) is None


@pytest.mark.parametrize("shown", [None, "", "ann", "ann.99", "bob.{rest}", "ann.9{rest}", "é.1.x"])
def test_a_pass_that_was_not_made_here_is_nobodys(shown):
    rest = rules.staff_pass(b"k" * 32, "ann", NOW + timedelta(hours=8)).partition(".")[2]
    made = shown.format(rest=rest) if shown else shown
    assert rules.staff_of_pass(b"k" * 32, made, NOW) is None
