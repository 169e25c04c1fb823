"""Make `.venv` exactly what requirements.lock says; when it already is, do nothing and ask nobody.

Packages are fetched once into a folder of wheels (`jiuding/wheels` under XDG_CACHE_HOME) and
installed from there, so that a deleted `.venv` can be made again without a network. Every file is
checked against the hashes in the lock. Only the standard library is used: nothing else is there.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "jiuding.stamp"

PIP_SECONDS_MAX = 1800

# What an operator may say about reaching packages; other PIP_ variables change what is installed.
NETWORK = {
    "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX", "PIP_PROXY",
    "PIP_CERT", "PIP_CLIENT_CERT", "PIP_TRUSTED_HOST", "PIP_DEFAULT_TIMEOUT", "PIP_TIMEOUT",
    "PIP_RETRIES", "PIP_CACHE_DIR", "PIP_CONFIG_FILE",
}  # fmt: skip


class CannotSetUp(Exception):
    """Stop with one sentence that says what is wrong."""


def stamp() -> str:
    """Return what `.venv` was, or must be, made from."""
    content = hashlib.sha256(LOCK.read_bytes() + (ROOT / "pyproject.toml").read_bytes())
    return f"{ROOT}\n{sys.version_info[:2]}\n{content.hexdigest()}\n"


def is_done() -> bool:
    """Tell whether `.venv` is what it must be."""
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text() == stamp()


def wheels() -> Path | None:
    """Return the folder that keeps fetched packages; None when it may not be written."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "jiuding" / "wheels"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def make_venv() -> None:
    """Make `.venv` if it is missing, broken, or was made at another place."""
    is_moved = STAMP.exists() and STAMP.read_text().split("\n")[0] != str(ROOT)
    if not is_moved and PYTHON.exists():
        asked = subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True)
        if asked.returncode == 0:
            return
    if VENV.exists():
        shutil.rmtree(VENV)
    base = getattr(sys, "_base_executable", sys.executable)
    if Path(sys.prefix) == VENV:
        os.execv(base, [base, __file__])  # our own ground is gone: go on with the Python below it
    venv.create(VENV, with_pip=True, symlinks=True)


def pip(*arguments: str, offline: bool) -> str:
    """Run pip in `.venv`; return what it complained of, empty when all went well."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PIP_", "PYTHON")) or (name in NETWORK and not offline)
    }
    if offline:
        environment["PIP_CONFIG_FILE"] = os.devnull
    command = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    running = subprocess.Popen(
        [*command, *arguments], cwd=ROOT, env=environment, text=True, errors="replace",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    lines = []
    for line in running.stdout or []:
        lines.append(line.strip())
        if sys.stderr.isatty() and line.startswith(("Collecting", "Installing", "Saved")):
            print(f"\r\033[K  {line.strip()[:70]}", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    if running.wait(timeout=PIP_SECONDS_MAX) == 0:
        return ""
    if any("connection broken" in line or "Could not fetch URL" in line for line in lines):
        return "the package index cannot be reached, and not all of them were fetched before."
    errors = [line for line in lines if line.startswith("ERROR")] or lines[-1:] or ["no reason"]
    return errors[0].removeprefix("ERROR:").strip()


def install() -> None:
    """Install what the lock says: from the kept packages, or after fetching them."""
    locked = ("--require-hashes", "--requirement", "requirements.lock")
    kept = wheels()
    links = ("--find-links", str(kept)) if kept else ()
    if pip("install", "--no-index", *links, *locked, offline=True) == "":
        return
    say("Fetching the packages of requirements.lock; this happens once.")
    if kept is None:
        trouble = pip("install", *locked, offline=False)
    else:
        trouble = pip("download", "--dest", str(kept), *locked, offline=False)
        if not trouble:
            say("Installing them.")
            trouble = pip("install", "--no-index", *links, *locked, offline=True)
    if trouble:
        raise CannotSetUp(f"The packages of requirements.lock could not be installed: {trouble}")


def say(sentence: str) -> None:
    """Tell the person who waits what happens now."""
    print(sentence, file=sys.stderr, flush=True)


def set_up() -> None:
    """Make `.venv`, and note what it was made from."""
    make_venv()
    install()
    trouble = pip(
        "install", "--no-index", "--no-deps", "--no-build-isolation", "--editable", ".",
        offline=True,
    )  # fmt: skip
    if trouble:
        raise CannotSetUp(f"Jiuding itself could not be installed: {trouble}")
    STAMP.write_text(stamp())


def main() -> int:
    """Set up once, even when two commands start together."""
    try:
        if is_done():
            return 0
        with open(LOCK) as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            if not is_done():
                set_up()
    except CannotSetUp as problem:
        say(str(problem))
        return 1
    except OSError as error:
        say(f"The set-up cannot go on: {error.strerror or error} ({error.filename or VENV}).")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
