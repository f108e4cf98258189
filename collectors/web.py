"""Review pages of shops and boards, and articles: found from their listing pages and sitemaps.

Scrapy crawls in a child process, as its reactor cannot be started twice, and hands pages over as
they came; the cursor moves here, with the rows. A walk through the listing pages may end early at
what is known only if an earlier walk came to its end (`complete`); one that was cut short is walked
again. Pages that landed lately are looked at again, for what was edited or taken away.
"""

import contextlib
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any, Final

from collectors.base import CollectorError, Cursor, SourceKind, SourceUnavailable
from collectors.crawling.frames import Head, received
from collectors.crawling.site_memory import SiteMemory
from collectors.crawling.sites import Site
from warehouse.landing import Batch

if TYPE_CHECKING:
    from collectors.crawling.harvest import Harvest


@dataclass(frozen=True)
class WebSettings:
    """The section `[web]` of madang.toml."""

    sites: tuple[Site, ...] = field(
        default=(),
        metadata={"help": "The sites to visit, each an entry [[web.sites]].", "ask": True},
    )
    agent: str = field(
        default="Madang/0.1 (review collector; robots.txt is obeyed)",
        metadata={"help": "How the collector names itself to sites; add how to reach you."},
    )
    delay_seconds: float = field(
        default=1.0,
        metadata={
            "help": "The least pause between two pages of a site, in seconds. 0, for sites of "
            "your own, leaves only the Crawl-delay of robots.txt."
        },
    )
    at_once: int = field(
        default=2, metadata={"help": "How many pages of a site may be asked for at the same time."}
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


_PAGES_A_BATCH: Final = 500
_PAGES_A_LOOK: Final = 10  # when looking back: how often it is judged whether it is far enough
_SECONDS_A_BATCH: Final = 20.0
_PIPE: Final = 1024 * 1024  # bytes that the crawler may be ahead of the reader
_SELECTORS: Final = (
    "follow", "next_page", "wait_for", "review", "review_id", "text", "title", "author", "rating",
    "date", "product_name", "gone",
)  # fmt: skip


def open_web(settings: WebSettings) -> "Web":
    """Raises SourceUnavailable when no site is set, or when one cannot work as it is described."""
    if not settings.sites:
        raise SourceUnavailable("No site is set. Add an entry [[web.sites]] to madang.toml.")
    names = [site.name for site in settings.sites]
    if len(set(names)) < len(names):
        raise SourceUnavailable("Two entries [[web.sites]] have the same name. Rename one.")
    for site in settings.sites:
        _check(site)
    if any(site.javascript for site in settings.sites):
        from collectors.crawling.browser import chromium

        chromium()
    return Web(settings)


KIND: Final = SourceKind(
    name="web",
    summary="Reviews, posts and articles of web sites, by their lists and sitemaps.",
    settings=WebSettings,
    open=open_web,
    verified="local server",
)


def _check(site: Site) -> None:
    from parsel.csstranslator import HTMLTranslator

    if not site.start:
        raise SourceUnavailable(
            f"The site {site.name} has no `start`. Add the address of a listing page, or of its "
            "front page where sitemaps name the rest."
        )
    for name in _SELECTORS:
        try:
            HTMLTranslator().css_to_xpath(getattr(site, name) or "a")
        except Exception as error:  # each mistake in a selector has its own kind
            raise SourceUnavailable(
                f"The site {site.name}: `{name}` is no CSS selector: {error}"
            ) from error
    if not all(any(map(str.isalnum, words)) for words in site.gone_words):
        raise SourceUnavailable(
            f"The site {site.name}: `gone_words` has words without a letter. Write what a removed "
            'page says, as in ["삭제된 게시글입니다"].'
        )
    if site.kind == "articles" and site.gone_words and not site.gone:
        raise SourceUnavailable(
            f"The site {site.name}: `gone_words` of articles need `gone`, the CSS selector of the "
            "notice: around it, much on a page can be taken for an article."
        )
    try:
        re.compile(site.follow_pattern)
    except re.error as error:
        raise SourceUnavailable(
            f"The site {site.name}: `follow_pattern` is no regular expression: {error}"
        ) from error


@dataclass(frozen=True)
class Web:
    """The source `web`. Its cursor: {"sites": {name: as `SiteMemory.to_cursor`}}."""

    settings: WebSettings
    name: str = "web"

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        memories = {site.name: SiteMemory.of(cursor, site.name) for site in self.settings.sites}
        harvest = self._harvest(memories, None, None)
        order = self._order(memories, harvest.began, None)
        for memory in memories.values():
            memory.complete = False  # until this walk has come to its end
        yield from _batches(order, harvest)

    def backfill(self, since: datetime, until: datetime, cursor: Cursor) -> Iterator[Batch]:
        """Walk the lists past what is known, until two pages in a row are older than `since`.

        What is newer than `until` is yielded as well where it is met: it is not yet known.
        """
        memories = {site.name: SiteMemory.of(cursor, site.name) for site in self.settings.sites}
        harvest = self._harvest(memories, since, until)
        order = self._order(memories, harvest.began, since)
        yield from _batches(order, harvest)

    def _harvest(
        self, memories: dict[str, SiteMemory], since: datetime | None, until: datetime | None
    ) -> "Harvest":
        from collectors.crawling.harvest import (
            Harvest,  # the list of sources is to be cheap to import
        )

        sites = {site.name: site for site in self.settings.sites}
        return Harvest(self.name, sites, memories, datetime.now(UTC), since, until)

    def _order(
        self, memories: dict[str, SiteMemory], now: datetime, since: datetime | None
    ) -> dict[str, Any]:
        """What the crawler is told, as JSON can carry it."""
        states = {}
        for site in self.settings.sites:
            memory = memories[site.name]
            due = memory.due(now, site.revisits) if since is None else []
            told = {name: memory.to_cursor()[name] for name in ("seen", "complete", "walked")}
            states[site.name] = told | {"revisits": due}
        since_text = None if since is None else since.isoformat()
        return asdict(self.settings) | {"states": states, "since": since_text}


def _batches(order: dict[str, Any], harvest: "Harvest") -> Iterator[Batch]:
    with _crawler(order) as (frames, end_list):
        landed = time.monotonic()
        for head, body in frames:
            harvest.take(head, body)
            late = time.monotonic() - landed > _SECONDS_A_BATCH
            if late or max(harvest.pages, harvest.rows) >= _PAGES_A_BATCH:
                yield harvest.batch()
                landed = time.monotonic()
            elif harvest.pages % _PAGES_A_LOOK == 0:
                for site, start in harvest.newly_ended():
                    end_list(site, start)
    yield harvest.batch()


@contextlib.contextmanager
def _crawler(
    order: dict[str, Any],
) -> Iterator[tuple[Iterator[tuple[Head, bytes]], Callable[[str, str], None]]]:
    """A crawler at work: its frames, and how to tell it that a list need not be walked further.

    Raises CollectorError at the end when it failed. It ends when its standard input is closed.
    """
    with tempfile.TemporaryFile("w+") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "collectors.crawling.crawl"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, pipesize=_PIPE,
        )  # fmt: skip
        if child.stdin is None or child.stdout is None:
            raise CollectorError("The crawler has no pipes.")
        pipe = child.stdin

        def tell(said: dict[str, Any]) -> None:
            pipe.write(json.dumps(said).encode("ascii") + b"\n")
            pipe.flush()

        def end_list(site: str, start: str) -> None:
            with contextlib.suppress(BrokenPipeError):  # it may have come to its end by itself
                tell({"end_list": [site, start]})

        try:
            tell(order)
            yield received(child.stdout), end_list
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


def _close_quietly(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:  # what was not yet written went to a child that has ended
        return


def _tail(log: IO[str]) -> str:
    log.seek(0)
    return log.read()[-2000:].strip() or "it said nothing"
