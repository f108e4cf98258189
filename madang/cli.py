"""The command line: each command parses, calls one function, and prints what it counted."""

import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer

from madang.settings import MadangError, load_settings

app = typer.Typer(
    name="madang",
    help="Hear what customers say, know who says it, answer, and show what became of it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
import_app = typer.Typer(help="Bring a file in.", no_args_is_help=True, rich_markup_mode=None)
eval_app = typer.Typer(help="Measure a model.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(import_app, name="import")
app.add_typer(eval_app, name="eval")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
File = Annotated[Path, typer.Argument(help="CSV, TSV, JSONL, Parquet or Excel.")]
Map = Annotated[
    list[str], typer.Option("--map", help="column=field, once for each column to be taken.")
]
SourceName = Annotated[
    str, typer.Option("--source", help="What to call the place these came from.")
]


def _ask(name: str, **arguments: Any) -> Any:
    """Carry one call to the house, wherever it is open, with bars on the way."""
    from madang.access import open_door
    from madang.console import progress_bars, say

    with open_door(load_settings(), say) as door, progress_bars() as told:
        return door.call(name, told, **arguments)


def _show(answer: Any, as_json: bool, otherwise: Callable[[Any], None]) -> None:
    from madang.console import print_json

    if as_json:
        print_json(answer)
    else:
        otherwise(answer)


@app.command()
def up() -> None:
    """Start the desk, the yard and the worker, until Ctrl-C. Example: madang up"""
    from madang.supervisor import Addresses
    from madang.supervisor import up as keep_up

    settings = load_settings()
    began = time.monotonic()

    def ready(sites: Addresses) -> None:
        typer.echo(f"The desk is at {sites.desk} (up in {time.monotonic() - began:.1f} s)")
        typer.echo(f"The yard is at {sites.yard}")

    raise typer.Exit(keep_up(settings, ready))


@app.command()
def demo(
    seed: Annotated[int, typer.Option(help="The same seed makes the same market.")] = 7,
    start: Annotated[bool, typer.Option("--up/--no-up", help="Start the desk after.")] = True,
) -> None:
    """Fill this instance with a small market to look at, and start it. Example: madang demo"""
    from madang.demo.run import fill

    settings = load_settings()
    filled = fill(settings, seed, typer.echo)
    typer.echo(f"Sign in at the desk as {filled.email} with the password {filled.password}")
    if start:
        up()


@app.command()
def run(
    collect: Annotated[bool, typer.Option(help="Ask the sources first.")] = True,
    as_json: Json = False,
) -> None:
    """Turn the loop once: collect, load, annotate. Example: madang run"""
    from madang.console import print_counts

    answer = _ask("turn", collect=collect)

    def show(turned: dict[str, Any]) -> None:
        for source, counts in turned["sources"].items():
            print_counts(source, counts)
        print_counts("loaded", turned["loaded"])
        print_counts("understood", {"annotated": turned["annotated"]})

    _show(answer, as_json, show)


@app.command()
def collect(
    source: Annotated[str, typer.Argument(help="A source that madang.toml names.")],
    as_json: Json = False,
) -> None:
    """Run one source and load what it brings. Example: madang collect rss"""
    from madang.console import print_counts

    collected = _ask("collect", source=source)
    answer = collected | {"loaded": _ask("load")["loaded"]}
    _show(answer, as_json, lambda counts: print_counts(source, counts))


@import_app.command("mentions")
def import_mentions(
    file: File,
    source: SourceName,
    mapping: Map = [],
    rating_scale: Annotated[
        str, typer.Option("--rating-scale", help="LO-HI of the ratings in the file, as in 1-10.")
    ] = "",
    kind: Annotated[str, typer.Option(help="review, post, comment, question …")] = "",
    as_json: Json = False,
) -> None:
    """Bring mentions in. Example: madang import mentions r.csv --source shop --map body=text"""
    _import(file, "mentions", source, mapping, as_json, rating_scale=rating_scale, kind=kind)


@import_app.command("customers")
def import_customers(
    file: File,
    source: SourceName = "crm",
    mapping: Map = [],
    as_json: Json = False,
) -> None:
    """Bring customers in. Example: madang import customers people.csv --map id=customer_id"""
    _import(file, "customers", source, mapping, as_json)


@import_app.command("orders")
def import_orders(
    file: File,
    source: SourceName = "shop",
    mapping: Map = [],
    currency: Annotated[str, typer.Option(help="Of amounts that name none.")] = "KRW",
    as_json: Json = False,
) -> None:
    """Bring orders in. Example: madang import orders orders.xlsx --map price=amount"""
    _import(file, "orders", source, mapping, as_json, currency=currency)


@import_app.command("interactions")
def import_interactions(
    file: File,
    source: SourceName = "crm",
    mapping: Map = [],
    as_json: Json = False,
) -> None:
    """Bring calls, visits and repairs in. Example: madang import interactions calls.jsonl"""
    _import(file, "interactions", source, mapping, as_json)


def _import(
    file: Path,
    record: str,
    source: str,
    mapping: list[str],
    as_json: bool,
    rating_scale: str = "",
    kind: str = "",
    currency: str = "KRW",
) -> None:
    from collectors.files import import_file
    from madang.access import open_door
    from madang.console import print_counts, progress_bars, say
    from warehouse.landing import Landing

    settings = load_settings()
    began = time.monotonic()
    with progress_bars() as told:
        imported = import_file(
            file,
            record,
            Landing(settings.landing),
            source=source,
            mapping=_pairs(mapping),
            rating_scale=_scale(rating_scale),
            kind=kind or None,
            currency=currency,
            zone=settings.zone,
            on_progress=lambda done, total: told("read", done, total or 0),
        )
        with open_door(settings, say) as door:
            loaded = door.call("load", told)
    answer = {
        "loaded": loaded["loaded"],
        "updated": loaded["updated"],
        "known": loaded["known"] + imported.known,
        "quarantined": imported.quarantined,
        "seconds": round(time.monotonic() - began, 2),
    }
    _show(answer, as_json, lambda counts: print_counts(f"{record} from {file.name}", counts))


@app.command()
def query(
    words: Annotated[str, typer.Argument(help="Words to look for, with any particle.")] = "",
    since: Annotated[str, typer.Option(help="First day, as in 2026-11-01.")] = "",
    until: Annotated[str, typer.Option(help="Last day.")] = "",
    source: Annotated[list[str], typer.Option(help="Only this source.")] = [],
    product: Annotated[list[str], typer.Option(help="Only this product.")] = [],
    lang: Annotated[list[str], typer.Option(help="Only this language.")] = [],
    sentiment: Annotated[list[str], typer.Option(help="Only this sentiment.")] = [],
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many to show.")] = 20,
    as_json: Json = False,
) -> None:
    """Find mentions, newest first. Example: madang query '배송' --sentiment negative"""
    from madang.console import print_table, say

    answer = _ask(
        "query",
        words=words,
        since=since,
        until=until,
        sources=source,
        products=product,
        langs=lang,
        sentiments=sentiment,
        limit=limit,
    )

    def show(found: dict[str, Any]) -> None:
        table = found["mentions"]
        print_table(table.select([c for c in QUERY_COLUMNS if c in table.column_names]))
        say(f"{table.num_rows:,} of {found['count']:,} mentions")

    _show(answer, as_json, show)


QUERY_COLUMNS = ("created_at", "source", "product", "sentiment", "author_handle", "text")


@app.command()
def sql(
    statement: Annotated[str, typer.Argument(help="One SELECT.")],
    limit: Annotated[int, typer.Option(min=1, help="At most so many rows.")] = 1000,
    as_json: Json = False,
) -> None:
    """Ask the warehouse in SQL. Example: madang sql 'SELECT count(*) FROM mentions'"""
    from madang.console import print_table

    _show(_ask("sql", statement=statement, limit=limit), as_json, print_table)


@app.command()
def annotate(file: File, text: str = "text", as_json: Json = False) -> None:
    """Annotate a file's texts, an annotation a line. Example: madang annotate reviews.csv --json"""
    from madang.console import print_json, print_table
    from madang.measure import annotations_of

    for table in annotations_of(load_settings(), file, text):
        if as_json:
            for row in table.to_pylist():
                print_json(row)
        else:
            print_table(table.drop_columns(["version", "fingerprint", "terms"]))


@eval_app.command("sentiment")
def eval_sentiment(
    file: File,
    text: Annotated[str, typer.Option(help="The column that holds the texts.")],
    label: Annotated[str, typer.Option(help="The column of labels.")] = "",
    rating: Annotated[str, typer.Option(help="The column of ratings.")] = "",
    scale: Annotated[str, typer.Option(help="LO-HI of the ratings, as in 1-10.")] = "",
    lang: Annotated[str, typer.Option(help="Say that all texts are ko or en.")] = "",
    as_json: Json = False,
) -> None:
    """Measure the sentiment model. Example: madang eval sentiment f.csv --text body --label mood"""
    from madang.console import print_counts
    from madang.measure import sentiment_report

    answer = sentiment_report(
        load_settings(), file, text, label or None, rating or None, _scale(scale), lang or None
    )
    _show(answer, as_json, lambda report: print_counts("sentiment", report))


@app.command()
def staff(
    email: Annotated[str, typer.Argument(help="The address they sign in with.")],
    name: Annotated[str, typer.Option(help="The name others see.")] = "",
    role: Annotated[str, typer.Option(help="brand_manager, community_manager, engineer.")] = (
        "brand_manager"
    ),
) -> None:
    """Give a colleague a sign-in to the desk. Example: madang staff minji@example.com"""
    from madang.people import add_staff

    password = os.environ.get("MADANG_PASSWORD") or typer.prompt(
        "Password", hide_input=True, confirmation_prompt=True
    )
    add_staff(load_settings(), email, name or email.split("@")[0], password, role)
    typer.echo(f"{email} may sign in to the desk.")


@app.command()
def migrate() -> None:
    """Bring the community store up to this version. Example: madang migrate"""
    from madang.people import migrate_store

    typer.echo(migrate_store(load_settings()))


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what is ready, what is not, and what mends it. Example: madang doctor"""
    from madang.doctor import print_checks

    answer = _ask("doctor")
    _show(answer, as_json, print_checks)
    if any(check["state"] == "failed" for check in answer):
        raise typer.Exit(1)


@app.command()
def rebuild(as_json: Json = False) -> None:
    """Make the warehouse anew from what landed. Example: madang rebuild"""
    from madang.console import print_counts

    _show(_ask("rebuild"), as_json, lambda counts: print_counts("rebuilt", counts))


def _pairs(mapping: list[str]) -> dict[str, str]:
    pairs = {}
    for item in mapping:
        column, separator, field = item.partition("=")
        if not (column and separator and field):
            raise MadangError(f"--map {item} is not column=field, as in --map body=text")
        pairs[column] = field
    return pairs


def _scale(written: str) -> tuple[float, float] | None:
    if not written:
        return None
    low, separator, high = written.partition("-")
    try:
        scale = (float(low), float(high))
    except ValueError:
        separator, scale = "", (0.0, 0.0)
    if not separator or scale[0] >= scale[1]:
        raise MadangError(f"The scale {written!r} is not LO-HI. Write for example 1-5")
    return scale


def main() -> None:
    """The console script: a sentence and an exit code for what a user can mend."""
    from madang.calls import EXPECTED

    # Answers have standard output to themselves; what the work says of itself goes beside it.
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        app()
    except EXPECTED as error:
        typer.echo(f"madang: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        # The reader of our output went away, as `| head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
