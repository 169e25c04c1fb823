"""The command line. Each command parses, calls one room, and shows what came back."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from jiuding.base.problems import Problem, Unreadable
from jiuding.cli import casing, judging
from jiuding.cli.modelling import models_app
from jiuding.cli.portraying import portrait_app

app = typer.Typer(
    name="jiuding",
    help="Jiuding: an open bank in one program.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
library_app = typer.Typer(help="The library of every lender's products.", no_args_is_help=True)
decisions_app = typer.Typer(help="What the bank decided.", no_args_is_help=True)
ledger_app = typer.Typer(help="The books.", no_args_is_help=True)
database_app = typer.Typer(help="The database under the bank.", no_args_is_help=True)
cases_app = typer.Typer(help="What a person has to look into.", no_args_is_help=True)
screening_app = typer.Typer(help="The lists that names are screened against.", no_args_is_help=True)
app.add_typer(library_app, name="library")
app.add_typer(ledger_app, name="ledger")
app.add_typer(database_app, name="database")
app.add_typer(decisions_app, name="decisions")
app.add_typer(models_app, name="models")
app.add_typer(portrait_app, name="portrait")
app.add_typer(cases_app, name="cases")
app.add_typer(screening_app, name="screening")
judging.install(decisions_app)
casing.install(cases_app, screening_app)

LINE_BYTES_MAX = 1_000_000


def main() -> None:
    """Run the command line; a refusal is one sentence and exit code 1."""
    try:
        app()
    except Problem as problem:
        typer.echo(f"{problem.title}: {problem.detail} ({problem.code})", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(0)


def answer_lines(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Read JSON lines on standard input and write one answer each, in order, with the same id.

    A bad line gives `{"id", "problem"}` and the run goes on.
    """
    for line in sys.stdin.buffer:
        if not line.strip():
            continue
        record: Any = None
        try:
            record = _read_line(line)
            result = answer(record)
        except Problem as problem:
            known = record.get("id") if isinstance(record, dict) else None
            result = {"id": known, "problem": problem.to_dict()}
        write_line(result)


