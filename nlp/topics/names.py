"""Names for topics, as a reader would give them: two or three nouns, as in '배송·포장'.

Nouns are ranked by c-TF-IDF (Grootendorst 2022, "BERTopic", equation 2): often said in the topic
and seldom in others. Vague words name nothing. Two neighbouring nouns that mostly come together
stand as one: '배송 지연'.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nlp.topics.bags import Bags
from nlp.topics.find import Found
from nlp.topics.stopwords import VAGUE

BETWEEN: Final = "·"
WORDS: Final = 3
LEAST_PART: Final = 0.3  # of the first word's rank, that a further one must have
KEPT: Final = 12
_COMMON: Final = 0.2  # share of all texts above which a word names nothing: 영화 of films
_SHORT: Final = 0.5  # of its rank, for a noun of one syllable: 맛 is one, but so is a misread 산
_SAME: Final = 0.9  # cosine above which two words name the same thing
_COMPOUND: Final = 0.5  # share of a noun's texts in which its neighbour is the same


@dataclass(frozen=True)
class Name:
    """`name` of a topic; `words` are its nouns by rank, with their ranks, the name's among them."""

    name: str
    words: tuple[tuple[str, float], ...]


def names_of(
    bags: Bags,
    found: Found,
    labels: npt.NDArray[np.int64],
) -> list[Name]:
    """A name for each topic, no two alike where words suffice."""
    topics = found.weights.shape[1]
    if not topics:
        return []
    rank = _ranks(bags, labels, topics)
    compounds = _compounds(bags, labels, topics)
    speaks = found.weights > 0.3 * found.weights.max(1, keepdims=True)
    order = np.argsort(-np.bincount(labels[labels >= 0], minlength=topics), kind="stable")
    taken: set[str] = set()
    names: dict[int, Name] = {}
    for topic in order.tolist():
        ranked = [
            (int(place), float(rank[topic, place]))
            for place in np.argsort(-rank[topic], kind="stable")[: 8 * KEPT]
            if rank[topic, place] > 0 and speaks[place, topic] and bags.words[place] not in VAGUE
        ]
        names[topic] = _name(ranked, bags, found, compounds[topic], taken)
        taken.add(names[topic].name)
    return [names[topic] for topic in range(topics)]


def _ranks(bags: Bags, labels: npt.NDArray[np.int64], topics: int) -> npt.NDArray[np.float64]:
    """c-TF-IDF of nouns (topics, v), times the part of them that is said here; others have 0."""
    counted = np.stack(
        [np.asarray(bags.matrix[labels == topic].sum(0)).ravel() for topic in range(topics)]
    ).astype(np.float64)
    in_all = np.maximum(counted.sum(0), 1)
    share = counted / np.maximum(counted.sum(1, keepdims=True), 1)
    mean = counted.sum() / max(topics, 1)
    short = np.array([len(word) == 1 for word in bags.words])
    ranks: npt.NDArray[np.float64] = share * np.log1p(mean / in_all) * (counted / in_all)
    telling = bags.nouns & (in_all <= max(_COMMON * len(labels), 5))
    ranks *= telling * np.where(short, _SHORT, 1)
    return ranks


def _compounds(
    bags: Bags, labels: npt.NDArray[np.int64], topics: int
) -> list[dict[int, tuple[int, int]]]:
    """For each topic: a noun, and the pair of neighbours it is mostly said in there."""
    found: list[dict[int, tuple[int, int]]] = [{} for _ in range(topics)]
    both = (bags.before >= 0) & (bags.after >= 0) & (bags.before != bags.after)
    label = labels[bags.pair_text[both]]
    pairs = Counter(
        zip(label.tolist(), bags.before[both].tolist(), bags.after[both].tolist(), strict=True)
    )
    said = [np.asarray(bags.matrix[labels == t].sum(0)).ravel() for t in range(topics)]
    for (topic, before, after), times in pairs.most_common(5000):
        if topic < 0 or times < 5:
            continue
        for part in (before, after):
            if times >= _COMPOUND * said[topic][part]:
                found[topic].setdefault(part, (before, after))
    return found


def _name(
    ranked: list[tuple[int, float]],
    bags: Bags,
    found: Found,
    compounds: dict[int, tuple[int, int]],
    taken: set[str],
) -> Name:
    words = tuple((bags.words[place], value) for place, value in ranked[:KEPT])
    parts: list[str] = []
    used: list[int] = []
    for place, value in ranked:
        if len(parts) == WORDS or (parts and value < LEAST_PART * ranked[0][1]):
            break
        if any(_alike(place, other, bags, found) for other in used):
            continue
        pair = compounds.get(place)
        used += pair or (place,)
        parts.append(" ".join(bags.words[each] for each in pair) if pair else bags.words[place])
    name = BETWEEN.join(parts[:WORDS]) or "…"
    for place, _ in ranked:
        if name not in taken:
            break
        if place not in used:
            used.append(place)
            name = BETWEEN.join([*parts[: WORDS - 1], bags.words[place]])
    return Name(name, words)


def _alike(place: int, other: int, bags: Bags, found: Found) -> bool:
    one, two = bags.words[place], bags.words[other]
    if place == other or one in two or two in one:
        return True
    return float(found.places[place] @ found.places[other]) > _SAME
