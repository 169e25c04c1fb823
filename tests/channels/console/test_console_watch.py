"""The watch on a loan by its page, what is told there, and the page of sources."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from decimal import Decimal

import httpx
import pytest

from browsing import serious, shoot
from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.bootstrap import demonstration
from jiuding.services import lending, offers

LOAN = re.compile(r'href="/loans/(ln_\w+)')


@pytest.fixture
def client(site):
    """A browser of nobody yet, who reads English."""
    with httpx.Client(
        base_url=site.origin, headers={"accept-language": "en"}, follow_redirects=True, timeout=60
    ) as opened:
        yield opened


def enter(client, party_id):
    client.post("/enter", data={"party_id": party_id, "pin": demonstration.PIN})


@pytest.fixture(scope="module")
def borrower(site):
    """A Chinese customer with a loan of its own: (party id, loan id)."""
    from jiuding.kernel import identity

    branch, now = site.house.branch, clock.now()
    with transaction(branch.engine) as session:
        listed = identity.list_parties(session, bank_id=branch.bank_id, vault=branch.vault)
    steady = [p for p in listed if (p.party.market, p.story) == ("cn", "steady")]
    party_id = steady[2].party.party_id
    need = offers.Need("furniture", Decimal(5_000), "CNY", 24, 24)
    with transaction(branch.engine) as session:
        customer = offers.meet(session, branch=branch, party_id=party_id, now=now)
        quote = offers.make_quote(session, branch=branch, customer=customer, need=need, now=now)
    proof = offers.confirm(
        branch, party_id=party_id, pin=demonstration.PIN, passkey=None,
        purpose=offers.proof_purpose(quote.quote_id, "cheapest"),
    )  # fmt: skip
    done = offers.accept(
        branch, quote_id=quote.quote_id, kind="cheapest", proof=proof,
        idempotency_key=f"console-watch-{quote.quote_id}", now=now,
    )  # fmt: skip
    assert done.status is lending.ApplicationStatus.GRANTED, done.reasons
    return party_id, done.loan_ids[0]


def quote_of(branch, party_id):
    need = offers.Need("furniture", Decimal(30_000), "CNY", 12, 36, Decimal(1_500))
    with transaction(branch.engine) as session:
        now = clock.now()
        customer = offers.meet(session, branch=branch, party_id=party_id, now=now)
        return offers.make_quote(
            session, branch=branch, customer=customer, need=need, now=now
        ).quote_id


def at_half_price(branch):
    market = branch.markets["cn"]
    listed = tuple(
        replace(
            product, version=f"{product.version}-half", fees=(),
            rates=tuple(replace(r, rate=r.rate and r.rate / 2) for r in product.rates),
        )
        for product in market.library.products
    )  # fmt: skip
    library = replace(market.library, products=listed, version="half")
    cheap = replace(market, library=library, shelf=offers.lay_out(library))
    return replace(branch, markets={**branch.markets, "cn": cheap})


def test_a_watch_is_begun_told_of_and_stopped_on_the_loan_s_page(client, site, borrower):
    party_id, loan_id = borrower
    enter(client, party_id)
    path = f"/loans/{loan_id}"
    page = client.get(path).text
    key = re.search(r'name="key" value="([^"]+)"', page).group(1)
    refused = client.post(f"{path}/watch", data={"key": key})
    assert refused.status_code == 403 and "offers.watch_not_allowed" in refused.text
    begun = client.post(f"{path}/watch", data={"key": key, "has_agreed": "yes"})
    assert begun.url.path == path and "Not looked at yet" in begun.text
    again = client.post(f"{path}/watch", data={"key": key, "has_agreed": "yes"})
    watch_id = re.search(r'name="watch_id" value="(wch_\w+)"', again.text).group(1)
    assert watch_id in begun.text
    assert "A cheaper plan was found" not in client.get("/you").text
    offers.look_at_watches(at_half_price(site.house.branch), now=clock.now())
    with transaction(site.house.engine) as session:
        (found,) = offers.findings_of(
            session, bank_id=site.house.bank.bank_id, party_id=party_id, loan_id=loan_id
        )
    saved = f"{found.switch.saved.decimal:,.2f}"
    assert f"You would pay {saved}" in client.get(path).text
    you = client.get("/you").text
    assert saved in you and f'href="/loans/{loan_id}#watch"' in you
    chinese = client.get(path, headers={"accept-language": "zh"}).text
    assert f"一共可以少付 {saved}" in chinese
    stopped = client.post(f"{path}/watch/stop", data={"watch_id": watch_id})
    assert "Begin watching" in stopped.text and "A cheaper plan" not in client.get("/you").text
    # A new consent has a key of its own, so that it is a new watch.
    assert re.search(r'name="key" value="([^"]+)"', stopped.text).group(1) != key


def test_nobody_watches_or_stops_for_another(client, site, borrower):
    from jiuding.kernel import identity

    party_id, loan_id = borrower
    branch = site.house.branch
    with transaction(branch.engine) as session:
        listed = identity.list_parties(session, bank_id=branch.bank_id, vault=branch.vault)
    stranger = next(
        p.party.party_id
        for p in listed
        if (p.party.market, p.story) == ("cn", "steady") and p.party.party_id != party_id
    )
    enter(client, stranger)
    body = {"key": "another", "has_agreed": "yes"}
    assert client.post(f"/loans/{loan_id}/watch", data=body).status_code == 404
    with transaction(branch.engine) as session:
        held = offers.watch_loan(
            session, bank_id=branch.bank_id, party_id=party_id, loan_id=loan_id, has_agreed=True,
            idempotency_key="of the borrower", now=clock.now(),
        )  # fmt: skip
    for watch_id, status in ((held.watch_id, 404), ("wch_nothing", 422)):
        told = client.post(f"/loans/{loan_id}/watch/stop", data={"watch_id": watch_id})
        assert told.status_code == status
    with transaction(branch.engine) as session:
        offers.stop_watching(
            session, bank_id=branch.bank_id, party_id=party_id, watch_id=held.watch_id,
            now=clock.now(),
        )  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_was_set_aside_is_shown_with_its_reason(client, lang):
    headers = {"accept-language": lang}
    page = client.get("/library/sources?market=au", headers=headers).text
    words = {"en": "Comparison rate below the rate itself", "zh": "比较利率低于自身利率"}[lang]
    assert words in page and "14.95" not in page
    only = client.get("/library/sources?market=au&reason=rate_out_of_range", headers=headers).text
    assert "1495.00" in only and "14.95" in only  # as a rate, and as the file says it
    cents = client.get("/library/sources?market=cn", headers=headers)
    assert cents.status_code == 200
    assert "reason=published_below_rate" not in cents.text
    far = client.get("/library/sources?market=au&after=200", headers=headers).text
    assert "after=225" in far
    assert client.get("/library/sources?market=xx", headers=headers).status_code == 404


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("lang", "size"), [("en", (1440, 900)), ("zh", (390, 844))])
def test_the_new_pages_look_right_and_axe_finds_nothing_serious(
    visit, site, borrower, lang, size, theme
):
    party_id, loan_id = borrower
    page = visit(lang=lang, theme=theme, size=size)
    page.context.request.post("/enter", form={"party_id": party_id, "pin": demonstration.PIN})
    for name, path in (
        ("sources", "/library/sources?market=au"),
        ("product", "/library/products/au/1000"),
        ("loan", f"/loans/{loan_id}"),
        ("why", f"/quotes/{quote_of(site.house.branch, party_id)}/cheapest/why"),
    ):
        page.goto(path)
        assert serious(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        if name == "loan":
            page.locator("#watch").scroll_into_view_if_needed()
        if name == "why":
            page.locator("figure[data-waterfall-of]").scroll_into_view_if_needed()
            page.wait_for_selector("figure[data-drawn] canvas", timeout=15_000)
        shoot(page, f"{name}-{lang}-{theme}")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_stands_behind_a_plan_is_told_on_its_page_and_over_http(client, site, borrower, lang):
    from decimal import ROUND_HALF_EVEN

    enter(client, borrower[0])
    headers = {"accept-language": lang}
    asked = client.post("/ask", data={"text": "借3万块，分三年还，买家具，月供别超过1200"})
    quote_id = re.search(r'data-address="/quotes/(quo_\w+)', asked.text).group(1)
    assert f"/quotes/{quote_id}/cheapest/why" in asked.text
    page = client.get(f"/quotes/{quote_id}/cheapest/why", headers=headers)
    assert page.status_code == 200
    told = client.get(f"/v1/quotes/{quote_id}/explanations").json()
    why = told["cheapest"]
    parts = sum(Decimal(rate) for _, rate in why["parts"])
    assert parts == Decimal(why["plan"]["true_rate"])
    fees = sum(Decimal(fee["rate"]) for fee in why["fees"])
    assert fees == sum(Decimal(rate) for name, rate in why["parts"] if name != "interest")
    next_best = Decimal(why["runner_up"]["total_cost"])
    assert next_best >= Decimal(why["plan"]["total_cost"])
    cent = Decimal("0.01")
    assert f"{next_best.quantize(cent, ROUND_HALF_EVEN):,}" in page.text
    less = next(each for each in why["counterfactuals"] if each["change"] == "less_borrowed")
    assert Decimal(less["by"]) == 3000 and Decimal(less["saving"]) > 0
    words = {"en": "put 3,000.00 CNY more down", "zh": "多付首付 3,000.00 "}[lang]
    assert words in page.text
    # Each bar of the chart starts where the one before it ends, and the last is the whole rate.
    found = re.findall(r'data-starts="([^"]+)" data-adds="([^"]+)"', page.text)
    bars = [(Decimal(starts), Decimal(adds)) for starts, adds in found]
    assert len(bars) == len(why["fees"]) + 2
    for before, bar in itertools.pairwise(bars[:-1]):
        assert bar[0] == sum(before)
    assert bars[-1] == (0, sum(bars[-2])) and sum(bars[-2]) == parts * 100
    assert client.get(f"/quotes/{quote_id}/dearest/why", headers=headers).status_code == 404
    client.post("/leave")
    assert client.get(f"/v1/quotes/{quote_id}/explanations").status_code == 401


def test_an_explanation_of_another_s_quote_or_of_another_library_is_refused(site, borrower):
    branch, party_id = site.house.branch, borrower[0]
    need = offers.Need("furniture", Decimal(8_000), "CNY", 24, 24)
    with transaction(branch.engine) as session:
        now = clock.now()
        customer = offers.meet(session, branch=branch, party_id=party_id, now=now)
        quote = offers.make_quote(session, branch=branch, customer=customer, need=need, now=now)
        with pytest.raises(offers.QuoteNotFound):
            offers.explain_quote(
                session, branch=branch, party_id=site.house.bank.bank_id, quote_id=quote.quote_id
            )
        with pytest.raises(offers.QuoteStale):
            offers.explain_quote(
                session, branch=at_half_price(branch), party_id=party_id, quote_id=quote.quote_id
            )
