"""`jiuding models …`: learn a model, let one judge rows, and prove that none was altered."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

models_app = typer.Typer(help="The models that judge.", no_args_is_help=True)


@models_app.command("train")
def models_train(
    name: Annotated[str, typer.Argument(help="card_fraud, german_credit, taiwan_default …")],
    to: Annotated[Path, typer.Option(help="The folder to write in.")],
    data: Annotated[Path | None, typer.Option(help="The data set's folder.")] = None,
) -> None:
    """Learn a model, deterministically; write its file, its hash and its figures."""
    from jiuding.cli import write_line
    from jiuding.services.risk.commands import models

    write_line(models.train(name, data, to))


@models_app.command("score")
def models_score(
    name: Annotated[str, typer.Argument(help="The model's name.")],
    folder: Annotated[Path | None, typer.Option(help="Where it is, if not shipped.")] = None,
) -> None:
    """Read JSON lines {id, …columns}; write each row's probability and what it rests on."""
    from jiuding.cli import answer_lines
    from jiuding.services.risk.commands import models

    answer_lines(models.scorer(name, folder))


@models_app.command("check")
def models_check() -> None:
    """Prove that every model's file is the one whose hash is pinned."""
    from jiuding.cli import write_line
    from jiuding.services.risk.commands import models

    found = list(models.check())
    for line in found:
        write_line(line)
    sys.exit(0 if all(line["ok"] for line in found) else 1)
