"""What became of topics when they were found anew: which is which, and what is new, split or gone.

Old and new are matched one to one (Kuhn 1955, the Hungarian method) by how many texts they share
and how near their centres lie. What is left over is told of: a topic was born or died, split from
another, or went into it. A name is kept until its words have left the topic.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from nlp.topics.names import BETWEEN, Name
from nlp.topics.spheres import Floats

SAME: Final = 0.45  # of 1: likeness above which a new topic is the old one
PART: Final = 0.5  # share of a topic's texts that make it a part of another
GONE: Final = 0.12  # of a name's first word: a word ranked below this share has left the topic
Kind = Literal["born", "split", "merged", "died", "renamed"]


@dataclass(frozen=True)
class Known:
    """A topic as it was: its lasting id, its name, its centre (d,)."""

    topic_id: int
    name: str
    centre: Floats


@dataclass(frozen=True)
class Event:
    """What happened to a topic; `other_id` is the one it split from or went into, and `share` of
    its texts are in or from there. `before` is its earlier name where it was renamed."""

    kind: Kind
    topic_id: int
    name: str
    other_id: int | None = None
    before: str | None = None
    share: float | None = None


@dataclass(frozen=True)
class Lineage:
    """For each new topic its lasting id and its name, and what there is to tell."""

    topic_ids: tuple[int, ...]
    names: tuple[str, ...]
    events: tuple[Event, ...]


def follow(
    known: Sequence[Known],
    old_labels: npt.NDArray[np.int64],
    centres: Floats,
    labels: npt.NDArray[np.int64],
    names: Sequence[Name],
    next_id: int,
) -> Lineage:
    """Match `known` topics with new ones. `old_labels` and `labels` (n,) say for the same texts the
    place among the old and the new topics, -1 for none. New topics get ids from `next_id` on."""
    shared = _shared(old_labels, labels, len(known), len(names))
    matched = _matched(known, centres, shared)
    ids: list[int] = []
    kept: list[str] = []
    events: list[Event] = []
    for place, name in enumerate(names):
        old = matched.get(place)
        if old is None:
            ids.append(next_id)
            next_id += 1
            kept.append(name.name)
            events.append(_begun(known, shared[:, place], ids[-1], name.name))
            continue
        ids.append(known[old].topic_id)
        stays = not name.words or _still_says(known[old].name, name)
        kept.append(known[old].name if stays else name.name)
        if not stays:
            events.append(Event("renamed", ids[-1], name.name, before=known[old].name))
    for old, topic in enumerate(known):
        if old not in matched.values():
            events.append(_ended(topic, shared[old], ids))
    return Lineage(tuple(ids), _distinct(kept, names), tuple(events))


def _shared(
    old: npt.NDArray[np.int64], new: npt.NDArray[np.int64], olds: int, news: int
) -> npt.NDArray[np.float64]:
    """How many texts each old and each new topic have in common: (olds, news)."""
    table = np.zeros((olds, news))
    both = (old >= 0) & (new >= 0)
    np.add.at(table, (old[both], new[both]), 1)
    return table


def _matched(
    known: Sequence[Known], centres: Floats, shared: npt.NDArray[np.float64]
) -> dict[int, int]:
    """New place to old place, for those that are the same."""
    if not known or not len(centres):
        return {}
    sizes = np.sqrt(np.outer(shared.sum(1), shared.sum(0)))
    overlap = shared / np.maximum(sizes, 1)
    near = np.stack([topic.centre for topic in known]) @ centres.T
    alike = (overlap + np.maximum(near, 0)) / 2
    olds, news = linear_sum_assignment(-alike)
    return {int(n): int(o) for o, n in zip(olds, news, strict=True) if alike[o, n] >= SAME}


def _begun(
    known: Sequence[Known], texts: npt.NDArray[np.float64], topic_id: int, name: str
) -> Event:
    if len(known) and texts.sum():
        share = float(texts.max() / texts.sum())
        if share >= PART:
            return Event("split", topic_id, name, known[int(texts.argmax())].topic_id, share=share)
    return Event("born", topic_id, name)


def _ended(topic: Known, texts: npt.NDArray[np.float64], ids: Sequence[int]) -> Event:
    if len(ids) and texts.sum():
        share = float(texts.max() / texts.sum())
        if share >= PART:
            return Event(
                "merged", topic.topic_id, topic.name, ids[int(texts.argmax())], share=share
            )
    return Event("died", topic.topic_id, topic.name)


def _still_says(name: str, now: Name) -> bool:
    """Whether a word of the name still ranks among the topic's."""
    ranks = dict(now.words)
    first = max(ranks.values())
    parts = {word for part in name.split(BETWEEN) for word in part.split(" ")}
    return any(ranks.get(word, 0.0) >= GONE * first for word in parts)


def _distinct(kept: Sequence[str], names: Sequence[Name]) -> tuple[str, ...]:
    """A kept name that a new topic has been given too goes to the one it was kept for."""
    seen: set[str] = set()
    result: list[str] = []
    for name, now in zip(kept, names, strict=True):
        fresh = name
        for word, _ in now.words:
            if fresh not in seen:
                break
            fresh = f"{name.split(BETWEEN)[0]}{BETWEEN}{word}"
        seen.add(fresh)
        result.append(fresh)
    return tuple(result)
