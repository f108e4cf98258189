"""A feed server: several RSS feeds with etags and dates, in any charset."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from urllib.parse import urlsplit

from tests.fakes.server import Answer, Headers, LocalServer, gzip_bomb


@dataclass
class Entry:
    """One entry; `guid` or `date` may be left out, as real feeds do."""

    title: str
    text: str
    guid: str | None
    date: datetime | str | None
    link: str | None = None
    author: str | None = None


@dataclass
class Feed:
    """One feed and how it behaves."""

    entries: list[Entry] = field(default_factory=list)
    charset: str = "utf-8"
    declares: str | None = None  # the charset it claims, if another
    skew: timedelta = timedelta(0)
    bomb: int = 0
    redirect: str | None = None
    garbage: bool = False
    gone: bool = False  # for good: status 410
    cut_xml: bool = False

    def xml(self) -> bytes:
        items = "".join(self._item(entry) for entry in self.entries)
        declared = self.declares if self.declares is not None else self.charset
        said = f' encoding="{declared}"' if declared else ""
        text = (
            f'<?xml version="1.0"{said}?><rss version="2.0"><channel><title>마당 소식</title>'
            f"<link>https://example.com/</link><description>시험</description>"
            f"<language>ko-kr</language>{items}</channel></rss>"
        )
        content = text.encode(self.charset)
        return content[: content.rindex(b"</item>")] if self.cut_xml else content

    def _item(self, entry: Entry) -> str:
        when = entry.date
        if isinstance(when, datetime):
            when = format_datetime(when + self.skew)
        parts = [
            f"<title>{escape(entry.title)}</title>",
            f"<description>{escape(entry.text)}</description>",
            f'<guid isPermaLink="false">{entry.guid}</guid>' if entry.guid else "",
            f"<pubDate>{when}</pubDate>" if when else "",
            f"<link>{escape(entry.link)}</link>" if entry.link else "",
            f"<author>{escape(entry.author)}</author>" if entry.author else "",
        ]
        return f"<item>{''.join(parts)}</item>"


class FeedServer(LocalServer):
    """Feeds by path, as in `server.feeds["/news"] = Feed(…)`."""

    def __init__(self) -> None:
        super().__init__()
        self.feeds: dict[str, Feed] = {}
        self.unchanged = 0  # answers without a body, as nothing had changed

    def answer(self, path: str, headers: Headers) -> Answer:
        feed = self.feeds.get(urlsplit(path).path)
        if feed is None:
            return Answer(b"not here", 404)
        if feed.gone:
            return Answer(b"gone", 410)
        if feed.redirect:
            return Answer(b"", 302, {"Location": feed.redirect})
        if feed.bomb:
            return gzip_bomb(feed.bomb)
        if feed.garbage:
            return Answer(b"\x00\x01 this is no feed", headers={"Content-Type": "text/plain"})
        body = feed.xml()
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if headers.get("If-None-Match") == etag:
            self.unchanged += 1
            return Answer(b"", 304, {"ETag": etag})
        return Answer(body, headers={"Content-Type": "application/rss+xml", "ETag": etag})
