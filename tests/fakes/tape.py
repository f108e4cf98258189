"""A source of the service in `tests.fakes.stream`, with all that a source may be able to do.

Written as a source of the house is: the tests of what all sources share run it for real.
"""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pyarrow as pa

from collectors.base import (
    Answer,
    CollectorError,
    Cursor,
    Receipt,
    ReplyLater,
    ReplyLimits,
    ReplyRefused,
    SourceKind,
    SourceUnavailable,
    Terms,
    covered,
    removals,
)
from collectors.rows.mentions import mentions_of
from collectors.services.api import Api, ApiError
from tests.fakes.stream import BEGAN
from warehouse.landing import Batch

NAME = "tape"


@dataclass(frozen=True)
class TapeSettings:
    """Settings of the tests' source."""

    base_url: str = field(default="", metadata={"help": "Where the service is.", "ask": True})
    token: str = field(
        default="",
        repr=False,
        metadata={
            "help": "The token of the service.",
            "secret": True,
            "where": "https://tape.example/tokens",
        },
    )
    topics: tuple[str, ...] = field(default=(), metadata={"help": "What to listen for."})


@dataclass(frozen=True)
class Tape:
    """Fetches, looks back, listens and answers."""

    settings: TapeSettings
    name: str = NAME

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        asked, place = datetime.now(UTC), cursor
        with self._api() as api:
            for batch in self._pages(api, cursor, {}):
                place = batch.cursor
                yield batch
        # There was nothing left to be had when the last page was asked for.
        heard = covered(self.name, "collected", _moment(place), asked)
        nothing, _ = mentions_of([], source=self.name, now=asked)
        yield Batch(nothing, place, covered=heard)

    def backfill(self, since: datetime, until: datetime, cursor: Cursor) -> Iterator[Batch]:
        span = {"since": since.isoformat(), "until": until.isoformat()}
        with self._api() as api:
            for batch in self._pages(api, {"n": 0}, span):
                yield Batch(batch.table, cursor, batch.rejected, batch.removed)

    def stream(self, cursor: Cursor, stopping: threading.Event) -> Iterator[Batch]:
        place = {"n": 0, **cursor}
        while not stopping.is_set():
            try:
                with self._api() as api:
                    for batch in self._pages(api, place, {}):
                        place = batch.cursor
                        yield batch
                for line in self._lines(place["n"]):
                    if stopping.is_set():
                        return
                    batch = self._batch([json.loads(line)] if line else [], place)
                    place = batch.cursor
                    yield batch
            except (ApiError, httpx.HTTPError, ValueError) as error:
                if isinstance(error, ApiError) and error.status == 401:
                    raise self._stranger() from error
                stopping.wait(0.05)

    def reply(self, answer: Answer) -> Receipt:
        try:
            with self._api() as api:
                for stands in api.get("answers", {"to": answer.native_id}):
                    if stands["key"] == answer.key:
                        return self._receipt(stands)
                posted = {"to": answer.native_id, "text": answer.text, "key": answer.key}
                return self._receipt(api.post("answers", posted))
        except ApiError as error:
            if error.may_pass:
                raise ReplyLater(str(error), error.wait) from error
            raise ReplyRefused(f"The service says: {error.body}") from error

    def _receipt(self, stands: dict[str, str]) -> Receipt:
        return Receipt(stands["id"], f"{self.settings.base_url}/answers/{stands['id']}")

    def _pages(self, api: Api, cursor: Cursor, span: dict[str, str]) -> Iterator[Batch]:
        place = {"n": 0, **cursor}
        while True:
            try:
                page = api.get("log", {"after": place["n"], **span})
            except ApiError as error:
                if error.status == 401:
                    raise self._stranger() from error
                raise
            missed = self._missed(page, place) if not span else None
            if not page["entries"] and missed is None:
                return
            batch = self._batch(page["entries"], place, missed)
            place = batch.cursor
            yield batch

    def _missed(self, page: dict[str, Any], place: Cursor) -> pa.Table | None:
        """What the service has forgotten before it was had."""
        if page["oldest"] <= place["n"] + 1:
            return None
        begin, end = _moment(place), datetime.fromisoformat(page["entries"][0]["at"])
        reason = "The service had forgotten it."
        return covered(self.name, "gap", begin, end, reason=reason)

    def _batch(
        self, entries: list[dict[str, Any]], place: Cursor, missed: pa.Table | None = None
    ) -> Batch:
        now = datetime.now(UTC)
        new = [entry for entry in entries if entry["n"] > place["n"]]
        posts = {entry["id"]: self._row(entry) for entry in new if entry["kind"] == "post"}
        gone = [entry["id"] for entry in new if entry["kind"] == "delete"]
        rows = [row for name, row in posts.items() if name not in gone]
        table, rejected = mentions_of(rows, source=self.name, now=now)
        last = {"n": new[-1]["n"], "at": new[-1]["at"]} if new else place
        heard = covered(self.name, "collected", _moment(place), _moment(last)) if new else None
        told = [each for each in (missed, heard) if each is not None]
        return Batch(
            table,
            last,
            rejected,
            removals(self.name, gone) if gone else None,
            pa.concat_tables(told) if told else None,
        )

    def _row(self, entry: dict[str, Any]) -> dict[str, Any]:
        return {
            "native_id": entry["id"],
            "kind": "post",
            "url": f"https://tape.example/{entry['id']}",
            "author_id": f"author-of-{entry['id']}",
            "author_name": "도로시",
            "text": entry["text"],
            "product": entry["product"],
            "created_at": datetime.fromisoformat(entry["at"]),
        }

    def _lines(self, after: int) -> Iterator[str]:
        url = f"{self.settings.base_url}/stream?after={after}"
        with httpx.stream("GET", url, headers=self._headers, timeout=5, trust_env=False) as answer:
            answer.raise_for_status()
            yield from answer.iter_lines()

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.settings.token}"}

    def _api(self) -> Api:
        return Api(self.settings.base_url, self._headers, wait=0.0)

    def _stranger(self) -> CollectorError:
        return CollectorError("The service does not know the token. Mend tape.token.")


def open_tape(settings: TapeSettings) -> Tape:
    """The source, if it has what it needs."""
    if not settings.token:
        raise SourceUnavailable("tape.token is missing; get one at https://tape.example/tokens")
    return Tape(settings)


TAPE = SourceKind(
    name=NAME,
    summary="A tape of what was said.",
    settings=TapeSettings,
    open=open_tape,
    verified="local server",
    streams=True,
    replies=ReplyLimits(characters=60, counted="weighted", window=timedelta(days=30), once=True),
    terms=Terms("Tape Terms", "https://tape.example/terms", "Delete within a day.", "Show names."),
)


def _moment(place: Cursor) -> datetime:
    return datetime.fromisoformat(place["at"]) if "at" in place else BEGAN
