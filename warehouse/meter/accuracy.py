"""How right the annotator was on the samples that people labelled, as a share with an interval.

Each label counts 1 / its probability of being drawn (Horvitz and Thompson 1952; as a ratio, Hájek
1971). The interval is Wilson's (1927), which keeps its promise for small samples and for shares
near one (Brown, Cai and DasGupta 2001), with the effective sample size in place of the size: (Σw)²
/ Σw² (Kish 1965), larger where much of a small population was labelled. That the sample is spread
over the cells makes it more exact than this says; the interval errs on the careful side.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from warehouse import ask, serving
from warehouse.queries.choice import Filter, on_heard
from warehouse.store import Warehouse

CLASSES: Final = ("negative", "neutral", "positive")
UNCLEAR: Final = "unclear"
_Z: Final = 1.96  # of a two-sided 95 % interval
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Share:
    """A share of a population (0 to 1) with the ends of its 95 % interval, from `n` labels;
    `value` is None, and the interval says nothing, where there are none."""

    value: float | None
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Accuracy:
    """How often one version was right. `right` leaves out what is unclear to people as well;
    `confusion` gives, of all mentions, the share by (verdict, label)."""

    version: str
    is_current: bool
    drawn_at: datetime  # the newest sample, UTC
    population: int  # mentions it stands for
    right: Share
    unclear: Share
    by_source: dict[str, Share] = field(default_factory=dict)
    by_language: dict[str, Share] = field(default_factory=dict)
    by_week: dict[str, Share] = field(default_factory=dict)
    confusion: dict[str, dict[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """What people found of each version, the one on the screens first; `current` is its name."""

    current: str | None
    versions: tuple[Accuracy, ...]


_LABELLED: Final = """
    SELECT s.version, s.drawn_at, s.population, s.sample_id, i.mention_id, i.source, i.lang,
        i.week::VARCHAR AS week, i.predicted, i.probability, l.label
    FROM sample_labels l
    JOIN sample_items i USING (sample_id, mention_id)
    JOIN samples s USING (sample_id)
"""


def report(warehouse: Warehouse) -> Report:
    """The accuracy of each version that people have labelled a sample of."""
    with warehouse.reading() as cursor:
        current = serving.current_version(cursor)
        rows = ask.table(cursor, f"{_LABELLED} ORDER BY s.drawn_at DESC, i.mention_id")
    versions = dict.fromkeys(rows["version"].to_pylist())
    found = [_of_version(rows, str(version), current) for version in versions]
    return Report(current, tuple(sorted(found, key=lambda each: not each.is_current)))


def accuracy_of(warehouse: Warehouse, chosen: Filter | None = None) -> Share:
    """How often the version on the screens was right, of all mentions or of those of a filter."""
    with warehouse.reading() as cursor:
        query = f"{_LABELLED} WHERE s.version = $version"
        given: dict[str, Any] = {"version": serving.current_version(cursor)}
        if chosen is not None:
            conditions = on_heard(cursor, chosen)
            query += f" AND i.mention_id IN (SELECT mention_id FROM heard WHERE {conditions.where})"
            given |= conditions.parameters
        rows = ask.table(cursor, query, given)
    return _right(rows, _weights(rows))


def interval(hits: npt.NDArray[np.bool_], weights: Doubles) -> Share:
    """The weighted share of hits; `weights` are 1 / probability, so their sum is the population."""
    if not len(hits):
        return Share(None, 0.0, 1.0, 0)
    whole = float(weights.sum())
    value = float(weights @ hits) / whole
    size = whole**2 / float(weights @ weights)
    # Of a population labelled to the last nothing is unknown (finite population correction).
    unseen = max(0.0, 1 - len(hits) / whole)
    if unseen == 0:
        return Share(round(value, 4), round(value, 4), round(value, 4), len(hits))
    size /= unseen
    middle = (value + _Z**2 / (2 * size)) / (1 + _Z**2 / size)
    half = _Z / (1 + _Z**2 / size) * np.sqrt(value * (1 - value) / size + (_Z / (2 * size)) ** 2)
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return Share(round(value, 4), round(float(low), 4), round(float(high), 4), len(hits))


def _of_version(rows: pa.Table, version: str, current: str | None) -> Accuracy:
    mine = rows.filter(pa.array([found == version for found in rows["version"].to_pylist()]))
    weights = _weights(mine)
    labels = np.array(mine["label"].to_pylist(), object)
    clear = labels != UNCLEAR
    return Accuracy(
        version,
        version == current,
        mine["drawn_at"][0].as_py(),
        int(mine["population"][0].as_py()),
        _right(mine, weights),
        interval(~clear, weights),
        by_source=_by(mine, weights, "source"),
        by_language=_by(mine, weights, "lang"),
        by_week=_by(mine, weights, "week"),
        confusion=_confusion(mine, weights),
    )


def _by(rows: pa.Table, weights: Doubles, side: str) -> dict[str, Share]:
    values = [str(value) for value in rows[side].to_pylist()]
    found = {}
    for name in sorted(set(values)):
        these = np.array([value == name for value in values])
        found[name] = _right(rows.filter(pa.array(these)), weights[these])
    return found


def _right(rows: pa.Table, weights: Doubles) -> Share:
    labels = np.array(rows["label"].to_pylist(), object)
    clear = labels != UNCLEAR
    hits = labels == np.array(rows["predicted"].to_pylist(), object)
    return interval(hits[clear], weights[clear])


def _confusion(rows: pa.Table, weights: Doubles) -> dict[str, dict[str, float]]:
    said = np.array(rows["predicted"].to_pylist(), object)
    labels = np.array(rows["label"].to_pylist(), object)
    whole = float(weights.sum())
    return {
        verdict: {
            label: round(float(weights[(said == verdict) & (labels == label)].sum()) / whole, 4)
            for label in (*CLASSES, UNCLEAR)
        }
        for verdict in CLASSES
    }


def _weights(rows: pa.Table) -> Doubles:
    """How many mentions each label stands for. Samples of one version share what they stand for,
    by the labels of each; of a sample that is half labelled each label stands for twice as many."""
    samples = np.array(rows["sample_id"].to_pylist(), object)
    result = 1 / rows["probability"].to_numpy()
    population = rows["population"].to_numpy()
    for sample in set(samples.tolist()):
        mine = samples == sample
        part = mine.sum() / len(samples)
        result[mine] *= population[mine][0] * part / result[mine].sum()
    return result
