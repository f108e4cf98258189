"""Commands that read files: import, annotate, eval."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from madang.cli.base import File, Json, app, show
from madang.settings import MadangError, load_settings

import_app = typer.Typer(help="Bring a file in.", no_args_is_help=True, rich_markup_mode=None)
eval_app = typer.Typer(help="Measure a model.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(import_app, name="import")
app.add_typer(eval_app, name="eval")

Map = Annotated[
    list[str], typer.Option("--map", help="column=field, once for each column to be taken.")
]
SourceName = Annotated[
    str, typer.Option("--source", help="What to call the place these came from.")
]


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
    from collectors.imports.files import import_file
    from madang.access import open_door
    from madang.console import print_counts, progress_bars, say
    from warehouse.landing import Landing

    settings = load_settings()
    began = time.monotonic()
    with progress_bars() as told:
        imported = import_file(
            file,
            record,
            Landing(settings.landing, settings.identity_key),
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
    show(answer, as_json, lambda counts: print_counts(f"{record} from {file.name}", counts))


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


@app.command()
def discover(
    file: File,
    text: str = "text",
    least: Annotated[int, typer.Option(min=1, help="Texts a word must be judged in.")] = 5,
    as_json: Json = False,
) -> None:
    """Find aspects that no lexicon lists yet. Example: madang discover reviews.csv --text body"""
    from madang.console import say
    from madang.measure import candidates

    def lines(found: list[dict[str, Any]]) -> None:
        for word in found:
            say(
                f"{word['lemma']}: judged in {word['judged']:,} of {word['texts']:,} texts, "
                f"score {word['score']:+.2f}"
            )
        say(
            "Put what matters to you into a lexicon (docs/aspects.md)."
            if found
            else "Nothing is judged that the lexicons do not list already."
        )

    show(candidates(load_settings(), file, text, least), as_json, lines)


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
    show(answer, as_json, lambda report: print_counts("sentiment", report))


@eval_app.command("aspects")
def eval_aspects(file: File, as_json: Json = False) -> None:
    """Measure the aspects. Example: madang eval aspects camera.txt, of lines lens[+2]##sentence"""
    from madang.console import print_counts
    from madang.measure import aspects_report

    answer = aspects_report(load_settings(), file)
    show(answer, as_json, lambda report: print_counts("aspects", report))


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
