"""How cases are worked, as the catalogue declares it."""

from __future__ import annotations

import tomllib
from functools import lru_cache

from jiuding.base.settings import CATALOG
from jiuding.services.cases import rules
from jiuding.services.cases.errors import BadDeclaration
from jiuding.services.cases.types import Declared


@lru_cache
def declared() -> Declared:
    """Return `catalog/cases.toml`, read once.

    Refuses: BadDeclaration.
    """
    try:
        text = (CATALOG / "cases.toml").read_text(encoding="utf-8")
        return rules.read_declared(tomllib.loads(text))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BadDeclaration(f"catalog/cases.toml: {error}") from None
