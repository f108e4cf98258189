"""One round of finding topics in a sample of texts and telling what became of the old ones.

Where the shipped space knows too little of what is said, or tells fewer topics apart, the texts get
a space of their own. It is kept and used again: topics can be followed only within one space.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from nlp.topics.bags import Bags, bags_of
from nlp.topics.find import AGREED, Found, find
from nlp.topics.follow import Event, Known, follow
from nlp.topics.names import names_of
from nlp.topics.space import FEWEST_WORDS, FILE, OWN_DIMENSIONS, Space

FAMILIAR: Final = 0.75  # share of what is said that the space must know
_RARE: Final = 2e-4  # share of texts below which a word is left out
_LEAST: Final = 5


@dataclass(frozen=True)
class Topic:
    """A topic as found: `words` are its nouns by rank, `share` its part of all texts, `centre`
    its place in the space."""

    topic_id: int
    name: str
    words: tuple[str, ...]
    share: float
    centre: tuple[float, ...]


@dataclass(frozen=True)
class Refit:
    """`weights` has the columns word, topic_id, weight; `unassigned` is a share of `texts`."""

    topics: tuple[Topic, ...]
    weights: pa.Table
    events: tuple[Event, ...]
    space: str
    texts: int
    unassigned: float
    agreement: float


def refit(
    terms: "pa.ListArray[Any] | pa.ChunkedArray[Any]",
    own: Path,
    known: Sequence[Known] = (),
    known_weights: pa.Table | None = None,
    known_space: str = "",
    barred: Collection[str] = (),
    next_id: int = 1,
) -> Refit:
    """Find the topics of texts given as terms, and match them with the `known` ones.

    `known_weights` are the weights of the last `Refit`, `known_space` its space, `next_id` an id
    never used. `own` is the folder where a space learned from these texts is kept. `barred` are
    words, such as the names of products, that topics are not made of.
    """
    bags = bags_of(terms, max(_LEAST, round(len(terms) * _RARE)), barred)
    space = _space(bags, own, known_space)
    found = find(bags, space)
    labels = found.labels(bags)
    names = names_of(bags, found, labels)
    centres = found.centres if space.name == known_space or not known else 0 * found.centres
    lineage = follow(known, _labelled(bags, known, known_weights), centres, labels, names, next_id)
    sizes = np.bincount(labels[labels >= 0], minlength=len(names)) / max(len(labels), 1)
    topics = tuple(
        Topic(
            topic_id,
            name,
            tuple(word for word, _ in named.words),
            float(sizes[place]),
            tuple(float(each) for each in found.centres[place]),
        )
        for place, (topic_id, name, named) in enumerate(
            zip(lineage.topic_ids, lineage.names, names, strict=True)
        )
    )
    return Refit(
        topics,
        _table(found, lineage.topic_ids),
        lineage.events,
        space.name,
        len(labels),
        float((labels < 0).mean()) if len(labels) else 0.0,
        found.agreement,
    )


def _space(bags: Bags, own: Path, known_space: str) -> Space:
    """The shipped space, or one of these texts' own; whichever the topics are followed in, while it
    knows what is said."""
    shipped = Space.read()
    familiar = shipped.known_share(bags) >= FAMILIAR
    if len(bags.words) < FEWEST_WORDS or (familiar and known_space == shipped.name):
        return shipped
    if (own / FILE).exists():
        kept = Space.read(own)
        if kept.known_share(bags) >= FAMILIAR:
            return kept
    learned = Space.learn(bags, OWN_DIMENSIONS)
    if familiar and not _tells_more(bags, learned, shipped):
        return shipped
    learned.write(own)
    return Space.read(own)  # as later rounds will read it, rounded


def _tells_more(bags: Bags, learned: Space, shipped: Space) -> bool:
    """Whether halves that each learn a space agree on more topics than they do in the shipped."""
    here, there = find(bags, learned, own=True), find(bags, shipped)
    more = here.weights.shape[1] > there.weights.shape[1] or there.agreement < AGREED
    return here.agreement >= AGREED and more


def _table(found: Found, topic_ids: Sequence[int]) -> pa.Table:
    word, topic = np.nonzero(found.weights)
    words = np.array(found.words, object)
    ids = np.array(topic_ids, np.int64)
    return pa.table(
        {
            "word": pa.array(words[word], pa.string()),
            "topic_id": pa.array(ids[topic], pa.int64()),
            "weight": pa.array(found.weights[word, topic], pa.float32()),
        }
    )


def _labelled(
    bags: Bags, known: Sequence[Known], weights: pa.Table | None
) -> npt.NDArray[np.int64]:
    """The place among `known` of each text's topic by the old weights; -1 for none."""
    texts = bags.matrix.shape[0]
    if weights is None or not known:
        return np.full(texts, -1, np.int64)
    words = {word: place for place, word in enumerate(bags.words)}
    places = {topic.topic_id: place for place, topic in enumerate(known)}
    table = np.zeros((len(words), len(known)), np.float32)
    for row in weights.to_pylist():
        if row["word"] in words and row["topic_id"] in places:
            table[words[row["word"]], places[row["topic_id"]]] = row["weight"]
    scores = np.asarray(bags.matrix @ table)
    labels: npt.NDArray[np.int64] = scores.argmax(1).astype(np.int64)
    labels[scores.max(1) <= 0] = -1
    return labels
