"""Calls and chats, turn by turn: what the customer said is a mention, the agent's part beside it.

A transcript is an object with `turns`, each with `speaker`, `text` and mostly `at` (a point in
time, or seconds since the beginning). Names that are common for these are understood as well.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from collectors.rows.fields import Unmapped, contacts_of, moment, text_at

CUSTOMERS: Final = (
    "customer", "caller", "client", "user", "visitor", "guest", "end_user",
    "고객", "손님", "발신자",
)  # fmt: skip
_TURNS: Final = ("turns", "messages", "utterances", "segments")
_SPEAKER: Final = ("speaker", "role", "from", "author", "participant", "channel")
_TEXT: Final = ("text", "content", "body", "transcript", "utterance")
_AT: Final = ("at", "time", "timestamp", "created_at", "start", "offset")
_ID: Final = ("id", "call_id", "chat_id", "conversation_id", "session_id")
_STARTED: Final = ("started_at", "start_time", "begin_at", "created_at")
_LONGEST: Final = 50_000  # characters of what is kept of either side
_SOME_DAY: Final = 10_000_000  # seconds: a larger number is a date, a smaller one an offset


def transcripts_of(said: Any) -> list[Any]:
    """The transcripts in a text: itself, a list of them, or a list under a common name."""
    if isinstance(said, list):
        return said
    if isinstance(said, Mapping):
        for name in ("transcripts", "calls", "chats", "conversations"):
            if isinstance(said.get(name), list):
                return list(said[name])
    return [said]


def mention_of(
    said: Any,
    fallback_id: str,
    received: datetime,
    *,
    kind: str,
    zone: str,
    product: str | None = None,
    customers: Sequence[str] = CUSTOMERS,
) -> dict[str, Any]:
    """One transcript as the row of a mention. Raises Unmapped with the reason."""
    turns = _turns(said)
    started = _first_moment(said, zone)
    spoken = [(_is_customer(turn, customers), turn, text_at(turn, _TEXT)) for turn in turns]
    words = "\n".join(text for customers_own, _, text in spoken if customers_own and text)
    if not words:
        raise Unmapped("the customer says nothing in it")
    native_id = text_at(said, _ID) or fallback_id
    first = next(turn for customers_own, turn, text in spoken if customers_own and text)
    named = text_at(said, ("kind", "type", "channel")).lower()
    person = said.get("customer") if isinstance(said, Mapping) else None
    return {
        "native_id": native_id,
        "kind": named if named in ("call", "chat") else kind,
        "url": text_at(said, ("url", "link")) or None,
        "thread_id": native_id,
        "author_name": text_at(person, ("name",)) or None,
        "title": text_at(said, ("subject", "title", "topic")) or None,
        "text": words[:_LONGEST],
        "lang": text_at(said, ("lang", "language"))[:2].lower() or None,
        "product": text_at(said, ("product",)) or product,
        "created_at": _moment_of(first, started, zone) or started or received,
        "extra": _extra(said, spoken, contacts_of(person)),
    }


def _turns(said: Any) -> Sequence[Any]:
    if isinstance(said, Mapping):
        for name in _TURNS:
            if isinstance(said.get(name), list):
                return list(said[name])
    raise Unmapped(f"it has no turns (a list called one of {', '.join(_TURNS)})")


def _is_customer(turn: Any, customers: Sequence[str]) -> bool:
    """Whether a turn is the customer's. Everybody else (agents, machines) is the company's."""
    speaker = turn.get("speaker") if isinstance(turn, Mapping) else None
    name = text_at(speaker, ("role", "type", "name")) or text_at(turn, _SPEAKER)
    return name.strip().lower() in {each.lower() for each in customers}


def _first_moment(said: Any, zone: str) -> datetime | None:
    found = (moment(said.get(name), zone) for name in _STARTED if said.get(name) is not None)
    return next((each for each in found if each is not None), None)


def _moment_of(turn: Any, started: datetime | None, zone: str) -> datetime | None:
    """When a turn was said: its own time, or so many seconds after the beginning."""
    value = next((turn[name] for name in _AT if turn.get(name) is not None), None)
    if isinstance(value, int | float) and not isinstance(value, bool) and value < _SOME_DAY:
        return started + timedelta(seconds=max(value, 0)) if started else None
    return moment(value, zone)


def _extra(said: Any, spoken: Sequence[tuple[bool, Any, str]], contacts: Mapping[str, str]) -> str:
    """What the company's side said, and how long it took; contacts become hashes on landing."""
    left = _LONGEST
    others: list[dict[str, str]] = []
    for place, (customers_own, turn, text) in enumerate(spoken):
        if customers_own or not text or left <= 0:
            continue
        others.append({"turn": str(place), "speaker": text_at(turn, _SPEAKER), "text": text[:left]})
        left -= len(text)
    extra: dict[str, Any] = {"turns": len(spoken), "others": others, **contacts}
    if duration := text_at(said, ("duration", "duration_seconds")):
        extra["duration"] = duration
    return json.dumps(extra, ensure_ascii=False)
