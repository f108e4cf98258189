"""What the channels that carry answers share: knowing an earlier try again, naming a refusal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from collectors.base import Answer, Receipt, ReplyLater, ReplyRefused
from collectors.services.api import ApiError

_CLOCKS: Final = timedelta(minutes=5)  # by which a channel's clock may be behind ours


@dataclass(frozen=True)
class Written:
    """A text that our own account has under a mention; `when` is None where it is not told."""

    native_id: str
    text: str
    when: datetime | None
    url: str | None = None


def earlier_try(answer: Answer, ours: Iterable[Written]) -> Receipt | None:
    """The receipt of an earlier try of `answer` that went through, if it is among `ours`.

    It has the same words and is not older than the answer: the same thanks may have been said
    before, to somebody else in the same thread.
    """
    for written in ours:
        if written.when is not None and written.when < answer.made_at - _CLOCKS:
            continue
        if _words(written.text) == _words(answer.text):
            return Receipt(written.native_id, written.url)
    return None


def not_sent(error: ApiError, channel: str) -> ReplyLater | ReplyRefused:
    """What an error means for an answer: later where another try may help, else never."""
    message = f"{channel} did not take the answer: {error}"
    if error.may_pass:
        return ReplyLater(message, error.wait)
    return ReplyRefused(message)


def _words(text: str) -> list[str]:
    """Channels change spaces and line ends."""
    return text.split()
