"""Drawing a sample of mentions: by chance, yet with something of every source, language and week.

Mentions are ordered by cell (source × language × verdict × week) and taken at equal steps of the
summed probabilities of being taken, from a random start: systematic sampling with unequal
probabilities (Madow 1949), which spreads the sample over the cells in proportion, however many
there are. Small sources, languages, weeks and verdicts are given a higher probability, so that
something can be said of them; the report weights each mention by 1 / probability.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from warehouse import ask, serving
from warehouse.errors import WarehouseError
from warehouse.store import Warehouse

FLOOR: Final = 10  # mentions expected of each source, language, week and verdict, if there is room
_SIDES: Final = ("source", "lang", "week", "predicted")
Doubles = npt.NDArray[np.float64]

# What the annotator on the screens has read and judged, and no person has: a text that somebody
# labelled or corrected may have taught the model, and would flatter it.
_FRAME: Final = """
    SELECT h.mention_id, h.text_hash, h.source, coalesce(h.lang, 'und') AS lang,
        date_trunc('week', h.day)::DATE AS week, a.sentiment AS predicted
    FROM heard h
    JOIN annotations a ON a.mention_id = h.mention_id AND a.text_hash = h.text_hash
    WHERE a.version = $version AND a.sentiment IN ('negative', 'neutral', 'positive')
        AND NOT h.corrected
        AND h.day BETWEEN coalesce($since, '0001-01-01'::DATE)
            AND coalesce($until, '9999-12-31'::DATE)
        AND h.mention_id NOT IN (SELECT mention_id FROM sample_labels)
"""


@dataclass(frozen=True)
class Drawn:
    """One mention of a draw; `week` is its Monday, `text_hash` a number of 64 bits as a string."""

    mention_id: str
    text_hash: str
    source: str
    lang: str
    week: date
    predicted: str
    probability: float


@dataclass(frozen=True)
class Draw:
    """A sample in the order it is to be labelled in, which is random too: whoever stops half-way
    has a smaller sample and not a lopsided one. `population` is how many mentions it stands for."""

    items: tuple[Drawn, ...]
    version: str
    population: int


def draw(
    warehouse: Warehouse,
    size: int,
    seed: int,
    since: date | None = None,
    until: date | None = None,
) -> Draw:
    """Draw `size` mentions (all, where there are fewer); the same seed draws the same ones from the
    same mentions. Raises WarehouseError where nothing has been read, or nothing is left to draw.
    """
    with warehouse.reading() as cursor:
        version = serving.current_version(cursor)
        given: dict[str, Any] = {"version": version, "since": since, "until": until}
        cells = ask.table(
            cursor,
            f"SELECT {', '.join(_SIDES)}, count(*) AS n FROM ({_FRAME}) GROUP BY ALL "
            "ORDER BY source, lang, predicted, week",
            given,
        )
        population = int(np.sum(cells["n"].to_numpy())) if cells.num_rows else 0
        if version is None or population == 0:
            raise WarehouseError(
                "There is nothing to draw: no mention of these days is annotated and unlabelled. "
                "Import some and run: madang run"
            )
        chances = probabilities(cells, min(size, population))
        taken = _taken(cells["n"].to_numpy() * chances, seed)
        asked = cells.append_column("probability", pa.array(chances))
        cursor.register("cells", asked.append_column("taken", pa.array(taken)))
        rows = ask.table(cursor, _PICK, {**given, "seed": str(seed)}).to_pylist()
    return Draw(tuple(Drawn(**row) for row in rows), version, population)


_PICK: Final = f"""
    SELECT f.mention_id::VARCHAR AS mention_id, f.text_hash::VARCHAR AS text_hash, f.source, f.lang,
        f.week, f.predicted, cells.probability
    FROM ({_FRAME}) f
    JOIN cells USING (source, lang, week, predicted)
    QUALIFY row_number() OVER (
        PARTITION BY f.source, f.lang, f.week, f.predicted
        ORDER BY md5($seed || f.mention_id::VARCHAR), f.mention_id
    ) <= cells.taken
    ORDER BY md5('turn' || $seed || f.mention_id::VARCHAR), f.mention_id
"""


def probabilities(cells: pa.Table, size: int) -> Doubles:
    """How likely each mention of a cell is to be taken; over all mentions they add up to `size`.

    Proportional, but at least so high that each source (and language, week, verdict) can expect
    FLOOR mentions, or its part of a quarter of the sample where there are many of them.
    """
    n = cells["n"].to_numpy().astype(np.float64)
    wanted = np.full(len(n), size / n.sum())
    for side in _SIDES:
        _, which = np.unique(cells[side].to_numpy(zero_copy_only=False), return_inverse=True)
        whole = np.bincount(which, weights=n)
        floor = min(FLOOR, size / (4 * len(whole)))
        wanted = np.maximum(wanted, (floor / whole)[which])
    # Scaled to the size: where that makes some certain, the others share what is left.
    result = np.ones(len(n))
    free = np.ones(len(n), bool)
    while free.any():
        left = size - n[~free].sum()
        result[free] = wanted[free] * left / (n[free] @ wanted[free])
        certain = free & (result >= 1)
        result[certain] = 1.0
        if not certain.any():
            break
        free &= ~certain
    return result


def _taken(expected: Doubles, seed: int) -> npt.NDArray[np.int64]:
    """How many of each cell are taken: as many as there are steps in its part of the line."""
    ends = np.cumsum(expected)
    size = round(float(ends[-1]))
    start = np.random.default_rng(seed).random()
    steps = (np.arange(size) + start) * (ends[-1] / size)
    at = np.minimum(np.searchsorted(ends, steps, side="right"), len(expected) - 1)
    return np.bincount(at, minlength=len(expected))
