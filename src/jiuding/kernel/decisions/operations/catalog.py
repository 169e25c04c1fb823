"""Read the policies that the catalogue declares."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from jiuding.base.database.engine import Session
from jiuding.base.settings import CATALOG
from jiuding.kernel.decisions import rules, store
from jiuding.kernel.decisions.errors import BadPolicy, PolicyNotFound
from jiuding.kernel.decisions.types.policies import Policy

POLICIES = CATALOG / "policies"


@lru_cache(maxsize=256)
def load_policy(name: str, folder: Path = POLICIES) -> Policy:
    """Return a policy of the catalogue, checked in full; read once in a process.

    Refuses: PolicyNotFound for a name that has no file; BadPolicy naming file, part and position.
    """
    path = folder / f"{name}.toml"
    if not name.replace("_", "").isalnum() or not path.is_file():
        raise PolicyNotFound(f"there is no policy {name[:80]!r}", policy=name[:80])
    policy = read_policy_file(path)
    if policy.name != name:
        raise BadPolicy(f"{path.name}: name is {policy.name!r}, not the file's", file=path.name)
    return policy


def read_policy_file(path: Path) -> Policy:
    """Return the policy of a TOML file and the CSV files beside it that start with its name.

    Refuses: BadPolicy naming file, part and position.
    """
    tables = {each.name: _text(each) for each in sorted(path.parent.glob(f"{path.stem}.*.csv"))}
    return rules.read_policy_texts(path.name, _text(path), tables)


def policy_names(session: Session, *, bank_id: str) -> tuple[str, ...]:
    """Return every policy's name: of the catalogue, and of which a version was brought here."""
    declared = {path.stem for path in POLICIES.glob("*.toml")}
    return tuple(sorted(declared.union(store.policy_names(session, bank_id))))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadPolicy(f"{path.name} cannot be read: {error}", file=path.name) from None


def read_version(session: Session, bank_id: str, version: str) -> Policy:
    """Return a recorded version of a policy; its content is checked against its hash.

    Refuses: PolicyNotFound when this bank has no such version; BadPolicy when it was altered.
    """
    content = store.policy_content(session, bank_id, version)
    if content is None:
        raise PolicyNotFound(f"there is no version {version[:80]!r}", version=version[:80])
    return _built(content, version)


@lru_cache(maxsize=256)
def _built(content: str, version: str) -> Policy:
    return rules.read_policy_content(content, version)
