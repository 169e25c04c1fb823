"""A stranger sets the bank up, and an engineer adds a room to it."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    values = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        command, cwd=cwd, env=values | environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what the set-up reads, in a folder with a space in its name."""
    folder = tmp_path / "a bank"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("src", "tools", "migrations"):
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    return folder


def load(name: str, folder: Path):
    spec = importlib.util.spec_from_file_location(f"tool_{name}", folder / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_make_alone_lists_what_can_be_said():
    said = run("make").stdout
    for command in ("run", "test", "lint", "lock", "new-package", "help"):
        assert re.search(rf"^  {command} +\w", said, re.MULTILINE), said


def fake_python(folder: Path, name: str, version: str, *, has_venv: bool = True) -> None:
    """Write a program that answers as this version of Python would."""
    is_new = tuple(map(int, version.split("."))) >= (3, 11)
    path = folder / name
    path.write_text(
        f'#!/bin/sh\ncase "$2" in\n*print*) echo {version} ;;\n'
        f"*ensurepip*) exit {0 if has_venv else 1} ;;\n*) exit {0 if is_new else 1} ;;\nesac\n"
    )
    path.chmod(0o755)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A folder of programs in which there is a shell and no Python."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("sh", "cut"):
        (folder / name).symlink_to(shutil.which(name))
    return folder


def test_a_wrong_python_is_one_clear_sentence(path):
    find = str(ROOT / "tools" / "find_python")
    said = run("sh", find, PATH=str(path))
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr == "Jiuding needs Python 3.11 or newer; found none.\n"
    fake_python(path, "python3", "3.9.2")
    said = run("sh", find, PATH=str(path))
    assert said.stderr == (f"Jiuding needs Python 3.11 or newer; found 3.9.2 ({path}/python3).\n")
    fake_python(path, "python3.12", "3.12.1", has_venv=False)
    said = run("sh", find, PATH=str(path))
    assert "install the package python3.12-venv" in said.stderr
    assert said.stderr.count("\n") == 1


def test_the_newest_python_is_taken(path):
    for name, version in {
        "python3": "3.9.2",
        "python3.11": "3.11.4",
        "python3.13": "3.13.0",
    }.items():
        fake_python(path, name, version)
    said = run("sh", str(ROOT / "tools" / "find_python"), PATH=str(path))
    assert said.stdout == f"{path}/python3.13\n"


def test_a_set_up_that_is_done_asks_nobody(copy):
    """The stamp alone decides: no pip is run, so no network is needed."""
    set_up = load("set_up", copy)
    (copy / ".venv" / "bin").mkdir(parents=True)
    (copy / ".venv" / "bin" / "python").symlink_to(sys.executable)
    assert not set_up.is_done()
    set_up.STAMP.write_text(set_up.stamp())
    assert set_up.is_done()
    set_up.pip = lambda *words, offline: pytest.fail("pip was asked")
    assert set_up.main() == 0
    with open(copy / "requirements.lock", "a") as lock:
        lock.write("# another lock\n")
    assert not set_up.is_done()


def test_a_set_up_without_network_or_kept_packages_says_why(copy, tmp_path):
    """A real pip, a real virtual environment, and an index that refuses every connection."""
    said = run(
        "make", "set-up", cwd=copy,
        XDG_CACHE_HOME=str(tmp_path / "cache"), PIP_CONFIG_FILE=os.devnull, PIP_RETRIES="1",
        PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_FIND_LINKS="", PIP_EXTRA_INDEX_URL="",
    )  # fmt: skip
    assert said.returncode != 0
    sentences = [line for line in said.stderr.splitlines() if not line.startswith("make")]
    assert sentences[-1].endswith(
        "the package index cannot be reached, and not all of them were fetched before."
    )
    assert not (copy / ".venv" / "jiuding.stamp").exists()


def test_variables_of_pip_that_change_what_is_installed_are_not_passed_on(copy, monkeypatch):
    set_up = load("set_up", copy)
    asked = {}

    class Running:
        stdout = ()

        def __init__(self, command, **kwargs):
            asked[tuple(command[-2:])] = kwargs["env"]

        def wait(self, timeout):
            return 0

    monkeypatch.setattr(set_up.subprocess, "Popen", Running)
    for name, value in {"PIP_TARGET": "/x", "PIP_USER": "1", "PIP_PROXY": "p"}.items():
        monkeypatch.setenv(name, value)
    set_up.pip("install", "online", offline=False)
    set_up.pip("install", "offline", offline=True)
    online, offline = asked[("install", "online")], asked[("install", "offline")]
    assert online["PIP_PROXY"] == "p" and "PIP_PROXY" not in offline
    for values in (online, offline):
        assert not {"PIP_TARGET", "PIP_USER"} & set(values)


def test_the_lock_pins_every_package_that_is_asked_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {re.match(r"[A-Za-z0-9._-]+", line)[0].lower() for line in asked}
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", lock.strip())
    assert names <= {entry.split("==")[0].lower() for entry in entries}
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in lock


@pytest.mark.parametrize(
    ("tier", "name"), [("services", "payments"), ("kernel", "markets"), ("business", "retail")]
)
def test_a_new_package_obeys_the_house_from_its_first_line(copy, tier, name):
    tool = load("new_package", copy)
    assert f"src/jiuding/{tier}/{name}" in tool.lay_out(copy, tier, name)
    python = Path(sys.executable).parent
    paths = {"PYTHONPATH": str(copy / "src")}
    for command in (
        (str(python / "lint-imports"), "--no-cache"),
        (str(python / "ruff"), "check", f"src/jiuding/{tier}/{name}", f"tests/{tier}/{name}"),
        (str(python / "ruff"), "format", "--check", f"src/jiuding/{tier}/{name}", "tests"),
        (sys.executable, "-m", "pytest", f"tests/{tier}/{name}"),
    ):
        done = run(*command, cwd=copy, **paths)
        assert done.returncode == 0, done.stdout + done.stderr
    with pytest.raises(tool.CannotLayOut, match="already"):
        tool.lay_out(copy, "kernel", name)


def test_a_package_that_cannot_be_is_refused_in_one_sentence(copy):
    tool = load("new_package", copy)
    for words in ((), ("cellar", "wine"), ("kernel", "Ledger2!"), ("kernel", "class")):
        assert tool.main(list(words)) == 1
    with pytest.raises(tool.CannotLayOut, match="one of kernel, services, business, channels"):
        tool.lay_out(copy, "cellar", "wine")
    assert not (copy / "tests").exists()


@pytest.mark.parametrize("words", [("TIER=services", "NAME=growth"), ("services", "growth")])
def test_both_forms_of_the_command_mean_the_same(words):
    said = run("make", "--dry-run", "new-package", *words)
    assert 'new_package.py "services" "growth"' in said.stdout, said.stderr
