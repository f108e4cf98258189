"""Orders of the desk's screens about what texts mean, each told to the warehouse at once."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import structlog

from madang import belts, meter

if TYPE_CHECKING:
    from dashboard.judging import Judge, Judging, Sample
    from madang.loop import House

# A long load may hold the warehouse; the order is safe by then, and shows when the load is done.
TOLD_WITHIN: Final = 2.0
log = structlog.get_logger()


def judging(house: "House") -> "Judging":
    """The questions and orders of `dashboard.judging`, carried out in an open house."""
    from community.actions import Actor, correct_label, label_sample, withdraw_correction
    from community.queries import corrections_of, newest_sample, sample_items
    from dashboard.judging import Judging, Sample

    def correct(mention: str, text_hash: str, sentiment: str, by: "Judge") -> None:
        correct_label(mention, sentiment, Actor(by.member_id), text_hash=text_hash)
        tell(house)

    def withdraw(mention: str, by: "Judge") -> None:
        withdraw_correction(mention, Actor(by.member_id))
        tell(house)

    def sample() -> "Sample | None":
        newest = newest_sample()
        if newest is None:
            return None
        return Sample(newest.sample_id, sample_items(newest.sample_id))

    def draw(size: int, by: "Judge") -> None:
        meter.draw(house, by.member_id, size)

    def label(sample_id: str, mention: str, given: str | None, by: "Judge") -> None:
        label_sample(sample_id, mention, given, Actor(by.member_id))
        tell(house)

    return Judging(corrections_of, correct, withdraw, sample, draw, label)


def tell(house: "House", then: Callable[[], object] = lambda: None) -> None:
    """Let the warehouse know now and not at the next turn, if it can be done in a moment; and do
    what follows from it."""

    def facts_up() -> None:
        try:
            belts.facts_up(house)
            then()
        except Exception:
            # The fact is kept: the next turn of the loop tells it.
            log.exception("facts_not_told")

    teller = threading.Thread(target=facts_up, name="tell-facts", daemon=True)
    teller.start()
    teller.join(TOLD_WITHIN)
