"""Lay out a new package: its front door, its refusals, its test, and its line in the contracts.

The other files of the anatomy (STYLE.md §2) appear when there is something to put in them; one
with tables also gets a migration. Run by `make new-package TIER NAME`.
"""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TIERS = ("kernel", "services", "business", "channels")
NEXT = """\
Made {folder}. Next:
  1. say in its front door what it is, and put its words into docs/glossary.md;
  2. write its first operation, with types, rules and tables as it needs them;
  3. with tables: migrations/versions/{revision}_{name}.py, after revision {previous}.
"""

DOOR = '''\
"""{title}: what this is, in one sentence.

Its words: the nouns that a reader meets here, each as the glossary has it.

Always true: what no operation of this package can break.

It does not do what its neighbours do: name them, and say what is theirs.
"""

from __future__ import annotations

from jiuding.{tier}.{name}.errors import {noun}Refused

__all__ = ["{noun}Refused"]
'''
ERRORS = '''\
"""Refusals of {name}, each with a stable code."""

from __future__ import annotations

from jiuding.base.problems import Problem


class {noun}Refused(Problem):
    """Refuse what {name} cannot do; give each reason a class of its own."""

    code = "{name}.refused"
    status = 409
    title = "This cannot be done"
'''
TEST = '''\
"""The front door of {name}."""

from __future__ import annotations

from jiuding.base.problems import registered_problems
from jiuding.{tier} import {name}


def test_its_refusal_has_a_stable_code():
    assert registered_problems()["{name}.refused"] is {name}.{noun}Refused
'''
INDEPENDENT = """
[[tool.importlinter.contracts]]
name = "Business lines never meet"
type = "independence"
modules = ["jiuding.business.*"]
"""


class CannotLayOut(Exception):
    """Stop with one sentence that says what is wrong."""


def check(root: Path, tier: str, name: str) -> None:
    """Refuse a room that is not there, a word that is no name, or a package that is."""
    if tier not in TIERS:
        raise CannotLayOut(
            f"Say make new-package TIER NAME, with TIER one of {', '.join(TIERS)}; got {tier!r}."
        )
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,30}", name) or keyword.iskeyword(name):
        raise CannotLayOut(f"A package is named in lower_snake_words; got {name!r}.")
    taken = [path for other in TIERS for path in (root / "src/jiuding" / other).glob(name)]
    if taken:
        raise CannotLayOut(f"There is a package {name} already: {taken[0].relative_to(root)}.")


def with_contract(project: str, tier: str, name: str) -> str:
    """Return pyproject.toml with the package in its room's order.

    A name that the order foresees in brackets is left there; another becomes a neighbour of the
    lowest packages of its room, in the kernel of the highest: move it where it belongs.
    """
    if tier == "business":
        if "jiuding.business.*" not in project:
            project = project.replace(
                '"jiuding.services.*", ', '"jiuding.services.*", "jiuding.business.*", '
            )
            project += INDEPENDENT
        return project
    pattern = rf'(containers = \["jiuding\.{tier}"\]\nexhaustive = true\nlayers = \[)(.*)(\]\n)'
    found = re.search(pattern, project)
    if found is None:
        raise CannotLayOut(f"pyproject.toml has no order for {tier}; add one first.")
    rows = re.findall(r'"([^"]*)"', found[2])
    if name not in re.findall(r"\w+", found[2]):
        place = 0 if tier == "kernel" else -1
        rows[place] = f"{rows[place]} | {name}"
    written = ", ".join(f'"{row}"' for row in rows)
    return project[: found.start(2)] + written + project[found.end(2) :]


def lay_out(root: Path, tier: str, name: str) -> str:
    """Write the package's first files; return what to do next."""
    check(root, tier, name)
    project = root / "pyproject.toml"
    project.write_text(with_contract(project.read_text(encoding="utf-8"), tier, name), "utf-8")
    words = {
        "tier": tier,
        "name": name,
        "title": name.replace("_", " ").capitalize(),
        "noun": "".join(word.capitalize() for word in name.split("_")),
    }
    room = root / "src" / "jiuding" / tier
    tests = root / "tests" / tier / name
    for folder in (room / name, tests):
        folder.mkdir(parents=True)
    if not (room / "__init__.py").exists():
        (room / "__init__.py").write_text('"""What we offer, line by line."""\n', "utf-8")
    (room / name / "__init__.py").write_text(DOOR.format(**words), "utf-8")
    (room / name / "errors.py").write_text(ERRORS.format(**words), "utf-8")
    (tests / f"test_{name}_door.py").write_text(TEST.format(**words), "utf-8")
    versions = sorted((root / "migrations" / "versions").glob("[0-9]*_*.py"))
    last = int(versions[-1].name.split("_")[0]) if versions else 0
    return NEXT.format(
        folder=(room / name).relative_to(root), name=name,
        revision=f"{last + 1:04}", previous=f"{last:04}",
    )  # fmt: skip


def main(arguments: list[str]) -> int:
    """Lay out the package that the two words name."""
    try:
        tier, name = (*arguments, "", "")[:2]
        print(lay_out(ROOT, tier, name), end="")
    except CannotLayOut as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
