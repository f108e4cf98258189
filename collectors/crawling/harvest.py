"""What a crawl brings in, gathered into batches: mentions, removals, what failed, what was heard.

Pages are decoded and parsed here, beside the crawler that downloads the next ones. What is known
of a site moves with each batch.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pyarrow as pa

from collectors.base import Cursor, covered, removals
from collectors.crawling.frames import Head
from collectors.crawling.gone import SAID_GONE, is_gone, standing
from collectors.crawling.pages import Page, read_page
from collectors.crawling.reviews import Found, rating_of, reviews_on, short_digest
from collectors.crawling.site_memory import SiteMemory
from collectors.crawling.sites import PATIENCE, Site
from collectors.rows.arrow import Column, pc
from collectors.rows.dates import instants
from collectors.rows.mentions import failed_page, mentions_of
from collectors.rows.reject import BadRow, excerpt_of, quarantine
from warehouse.landing import Batch
from warehouse.records import TIME

_A_DAY: Final = timedelta(days=1)  # a bare date is its midnight, whenever on that day it was
_YEARS: Final = (datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC))
List = tuple[str, int]  # where a page was named: the start of its list, and the listing's number


@dataclass
class _Lists:
    """How far into the past the lists of a site have been walked, by their starts."""

    young: dict[str, int] = field(default_factory=dict)  # the last listing with what is asked for
    walked: dict[str, int] = field(default_factory=dict)  # the last listing with any date
    ended: set[str] = field(default_factory=set)

    def note(self, where: List, young: bool) -> None:
        start, number = where
        self.walked[start] = max(self.walked.get(start, 0), number)
        if young:
            self.young[start] = max(self.young.get(start, 0), number)

    def newly_ended(self) -> Iterator[str]:
        for start, number in self.walked.items():
            beyond = number - self.young.get(start, 0)
            if start and start not in self.ended and beyond >= PATIENCE:
                self.ended.add(start)
                yield start


@dataclass
class Harvest:
    """Takes the frames of a crawl and gives batches. `since`: how far back it is to look."""

    source: str
    sites: Mapping[str, Site]
    memories: Mapping[str, SiteMemory]
    began: datetime
    since: datetime | None = None
    until: datetime | None = None
    pages: int = 0
    _found: list[tuple[Site, Found, List]] = field(default_factory=list)
    _dates: list[datetime | None] = field(default_factory=list)  # of the first of `_found`
    _failed: list[pa.Table] = field(default_factory=list)
    _removed: list[str] = field(default_factory=list)
    _ends: list[tuple[Head, Site, SiteMemory]] = field(default_factory=list)
    _covered: list[pa.Table] = field(default_factory=list)
    _oldest: dict[str, datetime] = field(default_factory=dict)
    _lists: dict[str, _Lists] = field(default_factory=dict)

    def take(self, head: Head, body: bytes) -> None:
        """One frame of the crawler."""
        self.pages += 1
        takes: dict[str, Callable[[Head, bytes, Site, SiteMemory], None]] = {
            "page": self._take_page,
            "found": self._take_found,
            "failed": self._take_failure,
            "end": self._take_end,
        }
        name = head["site"]
        takes[head["what"]](head, body, self.sites[name], self.memories[name])

    @property
    def rows(self) -> int:
        return len(self._found)

    def _take_page(self, head: Head, body: bytes, site: Site, memory: SiteMemory) -> None:
        asked = head["asked"]
        memory.remember(short_digest(asked))
        try:
            page = read_page(head["url"], body, head["type"])
            read = _read(page, site)
            gone, found = is_gone(page, read, site), standing(read, site)
        except Exception as error:  # whatever a page holds, the others are still to be had
            self._fail(asked, f"the page could not be read: {type(error).__name__}: {error}"[:300])
            return
        if gone:
            self._miss(asked, memory, SAID_GONE)
            return
        if not found:
            self._fail(asked, _nothing_on(page, site))
            return
        memory.watch(asked, tuple(each.native_id for each in found), self.began)
        self._keep(found, site, memory, (head["list"][0], head["list"][1]))

    def _take_found(self, head: Head, _: bytes, site: Site, memory: SiteMemory) -> None:
        found = [Found(**each) for each in head["reviews"]]
        self._keep(found, site, memory, (head["list"][0], head["list"][1]))

    def _keep(self, found: list[Found], site: Site, memory: SiteMemory, where: List) -> None:
        for each in found:
            if not memory.knows(each.digest):
                self._found.append((site, each, where))
            memory.remember(each.digest)

    def _take_failure(self, head: Head, _: bytes, site: Site, memory: SiteMemory) -> None:
        asked = head["asked"]
        if head["gone"]:
            self._miss(asked, memory, head["reason"], for_good=head["for_good"])
        else:
            self._fail(asked, head["reason"])

    def _miss(self, asked: str, memory: SiteMemory, reason: str, *, for_good: bool = False) -> None:
        """A page is not there: what landed from it may be removed; others are asked for no more."""
        if asked in memory.pages:
            self._removed += memory.missed(asked, for_good=for_good, now=self.began)
            return
        memory.remember(short_digest(asked))
        self._fail(asked, reason)

    def _fail(self, address: str, reason: str) -> None:
        self._failed.append(failed_page(address, reason, source=self.source, now=self.began))

    def _take_end(self, head: Head, _: bytes, site: Site, memory: SiteMemory) -> None:
        self._ends.append((head, site, memory))

    def batch(self) -> Batch:
        """All that was taken since the last batch, and the cursor after it."""
        rows, undated = self._rows()
        table, refused = mentions_of(rows, source=self.source, now=self.began)
        for head, site, memory in self._ends:
            self._covered.append(self._heard(head, site, memory))
        cursor: Cursor = {
            "sites": {name: memory.to_cursor() for name, memory in self.memories.items()}
        }
        batch = Batch(
            table,
            cursor,
            pa.concat_tables([refused, *self._failed, *undated]),
            removals(self.source, self._removed),
            pa.concat_tables(self._covered) if self._covered else None,
        )
        self.pages = 0
        for pending in (
            self._found, self._dates, self._failed, self._removed, self._covered, self._ends,
        ):  # fmt: skip
            pending.clear()
        return batch

    def newly_ended(self) -> Iterator[tuple[str, str]]:
        """The lists, by site and start, that have been walked as far into the past as asked."""
        if self.since is not None:
            self._read_dates()
            for name, lists in self._lists.items():
                yield from ((name, start) for start in lists.newly_ended())

    def _rows(self) -> tuple[list[dict[str, Any]], list[pa.Table]]:
        rows: list[dict[str, Any]] = []
        undated: list[pa.Table] = []
        places: dict[str, int] = {}
        self._read_dates()
        for (_, found, _), created in zip(self._found, self._dates, strict=True):
            places[found.url] = place = places.get(found.url, 0) + 1
            if created is None:
                bad = BadRow(place, "created_at is no possible date", _shown(found))
                undated.append(
                    quarantine([bad], record="mentions", source=self.source, origin=found.url,
                               now=self.began)
                )  # fmt: skip
                continue
            rows.append(_row(found, created))
        return rows, undated

    def _note(self, site: str, created: datetime, where: List) -> None:
        self._oldest[site] = min(created, self._oldest.get(site, created))
        if self.since is not None:
            self._lists.setdefault(site, _Lists()).note(where, created >= self.since - _A_DAY)

    def _read_dates(self) -> None:
        """When each was written, in columns; what says no date was written now, as far as known."""
        fresh = self._found[len(self._dates) :]
        dates: list[datetime | None] = [self.began] * len(fresh)
        zones: dict[str, list[int]] = {}
        for index, (site, found, _) in enumerate(fresh):
            if found.date:
                zones.setdefault(site.zone, []).append(index)
        for zone, indexes in zones.items():
            said = [(fresh[index][1].date or "").strip() for index in indexes]
            printable = [text.encode("utf-8", "replace").decode() for text in said]
            read = _in_bounds(instants(pa.array(printable, pa.string()), zone).values)
            for index, moment in zip(indexes, read, strict=True):
                dates[index] = moment
                if moment is not None:
                    self._note(fresh[index][0].name, moment, fresh[index][2])
        self._dates += dates

    def _heard(self, head: Head, site: Site, memory: SiteMemory) -> pa.Table:
        """What is known of the time that a walk was about, now that it has ended."""
        before, cut = memory.walked, head["cut"]
        if self.since is not None:
            begin, end = self.since, self.until or self.began
            whole = cut is None
        else:
            begin, end = before or self._oldest.get(site.name, self.began), self.began
            # The first walk is as long as the settings allow; a later one must meet the one before.
            whole = head["complete"] and (cut is None or before is None)
            memory.complete = head["complete"]
            memory.walked = self.began if head["complete"] else before
        return covered(
            self.source,
            "collected" if whole else "gap",
            begin,
            end,
            part=site.name,
            reason=None if whole else f"{site.name}: {cut}",
        )


def _in_bounds(moments: Column) -> list[datetime | None]:
    """Moments as Python has them; None for those of years that it has not."""
    first, last = (pa.scalar(bound, TIME) for bound in _YEARS)
    possible = pc.and_(pc.greater_equal(moments, first), pc.less_equal(moments, last))
    read: list[datetime | None] = pc.if_else(possible, moments, None).to_pylist()
    return read


def _read(page: Page, site: Site) -> list[Found]:
    if site.kind == "articles":
        from collectors.crawling.articles import (
            articles_on,  # brings trafilatura, which reviews do without
        )

        return articles_on(page, site)
    return reviews_on(page, site, None)


def _nothing_on(page: Page, site: Site) -> str:
    if page.cut:
        return "the page is nested too deeply to be read"
    return f"no {site.kind.removesuffix('s')} on the page"


def _shown(found: Found) -> str:
    return excerpt_of(
        {"date": found.date, "text": found.text, "title": found.title, "author": found.author},
        "date",
    )


def _row(found: Found, created: datetime) -> dict[str, Any]:
    rating, span = rating_of(found.rating), found.best - found.worst
    return {
        "native_id": found.native_id,
        "kind": found.kind,
        "url": found.url,
        "thread_id": found.thread_id,
        "parent_id": found.parent_id,
        "author_handle": found.author,
        "author_name": found.author,
        "title": found.title,
        "text": found.text,
        "lang": found.lang,
        "rating": None if rating is None or not span else (rating - found.worst) / span,
        "rating_raw": found.rating,
        "product": found.product,
        "created_at": created,
        "likes": found.likes,
        "replies": found.replies,
        "extra": json.dumps(found.extra, ensure_ascii=False) if found.extra else None,
    }
