"""A person's word on a text outranks the annotator, holds for that text, and can be taken back."""

import pytest

from warehouse import annotations
from warehouse.facts import take_facts
from warehouse.rebuild import digest, rebuild


@pytest.fixture
def told(house, row, read):
    """Six mentions, all read as negative; gives (mention_id, text_hash) of a native id."""
    house.land([row(number) for number in range(6)])
    house.load()
    read(house)

    def named(native_id: str) -> tuple[str, str]:
        (found,) = house.rows(
            "SELECT mention_id::VARCHAR AS m, text_hash::VARCHAR AS h FROM mentions "
            f"WHERE native_id = '{native_id}'"
        )
        return found["m"], found["h"]

    return named


def correction(named, sentiment="positive"):
    mention_id, text_hash = named
    return ("label_corrected", mention_id, {"text_hash": text_hash, "sentiment": sentiment})


def shown(house, mention_id):
    (found,) = house.rows(
        "SELECT sentiment, score, corrected, lemmas IS NOT NULL AS is_read FROM heard "
        f"WHERE mention_id = '{mention_id}'"
    )
    return found


def moods(house):
    (found,) = house.rows(
        "SELECT sum(negative)::INT AS negative, sum(positive)::INT AS positive, "
        "sum(unread)::INT AS unread FROM daily"
    )
    return found


def test_a_correction_shows_in_mentions_and_charts_and_withdrawing_undoes_it(house, facts, told):
    before = digest(house.warehouse)
    one = told("r1")
    take_facts(house.warehouse, facts(correction(one)))
    assert shown(house, one[0]) == {
        "sentiment": "positive", "score": 1.0, "corrected": True, "is_read": True,
    }  # fmt: skip
    assert moods(house) == {"negative": 5, "positive": 1, "unread": 0}
    take_facts(house.warehouse, facts(correction(one, "neutral"), first=2))
    assert shown(house, one[0])["sentiment"] == "neutral"
    take_facts(house.warehouse, facts(("correction_withdrawn", one[0], {}), first=3))
    after = digest(house.warehouse)
    for table in ("main.heard", "main.daily", "main.corrections"):
        assert after[table] == before[table]


def test_a_correction_lapses_when_the_text_changes_and_holds_again_when_it_is_back(
    house, row, facts, told
):
    one = told("r1")
    take_facts(house.warehouse, facts(correction(one)))
    house.land([row(1, text="향이 너무 독해서 머리가 아파요")])
    house.load()
    assert shown(house, one[0]) == {
        "sentiment": "unread", "score": None, "corrected": False, "is_read": False,
    }  # fmt: skip
    house.land([row(1)])
    house.load()
    assert shown(house, one[0])["corrected"] is True


def test_other_fields_may_change_without_a_correction_lapsing(house, row, facts, told):
    one = told("r1")
    take_facts(house.warehouse, facts(correction(one)))
    house.land([row(1, likes=99)])
    assert house.load().updated == 1
    assert shown(house, one[0])["sentiment"] == "positive"


def test_a_correction_survives_another_version_of_the_annotator(house, facts, told, annotated):
    one = told("r1")
    take_facts(house.warehouse, facts(correction(one)))
    waiting = annotations.pending(house.warehouse, "v2", 99)
    annotations.record(house.warehouse, annotated(waiting, "v2", lambda _: "negative"))
    assert annotations.current_version(house.warehouse) == "v2"
    assert shown(house, one[0])["sentiment"] == "positive"
    assert moods(house) == {"negative": 5, "positive": 1, "unread": 0}


def test_what_a_person_judged_before_the_annotator_came_is_still_read(
    house, row, facts, told, annotated
):
    house.land([row(7)])
    house.load()
    new = told("r7")
    take_facts(house.warehouse, facts(correction(new)))
    assert shown(house, new[0]) == {
        "sentiment": "positive", "score": 1.0, "corrected": True, "is_read": False,
    }  # fmt: skip
    waiting = annotations.pending(house.warehouse, "v1", 99)
    assert waiting.column("mention_id").to_pylist() == [new[0]]
    annotations.record(house.warehouse, annotated(waiting, "v1", lambda _: "negative"))
    assert annotations.count_pending(house.warehouse, "v1") == 0
    assert shown(house, new[0])["sentiment"] == "positive"


