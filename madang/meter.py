"""The honest meter of an open house: draw a sample, hand it out, take the labels, report."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from madang import belts
from madang.settings import MadangError
from warehouse import meter

if TYPE_CHECKING:
    from community.queries import SampleLine
    from madang.loop import House

SIZE: Final = 200
SEED: Final = 1
# What people write into the column of labels, in either language.
LABELS: Final = {
    "negative": "negative", "부정": "negative", "-1": "negative",
    "neutral": "neutral", "중립": "neutral", "0": "neutral",
    "positive": "positive", "긍정": "positive", "1": "positive",
    "unclear": "unclear", "모름": "unclear", "불분명": "unclear", "?": "unclear",
}  # fmt: skip
SHEET: Final = ("sample", "mention_id", "source", "lang", "text", "label")


def draw(
    house: "House",
    by: int | None,
    size: int = SIZE,
    seed: int = SEED,
    since: date | None = None,
    until: date | None = None,
) -> str:
    """Draw a sample in the name of a member of staff (None: the command line); returns its id."""
    belts.facts_up(house)
    drawn = meter.draw(house.warehouse, size, seed, since, until)
    with house.community():
        from community.actions import Actor, DrawnMention, draw_sample

        items = [DrawnMention(**vars(item)) for item in drawn.items]
        sample = draw_sample(
            items, Actor(by), version=drawn.version, seed=seed, population=drawn.population
        )
    belts.facts_up(house)
    return sample


def open_sample(house: "House") -> "SampleLine | None":
    """The newest sample, where some of it is still without a label."""
    with house.community():
        from community.queries import newest_sample

        newest = newest_sample()
    return newest if newest is not None and newest.labelled < newest.size else None


def sheet(house: "House", sample: str) -> pa.Table:
    """A sample to be labelled outside: the columns SHEET, without the annotator's verdict and
    without anything of the authors. Texts that have gone or changed since are left out."""
    with house.community():
        from community.queries import sample_items

        items = sample_items(sample)
    texts = meter.texts_of(house.warehouse, [(item.mention_id, item.text_hash) for item in items])
    rows = [
        {
            "sample": sample, "mention_id": item.mention_id, "source": item.source,
            "lang": item.lang, "text": texts[item.mention_id], "label": item.label,
        }
        for item in items
        if item.mention_id in texts
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in SHEET]))


def take_labels(house: "House", rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Take the labels of a sheet that came back; all of them or, where one is none, not one."""
    read = [_row(number, row) for number, row in enumerate(rows, start=1)]
    given = [(sample, mention, label) for sample, mention, label in read if label]
    with house.community():
        from community.actions import COMMAND_LINE, label_samples

        changed = label_samples(given, COMMAND_LINE)
    belts.facts_up(house)
    return {"labelled": len(given), "changed": changed, "empty": len(read) - len(given)}


def report(house: "House") -> dict[str, Any]:
    """Accuracy by version, source, language and week; `waiting` texts are still to be labelled."""
    belts.facts_up(house)
    waiting = open_sample(house)
    found = asdict(meter.report(house.warehouse))
    return {**found, "waiting": 0 if waiting is None else waiting.size - waiting.labelled}


def _row(number: int, row: Mapping[str, Any]) -> tuple[str, str, str]:
    written = str(row.get("label") or "").strip().lower()
    if written and written not in LABELS:
        raise MadangError(
            f"Row {number} has the label {written!r}. Write negative, neutral, positive or unclear "
            "(부정, 중립, 긍정, 모름), or leave it empty."
        )
    return str(row["sample"]), str(row["mention_id"]), LABELS.get(written, "")


def lines(told: Mapping[str, Any]) -> Iterable[str]:
    """The report in sentences for a terminal."""
    if not told["versions"]:
        yield "Nobody has checked the annotator yet. Draw a sample and label it: madang meter"
    for version in told["versions"]:
        now = ", on the screens now" if version["is_current"] else ", no longer on the screens"
        yield f"{version['version']}{now}: right {_share(version['right'])}"
        yield f"  unclear to people as well: {_share(version['unclear'])}"
        for title, key in (("source", "by_source"), ("language", "by_language"),
                           ("week of", "by_week")):  # fmt: skip
            for name, share in version[key].items():
                yield f"  {title} {name}: {_share(share)}"
    if told["versions"] and not told["versions"][0]["is_current"]:
        yield f"Nobody has checked {told['current']} yet, which the screens show: madang meter"
    if told["waiting"]:
        yield f"{told['waiting']} drawn texts wait for a label."


def _share(share: Mapping[str, Any]) -> str:
    if share["value"] is None:
        return "no label yet"
    low, high = share["low"], share["high"]
    return f"{share['value']:.1%} (95 % sure of {low:.1%} to {high:.1%}; {share['n']} labels)"
