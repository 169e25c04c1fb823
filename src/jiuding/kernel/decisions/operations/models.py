"""Load the models that the catalogue holds, each by its pinned hash."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from jiuding.base.settings import CATALOG
from jiuding.kernel.decisions import rules
from jiuding.kernel.decisions.errors import BadModel, ModelNotFound
from jiuding.kernel.decisions.types.models import Model

MODELS = CATALOG / "models"
MODEL_FILE = "model.json"
HASH_FILE = "model.sha256"


@lru_cache(maxsize=32)
def load_model(name: str, *, version: str | None = None, folder: Path = MODELS) -> Model:
    """Return a model of the catalogue, or of another folder; read once in a process.

    Without a version the hash beside the file is the pin. Refuses: ModelNotFound for a name that
    has no file; BadModel when its content is not the pinned one.
    """
    home = folder / name
    if not name.replace("_", "").isalnum() or not (home / MODEL_FILE).is_file():
        raise ModelNotFound(f"there is no model {name[:80]!r}", model=name[:80])
    try:
        pinned = version or (home / HASH_FILE).read_text("ascii").split()[0]
        content = (home / MODEL_FILE).read_bytes()
    except (OSError, ValueError, IndexError) as error:
        raise BadModel(f"the model {name} or its hash cannot be read", model=name) from error
    model = rules.read_model(content, pinned)
    if model.name != name:
        raise BadModel(f"the model in {name} says it is {model.name[:80]!r}", model=name)
    return model
