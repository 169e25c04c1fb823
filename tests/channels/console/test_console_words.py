"""Both languages say the same things, and every page finds its sentences in both."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jiuding.base.problems import BrokenInvariant
from jiuding.channels import assistant, console
from jiuding.channels.console import rules
from jiuding.channels.console.routes.words import words
from jiuding.channels.console.types import RejectionView

FOLDER = Path(console.__file__).parent
EN, ZH = words("en"), words("zh")
TEMPLATES = sorted((FOLDER / "templates").rglob("*.html"))


def fields(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_the_two_languages_hold_the_same_sentences():
    assert list(EN.sections) == list(ZH.sections)
    for name, section in EN.sections.items():
        assert section.keys() == ZH.sections[name].keys(), name


def test_a_sentence_takes_the_same_figures_in_both_languages():
    for name, section in EN.sections.items():
        for key, text in section.items():
            assert fields(text) == fields(ZH.sections[name][key]), f"{name}.{key}"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_sentence_that_a_template_names_is_written(path):
    named = re.findall(r"\bt\(\s*[\"']([a-z_0-9]+\.[a-zA-Z_0-9]+)[\"']\s*[,)]", path.read_text())
    for key in named:
        section, _, name = key.partition(".")
        assert name in EN.sections.get(section, {}), key


def test_the_voice_is_adult():
    for held in (EN, ZH):
        for section in held.sections.values():
            for text in section.values():
                assert not re.search(r"[!！]|Oops|尊敬的|亲爱的|Please note", text), text


def test_a_chinese_sentence_holds_no_english_word_and_the_other_way_round():
    allowed = {"English", "CSV", "UTC", "CNY", "AUD", "PIN"}
    for section in ZH.sections.values():
        for text in section.values():
            found = set(re.findall(r"[A-Za-z]{3,}", re.sub(r"\{\w+\}", "", text)))
            assert found <= allowed, text
    for name, section in EN.sections.items():
        for key, text in section.items():
            assert key == "language" or not re.search(r"[\u4e00-\u9fff]", text), f"{name}.{key}"


def test_every_purpose_that_can_be_chosen_is_known_to_the_assistant():
    for purpose in rules.PURPOSES:
        assert purpose in ZH.sections["purposes"]
        assert assistant.purpose_word("en", purpose)


def test_a_missing_sentence_stops_the_page():
    with pytest.raises(BrokenInvariant):
        EN.say("home.nothing_of_the_kind")


def test_values_are_escaped_and_sentences_are_not():
    said = EN.say("answer.said", words="<b>15万</b>")
    assert "&lt;b&gt;" in said and "“" in said


@pytest.mark.parametrize(
    ("rule", "figures", "zh", "en"),
    [
        ("costs_more", {"extra": "467.66", "currency": "CNY"}, "比最省钱的方案多 467.66 元",
         "467.66 CNY more than the cheapest plan"),
        ("term_out_of_range", {"months_min": 36, "months_max": 36, "product_months_min": 1,
                               "product_months_max": 18}, "期限为 1 个月 至 18 个月",
         "Runs from 1 month to 18 months"),
        ("collateral_missing", {"collateral": ["house", "car"]}, "抵押物：住房、车辆",
         "As security: a home, a car"),
        ("eligibility.age_min", {"required": "21", "stated": 19}, "需满 21 岁，您 19 岁",
         "From 21 years; you are 19"),
        ("currency_differs", {"lends": "AUD", "wanted": "CNY"}, "只借澳大利亚元",
         "Lends in Australian dollar"),
        ("costs_more", {}, None, "its own words"),
        ("nothing.we_know", {"x": "<b>"}, None, "its own words"),
    ],
)  # fmt: skip
def test_why_a_product_lost_is_said_in_the_readers_language(rule, figures, zh, en):
    row = RejectionView("Lender", "Product", rule, "its own words", figures)
    assert ZH.detail(row) == zh
    assert EN.detail(row) == en


def test_a_rule_without_a_heading_of_its_own_still_reads():
    assert EN.rule("offers.some_new_rule") == "Some new rule"
    assert ZH.rule("cn.all_in_rate_max") == ZH.rule("jurisdiction")
