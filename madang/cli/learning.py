"""Commands about being right: meter, export, head."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from madang.cli.base import Json, app, ask, show
from madang.settings import load_settings

export_app = typer.Typer(help="Take data out.", no_args_is_help=True, rich_markup_mode=None)
head_app = typer.Typer(
    help="Teach the annotator the brand's own domain.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(export_app, name="export")
app.add_typer(head_app, name="head")
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]


@app.command()
def meter(
    size: Annotated[int, typer.Option(min=1, max=5000, help="Texts to draw.")] = 200,
    seed: Annotated[int, typer.Option(help="The same seed draws the same texts.")] = 1,
    since: Day = None,
    until: Day = None,
    new: Annotated[
        bool, typer.Option("--new", help="Draw anew though a sample waits for labels.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Write the texts to be labelled: .csv, .jsonl, .parquet.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="Take the labels from such a file, filled in.")
    ] = None,
    report: Annotated[bool, typer.Option("--report", help="Only say how right it was.")] = False,
    as_json: Json = False,
) -> None:
    """Draw texts to label, and say how right the annotator is. Example: madang meter --out s.csv"""
    if labels is not None:
        ask("meter_labels", rows=_labelled_rows(labels))
    if labels is not None or report:
        _report(as_json)
        return
    days = {
        name: None if day is None else day.date().isoformat()
        for name, day in (("since", since), ("until", until))
    }
    drawn = ask("meter_draw", size=size, seed=seed, new=new, **days)
    answer = {**drawn, "file": None if out is None else str(out)}
    if out is not None:
        from madang.learning import write_rows

        write_rows(ask("meter_sheet", sample=drawn["sample_id"]), out)

    def sentences(told: dict[str, Any]) -> None:
        from madang.console import say

        left = told["size"] - told["labelled"]
        say(f"{left} of {told['size']} texts wait for a label, drawn of {told['population']:,}.")
        if out is None:
            say("Label them on the desk, screen Accuracy; or in a file: madang meter --out s.csv")
        else:
            say(f"Fill in the column label of {out}, then run: madang meter --labels {out}")

    show(answer, as_json, sentences)


@export_app.command("corrections")
def export_corrections(
    file: Annotated[Path, typer.Argument(help="Where to: .csv, .jsonl or .parquet.")],
    as_json: Json = False,
) -> None:
    """Write what people judged as training data. Example: madang export corrections c.jsonl"""
    from madang.console import print_counts
    from madang.learning import export

    answer = {"rows": export(ask("labelled"), file), "file": str(file)}
    show(answer, as_json, lambda counts: print_counts("exported", counts))


@head_app.command("fit")
def head_fit(as_json: Json = False) -> None:
    """Fit a head on what people judged, and use it if it helps. Example: madang head fit"""
    from madang.learning import fit, shown

    settings = load_settings()
    fit(settings, ask("labelled"))
    show(shown(settings), as_json, _print_head)


@head_app.command("show")
def head_show(as_json: Json = False) -> None:
    """Say what the head was measured to gain. Example: madang head show"""
    from madang.learning import shown

    show(shown(load_settings()), as_json, _print_head)


@head_app.command("off")
def head_off() -> None:
    """Read without the head again. Example: madang head off"""
    from madang.learning import turn_off

    turn_off(load_settings())
    typer.echo("The head is off; history is read again by the shipped models. Labels are kept.")


def _labelled_rows(file: Path) -> list[dict[str, Any]]:
    from collectors.imports.readers import open_file
    from madang.settings import MadangError

    wanted = ["sample", "mention_id", "label"]
    reader = open_file(file)
    missing = [name for name in wanted if name not in reader.columns]
    if missing:
        raise MadangError(
            f"{file.name} has no column {', '.join(missing)}. Give a file of: madang meter --out"
        )
    columns = {name: [] for name in wanted}  # type: dict[str, list[Any]]
    for chunk in reader.chunks(wanted):
        for name in wanted:
            columns[name] += chunk.columns[name].to_pylist()
    return [dict(zip(wanted, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _report(as_json: bool) -> None:
    from madang.console import say
    from madang.meter import lines

    def sentences(told: dict[str, Any]) -> None:
        for line in lines(told):
            say(line)

    show(ask("meter_report"), as_json, sentences)


def _print_head(told: dict[str, Any]) -> None:
    from madang.console import say

    accuracy, score = told["accuracy_gain"], told["log_score_gain"]
    say(f"Learned from {told['labels']} labels, {told['by_chance']} of them drawn by chance.")
    say(
        f"Right before {told['accuracy_before']:.1%}, after {told['accuracy_after']:.1%} "
        f"(gain {accuracy['low']:+.1%} to {accuracy['high']:+.1%}, 95 %), on texts it had not seen."
    )
    say(f"Log score: {score['low']:+.3f} to {score['high']:+.3f} nats a text (95 %).")
    if told["on"]:
        say("It is in use from the next turn on.")
    elif not told["is_of_these_models"]:
        say("It is not in use: the models have changed since. Run: madang head fit")
    else:
        say(f"It is not in use. {told['why_not']}")
