"""Annotate or evaluate the texts of a file, without an instance's warehouse."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa

from collectors.imports.readers import Reader, open_file
from collectors.rows.arrow import Column, pc
from collectors.rows.validate import sound_utf8
from madang.jobs import annotator_config
from madang.settings import MadangError, Settings
from nlp import evaluate, evaluate_aspects
from nlp.annotate import Annotator

ROWS_AT_ONCE = 2048
Chunked: TypeAlias = "pa.ChunkedArray[Any]"


def annotations_of(settings: Settings, file: Path, text: str) -> Iterator[pa.Table]:
    """Annotations in the order of the file, `row` first (1 for the first record), in parts.

    A record whose text cannot be read is annotated as an empty text would be.
    """
    reader = open_file(file)
    _known(reader, file, text)
    annotator = Annotator(annotator_config(settings))
    for chunk in reader.chunks([text]):
        numbers = pa.array(chunk.numbers)
        texts = _readable(chunk.columns[text])
        for start in range(0, len(texts), ROWS_AT_ONCE):
            part = pa.table({"text": texts.slice(start, ROWS_AT_ONCE)})
            yield annotator.annotate(part).add_column(0, "row", numbers.slice(start, ROWS_AT_ONCE))


def sentiment_report(
    settings: Settings,
    file: Path,
    text: str,
    label: str | None,
    rating: str | None,
    scale: tuple[float, float] | None,
    lang: str | None,
) -> dict[str, Any]:
    """Accuracy, calibration and speed of the instance's models on a file's labels or ratings.

    Ratings are stretched from `scale` to 1-10 stars. Raises MadangError unless exactly one of
    label and rating is named, and a rating comes with its scale.
    """
    truth = label or rating
    if truth is None or (label and rating):
        raise MadangError("Name either --label COLUMN or --rating COLUMN with --scale LO-HI.")
    if rating and scale is None:
        raise MadangError("A rating means nothing without its scale. Add for example --scale 1-10")
    reader = open_file(file)
    _known(reader, file, text, truth)
    chunks = list(reader.chunks([text, truth]))
    texts = pa.chunked_array([_readable(chunk.columns[text]) for chunk in chunks], pa.string())
    column = pa.chunked_array([pc.cast(chunk.columns[truth], pa.string()) for chunk in chunks])
    annotator = Annotator(annotator_config(settings))
    if rating and scale is not None:
        stars = _stars(column, scale, file, rating)
        return evaluate.sentiment(annotator, texts, stars=stars, lang=lang).as_dict()
    return evaluate.sentiment(annotator, texts, labels=column, lang=lang).as_dict()


def aspects_report(settings: Settings, file: Path) -> dict[str, Any]:
    """How right the instance's aspects are on a file of reviews annotated as Hu and Liu did."""
    return evaluate_aspects.aspects(file, Annotator(annotator_config(settings))).as_dict()


def candidates(settings: Settings, file: Path, text: str, least: int) -> list[dict[str, Any]]:
    """Words of a file's texts that opinions are said of and that no lexicon of the instance lists.

    Each with the number of texts it is in, that of those it is judged in, and the mean score.
    """
    reader = open_file(file)
    _known(reader, file, text)
    texts = [_readable(chunk.columns[text]) for chunk in reader.chunks([text])]
    annotator = Annotator(annotator_config(settings))
    found = annotator.candidates(pa.chunked_array(texts, pa.string()), least)
    return [asdict(candidate) for candidate in found]


def _known(reader: Reader, file: Path, *columns: str) -> None:
    for column in columns:
        if column not in reader.columns:
            raise MadangError(
                f"{file.name} has no column {column!r}; it has {', '.join(reader.columns)}."
            )


def _readable(values: Column) -> Column:
    """Text of every row; what is null or not UTF-8 becomes empty."""
    readable: Column = pc.fill_null(sound_utf8(values.cast(pa.string())).values, "")
    return readable


def _stars(column: Chunked, scale: tuple[float, float], file: Path, rating: str) -> Chunked:
    """Ratings from `scale` stretched to 1-10; raises MadangError for what is no such rating."""
    try:
        numbers = pc.cast(column, pa.float64())
    except pa.ArrowInvalid as error:
        raise MadangError(
            f"Column {rating!r} of {file.name} is not all numbers: {error}"
        ) from error
    low, high = scale
    least, most = pc.min(numbers).as_py(), pc.max(numbers).as_py()
    if least is not None and most is not None and not low <= least <= most <= high:
        raise MadangError(
            f"Column {rating!r} of {file.name} has ratings outside {low:g}-{high:g}. "
            "Give the scale that the file uses."
        )
    steps = pc.multiply(pc.subtract(numbers, low), 9 / (high - low))
    stars: Chunked = pc.add(steps, 1.0)
    return stars
