"""What was copied from elsewhere is what its manifest says, with its licence beside it."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
WEB = ROOT / "web"
VENDOR = WEB / "vendor"
CONSOLE = ROOT / "src/jiuding/channels/console"
FILES = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))["files"]
OURS = sorted(
    [*WEB.glob("css/*.css"), *WEB.glob("components/*.css"), *WEB.glob("js/*.js"),
     *WEB.glob("worklets/*.js"),
     *CONSOLE.glob("templates/**/*.html")]
)  # fmt: skip


@pytest.mark.parametrize("file", FILES, ids=lambda file: file["name"])
def test_a_vendored_file_is_the_one_of_the_manifest(file):
    body = (VENDOR / file["file"]).read_bytes()
    assert hashlib.sha256(body).hexdigest() == file["sha256"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", file["version"]) and file["licence"]
    for licence in file["licence_files"]:
        assert len((VENDOR / licence).read_text(encoding="utf-8")) > 100


def test_nothing_is_vendored_outside_the_manifest():
    listed = {"manifest.json"}
    for file in FILES:
        listed |= {file["file"], *file["licence_files"]}
    found = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert found == listed


def test_our_pages_name_no_address_elsewhere():
    elsewhere = re.compile(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", re.I)
    found = {
        path.name: match.group(0)
        for path in OURS
        if (match := elsewhere.search(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_no_template_holds_an_inline_script_style_or_handler():
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", re.I)
    found = [
        path.name
        for path in CONSOLE.glob("templates/**/*.html")
        if inline.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_colours_are_chosen_in_the_tokens_only():
    colour = re.compile(r"#[0-9a-f]{3,8}\b|rgb\(", re.I)
    loose = {
        path.name: match.group(0)
        for path in OURS
        if path.suffix in (".css", ".js") and path.name != "tokens.css"
        for match in colour.finditer(path.read_text(encoding="utf-8"))
    }
    assert loose == {}


def test_both_dark_palettes_are_one():
    blocks = re.findall(
        r"(?:data-theme=\"light\"\]\)|data-theme=\"dark\"\]) \{([^}]*)\}",
        (WEB / "css/tokens.css").read_text(encoding="utf-8"),
    )
    assert len(blocks) == 2
    assert blocks[0].split() == blocks[1].split()
