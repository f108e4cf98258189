"""Annotations are asked for newest first, kept once, and shown one version at a time."""

import pyarrow as pa
import pytest

from warehouse import annotations
from warehouse.errors import WarehouseError
from warehouse.rebuild import digest


def test_the_newest_are_asked_for_first(house, row):
    house.land([row(number) for number in range(20)])
    house.load()
    pending = annotations.pending(house.warehouse, "v1", 5)
    assert pending.column_names == ["mention_id", "title", "text", "text_hash"]
    newest = house.rows(
        "SELECT mention_id::VARCHAR AS m FROM mentions ORDER BY created_at DESC LIMIT 5"
    )
    assert pending.column("mention_id").to_pylist() == [each["m"] for each in newest]
    assert annotations.count_pending(house.warehouse, "v1") == 20


def test_nothing_pending_where_nothing_is(house):
    assert annotations.pending(house.warehouse, "v1", 5).num_rows == 0
    assert annotations.count_pending(house.warehouse, "v1") == 0
    assert annotations.current_version(house.warehouse) is None


def test_recorded_once_though_recorded_twice(house, row, annotated):
    house.land([row(number) for number in range(20)])
    house.load()
    read = annotated(annotations.pending(house.warehouse, "v1", 8))
    assert annotations.record(house.warehouse, read) == 8
    kept = digest(house.warehouse)
    assert annotations.record(house.warehouse, read) == 8
    assert annotations.record(house.warehouse, pa.concat_tables([read, read])) == 8
    assert digest(house.warehouse) == kept
    assert annotations.count_pending(house.warehouse, "v1") == 12
    assert house.value("SELECT count(*) FROM heard WHERE contains(lemmas, ' 배송이 ')") > 0


def test_annotating_in_steps_ends(house, row, annotated):
    house.land([row(number) for number in range(20)])
    house.load()
    steps = 0
    while (pending := annotations.pending(house.warehouse, "v1", 6)).num_rows:
        annotations.record(house.warehouse, annotated(pending, sentiment=lambda _: "unknown"))
        steps += 1
    assert steps == 4
    assert house.value("SELECT sum(unread) FROM daily") == 20  # read, of no known sentiment


def test_a_new_version_takes_over_when_it_has_read_as_much(house, row, annotated):
    house.land([row(number) for number in range(10)])
    house.load()
    old = annotated(annotations.pending(house.warehouse, "v1", 99), "v1", lambda _: "negative")
    annotations.record(house.warehouse, old)
    first = annotations.pending(house.warehouse, "v2", 6)
    annotations.record(house.warehouse, annotated(first, "v2", lambda _: "positive"))
    assert annotations.current_version(house.warehouse) == "v1"
    assert house.value("SELECT sum(negative) FROM daily") == 10
    assert annotations.count_pending(house.warehouse, "v2") == 4
    rest = annotations.pending(house.warehouse, "v2", 6)
    assert rest.num_rows == 4
    annotations.record(house.warehouse, annotated(rest, "v2", lambda _: "positive"))
    assert annotations.current_version(house.warehouse) == "v2"
    assert house.value("SELECT sum(positive) FROM daily") == 10
    assert house.value("SELECT count(*) FROM annotations WHERE version = 'v2'") == 10
    assert house.value("SELECT count(*) FROM annotations") == 10, "the old readings are let go"


def test_versions_are_never_mixed_in_a_chart(house, row, annotated):
    house.land([row(number) for number in range(10)])
    house.load()
    annotations.record(
        house.warehouse, annotated(annotations.pending(house.warehouse, "v1", 9), "v1")
    )
    annotations.set_current_version(house.warehouse, "v2")
    assert house.rows("SELECT sum(neutral)::INT AS n, sum(unread)::INT AS u FROM daily") == [
        {"n": 0, "u": 10}
    ]


def test_a_changed_text_is_read_anew(house, row, annotated):
    house.land([row(1, text="향이 좋아요"), row(2)])
    house.load()
    pending = annotations.pending(house.warehouse, "v1", 9)
    annotations.record(house.warehouse, annotated(pending, sentiment=lambda _: "positive"))
    house.land([row(1, text="향이 너무 독해요"), row(2, likes=9)])
    assert house.load().updated == 2
    again = annotations.pending(house.warehouse, "v1", 9)
    assert again.column("text").to_pylist() == ["향이 너무 독해요"]
    assert house.value("SELECT count(*) FROM annotations") == 1
    # An annotator that was still at work on the old text comes too late.
    assert annotations.record(house.warehouse, annotated(pending)) == 1
    assert annotations.count_pending(house.warehouse, "v1") == 1


def test_what_is_not_known_is_left_out(house, row, annotated):
    house.land([row(1)])
    house.load()
    read = annotated(annotations.pending(house.warehouse, "v1", 9))
    stranger = read.set_column(0, "mention_id", pa.array(["00000000-0000-0000-0000-000000000000"]))
    assert annotations.record(house.warehouse, stranger) == 0
    without_hash = read.drop_columns(["text_hash"])
    assert annotations.record(house.warehouse, without_hash) == 1


def test_a_table_of_another_shape_is_refused(house, row, annotated):
    house.land([row(1), row(2)])
    house.load()
    read = annotated(annotations.pending(house.warehouse, "v1", 9))
    with pytest.raises(WarehouseError, match=r"lack the columns \['score'\]"):
        annotations.record(house.warehouse, read.drop_columns(["score"]))
    mixed = read.set_column(read.schema.get_field_index("version"), "version", pa.array(["a", "b"]))
    with pytest.raises(WarehouseError, match="Record each apart"):
        annotations.record(house.warehouse, mixed)
    assert annotations.record(house.warehouse, read.slice(0, 0)) == 0
