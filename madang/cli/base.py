"""What the commands share: the application, how a call is made, and how its answer is shown."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from madang.settings import load_settings

app = typer.Typer(
    name="madang",
    help="Hear what customers say, know who says it, answer, and show what became of it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
File = Annotated[Path, typer.Argument(help="CSV, TSV, JSONL, Parquet or Excel.")]


def ask(name: str, **arguments: Any) -> Any:
    """Carry one call to the house, wherever it is open, with bars on the way."""
    from madang.access import open_door
    from madang.console import progress_bars, say

    with open_door(load_settings(), say) as door, progress_bars() as told:
        return door.call(name, told, **arguments)


def show(answer: Any, as_json: bool, otherwise: Callable[[Any], None]) -> None:
    from madang.console import print_json

    if as_json:
        print_json(answer)
    else:
        otherwise(answer)
