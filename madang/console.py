"""How the command line shows things: progress on stderr, answers on stdout."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import pyarrow as pa
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from madang.progress import Progress as Told

AROUND: Final = 60  # letters that are shown on each side of a mistake

out = Console()
err = Console(stderr=True)


def say(sentence: str) -> None:
    """A sentence for the person at the terminal; never mixed into an answer."""
    err.print(sentence, highlight=False, markup=False)


def pointed(text: str, column: int) -> str:
    """Two lines: `text`, or what of it is around `column` (from 1), and a caret below that column.

    Hangul takes two cells of a terminal, and white space of any kind is shown as one.
    """
    start = max(0, column - AROUND)
    shown = "".join(" " if each.isspace() else each for each in text[start : column + AROUND])
    return f"  {shown}\n  {' ' * cell_len(shown[: column - 1 - start])}^"


@contextmanager
def progress_bars() -> Iterator[Told]:
    """Bars that appear step by step as work tells of itself; plain silence without a terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, disable=not sys.stderr.isatty()) as bars:
        steps: dict[str, Any] = {}

        def told(step: str, done: int, total: int) -> None:
            if step not in steps:
                steps[step] = bars.add_task(step, total=total or None)
            bars.update(steps[step], completed=done, total=total or None)

        yield told


def print_json(answer: Any) -> None:
    """One JSON document; Arrow tables become lists of objects."""
    sys.stdout.write(json.dumps(plain(answer), ensure_ascii=False, default=str) + "\n")


def plain(answer: Any) -> Any:
    if isinstance(answer, pa.Table):
        return answer.to_pylist()
    if isinstance(answer, Mapping):
        return {key: plain(value) for key, value in answer.items()}
    return answer


def print_counts(title: str, counts: Mapping[str, Any]) -> None:
    """One line a figure, thousands with commas."""
    out.print(title, style="bold", highlight=False)
    for name, value in counts.items():
        shown = f"{value:,}" if isinstance(value, int) else str(value)
        out.print(f"  {name.replace('_', ' '):<14}{shown}", highlight=False, markup=False)


def print_customer(card: Mapping[str, Any]) -> None:
    """A customer's card: who, what was bought and said, and why we think it is they."""
    known = card["customer"]
    facts = {name: known[name] or "–" for name in ("customer_id", "email", "phone", "city")}
    facts |= {f"ordered ({spent['currency']})": spent["amount"] for spent in card["totals"]}
    facts |= {"orders": sum(spent["orders"] for spent in card["totals"])}
    facts |= {name: card[name] for name in ("negative", "neutral", "positive", "posts", "votes")}
    print_counts(card["name"] or known["customer_id"], facts)
    for account in card["accounts"]:
        out.print(f"  as {account['author_id']} in {account['source']}: {account['reason']}")
    for said in card["mentions"]:
        text = " ".join(str(said["text"]).split())
        out.print(
            f"  {str(said['created_at'])[:10]} {said['source']}, {said['sentiment']}: {text[:100]}",
            highlight=False, markup=False,
        )  # fmt: skip


def print_table(table: pa.Table) -> None:
    """Rows as a terminal table; long cells are folded, never cut."""
    drawn = Table(show_edge=False)
    for column in table.schema:
        numeric = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
        drawn.add_column(column.name, justify="right" if numeric else "left", overflow="fold")
    for row in table.to_pylist():
        drawn.add_row(*("" if value is None else str(value) for value in row.values()))
    out.print(drawn, markup=False)
