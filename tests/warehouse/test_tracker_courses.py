"""How trackers go, for the cards of the desk: this period, the one before, each day, the newest."""

from datetime import UTC, date, datetime

import pytest

from warehouse.queries import TrackerCourse, counted_trackers, tracker_courses

UNTIL = date(2026, 11, 20)
MOODS = {"좋": "positive", "늦": "negative"}


def mood(text: str) -> str:
    return next((name for sign, name in MOODS.items() if sign in text), "neutral")


def at(day: int, hour: int = 3, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


@pytest.fixture
def hit(house, row, read):
    """`hit(tracker, [(when, text)])`: mentions that the tracker finds, read but for those of ''."""
    made = []

    def add(tracker: str, told: list[tuple[datetime, str]], error: str | None = None) -> None:
        first = len(made)
        made.extend(told)
        if told:
            house.land(
                [row(first + n, created_at=when, text=text) for n, (when, text) in enumerate(told)]
            )
            house.load()
        ids = [f"r{first + n}" for n in range(len(told))]
        with house.warehouse.writing() as cursor:
            cursor.execute(
                "INSERT INTO tracker_hits SELECT $tracker, mention_id FROM mentions "
                "WHERE list_contains($ids::VARCHAR[], native_id)",
                {"tracker": tracker, "ids": ids},
            )
            cursor.execute("INSERT INTO tracked VALUES (?, '', ?)", [tracker, error])

    return add


def test_two_periods_are_told_apart_by_days_of_the_zone(house, hit, read) -> None:
    hit("late", [
        (at(20, 14), "늦어요"), (at(20), "좋아요"), (at(18), "늦어요"),
        (at(10, 15), "늦네요"),  # already the 11th in Seoul, the first day of the ten
        (at(10, 14), "늦네요"), (at(1), "그래요"),
        (at(31, 14, 10), "늦어요"),  # the 31st of October: before both
    ])  # fmt: skip
    read(house, mood)
    course = tracker_courses(house.warehouse, ["late"], UNTIL, days=10)["late"]
    assert (course.now.mentions, course.now.negative, course.now.positive) == (4, 3, 1)
    assert course.now.net_sentiment == pytest.approx(-0.5)
    assert (course.before.mentions, course.before.negative, course.before.neutral) == (2, 1, 1)
    assert course.days == (1, 0, 0, 0, 0, 0, 0, 1, 0, 2)
    assert course.last_at == at(20, 14)
    assert (course.is_counted, course.error) == (True, None)


def test_each_tracker_has_its_own_course_and_a_mention_may_be_of_several(house, hit, read) -> None:
    hit("late", [(at(20), "늦어요"), (at(19), "늦어요")])
    hit("good", [(at(20), "좋아요")])
    with house.warehouse.writing() as cursor:
        cursor.execute(
            "INSERT INTO tracker_hits SELECT 'good', mention_id FROM tracker_hits LIMIT 1"
        )
    read(house, mood)
    courses = tracker_courses(house.warehouse, ["good", "late"], UNTIL)
    assert list(courses) == ["good", "late"]
    assert {name: course.now.mentions for name, course in courses.items()} == {"good": 2, "late": 2}


def test_what_nobody_read_counts_and_has_no_mood(house, hit) -> None:
    hit("late", [(at(20), "늦어요")])
    course = tracker_courses(house.warehouse, ["late"], UNTIL)["late"]
    assert (course.now.mentions, course.now.unread, course.now.net_sentiment) == (1, 1, None)


def test_a_tracker_without_hits_or_not_looked_for_yet_says_so(house, hit) -> None:
    hit("silent", [])
    hit("broken", [], error="There is no field nonesuch:.")
    courses = tracker_courses(house.warehouse, ["silent", "broken", "new"], UNTIL, days=3)
    silent = courses["silent"]
    assert isinstance(silent, TrackerCourse) and silent.days == (0, 0, 0)
    assert (silent.now.mentions, silent.last_at, silent.is_counted) == (0, None, True)
    assert courses["broken"].error == "There is no field nonesuch:."
    assert not courses["new"].is_counted
    assert tracker_courses(house.warehouse, [], UNTIL) == {}
    assert counted_trackers(house.warehouse) == {"silent", "broken"}
