"""Topics of texts as a reader would put them: found, named, told of new texts, and followed."""

import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import adjusted_rand_score

from nlp.columns import TERM
from nlp.topics.bags import bags_of
from nlp.topics.find import find
from nlp.topics.follow import Known, follow
from nlp.topics.names import Name, names_of
from nlp.topics.refit import refit
from nlp.topics.space import Space

SAID = {
    "delivery": "배송/NNG 택배/NNG 기사/NNG 늦다/VA 도착/NNG 포장/NNG 상자/NNG 빠르다/VA",
    "taste": "맛/NNG 고소하다/VA 짜다/VA 식감/NNG 향/NNG 달다/VA 양념/NNG 맵다/VA",
    "refund": "환불/NNG 교환/NNG 반품/NNG 접수/NNG 거절/NNG 상담원/NNG 영수증/NNG 취소/NNG",
}
ANYWHERE = ("진짜/MAG", "오늘/NNG", "주문/NNG", "가격/NNG")


def terms(*texts: str) -> "pa.ListArray":
    rows = [
        [dict(zip(("lemma", "tag"), word.rsplit("/", 1), strict=True)) for word in text.split()]
        for text in texts
    ]
    return pa.array(rows, pa.list_(TERM))


def texts(each: int, seed: int, of: tuple[str, ...] = tuple(SAID)) -> tuple[list[str], list[str]]:
    """Texts and what they are of, by turns."""
    chance = random.Random(seed)
    found, truth = [], []
    for number in range(each * len(of)):
        kind = of[number % len(of)]
        words = chance.sample(SAID[kind].split(), chance.randint(3, 4))
        found.append(" ".join([*words, chance.choice(ANYWHERE)]))
        truth.append(kind)
    return found, truth


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    said, truth = texts(150, seed=1)
    own = tmp_path_factory.mktemp("space")
    return refit(terms(*said), own), truth, own


def labels(refitted, said: list[str]) -> list[int]:
    """The topic of each text, by nothing but the weights of its words."""
    weights: dict[str, list[tuple[int, float]]] = {}
    for row in refitted.weights.to_pylist():
        weights.setdefault(row["word"], []).append((row["topic_id"], row["weight"]))
    result = []
    for text in said:
        scores: dict[int, float] = {}
        for word in {part.rsplit("/", 1)[0] for part in text.split()}:
            for topic, weight in weights.get(word, ()):
                scores[topic] = scores.get(topic, 0.0) + weight
        result.append(max(scores, key=lambda topic: (scores[topic], -topic)) if scores else -1)
    return result


def test_texts_on_one_thing_are_one_topic(found) -> None:
    refitted, _, _ = found
    fresh, truth = texts(60, seed=9)
    assert adjusted_rand_score(truth, labels(refitted, fresh)) > 0.8


def test_a_topic_is_named_by_its_nouns(found) -> None:
    refitted, _, _ = found
    said = {kind: set(words.replace("/NNG", "").split()) for kind, words in SAID.items()}
    for topic in refitted.topics:
        parts = {word for part in topic.name.split("·") for word in part.split()}
        assert any(parts <= words for words in said.values()), topic.name
        assert not any(part.endswith("다") for part in parts)
    assert len({topic.name for topic in refitted.topics}) == len(refitted.topics)


def test_the_same_texts_give_the_same_topics(found) -> None:
    refitted, _, own = found
    again = refit(terms(*texts(150, seed=1)[0]), own)
    assert [topic.name for topic in again.topics] == [topic.name for topic in refitted.topics]
    assert again.weights.equals(refitted.weights)


def test_topics_keep_their_ids_as_texts_are_added(found) -> None:
    refitted, _, own = found
    known = [Known(t.topic_id, t.name, np.array(t.centre, np.float32)) for t in refitted.topics]
    more = texts(150, seed=1)[0] + texts(60, seed=2)[0]
    later = refit(terms(*more), own, known, refitted.weights, refitted.space, next_id=100)
    assert {t.topic_id: t.name for t in later.topics} == {
        t.topic_id: t.name for t in refitted.topics
    }
    assert later.events == ()


def test_barred_words_make_no_topic() -> None:
    said, _ = texts(60, seed=3)
    branded = [f"{text} 해담/NNP" for text in said[::2]] + said[1::2]
    bags = bags_of(terms(*branded), without=["해담"])
    assert "해담" not in bags.words
    assert "배송" in bags.words


def test_laughter_alone_has_no_topic(found) -> None:
    refitted, _, _ = found
    assert labels(refitted, ["ㅋㅋ/IC", "ㅠㅠ/IC ㅎㅎ/IC", ""]) == [-1, -1, -1]


def test_few_or_no_texts_give_no_topics(tmp_path: Path) -> None:
    for said in ([], [""], ["배송/NNG 늦다/VA"], ["ㅋㅋ/IC"] * 300):
        refitted = refit(terms(*said), tmp_path)
        assert refitted.topics == ()
        assert refitted.weights.num_rows == 0
        assert refitted.texts == len(said)


def test_a_book_of_words_is_bounded() -> None:
    book = " ".join(f"낱말{number}/NNG" for number in range(50_000))
    bags = bags_of(terms(book, *["배송/NNG"] * 20), least=1)
    assert bags.matrix.sum(1).max() == 120


def test_two_nouns_that_come_together_are_one() -> None:
    said, _ = texts(120, seed=5)
    together = [text.replace("상담원/NNG", "상담원/NNG 연결/NNG") for text in said]
    bags = bags_of(terms(*together))
    found = find(bags, Space.learn(bags))
    names = [name.name for name in names_of(bags, found, found.labels(bags))]
    assert any("상담원 연결" in name for name in names) or not any("상담원" in n for n in names)


def centres(*angles: float) -> np.ndarray:
    return np.array([[np.cos(a), np.sin(a)] for a in angles], np.float32)


def named(*names: str) -> list[Name]:
    return [Name(name, tuple((word, 1.0) for word in name.split("·"))) for name in names]


def test_a_split_is_told_and_the_larger_part_keeps_the_id() -> None:
    known = [Known(7, "배송·포장", centres(0.0)[0])]
    old = np.zeros(100, np.int64)
    new = np.array([0] * 70 + [1] * 30)
    lineage = follow(known, old, centres(0.1, 0.9), new, named("배송·지연", "포장·상자"), 8)
    assert lineage.topic_ids == (7, 8)
    assert lineage.names == ("배송·포장", "포장·상자")  # 배송 is still in it: the name stays
    (event,) = lineage.events
    assert (event.kind, event.topic_id, event.other_id, event.share) == ("split", 8, 7, 1.0)


def test_a_merger_is_told_and_one_id_ends() -> None:
    known = [Known(1, "환불", centres(0.0)[0]), Known(2, "교환", centres(0.3)[0])]
    old = np.array([0] * 60 + [1] * 40)
    new = np.zeros(100, np.int64)
    lineage = follow(known, old, centres(0.1), new, named("환불·교환"), 3)
    assert lineage.topic_ids == (1,)
    (event,) = lineage.events
    assert (event.kind, event.topic_id, event.other_id) == ("merged", 2, 1)


def test_a_birth_and_a_death_are_told() -> None:
    known = [Known(1, "배송", centres(0.0)[0]), Known(2, "할인", centres(1.5)[0])]
    old = np.array([0] * 50 + [-1] * 50)
    new = np.array([0] * 50 + [1] * 50)
    lineage = follow(known, old, centres(0.0, 3.1), new, named("배송", "리콜"), 3)
    assert lineage.topic_ids == (1, 3)
    assert {(e.kind, e.topic_id) for e in lineage.events} == {("born", 3), ("died", 2)}


def test_a_name_goes_when_its_words_have_left() -> None:
    known = [Known(1, "예약·판매", centres(0.0)[0])]
    labels = np.zeros(50, np.int64)
    lineage = follow(known, labels, centres(0.05), labels, named("배송·지연"), 2)
    (event,) = lineage.events
    assert lineage.names == ("배송·지연",)
    assert (event.kind, event.before, event.name) == ("renamed", "예약·판매", "배송·지연")


def test_a_number_by_which_one_topic_holds_most_of_all_is_passed_over() -> None:
    said, _ = texts(150, seed=5)
    bags = bags_of(terms(*said), 2, ())
    chosen = find(bags, Space.learn(bags, 8), counts=(2, 3))
    sizes = np.bincount(chosen.labels(bags)) / len(said)
    assert len(sizes) == 3, "of two topics, two of three equal subjects would share one"
    assert sizes.max() < 0.5


def test_where_every_number_is_lopsided_the_most_agreed_on_is_taken(tmp_path: Path) -> None:
    said, _ = texts(300, seed=2, of=("delivery",))
    others, _ = texts(60, seed=3, of=("taste", "refund"))
    refitted = refit(terms(*said, *others), tmp_path)
    assert refitted.agreement > 0.95
    assert len(refitted.topics) <= 4, "not the many that are tried first"
