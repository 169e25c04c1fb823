"""The page of one product: its terms, its true cost with every fee, and its past."""

from __future__ import annotations

import re
from decimal import Decimal

import httpx
import pytest

from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.services import offers
from jiuding.services.offers.gateways import FakeSource
from jiuding.services.offers.operations.imports import fetch_library, record_import

PART = re.compile(r'<tr data-starts="([\d.]+)" data-adds="([\d.]+)">')


@pytest.fixture
def client(site):
    """A browser of nobody, who reads English."""
    with httpx.Client(
        base_url=site.origin, headers={"accept-language": "en"}, follow_redirects=True, timeout=60
    ) as opened:
        yield opened


def place_of(site, is_wanted):
    """Return the place of the first Australian product that is wanted."""
    listed = site.house.branch.market("au").library.products
    return next(product.place for product in listed if is_wanted(product))


def with_fees(product):
    certain = [fee for fee in product.fees if fee.is_certain and fee.amount and not fee.only_if]
    quoted = [rate for rate in product.rates if not rate.unquotable]
    return product.category.value == "mortgage" and len(certain) > 2 and quoted


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_library_leads_to_each_product(client, lang):
    listed = client.get("/library?market=cn", headers={"accept-language": lang}).text
    found = re.findall(r'href="(/library/products/cn/\d+)"', listed)
    assert len(found) > 10
    for path in found:
        page = client.get(path, headers={"accept-language": lang})
        assert page.status_code == 200 and 'id="waterfall"' in page.text


def test_the_parts_of_a_true_rate_add_up_to_it(client, site):
    place = place_of(site, with_fees)
    text = client.get(f"/library/products/au/{place}").text
    *parts, whole = [(Decimal(a), Decimal(b)) for a, b in PART.findall(text)]
    assert len(parts) > 1 and whole[0] == 0
    assert sum(adds for _, adds in parts) == whole[1]
    starts = Decimal(0)
    for begins, adds in parts:
        assert begins == starts and adds > 0
        starts += adds


def test_a_smaller_loan_feels_its_fees_more(client, site):
    place = place_of(site, with_fees)
    path = f"/library/products/au/{place}"

    def true_rate(**asked):
        return Decimal(PART.findall(client.get(path, params=asked).text)[-1][1])

    assert true_rate(amount="20,000", months="60") > true_rate(amount="900000", months="300")
    # What cannot be meant is the usual, never an error page.
    usual = true_rate()
    assert true_rate(amount="minus", months="999", rate="9999") == usual
    assert true_rate(amount="-5", months="0") == usual


def test_a_product_without_a_price_says_so(client, site):
    place = place_of(site, lambda product: all(rate.unquotable for rate in product.rates))
    page = client.get(f"/library/products/au/{place}")
    assert page.status_code == 200 and "its true cost is not known" in page.text


def test_a_product_that_is_not_there_is_a_page_that_says_so(client):
    for path in ("/library/products/au/999999", "/library/products/xx/0"):
        page = client.get(path, headers={"accept": "text/html"})
        assert page.status_code == 404 and "<html" in page.text
    assert client.get("/library/products/au/x").status_code in (404, 422)


def test_every_kind_of_product_has_a_page(client, site):
    seen = set()
    for product in site.house.branch.market("au").library.products:
        key = (product.category, len(product.rates) > 20, bool(product.fees))
        if key not in seen:
            seen.add(key)
            assert client.get(f"/library/products/au/{product.place}").status_code == 200, product


def test_the_past_of_a_product_is_shown_once_it_is_remembered(client, site):
    path = "/library/products/cn/0"
    assert "no past to show" in client.get(path).text
    offers.remember_libraries(site.house.branch, now=clock.now())
    text = client.get(path).text
    version = site.house.branch.market("cn").library.products[0].version
    assert version[:12] in text and "In the library now" in text and "Seen 0 days ago" in text


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("lang", "size"), [("en", (1440, 900)), ("zh", (390, 844))])
def test_the_waterfall_is_drawn(visit, site, lang, size, theme):
    page = visit(lang=lang, theme=theme, size=size)
    page.goto(f"/library/products/au/{place_of(site, with_fees)}")
    page.locator("figure[data-waterfall-of]").scroll_into_view_if_needed()
    page.wait_for_selector("figure[data-drawn]", timeout=15_000)
    assert page.locator("figure[data-waterfall-of] canvas").count() == 1
    # The page itself never scrolls sideways.
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_import_is_shown_with_its_age_and_what_it_changed(client, site):
    branch, now = site.house.branch, clock.now()
    rate = {"lendingRateType": "VARIABLE", "rate": "0.0799"}
    record = {"productId": "s1", "brand": "Sourced", "name": "Sourced loan", "currency": "CNY",
              "productCategory": "PERS_LOANS", "lendingRates": [rate]}  # fmt: skip
    before = branch.markets["cn"]
    offers.remember_libraries(branch, now=now)
    for value in ("0.0799", "0.0824"):
        rate["rate"] = value
        library = fetch_library(FakeSource([record, {"name": "no id"}]))
        with transaction(branch.engine) as session:
            record_import(
                session, bank_id=branch.bank_id, library=library, source="sourced.jsonl", now=now
            )
        assert "cn" in offers.renew_markets(branch)
        offers.remember_libraries(branch, now=clock.now())
    page = client.get("/library/sources?market=cn").text
    assert "sourced.jsonl" in page and "rates up 1" in page
    assert "Rate up 0.25%" in page.replace(" %", "%") and "no productId" in page
    found = client.get("/library?market=cn&search=sourced").text
    place = re.search(r"/library/products/cn/\d+", found).group(0)
    history = client.get(place).text
    assert "Rate up 0.25%" in history.replace(" %", "%") and "8.24" in history
    # Taken back, the import before it stands, and the page says why.
    with transaction(branch.engine) as session:
        offers.withdraw_import(
            session, bank_id=branch.bank_id, source="sourced.jsonl", reason="<in> per cent",
            now=clock.now(),
        )  # fmt: skip
    assert "cn" in offers.renew_markets(branch)
    page = client.get("/library/sources?market=cn").text
    assert "Import 2 of sourced.jsonl was withdrawn" in page and "&lt;in&gt; per cent" in page
    assert "7.99" in client.get("/library?market=cn&search=sourced").text
    branch.markets["cn"] = before
