"""Who said it first: near copies found incrementally as if all had come at once, and let go."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from nlp.fingerprint import distance, fingerprints
from nlp.near import near_pairs
from warehouse import annotations, queries
from warehouse.signals.copies import refresh_copies

FIRST = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)
RUMOUR = "이 청소기 쓰다가 불났다는 사람 봤어요 다들 조심하세요 회사는 모른 척한다네요"
OTHERS = (
    "배송이 너무 늦어서 다음부터는 다른 곳에서 살 것 같습니다",
    "향이 은은하고 오래가서 선물하기에도 참 좋았습니다",
    "설명서가 영어뿐이라 부모님이 쓰기에는 어려울 것 같아요",
)
Write = Callable[..., None]


@pytest.fixture
def write(
    house: Any, row: Callable[..., dict[str, Any]], annotated: Callable[..., pa.Table]
) -> Write:
    """Land, load and read mentions given as (number, text, days after the first)."""

    def writing(*told: tuple[int, str, float]) -> None:
        house.land(
            [
                row(
                    number,
                    text=text,
                    created_at=FIRST + timedelta(days=days),
                    author_id=f"a{number}",
                )
                for number, text, days in told
            ]
        )
        house.load()
        waiting = annotations.pending(house.warehouse, "v1", 1_000_000)
        read = annotated(waiting)
        hashes = pa.array(fingerprints(waiting.column("text")), pa.uint64())
        place = read.column_names.index("fingerprint")
        annotations.record(house.warehouse, read.set_column(place, "fingerprint", hashes))
        refresh_copies(house.warehouse)

    return writing


def ids(house: Any) -> dict[str, str]:
    return {
        each["native_id"]: each["id"]
        for each in house.rows("SELECT native_id, mention_id::VARCHAR AS id FROM mentions")
    }


def pointers(house: Any) -> dict[str, tuple[str, str]]:
    """For each copy by its native id: what it is a copy of, and the first."""
    names = {value: key for key, value in ids(house).items()}
    rows = house.rows(
        "SELECT mention_id::VARCHAR AS m, copy_of::VARCHAR AS c, first_id::VARCHAR AS f FROM copies"
    )
    return {names[each["m"]]: (names[each["c"]], names[each["f"]]) for each in rows}


def test_the_first_one_is_named_whatever_came_first(house: Any, write: Write) -> None:
    write((1, OTHERS[0], 0), (2, RUMOUR + " ㅠㅠ", 3), (3, "펌) " + RUMOUR, 5))
    assert pointers(house) == {"r3": ("r2", "r2")}
    write((4, RUMOUR, 1), (5, OTHERS[1], 6))
    assert pointers(house) == {"r2": ("r4", "r4"), "r3": ("r4", "r4")}


def test_further_apart_than_the_window_is_no_copy_but_a_chain_reaches_its_first(
    house: Any, write: Write
) -> None:
    write((1, RUMOUR, 0), (2, RUMOUR, 91))
    assert pointers(house) == {}
    write((3, RUMOUR, 50))
    assert pointers(house) == {"r3": ("r1", "r1"), "r2": ("r3", "r1")}
    assert refresh_copies(house.warehouse, window_days=45) == 1
    assert pointers(house) == {"r2": ("r3", "r3")}


def test_copies_of_what_is_removed_name_the_next_first(house: Any, write: Write) -> None:
    write((1, RUMOUR, 0), (2, RUMOUR, 1), (3, RUMOUR, 2), (4, OTHERS[2], 2))
    house.land(
        [{"source": "shop-reviews", "native_id": "r1", "removed_at": FIRST + timedelta(days=9)}],
        record="removals",
    )
    house.load()
    assert refresh_copies(house.warehouse) == 1
    assert pointers(house) == {"r3": ("r2", "r2")}


def test_a_changed_text_is_no_copy_any_more(house: Any, write: Write) -> None:
    write((1, RUMOUR, 0), (2, RUMOUR, 1))
    write((2, OTHERS[0], 1))
    assert pointers(house) == {}


def test_many_small_loads_end_where_one_large_load_does(
    house: Any, write: Write, new_house: Callable[..., Any], tmp_path: Any
) -> None:
    dice = random.Random(4)
    words = ["정말", "아주", "조금", "다시", "너무", "그냥", "역시", "제발"]
    told = [
        (number, f"{dice.choice(words)} {dice.choice([RUMOUR, *OTHERS])}", dice.random() * 200)
        for number in range(60)
    ]
    write(*told)
    whole = pointers(house)
    house.land(
        [{"source": "shop-reviews", "native_id": f"r{n}", "removed_at": FIRST} for n, _, _ in told],
        record="removals",
    )
    house.load()
    assert refresh_copies(house.warehouse) == 0
    again = [(number + 1000, text, days) for number, text, days in told]
    dice.shuffle(again)
    for at in range(0, 60, 7):
        write(*again[at : at + 7])
    shifted = {
        f"r{int(n[1:]) + 1000}": tuple(f"r{int(x[1:]) + 1000}" for x in to)
        for n, to in whole.items()
    }
    assert whole
    # Ties of time do not occur, so only the names differ.
    assert pointers(house) == shifted


def test_near_pairs_are_those_of_comparing_each_with_each() -> None:
    chance = np.random.default_rng(2)
    among = chance.integers(1, 2**63, 3000, dtype=np.uint64)
    flips = np.array([sum(1 << int(b) for b in chance.choice(64, n)) for n in range(12)], np.uint64)
    queries = among[:120] ^ flips[np.arange(120) % 12]
    left, right = near_pairs(queries, among)
    near = distance(queries[:, None], among[None, :]) <= 8
    assert set(zip(left.tolist(), right.tolist(), strict=True)) == set(
        zip(*(side.tolist() for side in np.nonzero(near)), strict=True)
    )
    assert near.sum() >= 80
    with pytest.raises(ValueError, match="up to 8 bits"):
        near_pairs(queries, among, bits=9)


def test_a_crowd_in_one_band_is_looked_at_in_part() -> None:
    crowd = np.uint64(7) + (np.arange(5000, dtype=np.uint64) << np.uint64(30))
    left, _ = near_pairs(crowd, crowd)
    assert len(left) < 5000 * 3 * 254 * 256 / 100


def test_groups_are_told_with_their_first(house: Any, write: Write) -> None:
    write((1, RUMOUR, 0), (2, RUMOUR, 1), (3, RUMOUR + "!!", 2), (4, OTHERS[2], 2))
    known = ids(house)
    told = queries.copies_of(house.warehouse, known["r3"])
    assert told is not None
    assert (told.first_id, told.copies, told.first_author) == (known["r1"], 2, "love1****")
    assert (told.sources, told.authors) == (1, 3)
    of_first = queries.copies_of(house.warehouse, known["r1"])
    assert of_first is not None
    assert of_first.first_id == known["r1"]
    assert queries.copies_of(house.warehouse, known["r4"]) is None
    assert queries.copies_of(house.warehouse, "keine id") is None
