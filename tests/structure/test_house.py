"""The style guide, checked: doors, sizes, words and the shape of the database."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "jiuding"
TIERS = {"kernel", "services", "business", "channels"}
FILES = sorted(SOURCE.rglob("*.py"))
FUNCTION_LINES_MAX = 60
FILE_LINES_MAX = 500
# Words that say a thing is not finished; each with what to write instead.
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|NotImplemented(?:Error)?)\b")


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def packages() -> list[Path]:
    return [
        folder
        for tier in sorted(TIERS)
        for folder in sorted((SOURCE / tier).glob("*/"))
        if (folder / "__init__.py").exists()
    ]


def imported_names(path: Path) -> list[str]:
    names = []
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level:
            names.append("relative import")
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return names


def side_doors(path: Path) -> list[str]:
    """Return every import that enters another package other than through its front door."""
    home = path.relative_to(SOURCE).parts[:2]
    found = []
    for name in imported_names(path):
        root, *rest = name.split(".")
        if name == "relative import":
            found.append(name)
        if root != "jiuding" or len(rest) < 3 or rest[0] not in TIERS or tuple(rest[:2]) == home:
            continue
        inside = SOURCE.joinpath(*rest[:3])
        if inside.with_suffix(".py").exists() or inside.is_dir():
            found.append(name)
    return found


def test_packages_are_entered_by_the_front_door():
    # The faces of the house reach each package's edge files: commands, routes, jobs.
    faces = {"cli", "api.py", "worker.py"}
    slots = {"commands", "routes", "reactions", "jobs"}
    wrong = {}
    for path in FILES:
        is_face = path.relative_to(SOURCE).parts[0] in faces
        doors = [name for name in side_doors(path) if not (is_face and name.split(".")[3] in slots)]
        if doors:
            wrong[str(path.relative_to(SOURCE))] = doors
    assert not wrong


def test_functions_fit_on_a_screen_and_files_in_a_hand():
    long = []
    for path in FILES:
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > FILE_LINES_MAX:
            long.append(f"{path.relative_to(ROOT)}: {lines} lines")
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = node.end_lineno - node.lineno + 1
                if size > FUNCTION_LINES_MAX:
                    long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {size}")
    assert not long


def test_public_names_have_docstrings():
    silent = []
    for path in FILES:
        tree = parse(path)
        if not ast.get_docstring(tree):
            silent.append(str(path.relative_to(ROOT)))
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            if not node.name.startswith("_") and not ast.get_docstring(node):
                silent.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert not silent


def test_a_front_door_says_what_it_is_in_four_paragraphs():
    thin = []
    for folder in packages():
        words = ast.get_docstring(parse(folder / "__init__.py")) or ""
        if len([part for part in words.split("\n\n") if part.strip()]) < 4:
            thin.append(str(folder.relative_to(SOURCE)))
    assert not thin


def test_nothing_is_left_unfinished():
    found = []
    for path in FILES:
        with tokenize.open(path) as file:
            for number, line in enumerate(file, 1):
                if UNFINISHED.search(line):
                    found.append(f"{path.relative_to(ROOT)}:{number}")
    assert not found


def test_only_edges_read_the_clock():
    readers = re.compile(r"\bclock\.now\(\)|datetime\.now\(|date\.today\(|time\.time\(\)")
    edges = {"routes", "commands", "jobs", "cli", "api", "worker", "bootstrap", "clock"}
    found = []
    for path in FILES:
        if edges & set(path.with_suffix("").relative_to(SOURCE).parts):
            continue
        if path.relative_to(SOURCE).parts[:2] == ("base", "database"):
            continue
        found += [
            f"{path.relative_to(ROOT)}:{number}"
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
            if readers.search(line)
        ]
    assert not found


def test_import_contracts_hold():
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [str(lint), "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_command_line_starts_light():
    code = (
        "import sys, jiuding.cli\n"
        "heavy = {'numpy', 'scipy', 'sklearn', 'highspy', 'fastapi', 'cryptography', 'webauthn'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def all_metadata():
    import importlib

    found = []
    for folder in packages():
        if (folder / "tables.py").exists():
            name = ".".join(folder.relative_to(SOURCE.parent).parts)
            found.append(importlib.import_module(f"{name}.tables").metadata)
    return found


def test_tables_and_migrations_say_the_same(engine):
    metadata = all_metadata()
    schemas = {each.schema for each in metadata}
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, parents: kind != "schema" or name in schemas,
                "include_object": lambda _thing, _name, kind, *_: kind != "index",
                "compare_type": True,
            },
        )
        assert compare_metadata(context, metadata) == []


KEYS = """
SELECT con.conrelid::regclass::text AS owner, con.contype::text AS kind,
       a.attname AS first_column
FROM pg_constraint con
JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = con.conkey[1]
JOIN pg_namespace n ON n.oid = con.connamespace
WHERE con.contype IN ('p', 'u', 'f') AND n.nspname = ANY(:schemas)
"""


def test_every_key_starts_with_the_bank(engine):
    schemas = [each.schema for each in all_metadata()]
    with engine.connect() as connection:
        rows = connection.execute(text(KEYS), {"schemas": schemas}).all()
    assert rows
    assert [row for row in rows if row.first_column != "bank_id"] == []


def test_foreign_keys_point_only_downwards(engine):
    tier_of = {folder.name: folder.parent.name for folder in packages()}
    order = ["kernel", "services", "business", "channels"]
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT n.nspname AS home, f.nspname AS away FROM pg_constraint con"
                " JOIN pg_class c ON c.oid = con.conrelid JOIN pg_namespace n"
                " ON n.oid = c.relnamespace JOIN pg_class r ON r.oid = con.confrelid"
                " JOIN pg_namespace f ON f.oid = r.relnamespace WHERE con.contype = 'f'"
            )
        ).all()
    upward = [
        row
        for row in rows
        if row.home != row.away and order.index(tier_of[row.home]) <= order.index(tier_of[row.away])
    ]
    assert upward == []


@pytest.mark.parametrize("folder", packages(), ids=lambda folder: folder.name)
def test_a_package_queries_only_its_own_schema(folder):
    names = {other.name for other in packages()} - {folder.name}
    pattern = re.compile(
        r"\b(?:FROM|JOIN|INTO|UPDATE)\s+(" + "|".join(sorted(names)) + r")\.\w+", re.IGNORECASE
    )
    found = [
        f"{path.name}: {match.group(0)}"
        for path in sorted(folder.rglob("*.py"))
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []
