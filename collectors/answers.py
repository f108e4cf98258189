"""Carrying the company's answers to the source that a mention came from."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from collectors.base import Answer, Receipt, Replying, ReplyLater, SourceKind, SourceUnavailable


class Carrier:
    """Carries answers for one source, which is opened when the first one is to go."""

    def __init__(self, kind: SourceKind, settings: Any) -> None:
        self._kind = kind
        self._settings = settings
        self._source: Replying | None = None

    def carry(self, answer: Answer) -> Receipt:
        """Post the answer once, whatever was tried before.

        Raises ReplyRefused, ReplyUncertain among them, and ReplyLater as the source does; what it
        lacks may be mended, so that a source that is not available is a ReplyLater too.
        """
        return self._opened().reply(answer)

    def _opened(self) -> Replying:
        if self._source is None:
            try:
                source = self._kind.open(self._settings)
            except SourceUnavailable as reason:
                raise ReplyLater(str(reason)) from reason
            if not isinstance(source, Replying):
                raise ReplyLater(f"{self._kind.name} cannot carry answers by these settings.")
            self._source = source
        return self._source


def answer_of(payload: Mapping[str, Any], key: str) -> Answer:
    """The answer that a delivery of the outbox holds; `key` is the same for every try."""
    return Answer(
        key=key,
        source=str(payload["source"]),
        native_id=str(payload["native_id"]),
        mention_id=str(payload["mention_id"]),
        url=str(payload["url"]) or None,
        text=str(payload["text"]),
        made_at=datetime.fromisoformat(str(payload["made_at"])),
        begun=bool(payload["begun"]),
    )