def _read_line(line: bytes) -> dict[str, Any]:
    if len(line) > LINE_BYTES_MAX:
        raise Unreadable(f"a line has at most {LINE_BYTES_MAX} bytes")
    try:
        record = json.loads(line, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {str(error)[:120]}") from error
    if not isinstance(record, dict):
        raise Unreadable("a line is a JSON object")
    return record


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


def write_line(document: dict[str, Any]) -> None:
    """Write one JSON document as a line."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, default=_plain) + "\n")
    sys.stdout.flush()


@app.command()
def up() -> None:
    """Start everything and serve the bank until Ctrl-C."""
    from jiuding.cli import serving

    serving.up()


@app.command()
def doctor() -> None:
    """Say what is wrong, and prove the books."""
    from jiuding.cli import serving

    sys.exit(serving.doctor())


@app.command()
def ask(
    sentence: Annotated[str, typer.Argument(help="What you need, in Chinese or English.")],
    accept: Annotated[bool, typer.Option(help="Accept the cheapest plan.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    kind: Annotated[str, typer.Option(help="cheapest, lightest or surest.")] = "cheapest",
    customer: Annotated[str, typer.Option(help="A customer's id or name.")] = "",
    pin: Annotated[str, typer.Option(help="The customer's PIN.")] = "",
    lang: Annotated[str, typer.Option(help="zh or en; heard by itself when left out.")] = "",
) -> None:
    """Say what you need in one sentence; see the best ways to pay; accept one."""
    from jiuding.cli import asking

    sys.exit(
        asking.ask(
            sentence, accept=accept, as_json=as_json, kind=kind, customer=customer, pin=pin,
            lang=lang or None,
        )
    )  # fmt: skip


@app.command()
def understand() -> None:
    """Read JSON lines {id, text, lang?, context?}; write what each sentence asks for."""
    from jiuding.channels.assistant.commands import understand_line

    answer_lines(understand_line)


@app.command()
def rate() -> None:
    """Read JSON lines {id, method, cashflows, ...}; write {id, rate}."""
    from jiuding.kernel.products import commands

    answer_lines(commands.rate)


@app.command()
def schedule() -> None:
    """Read loan cases as JSON lines; write {id, rows}."""
    from jiuding.kernel.products import commands

    answer_lines(commands.schedule)


@app.command()
def plan(
    library: Annotated[Path, typer.Option(help="A CDR file or folder.")] = Path(),
    explain: Annotated[bool, typer.Option(help="Add what stands behind each plan.")] = False,
) -> None:
    """Read JSON lines {id, need, profile}; write the best plans over a library."""
    from jiuding.services.offers.commands import plans

    answer_lines(plans.planner(library, explain=explain))


@app.command()
def decide(
    policy: Annotated[str, typer.Option(help="The policy's name.")],
    past: Annotated[
        Path | None, typer.Option(help="card_fraud: a folder of past payments.")
    ] = None,
) -> None:
    """Read events as JSON lines; write what a policy decides of each."""
    from jiuding.cli import deciding

    answer_lines(deciding.decider(policy, past))


@app.command()
def screen(
    names: Annotated[Path, typer.Option("--list", help="Simple CSV, or XML of OFAC or UN.")],
) -> None:
    """Read JSON lines {id, name, born?}; write who on the list each name is near."""
    from jiuding.services.risk.commands.screening import screen_lines

    answer_lines(screen_lines(names))


@library_app.command("check")
def library_check(
    file: Annotated[Path, typer.Argument(help="A CDR file.")],
    quiet: Annotated[bool, typer.Option(help="Print the summary only.")] = False,
) -> None:
    """Recompute each published comparison rate; one line a rate, then a summary."""
    from jiuding.services.offers.commands import library

    _write_lines(library.check(file), quiet)


@library_app.command("import")
def library_import(
    where: Annotated[str, typer.Argument(help="A CDR file or folder, or a bank's address.")],
    quiet: Annotated[bool, typer.Option(help="Print the summary only.")] = False,
    again: Annotated[bool, typer.Option(help="Bring back what was withdrawn.")] = False,
) -> None:
    """Remember a library in this bank: what changed, what was set aside, then a summary."""
    from jiuding.cli import shelving

    _write_lines(shelving.bring_in(where, again), quiet)


@library_app.command("withdraw")
def library_withdraw(
    source: Annotated[str, typer.Argument(help="A source's name, or where it was imported from.")],
    reason: Annotated[str, typer.Option(help="Why; it stays beside the import.")],
    number: Annotated[
        int | None, typer.Option(help="Which import; the newest that stands if not given.", min=1)
    ] = None,
) -> None:
    """Take an import back: plans no longer use it, and the one before it stands again."""
    from jiuding.cli import shelving

    write_line(shelving.take_back(source, reason, number))


@library_app.command("diff")
def library_diff(
    old: Annotated[str, typer.Argument(help="A file, a folder or an address.")],
    new: Annotated[str, typer.Argument(help="Another one.")],
    quiet: Annotated[bool, typer.Option(help="Print the summary only.")] = False,
) -> None:
    """Say what changed between two libraries, one line a change, then a summary."""
    from jiuding.services.offers.commands import library

    _write_lines(library.differences(old, new), quiet)


@library_app.command("watch")
def library_watch() -> None:
    """Look for a better plan for every loan that a customer lets the bank watch."""
    from jiuding.cli import shelving

    write_line(shelving.watch())


def _write_lines(lines: Iterable[dict[str, Any]], quiet: bool) -> None:
    """Write lines as they come; quietly, only the last."""
    last: dict[str, Any] | None = None
    for line in lines:
        if last is not None and not quiet:
            write_line(last)
        last = line
    if last is not None:
        write_line(last)


@decisions_app.command("replay")
def decisions_replay(
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=1_000_000)] = 100_000,
) -> None:
    """Make every recorded decision again and compare it byte for byte."""
    from jiuding.cli import serving

    sys.exit(serving.replay(limit))


@ledger_app.command("export")
def ledger_export(
    to: Annotated[Path, typer.Option(help="The folder to write in.")],
    form: Annotated[str, typer.Option("--format", help="parquet or beancount.")] = "parquet",
    first: Annotated[str, typer.Option(help="The first day, such as 2026-11-01.")] = "",
    last: Annotated[str, typer.Option(help="The last day, included.")] = "",
) -> None:
    """Write every account, transfer and hold of the bank to files, as of one moment."""
    from jiuding.cli import keeping

    write_line(keeping.export(form, to, first, last))


@ledger_app.command("close-day")
def ledger_close_day(
    on: Annotated[str, typer.Argument(help="The day, such as 2026-11-23.")],
) -> None:
    """Keep a day's trial balance; again, and what came late is told."""
    from jiuding.cli import keeping

    write_line(keeping.close_day(on))


@ledger_app.command("verify")
def ledger_verify(
    head: Annotated[str | None, typer.Option(help="A seal kept elsewhere, in hex.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Prove every transfer's seal from the data alone; name the first row that was touched."""
    from jiuding.cli import keeping

    found = keeping.verify(head)
    if as_json:
        write_line(found)
    else:
        typer.echo(keeping.in_words(found))
    sys.exit(0 if found["finding"] is None else 1)


@ledger_app.command("prove")
def ledger_prove(
    transfer_id: Annotated[str, typer.Argument(help="The transfer's id.")],
    head: Annotated[str | None, typer.Option(help="The seal to lead to; else the newest.")] = None,
) -> None:
    """Write a proof of one transfer that can be checked anywhere, without the bank."""
    from jiuding.cli import keeping

    write_line(keeping.prove(transfer_id, head))


@ledger_app.command("check-proof")
def ledger_check_proof(
    file: Annotated[Path, typer.Argument(help="What `ledger prove` wrote.")],
    head: Annotated[str, typer.Option(help="A seal that you kept or were told, in hex.")],
) -> None:
    """Check a proof against a seal that is known; needs no database."""
    from jiuding.kernel.ledger import commands

    write_line(commands.check_proof(file, head=head))


@ledger_app.command("seal")
def ledger_seal(
    as_they_are: Annotated[
        bool, typer.Option(help="Seal rows written after their posting too, as after a restore.")
    ] = False,
) -> None:
    """Seal what waits now; a bank that is open does it by itself."""
    from jiuding.cli import keeping

    write_line(keeping.seal(as_they_are=as_they_are))


@ledger_app.command("operator-token")
def ledger_operator_token() -> None:
    """Print the token that POST /v1/transfers asks for."""
    from jiuding.cli import keeping

    typer.echo(keeping.operator_token())


@database_app.command("distribute")
def database_distribute() -> None:
    """Shard every table by bank where the operator has installed Citus."""
    from jiuding.cli import keeping

    for statement in keeping.distribute():
        typer.echo(statement)


@app.command()
def bench(
    name: Annotated[
        str, typer.Argument(help="grant, start, plan, ledger, decide, families, fraud, screen …")
    ],
    train: Annotated[Path | None, typer.Option(help="intents: the training file.")] = None,
    test: Annotated[Path | None, typer.Option(help="intents: the test file.")] = None,
    data: Annotated[Path | None, typer.Option(help="fraud: the data set's folder.")] = None,
    seed: Annotated[int | None, typer.Option(help="families: the first seed to play.")] = None,
    only: Annotated[str, typer.Option(help="families: one family's name.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Measure, side by side with a peer or a limit, and print one JSON document."""
    from jiuding.cli import measuring

    write_line(measuring.bench(name, train=train, test=test, data=data, seed=seed, only=only))


def every_command() -> Iterable[str]:
    """Return every command as it is typed, for the documentation's test."""
    for each in app.registered_commands:
        yield each.name or each.callback.__name__.replace("_", "-")
    for group in app.registered_groups:
        for each in group.typer_instance.registered_commands:
            yield f"{group.name} {each.name}"