def test_a_rebuild_and_a_replay_leave_the_same(house, facts, told):
    one, two = told("r1"), told("r2")
    every = facts(
        correction(one), correction(two, "neutral"), ("correction_withdrawn", two[0], {}),
        ("label_corrected", "no-mention", {"text_hash": "1", "sentiment": "positive"}),
        ("label_corrected", two[0], {"text_hash": "1", "sentiment": "angry"}),
    )  # fmt: skip
    take_facts(house.warehouse, every)
    before = digest(house.warehouse)
    rebuild(
        house.warehouse, house.landing, complete=lambda fresh: take_facts(fresh, every) and None
    )
    assert digest(house.warehouse) == before
    assert shown(house, one[0])["sentiment"] == "positive"


def test_samples_and_their_labels_are_projected(house, facts, told):
    one, two = told("r1"), told("r2")
    items = [[*one, "shop-reviews", "ko", "2026-10-26", "negative", 0.25],
             [*two, "shop-reviews", "en", "2026-11-02", "positive", 1.0]]  # fmt: skip
    body = {"version": "v1", "seed": 7, "population": 6, "items": items}
    take_facts(
        house.warehouse,
        facts(
            ("sample_drawn", "S", body),
            ("sample_labelled", f"S|{one[0]}", {"label": "positive", "by": "mina"}),
            ("sample_labelled", f"S|{two[0]}", {"label": "unclear", "by": "mina"}),
            ("sample_labelled", f"S|{two[0]}", {"label": None, "by": "mina"}),
        ),
    )
    assert house.rows("SELECT version, seed, population FROM samples") == [
        {"version": "v1", "seed": 7, "population": 6}
    ]
    found = house.rows(
        "SELECT mention_id::VARCHAR AS m, text_hash::VARCHAR AS h, lang, week::VARCHAR AS week, "
        "predicted, probability FROM sample_items ORDER BY probability"
    )
    assert found[0] == {
        "m": one[0], "h": one[1], "lang": "ko", "week": "2026-10-26", "predicted": "negative",
        "probability": 0.25,
    }  # fmt: skip
    assert house.rows("SELECT mention_id::VARCHAR AS m, label FROM sample_labels") == [
        {"m": one[0], "label": "positive"}
    ]


def test_history_is_read_again_newest_first_after_what_nobody_has_read(house, row, told, annotated):
    house.land([row(number) for number in (6, 7)])
    house.load()
    assert annotations.count_pending(house.warehouse, "v2", fresh=True) == 2
    assert annotations.count_pending(house.warehouse, "v2") == 8
    waiting = annotations.pending(house.warehouse, "v2", 5)
    order = house.rows(
        "SELECT mention_id::VARCHAR AS m FROM heard "
        "ORDER BY lemmas IS NOT NULL, created_at DESC LIMIT 5"
    )
    assert waiting.column("mention_id").to_pylist() == [each["m"] for each in order]
    annotations.record(house.warehouse, annotated(waiting, "v2"))
    going = annotations.rereading(house.warehouse)
    assert going is not None
    assert (going.shown, going.version, going.read, going.total) == ("v1", "v2", 5, 8)
    # The new version does not take over while the old one has read what it has not.
    rest = annotations.pending(house.warehouse, "v2", 2)
    annotations.record(house.warehouse, annotated(rest, "v2"))
    assert annotations.current_version(house.warehouse) == "v1"
    last = annotations.pending(house.warehouse, "v2", 99)
    assert last.num_rows == 1
    annotations.record(house.warehouse, annotated(last, "v2"))
    assert annotations.current_version(house.warehouse) == "v2"
    assert annotations.rereading(house.warehouse) is None
    assert house.value("SELECT count(*) FROM annotations") == 8


def test_a_version_that_was_given_up_leaves_nothing(house, told, annotated):
    waiting = annotations.pending(house.warehouse, "v2", 3)
    annotations.record(house.warehouse, annotated(waiting, "v2"))
    annotations.begin(house.warehouse, "v3")
    assert house.rows("SELECT DISTINCT version FROM annotations") == [{"version": "v1"}]
    annotations.begin(house.warehouse, "v1")
    assert annotations.rereading(house.warehouse) is None
