"""What is committed names no machine, no registry and no tool of a workplace."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOSTS = re.compile(r"https?://[\w.-]*(?:pypi|pythonhosted|npmjs|registry|debian)[\w.-]*\.\w+", re.I)


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, timeout=60)
    if listed.returncode != 0:
        return [path for path in ROOT.rglob("*.py") if ".venv" not in path.parts]
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def test_no_file_names_a_registry_or_this_machine():
    # Vendored files and the banks' own product texts are other people's words.
    skipped = ("web/vendor/", "catalog/library/")
    home = str(ROOT) + "/"
    found = []
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        if name.startswith(skipped) or not path.is_file():
            continue
        try:
            words = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if home in words or HOSTS.search(words):
            found.append(name)
    assert found == []


def test_the_lock_has_hashes_and_no_addresses():
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock and "--index" not in lock and "--find-links" not in lock
    pins = re.findall(r"^[a-z0-9._-]+(?:\[[^\]]*\])?==", lock, re.M)
    blocks = re.split(r"\n(?=[a-z0-9])", lock.strip())
    assert len(pins) == len(blocks) and all("--hash=sha256:" in block for block in blocks)
