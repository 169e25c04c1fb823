"""Addresses: the most specific network answers, whatever nests; no address is kept whole."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiuding.services import signals
from jiuding.services.signals import AddressClass

TABLE = signals.NetworkTable(
    {
        AddressClass.DATA_CENTRE: ["203.0.113.0/24", "2001:db8::/32"],
        AddressClass.TOR: ["203.0.113.9", "2001:db8:0:1::/64"],
        AddressClass.RESIDENTIAL: ["203.0.113.128/25"],
    }
)


@pytest.mark.parametrize(
    ("address", "network", "address_class", "listed_in"),
    [
        ("203.0.113.9", "203.0.113.0/24", "tor", "203.0.113.9/32"),
        ("203.0.113.10", "203.0.113.0/24", "data_centre", "203.0.113.0/24"),
        ("203.0.113.200", "203.0.113.0/24", "residential", "203.0.113.128/25"),
        ("203.0.112.255", "203.0.112.0/24", "unknown", ""),
        ("203.0.114.0", "203.0.114.0/24", "unknown", ""),
        ("::ffff:203.0.113.9", "203.0.113.0/24", "tor", "203.0.113.9/32"),
        ("64:ff9b::cb00:7109", "203.0.113.0/24", "tor", "203.0.113.9/32"),
        ("2001:db8::1:0:0:1", "2001:db8::/64", "data_centre", "2001:db8::/32"),
        ("2001:db8:0:1:ff::1", "2001:db8:0:1::/64", "tor", "2001:db8:0:1::/64"),
        ("10.1.2.3", "10.1.2.0/24", "private", ""),
        ("fe80::1%eth0", "fe80::/64", "private", ""),
        ("127.0.0.1", "127.0.0.0/24", "loopback", ""),
        ("[::1]", "::/64", "loopback", ""),
        ("100.64.9.9", "100.64.9.0/24", "shared", ""),
        ("192.0.2.1", "192.0.2.0/24", "reserved", ""),
        ("224.0.0.1", "224.0.0.0/24", "reserved", ""),
        ("8.8.8.8", "8.8.8.0/24", "unknown", ""),
    ],
)
def test_an_address_shows_its_network_and_class(address, network, address_class, listed_in):
    assert TABLE.facts(address) == signals.AddressFacts(
        network, AddressClass(address_class), listed_in
    )


@pytest.mark.parametrize(
    "text", ["", "1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4.5", "::g", "localhost", "1.2.3.4:80"]
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(signals.BadAddress):
        signals.read_address(text)


CLASSES = ("tor", "proxy", "data_centre", "shared", "residential")
NETWORKS = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32), st.sampled_from(CLASSES))


@given(st.lists(NETWORKS, max_size=40), st.lists(st.integers(0, 2**32 - 1), max_size=20))
@settings(max_examples=150, deadline=None)
def test_the_table_answers_as_a_search_through_every_network_does(rows, asked):
    given_: dict[AddressClass, list[str]] = {}
    nets: dict[ipaddress.IPv4Network, int] = {}
    for number, prefix, name in rows:
        network = ipaddress.ip_network((number, prefix), strict=False)
        given_.setdefault(AddressClass(name), []).append(str(network))
        rank = CLASSES.index(name)
        nets[network] = min(rank, nets.get(network, rank))
        asked = [*asked, int(network[0]), int(network[-1]), (int(network[-1]) + 1) % 2**32]
    table = signals.NetworkTable(given_)
    for number in asked:
        holding = [each for each in nets if ipaddress.ip_address(number) in each]
        best = max(holding, key=lambda each: each.prefixlen, default=None)
        wanted = None if best is None else (AddressClass(CLASSES[nets[best]]), str(best))
        assert table.find(4, number) == wanted


def test_lists_are_read_as_block_lists_are_published():
    text = "\ufeff# a list\n\n203.0.113.0/24 ; SBL1\n198.51.100.7\n2001:db8::/32 # six\n"
    assert signals.read_networks(text, file="x.netset") == (
        "203.0.113.0/24", "198.51.100.7", "2001:db8::/32",
    )  # fmt: skip


@pytest.mark.parametrize("line", ["203.0.113.1/24", "203.0.113.0/33", "example.com", "1.2.3.0/-1"])
def test_a_line_that_is_no_network_is_refused_with_its_number(line):
    with pytest.raises(signals.BadNetworkList, match="line 2"):
        signals.read_networks(f"10.0.0.0/8\n{line}\n", file="x.netset")
