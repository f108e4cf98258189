"""What streams share: pauses that grow, events in handfuls, and what is asked beside them."""

import queue
import threading
from collections.abc import Iterator

import pytest

from collectors.rows.mentions import mentions_of
from collectors.services.api import ApiError
from collectors.services.streams import Clock, Pauses, at_leisure, handfuls, polled
from tests.collectors.test_walks import NOW, row_of
from warehouse.landing import Batch


def batch(*numbers: int) -> Batch:
    rows = [row_of(number, NOW) for number in numbers]
    return Batch(mentions_of(rows, source="shelf", now=NOW)[0], {"last": numbers[-1]})


class Waits(threading.Event):
    """An event that is never set, and keeps what it was asked to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.asked.append(timeout or 0.0)
        return False


def test_pauses_grow_until_a_connection_has_stood() -> None:
    waits, pauses = Waits(), Pauses(1.0, most=6.0, steady=0.0)
    for _ in range(5):
        pauses.wait(waits)
    for asked, whole in zip(waits.asked, (1, 2, 4, 6, 6), strict=True):
        assert whole / 2 <= asked <= whole
    pauses.begin()
    pauses.wait(waits, asked=900.0)
    pauses.wait(waits)
    assert waits.asked[5] == 900.0, "what the service asks for is longer"
    assert waits.asked[6] <= 2.0


def test_a_connection_that_falls_at_once_does_not_shorten_the_pause() -> None:
    waits, pauses = Waits(), Pauses(1.0, steady=60.0)
    for _ in range(4):
        pauses.begin()
        pauses.wait(waits)
    assert waits.asked[3] >= 4.0


def test_events_come_in_handfuls_and_none_is_lost_at_the_end() -> None:
    events: queue.Queue[int] = queue.Queue()
    alive, stopping = threading.Event(), threading.Event()
    alive.set()
    for number in range(450):
        events.put(number)
    hands = handfuls(events, alive, stopping, linger=0.05)
    first = next(hands)
    alive.clear()  # the connection has broken, with events left
    taken = [*first, *(event for hand in hands for event in hand)]
    assert taken == list(range(450))
    assert len(first) == 200


def test_handfuls_end_when_they_are_told_to() -> None:
    alive, stopping = threading.Event(), threading.Event()
    alive.set()
    hands = handfuls(queue.Queue(), alive, stopping, linger=0.01)
    assert next(hands) == []
    stopping.set()
    assert list(hands) == []


def test_what_is_polled_goes_on_from_its_cursor() -> None:
    stopping = threading.Event()
    asked: list[dict[str, int]] = []

    def fetch(cursor: dict[str, int]) -> Iterator[Batch]:
        asked.append(dict(cursor))
        yield batch(cursor.get("last", 0) + 1)

    batches = polled(fetch, {}, stopping, seconds=0.0)
    assert [next(batches).cursor["last"] for _ in range(3)] == [1, 2, 3]
    assert asked == [{}, {"last": 1}, {"last": 2}]


@pytest.mark.parametrize("status", [429, 500, None])
def test_a_busy_service_costs_what_is_asked_beside_and_not_the_stream(status: int | None) -> None:
    def busy() -> Iterator[Batch]:
        yield batch(1)
        raise ApiError("busy", status)

    assert len(list(at_leisure(busy()))) == 1


def test_a_refused_key_is_not_passed_over() -> None:
    def refused() -> Iterator[Batch]:
        yield batch(1)
        raise ApiError("refused", 401)

    with pytest.raises(ApiError, match="refused"):
        list(at_leisure(refused()))


def test_the_clock_strikes_when_it_is_time() -> None:
    assert Clock(0.0).strikes()
    assert not Clock(3600.0).strikes()
