"""The worker: carries out what waits in the community's outbox, and tidies up behind it.

It may be killed at any moment: what it was sending then is tried again under the same key, and the
sender is told that a try was cut short.
"""

import signal
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

import structlog

from collectors import SOURCES
from collectors.answers import Carrier, answer_of
from collectors.base import CollectorError, ReplyLater, ReplyRefused, ReplyUncertain
from community.configure import configure
from community.errors import CommunityError
from madang.people import community_settings
from madang.process import run_process
from madang.settings import Settings

if TYPE_CHECKING:
    from community.outbox.actions import Sender

LOOK_EVERY: Final = 1.0  # seconds between looks into the outbox
IDLE_MOST: Final = 5.0  # to which the pause grows while there is nothing
AFTER_ERROR: Final = 15.0  # when the store itself cannot be had
TIDY_EVERY: Final = timedelta(hours=1)
KEPT: Final = timedelta(days=90)  # receipts, for whoever asks what was sent
log = structlog.get_logger()


def run_worker(settings: Settings) -> None:
    """Look and send until SIGTERM or Ctrl-C; one delivery under way is finished first."""
    stopping = threading.Event()

    def stop(signum: int, frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    configure(community_settings(settings), "command")
    from community.actions import prepare_store

    prepare_store()
    log.info("worker_ready")
    _work(settings, stopping)
    log.info("worker_stopped")


def answer_senders(settings: Settings) -> Mapping[str, "Sender"]:
    """Who carries answers to other sources, by `answer:SOURCE`; what nobody carries is held."""
    return {
        f"answer:{name}": _sender(Carrier(SOURCES[name], chosen))
        for name, chosen in settings.sources.items()
        if SOURCES[name].replies is not None
    }


def _sender(carrier: Carrier) -> "Sender":
    """A source's carrier as the outbox knows senders; the receipt is the answer's address there."""
    from community.outbox.actions import Refused, Retry, Uncertain

    def send(payload: Mapping[str, Any], key: str) -> str:
        try:
            receipt = carrier.carry(answer_of(payload, key))
        except ReplyUncertain as error:
            raise Uncertain(str(error)) from error
        except ReplyRefused as error:
            raise Refused(str(error)) from error
        except ReplyLater as error:
            raise Retry(str(error), error.after) from error
        except CollectorError as error:
            raise Retry(str(error)) from error
        return receipt.url or receipt.native_id

    return send


def _work(settings: Settings, stopping: threading.Event) -> None:
    from django.db import DatabaseError

    from community.actions import settle_answers
    from community.outbox.actions import deliver_due
    from community.outbox.senders import default_senders
    from community.queries import store_released

    senders = {**default_senders(), **answer_senders(settings)}
    pause, tidied = LOOK_EVERY, datetime.min.replace(tzinfo=UTC)
    while not stopping.is_set():
        now = datetime.now(UTC)
        try:
            with store_released():
                # One at a time, so that an order to stop waits for one delivery at most.
                done = deliver_due(senders, now, limit=1)
                if now - tidied >= TIDY_EVERY:
                    tidied = now
                    _tidy(now)
        except DatabaseError:
            log.exception("worker_store_unreachable")
            stopping.wait(AFTER_ERROR)
            continue
        if done.handled:
            with store_released():
                settle_answers()
            log.info("delivered", sent=done.sent, failed=done.failed, held=done.held)
            pause = LOOK_EVERY
        else:
            stopping.wait(pause)
            pause = min(pause * 1.5, IDLE_MOST)


def _tidy(now: datetime) -> None:
    """Forget old receipts, and accounts whose address was never proved."""
    from community.accounts.membership import forget_unproved
    from community.outbox.actions import forget_ended

    receipts, accounts = forget_ended(now - KEPT), forget_unproved(now)
    if receipts or accounts:
        log.info("tidied", receipts=receipts, unproved_accounts=accounts)


def main() -> None:
    """Run the worker of the instance that MADANG_HOME names, until its parent ends."""
    run_process("worker", run_worker, (CommunityError,))


if __name__ == "__main__":
    main()
