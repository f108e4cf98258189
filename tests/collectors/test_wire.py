"""Values as services send them: what is not as documented is None, or a page that failed."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from collectors.services.api import ApiError
from collectors.services.wire import moment, objects, part, since_epoch, text, whole


@pytest.mark.parametrize("said", [[], "점검 중", None, {"items": {}}, {"items": ["글"]}])
def test_another_shape_is_a_page_that_failed(said: Any) -> None:
    with pytest.raises(ApiError, match="answers with"):
        objects(said, "items")


def test_a_list_that_is_missing_is_empty() -> None:
    assert objects({}, "items") == objects({"items": None}, "items") == []
    assert objects({"items": [{"a": 1}]}, "items") == [{"a": 1}]


def test_parts_are_found_by_going_down() -> None:
    said = {"a": {"b": {"c": 1}}, "d": "글"}
    assert part(said, "a", "b") == {"c": 1}
    assert part(said, "a", "x", "y") == part(said, "d") == part(None, "a") == {}


@pytest.mark.parametrize(
    ("value", "count"),
    [(7, 7), ("0012", 12), (True, None), ("많음", None), ("１２", None), (1.5, None), ("-3", None)],
)
def test_counts_are_numbers_or_digits(value: Any, count: int | None) -> None:
    assert whole(value) == count


def test_times_need_their_zone() -> None:
    seoul = timezone(timedelta(hours=9))
    assert moment("2026-11-20T09:30:00.000+09:00") == datetime(2026, 11, 20, 9, 30, tzinfo=seoul)
    assert moment("2026-11-20T09:30:00+0000") == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    assert [moment(value) for value in ("2026-11-20T09:30:00", "어제", None, 7)] == [None] * 4


def test_times_since_the_epoch_stay_within_the_calendar() -> None:
    assert since_epoch("1763600000") == datetime(2025, 11, 20, 0, 53, 20, tzinfo=UTC)
    assert since_epoch(1763600000500, 1000) == datetime(2025, 11, 20, 0, 53, 20, 500000, UTC)
    assert [since_epoch(value) for value in (10**18, "곧", None)] == [None] * 3


def test_texts_are_texts() -> None:
    assert (text(None), text(7), text("글")) == ("", "7", "글")
