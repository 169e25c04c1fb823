"""What is documented exists, and what exists is documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jiuding.base.settings import SETTINGS
from jiuding.cli import every_command

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh-CN.md")


@pytest.mark.parametrize("readme", READMES)
def test_every_command_is_documented_and_every_documented_command_exists(readme):
    words = (ROOT / readme).read_text(encoding="utf-8")
    known = set(every_command())
    told = {
        found
        for line in re.findall(r"`jiuding ([^`]+)`", words)
        for found in [" ".join(re.findall(r"^[a-z-]+(?: [a-z-]+)?", line)[0].split())]
    }
    told = {each if each in known else each.split()[0] for each in told}
    assert told == known


@pytest.mark.parametrize("readme", READMES)
def test_every_setting_is_documented_and_every_documented_setting_exists(readme):
    words = (ROOT / readme).read_text(encoding="utf-8")
    assert set(re.findall(r"`(JIUDING_[A-Z_]+)`", words)) == set(SETTINGS)


def test_links_in_documents_lead_somewhere():
    broken = []
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            if not (path.parent / target).exists():
                broken.append(f"{path.relative_to(ROOT)}: {target}")
    assert broken == []


def test_decision_records_are_one_page_with_their_four_parts():
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert records
    for record in records:
        words = record.read_text(encoding="utf-8")
        assert len(words.splitlines()) <= 80, record.name
        for part in ("Context", "Decision", "Consequences", "Not chosen"):
            assert re.search(rf"\*\*{part}", words), f"{record.name} lacks {part}"


def test_every_package_is_on_the_map_and_in_its_room():
    words = (ROOT / "docs" / "map.md").read_text(encoding="utf-8")
    source = ROOT / "src" / "jiuding"
    for tier in ("kernel", "services", "business", "channels"):
        for folder in sorted((source / tier).glob("*/__init__.py")):
            assert f"`{tier}/{folder.parent.name}`" in words
