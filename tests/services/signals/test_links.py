"""The graph: groups in whatever order links come, hubs that join nobody, ways, rings, pictures."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiuding.services import signals
from jiuding.services.signals import LinkKind

CAPS = {LinkKind.DEVICE: 3, LinkKind.ADDRESS: 2}
LINKS = st.lists(
    st.tuples(
        st.integers(0, 11).map("p{}".format),
        st.sampled_from((LinkKind.DEVICE, LinkKind.ADDRESS)),
        st.integers(0, 5).map("t{}".format),
    ),
    max_size=60,
)


def groups_by_search(links):
    """Groups of the finished graph by the definition alone."""
    sharers: dict = {}
    for party, kind, thing in links:
        sharers.setdefault((kind, thing), set()).add(party)
    groups = {party: {party} for party, *_ in links}
    changed = True
    while changed:
        changed = False
        for (kind, _), parties in sharers.items():
            if len(parties) > CAPS[kind]:
                continue
            whole = set().union(*(groups[each] for each in parties))
            for each in whole:
                if groups[each] != whole:
                    groups[each], changed = whole, True
    return groups


@given(LINKS, st.randoms())
@settings(max_examples=200, deadline=None)
def test_groups_are_those_of_the_finished_graph_in_whatever_order_links_came(links, draw):
    wanted = groups_by_search(links)
    for _ in range(3):
        draw.shuffle(links)
        graph = signals.LinkGraph(CAPS)
        for link in links:
            graph.link(*link)
        for party, members in wanted.items():
            assert set(graph.members_of(party)) == members
            group = graph.group_of(party)
            assert (group.group_id, group.party_count) == (min(members), len(members))


@given(LINKS, st.sets(st.integers(0, 11).map("p{}".format), max_size=3))
@settings(max_examples=100, deadline=None)
def test_the_way_to_a_marked_party_is_the_shortest(links, bad):
    graph = signals.LinkGraph(CAPS)
    for link in links:
        graph.link(*link)
    for party in bad:
        graph.mark(party, "bad")
    for party in list(graph.things_of):
        # By the definition: widen the circle a shared thing at a time.
        circle, seen, steps = {party}, {party}, 0
        while circle and not (circle & bad) - {party} and steps < 4:
            things = {
                thing for each in circle for thing in graph.things_of[each]
                if len(graph.parties_of[thing]) <= CAPS[thing[0]]
            }  # fmt: skip
            circle = {each for thing in things for each in graph.parties_of[thing]} - seen
            seen |= circle
            steps += 1
        found = graph.nearest_marked(party)
        if (circle & bad) - {party}:
            assert found is not None
            assert found.steps == steps
            assert found.path[0] == party
            assert found.path[-1] in bad
            assert len(found.path) == 2 * steps + 1
        else:
            assert found is None


def test_a_shared_public_address_does_not_join_the_town():
    graph = signals.LinkGraph()
    for number in range(500):
        graph.link(f"p{number}", "address", "203.0.113.0/24")
        graph.link(f"p{number}", "device", f"d{number // 2}")
    assert graph.is_hub("address", "203.0.113.0/24")
    assert graph.members_of("p10") == ("p10", "p11")
    picture = graph.picture("p10", nodes_max=10)
    (hub,) = [node for node in picture["nodes"] if node["is_hub"]]
    assert hub["degree"] == 500
    assert len(picture["nodes"]) == 4


def test_a_picture_is_plain_json_with_the_nearest_first():
    graph = signals.LinkGraph()
    for party, thing in (("a", "d1"), ("b", "d1"), ("b", "d2"), ("c", "d2")):
        graph.link(party, "device", thing)
    graph.mark("c", "bad")
    picture = json.loads(json.dumps(graph.picture("a")))
    assert [(node["id"], node["steps"]) for node in picture["nodes"]] == [
        ("a", 0), ("device:d1", 1), ("b", 1), ("device:d2", 2), ("c", 2),
    ]  # fmt: skip
    assert picture["nodes"][-1]["mark"] == "bad"
    assert {"from": "c", "to": "device:d2", "kind": "device"} in picture["edges"]
    assert picture["left_out"] == 0
    assert graph.picture("a", nodes_max=3)["left_out"] == 1
    assert graph.features("a")["graph.steps_to_bad"] == 2
    assert graph.features("a")["graph.group_bad"] == 1


@pytest.mark.parametrize(
    ("kind", "thing"), [("colour", "x"), ("device", ""), ("device", "x" * 129)]
)
def test_a_link_of_another_kind_is_refused(kind, thing):
    with pytest.raises(signals.BadLink):
        signals.LinkGraph().link("p", kind, thing)


def test_a_ring_is_found_when_the_payment_that_closes_it_comes():
    flows = signals.FlowGraph()
    assert flows.add("a", "b", at=1, amount=500) is None
    assert flows.add("b", "c", at=2, amount=480) is None
    ring = flows.add("c", "a", at=3, amount=900)
    assert ring == signals.Ring(("c", "a", "b"), 480, 1, 3, True)
    assert flows.add("a", "a", at=4, amount=1) is None
    assert not flows.add("b", "a", at=0, amount=1).is_ordered


def test_what_is_older_than_the_window_closes_no_ring_and_is_let_go():
    flows = signals.FlowGraph(window_seconds=10)
    flows.add("a", "b", at=0, amount=5)
    assert flows.add("b", "a", at=10_000_000, amount=5) is None
    for number in range(20_000):
        flows.add(f"x{number}", "y", at=number * 1_000_000, amount=1)
    assert flows.pair_count < 10_100


def test_an_employer_closes_no_ring_with_those_it_pays():
    flows = signals.FlowGraph()
    for number in range(100):
        flows.add("employer", f"w{number}", at=number, amount=100)
    assert flows.add("w3", "shop", at=200, amount=10) is None
    assert flows.add("shop", "employer", at=300, amount=10) is None
    assert flows.add("shop", "w3", at=300, amount=10) is not None


def test_no_ring_is_missed_or_made_up():
    draw = random.Random(5)
    for _ in range(200):
        flows = signals.FlowGraph(length_max=4)
        pairs: set[tuple[str, str]] = set()
        for at in range(14):
            payer, payee = draw.sample("abcdef", 2)
            ways = [[payee]]
            shortest = None
            while ways and shortest is None and len(ways[0]) < 4:
                shortest = next((len(way) + 1 for way in ways if (way[-1], payer) in pairs), None)
                ways = [[*way, each] for way in ways for one, each in pairs
                        if one == way[-1] and each not in (*way, payer)]  # fmt: skip
            ring = flows.add(payer, payee, at=at, amount=1)
            assert (len(ring.parties) if ring else None) == shortest
            pairs.add((payer, payee))
