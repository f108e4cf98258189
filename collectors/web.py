"""Review pages of shops and boards, found from their listing pages.

Scrapy crawls in a child process, as its reactor cannot be started twice, and hands over pages as
lines of JSON; the cursor moves here, with the rows. It holds digests of the pages and reviews
that are landed. A walk through the listing pages may end early at what is known only if an
earlier walk came to its end (`complete`); one that was cut short is walked again.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import IO, Any, Final

import pyarrow as pa

from collectors.base import CollectorError, Cursor, SourceUnavailable
from collectors.dates import instants
from collectors.mentions import failed_page, mentions_of
from collectors.reject import BadRow, excerpt_of, quarantine
from collectors.sites import Site
from warehouse.landing import Batch


@dataclass(frozen=True)
class WebSettings:
    """The section `[web]` of madang.toml."""

    sites: tuple[Site, ...] = field(
        default=(), metadata={"help": "The sites to visit, each an entry [[web.sites]]."}
    )
    agent: str = field(
        default="Madang/0.1 (review collector; robots.txt is obeyed)",
        metadata={"help": "How the collector names itself to sites; add how to reach you."},
    )
    delay_seconds: float = field(
        default=1.0, metadata={"help": "The least pause between two pages of a site, in seconds."}
    )
    timeout_seconds: float = field(
        default=30.0, metadata={"help": "How long one page may take, in seconds."}
    )
    max_bytes: int = field(
        default=5_000_000, metadata={"help": "The largest page to accept, unpacked, in bytes."}
    )
    allow_private_addresses: bool = field(
        default=False, metadata={"help": "Whether sites inside your own network may be visited."}
    )


_PAGES_A_BATCH: Final = 20
_ROWS_A_BATCH: Final = 500
_REMEMBERED: Final = 20_000  # digests of a site; what is forgotten is fetched again


def open_web(settings: WebSettings) -> "Web":
    """Raises SourceUnavailable when no site is set, or when two have one name."""
    if not settings.sites:
        raise SourceUnavailable("No site is set. Add an entry [[web.sites]] to madang.toml.")
    names = [site.name for site in settings.sites]
    if len(set(names)) < len(names):
        raise SourceUnavailable("Two entries [[web.sites]] have the same name. Rename one.")
    return Web(settings)


@dataclass(frozen=True)
class Web:
    """The source `web`. Its cursor: {"sites": {name: {"seen": […], "complete": bool}}}."""

    settings: WebSettings
    name: str = "web"

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        states = {site.name: _State.of(cursor, site.name) for site in self.settings.sites}
        order = asdict(self.settings) | {"states": {n: asdict(s) for n, s in states.items()}}
        sites = {site.name: site for site in self.settings.sites}
        pages: list[dict[str, Any]] = []
        for state in states.values():
            state.complete = False  # until this walk has come to its end
        for event in _crawl(order):
            pages.append(event)
            rows = sum(len(page.get("reviews", ())) for page in pages)
            if len(pages) >= _PAGES_A_BATCH or rows >= _ROWS_A_BATCH:
                yield self._batch(pages, states, sites)
                pages = []
        yield self._batch(pages, states, sites)

    def _batch(
        self, pages: list[dict[str, Any]], states: dict[str, "_State"], sites: dict[str, Site]
    ) -> Batch:
        now = datetime.now(UTC)
        rows: list[dict[str, Any]] = []
        rejected: list[pa.Table] = []
        for page in pages:
            state, site = states[page["site"]], sites[page["site"]]
            state.take(page)
            if reason := page.get("failed"):
                rejected.append(failed_page(page["page"], reason, source=self.name, now=now))
            for place, review in enumerate(page.get("reviews", ()), start=1):
                row = _row(review, site, now)
                if row is None:
                    rejected.append(self._undated(review, place, now))
                else:
                    rows.append(row)
        table, refused = mentions_of(rows, source=self.name, now=now)
        cursor = {"sites": {name: asdict(state) for name, state in states.items()}}
        return Batch(table, cursor, pa.concat_tables([refused, *rejected]))

    def _undated(self, review: dict[str, Any], place: int, now: datetime) -> pa.Table:
        bad = BadRow(place, "created_at is no possible date", excerpt_of(review, "date"))
        return quarantine([bad], record="mentions", source=self.name, origin=review["url"], now=now)


@dataclass
class _State:
    """What is known of a site: digests, the latest last, and whether its lists were walked out."""

    seen: list[str]
    complete: bool

    @classmethod
    def of(cls, cursor: Cursor, name: str) -> "_State":
        known = cursor.get("sites", {}).get(name, {})
        return cls(list(known.get("seen", ())), bool(known.get("complete", False)))

    def take(self, page: dict[str, Any]) -> None:
        fresh = dict.fromkeys(page.get("seen", ()))
        if fresh:
            self.seen = [*(digest for digest in self.seen if digest not in fresh), *fresh]
            self.seen = self.seen[-_REMEMBERED:]
        if "complete" in page:
            self.complete = page["complete"]


def _row(review: dict[str, Any], site: Site, now: datetime) -> dict[str, Any] | None:
    from collectors.reviews import rating_of

    created = now
    if review["date"]:
        created = instants(pa.array([review["date"].strip()]), site.zone).values[0].as_py()
        if created is None:
            return None
    rating, span = rating_of(review["rating"]), review["best"] - review["worst"]
    return {
        "native_id": review["native_id"],
        "kind": "review",
        "url": review["url"],
        "author_handle": review["author"],
        "author_name": review["author"],
        "title": review["title"],
        "text": review["text"],
        "lang": review["lang"],
        "rating": None if rating is None or not span else (rating - review["worst"]) / span,
        "rating_raw": review["rating"],
        "product": review["product"],
        "created_at": created,
        "likes": review["likes"],
        "replies": review["replies"],
    }


def _crawl(order: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What the child says, line by line; it ends when its standard input is closed."""
    with tempfile.TemporaryFile("w+") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "collectors.crawl"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8",
        )  # fmt: skip
        if child.stdin is None or child.stdout is None:
            raise CollectorError("The crawler has no pipes.")
        try:
            child.stdin.write(json.dumps(order) + "\n")
            child.stdin.flush()
            for line in child.stdout:
                yield json.loads(line)
            if child.wait() != 0:
                raise CollectorError(
                    f"The crawler ended with the status {child.returncode}: {_tail(log)}"
                )
        except BrokenPipeError as error:
            child.wait()
            raise CollectorError(f"The crawler did not start: {_tail(log)}") from error
        finally:
            child.kill()
            child.wait()
            child.stdout.close()
            _close_quietly(child.stdin)


def _close_quietly(pipe: IO[str]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:  # what was not yet written went to a child that has ended
        return


def _tail(log: IO[str]) -> str:
    log.seek(0)
    return log.read()[-2000:].strip() or "it said nothing"
