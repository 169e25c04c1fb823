"""The client address: through listed proxies only, from the right, never what a client wrote."""

from __future__ import annotations

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from jiuding.base import http, proxies

OURS = proxies.read_proxies("10.0.0.0/8, 2001:db8:ffff::/48")


@pytest.mark.parametrize(
    ("peer", "lines", "wanted"),
    [
        ("203.0.113.5", ["198.51.100.1"], "203.0.113.5"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["1.2.3.4, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["1.2.3.4, 198.51.100.1, 10.9.9.9"], "198.51.100.1"),
        ("10.0.0.1", ["1.2.3.4", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["10.2.2.2, 10.3.3.3"], "10.2.2.2"),
        ("10.0.0.1", ["198.51.100.1, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1, <script>, 10.9.9.9"], "10.9.9.9"),
        ("10.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("2001:db8:ffff::1", ["[2001:db8::7]:80"], "2001:db8::7"),
        ("::ffff:10.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
        ("testclient", ["198.51.100.1"], None),
        (None, [], None),
    ],
)
def test_the_first_address_from_the_right_that_is_no_proxy_is_the_client(peer, lines, wanted):
    headers = [(b"X-Forwarded-For", line.encode()) for line in lines]
    spoofed = [(b"forwarded", b"for=6.6.6.6"), (b"x-real-ip", b"6.6.6.6")]
    assert proxies.client_address(peer, headers + spoofed, OURS) == wanted


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("for=198.51.100.1;proto=https;by=10.0.0.1", "198.51.100.1"),
        ('for=1.2.3.4, For="[2001:db8::7]:4711"', "2001:db8::7"),
        ("for=198.51.100.1, for=_hidden", "10.0.0.1"),
        ("proto=https", "10.0.0.1"),
    ],
)
def test_the_standard_header_is_read_where_the_proxies_write_it(line, wanted):
    ours = proxies.read_proxies("10.0.0.0/8", "Forwarded")
    headers = [(b"forwarded", line.encode()), (b"x-forwarded-for", b"6.6.6.6")]
    assert proxies.client_address("10.0.0.1", headers, ours) == wanted


@given(st.lists(st.sampled_from(["6.6.6.6", "10.1.1.1", "junk", "", "::1"]), max_size=30))
def test_whatever_a_client_writes_the_proxy_tells_who_it_is(written):
    line = ", ".join([*written, "198.51.100.1", "10.0.0.7"]).encode()
    assert proxies.client_address("10.0.0.1", [(b"x-forwarded-for", line)], OURS) == "198.51.100.1"


@pytest.mark.parametrize(("networks", "header"), [("10.0.0.1/8", ""), ("x", ""), ("", "x-real-ip")])
def test_a_list_that_is_none_is_refused(networks, header):
    with pytest.raises(proxies.BadProxies):
        proxies.read_proxies(networks, header)


def test_a_request_knows_its_client_by_the_listed_proxies_alone():
    for listed, wanted in (("", "10.0.0.1"), ("10.0.0.0/8", "198.51.100.1")):
        app = FastAPI()
        http.install(app, proxies=proxies.read_proxies(listed))

        @app.get("/")
        def whose(request: Request) -> dict[str, str | None]:
            return {"address": http.client_address(request)}

        client = TestClient(app, client=("10.0.0.1", 1))
        answer = client.get("/", headers={"X-Forwarded-For": "6.6.6.6, 198.51.100.1"})
        assert answer.json() == {"address": wanted}
