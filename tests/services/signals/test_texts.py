"""Texts: what does harm is named by its place; names of shops and people that come near are not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiuding.base.settings import CATALOG
from jiuding.services import signals

WORDS = signals.read_words(
    (CATALOG / "words" / "prohibited.toml").read_text("utf-8"), file="prohibited.toml"
)


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("<script>alert(1)</script>", "script.tag", "<script>"),
        ("hi <img src=x onerror=alert(1)>", "script.tag", "<img src=x onerror=alert(1)>"),
        ("x\" onmouseover=go() y", "script.handler", " onmouseover=go("),
        ("%3Csvg/onload=x(1)>", "script.tag", "%3Csvg/onload=x(1)>"),
        ("&lt;iframe src=//a.b", "script.tag", "&lt;iframe src=//a.b"),
        ("JaVaScRiPt:alert`1`", "script.address", "JaVaScRiPt:a"),
        ("＜script＞", "script.tag", "＜script＞"),
        ("' OR '1'='1", "sql.always", "' OR '1'='1"),
        ("1) or 1=1", "sql.always", ") or 1=1"),
        ("x' UNION/**/ALL SELECT pin", "sql.union", "UNION/**/ALL SELECT"),
        ("x'; DROP TABLE parties;--", "sql.statement", "; DROP TABLE parties;"),
        ("select * from users", "sql.query", "select * from users"),
        ("admin'--", "sql.comment", "'--"),
        ("1 and pg_sleep(9)", "sql.delay", "pg_sleep("),
        ("{{7*7}}", "template.braces", "{{7*7}}"),
        ("${jndi:ldap://a/b}", "template.dollar", "${jndi:ldap://a/b}"),
        ("<%= 1 %>", "template.server", "<%= 1 %>"),
        ("x.__class__", "template.dunder", "__class__"),
        ("../../etc/passwd", "command.path", "../../"),
        ("a; rm -rf /", "command.shell", "; rm -"),
        ("=HYPERLINK(\"x\")", "formula.start", "=HYPERLINK("),
        ("@SUM(A1)", "formula.start", "@SUM("),
        ("写信 lin.lan@example.com", "contact.email", "lin.lan@example.com"),
        ("来 www.example.com/a 看", "contact.address", "www.example.com/a"),
        ("看 shop88.top", "contact.address", "shop88.top"),
        ("电话138-0013-8000", "contact.phone", "138-0013-8000"),
        ("一三八零零一三八零零零", "contact.phone", "一三八零零一三八零零零"),
        ("１３８００１３８０００", "contact.phone", "１３８００１３８０００"),
        ("加我薇 信：abc12345", "contact.handle", "薇 信：abc12345"),
        ("V\u200b信 shop_88", "contact.handle", "V\u200b信 shop_88"),
        ("加 微.信 详聊", "contact.invitation", "加 微.信"),
        ("whatsapp me at 5 pm", "contact.invitation", "whatsapp me at"),
        ("出售银 行 卡", "prohibited.fraud_tools", "出售银 行 卡"),
        ("冰*毒", "prohibited.drugs", "冰*毒"),
        ("hero\u200bin", "prohibited.drugs", "hero\u200bin"),
        ("cоcаine", "prohibited.drugs", "cоcаine"),  # two letters are Cyrillic
        ("Fake  ID today", "prohibited.fraud_tools", "Fake  ID"),
        ("pаypal", "obfuscated.spelling", "а"),
    ],
)  # fmt: skip
def test_what_does_harm_is_named_by_its_place(text, code, part):
    found = {(flag.code, text[flag.start : flag.end]) for flag in signals.read_text(text, WORDS)}
    assert (code, part) in found


@pytest.mark.parametrize(
    "text",
    [
        "Select Specialty Hospital", "I <3 you", "O'Brien & Sons", "Union Select Produce",
        "C++ / R&D", "A < B and C > D", "- 5% off", "老王 -- 小店", "一三八路小吃", "水枪玩具",
        "Drop Table Tennis Club", "Insert Coin Arcade", "Update: new shop", "O'Neil's or Neil's",
        "房租 2026-11", "工资 12,345.67", "order 20261123-0007", "¥1,299（含税）", "你好，世界！",
        "Café Müller", "Zoë", "Ελληνικά", "Кафе Пушкин", "日本料理", "한국 식당", "مطعم", "שלום",
        "family 👨\u200d👩\u200d👧", "नमस्\u200dते", "Mr. Smith (rent)", "50% + 20%", "a/b/c",
        "heroine of the year", "Weapon X comics club", "@home café", "Line dance school", "A | B",
        "ＡＢＣ商店" [3:], "Notes: on-site = yes", "$5 {set}", "#1 {best}", "signal processing lab",
    ],
)  # fmt: skip
def test_honest_names_and_memos_have_no_flag(text):
    assert signals.read_text(text, WORDS) == ()


def test_a_flag_of_a_disguised_part_says_so():
    flags = {flag.code: flag for flag in signals.read_text("hero\u200bin and cocaine", WORDS)}
    assert flags["obfuscated.spelling"].is_hidden
    drugs = [f for f in signals.read_text("hero\u200bin and cocaine", WORDS)
             if f.code == "prohibited.drugs"]  # fmt: skip
    assert [each.is_hidden for each in drugs] == [True, False]


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_every_flag_lies_within_the_text_as_it_was_given(text):
    for flag in signals.read_text(text, WORDS):
        assert 0 <= flag.start < flag.end <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        *("<" * 2_000, "'" * 2_000, "select " * 300, "((" * 1_000, "{{" * 1_000, "微信" * 1_000),
        *("1 3 8 0" * 300, "a." * 1_000, "union " + "/**/" * 500, "union " + "/*" * 900),
        *("../" * 700, "<script " * 250, "on" * 1_000, "' or " * 400, "`" * 2_000, "$(" * 900),
    ],
)
def test_a_hostile_text_is_read_to_the_end(text):
    signals.read_text(text, WORDS)


@pytest.mark.parametrize(
    "text", ["[a\n", 'a = "b"', "[a]\nfr = []", "[a]\nzh = [1]", '[a]\nen = [" "]']
)
def test_a_list_of_words_that_is_not_clear_is_refused(text):
    with pytest.raises(signals.BadWordList, match=r"x\.toml"):
        signals.read_words(text, file="x.toml")
