"""Sitemaps (sitemaps.org): which pages a site has, and when each changed last.

They are given by strangers: a document type is refused, as entities are bombs, and what is packed
is unpacked up to the size that the protocol allows.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urljoin

from lxml import etree  # type: ignore[import-untyped]
from scrapy.utils.gz import gunzip
from scrapy.utils.sitemap import Sitemap, sitemap_urls_from_robots

LARGEST: Final = 50 * 1024 * 1024  # bytes unpacked, by the protocol
DEEPEST: Final = 3  # indexes within indexes
_DOCTYPE: Final = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


class SitemapRefused(ValueError):  # noqa: N818 - a decision, not a mistake
    """What was given as a sitemap is none, or would harm; the message says why."""


@dataclass(frozen=True)
class Entry:
    """A page, or a further sitemap, and when it changed last, if the site says so."""

    url: str
    changed: datetime | None


@dataclass(frozen=True)
class Entries:
    """What a sitemap lists: pages, or (`is_index`) sitemaps."""

    is_index: bool
    entries: Iterator[Entry]


def read_sitemap(content: bytes, url: str) -> Entries:
    """Raises SitemapRefused for what is no sitemap."""
    if content.startswith(b"\x1f\x8b"):
        content = _unpacked(content)
    if _DOCTYPE.search(content[:1_000_000]):
        raise SitemapRefused("the sitemap brings a document type, which none needs")
    try:
        parsed = Sitemap(content)
    except (etree.XMLSyntaxError, StopIteration) as error:
        raise SitemapRefused("the answer is no sitemap") from error
    if parsed.type not in ("urlset", "sitemapindex"):
        raise SitemapRefused("the answer is no sitemap")
    return Entries(parsed.type == "sitemapindex", _entries(parsed, url))


def sitemaps_in(robots: bytes, url: str) -> list[str]:
    """The sitemaps that a robots.txt names, each once."""
    return list(dict.fromkeys(sitemap_urls_from_robots(robots, url)))


def _entries(parsed: Sitemap, base: str) -> Iterator[Entry]:
    try:
        for entry in parsed:
            if url := _joined(base, entry["loc"]):
                yield Entry(url, _moment(entry.get("lastmod", "")))
    except etree.XMLSyntaxError:  # broken off: what came before it counts
        return


def _joined(base: str, said: str) -> str | None:
    try:
        return urljoin(base, said) if said else None
    except ValueError:  # such as http://[
        return None


def _unpacked(content: bytes) -> bytes:
    try:
        plain: bytes = gunzip(content, max_size=LARGEST)
    except (OSError, EOFError, ValueError, struct.error, zlib.error) as error:
        raise SitemapRefused(f"the sitemap cannot be unpacked: {type(error).__name__}") from error
    if plain.startswith(b"\x1f\x8b"):
        raise SitemapRefused("the sitemap is packed more than once")
    return plain


def _moment(said: str) -> datetime | None:
    """A W3C date; a day without a time is taken to have changed until its end."""
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return None
    if _DAY.fullmatch(said):
        moment = moment.replace(hour=23, minute=59, second=59)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
