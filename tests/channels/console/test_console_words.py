"""Both languages say the same things, and every page finds its sentences in both."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jiuding.base.problems import BrokenInvariant
from jiuding.channels import assistant, console
from jiuding.channels.console import rules
from jiuding.channels.console.routes.words import words

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
