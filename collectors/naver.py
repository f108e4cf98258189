"""Naver's search: news, blogs, cafés, Q&A and shopping, by the words of the settings.

The interface gives the newest 1,000 results of a query and an excerpt of each. Cafés, Q&A and
shopping tell no date, so the moment an entry was first seen stands for it.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

from collectors.base import CollectorError, Cursor, SourceKind, SourceUnavailable, Terms
from collectors.rows.markup import plain
from collectors.services.api import Api, ApiError
from collectors.services.newest_first import Listing, NewestFirst, Page, Row
from collectors.services.wire import objects, text, whole
from warehouse.landing import Batch

_WHERE: Final = "developers.naver.com, Application > 애플리케이션 등록, with 검색 among its APIs"


@dataclass(frozen=True)
class NaverSettings:
    """The section `[naver]` of madang.toml."""

    client_id: str = field(
        default="",
        metadata={"help": "The Client ID of your application.", "where": _WHERE, "ask": True},
    )
    client_secret: str = field(
        default="",
        repr=False,
        metadata={
            "help": "The Client Secret of your application.",
            "secret": True,
            "where": _WHERE,
            "ask": True,
        },
    )
    queries: tuple[str, ...] = field(
        default=(), metadata={"help": "What to search for, as in 마당 청소기.", "ask": True}
    )
    services: tuple[str, ...] = field(
        default=("news", "blog", "cafearticle"),
        metadata={"help": "Where to search: news, blog, cafearticle, kin, shop."},
    )
    product: str | None = field(
        default=None, metadata={"help": "The product that all of these queries are about."}
    )
    base_url: str = field(
        default="https://openapi.naver.com", metadata={"help": "Where the interface is."}
    )
    timeout_seconds: float = field(
        default=30.0, metadata={"help": "How long one request may take, in seconds."}
    )
    retry_seconds: float = field(
        default=1.0, metadata={"help": "Seconds before a second try when the service is busy."}
    )


TERMS: Final = Terms(
    document="네이버 오픈API 이용약관 / 네이버 개발자센터 운영정책",
    url="https://developers.naver.com/products/terms/",
    retention="No period is set for search results; their authors keep their rights, and what "
    "Naver or an author asks to be removed is to be removed.",
    display="Show the excerpt unaltered with a link to the page it comes from.",
)

_SIZE: Final = 100  # results of one page, the most that are given
_PAGES: Final = 10  # `start` may be 1,000 at most
_SEOUL: Final = ZoneInfo("Asia/Seoul")
_REFUSED_KEYS: Final = ("024", "028")  # authentication failed, no permission for it
_QUOTA: Final = "010"
_KIN: Final = ("d1id", "dirId", "docId")  # what of a question's address names it


def open_naver(settings: NaverSettings) -> "Naver":
    """Raises SourceUnavailable when a key or the queries are missing."""
    for name in ("client_id", "client_secret"):
        if not getattr(settings, name):
            raise SourceUnavailable(f"{name} in the section [naver] is missing. Get it: {_WHERE}.")
    if not settings.queries:
        raise SourceUnavailable("Nothing to search for. Set queries in the section [naver].")
    if unknown := [name for name in settings.services if name not in _SERVICES]:
        raise SourceUnavailable(
            f"services in the section [naver] names {unknown[0]!r}. "
            f"Known are {', '.join(_SERVICES)}."
        )
    return Naver(settings)


KIND: Final = SourceKind(
    name="naver",
    summary="News, blogs, cafés, Q&A and shopping on Naver that answer your queries.",
    settings=NaverSettings,
    open=open_naver,
    verified="local server",
    terms=TERMS,
)


@dataclass(frozen=True)
class Naver:
    """The source `naver`; its parts are "service query"."""

    settings: NaverSettings
    name: str = "naver"

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        with self._api() as api:
            yield from NewestFirst(self.name, cursor).catch_up(self._listings(api))

    def backfill(self, since: datetime, until: datetime, cursor: Cursor) -> Iterator[Batch]:
        with self._api() as api:
            listings = self._listings(api)
            yield from NewestFirst(self.name, cursor).look_back(listings, since, until)

    def _api(self) -> Api:
        return Api(
            self.settings.base_url,
            {
                "X-Naver-Client-Id": self.settings.client_id,
                "X-Naver-Client-Secret": self.settings.client_secret,
            },
            wait=self.settings.retry_seconds,
            seconds=self.settings.timeout_seconds,
        )

    def _listings(self, api: Api) -> Iterator[Listing]:
        for name in self.settings.services:
            service = _SERVICES[name]
            parts = tuple(f"{name} {query}" for query in self.settings.queries)
            for part, query in zip(parts, self.settings.queries, strict=True):
                yield Listing(
                    part=part,
                    page=self._pages(api, name, query),
                    most=_PAGES,
                    times=service.times,
                    siblings=tuple(other for other in parts if other != part),
                )

    def _pages(self, api: Api, name: str, query: str) -> Callable[[int], Page]:
        def page(number: int) -> Page:
            start = 1 + number * _SIZE
            asked = {"query": query, "display": _SIZE, "start": start, "sort": "date"}
            try:
                said = api.get(f"/v1/search/{name}.json", asked)
            except ApiError as error:
                raise _understood(error) from error
            items = objects(said, "items")
            base = {"kind": "post", "product": self.settings.product}
            rows = [base | _SERVICES[name].row(item) for item in items]
            total = whole(said.get("total")) or 0
            return Page(rows, last=start + len(items) > total or not items)

        return page


def _understood(error: ApiError) -> CollectorError:
    """An error of Naver's: a wrong key or a quota used up ends the run, all else only its page."""
    body = error.body if isinstance(error.body, dict) else {}
    code = str(body.get("errorCode", ""))
    said = f"{body.get('errorMessage', '')} (errorCode {code})" if code else str(error)
    if error.status in (401, 403) or code in _REFUSED_KEYS:
        return CollectorError(
            f"Naver refuses the key: {said}. Check client_id and client_secret in the section "
            f"[naver], and that the application may use 검색: {_WHERE}."
        )
    if code == _QUOTA:
        return CollectorError(
            f"Naver's daily quota is used up: {said}. It begins anew at midnight in Korea; "
            "fewer queries or services in the section [naver] need less of it."
        )
    return ApiError(f"Naver: {said}", error.status, error.again_in, error.body) if code else error


def _news(item: dict[str, Any]) -> Row:
    origin = item.get("originallink") or item.get("link")
    publisher = urlsplit(text(origin)).hostname
    return {
        "native_id": origin,
        "url": origin,
        **_texts(item),
        "created_at": _written(item.get("pubDate")),
        "extra": json.dumps({"service": "news", "publisher": publisher}, ensure_ascii=False),
    }


def _blog(item: dict[str, Any]) -> Row:
    return {
        "native_id": item.get("link"),
        "url": item.get("link"),
        **_texts(item),
        "author_id": item.get("bloggerlink"),
        "author_name": item.get("bloggername"),
        "created_at": _day(item.get("postdate")),
        "extra": json.dumps({"service": "blog"}),
    }


def _cafe(item: dict[str, Any]) -> Row:
    said = {"service": "cafearticle", "cafe": item.get("cafename"), "cafe_url": item.get("cafeurl")}
    return {
        "native_id": item.get("link"),
        "url": item.get("link"),
        **_texts(item),
        "extra": json.dumps(said, ensure_ascii=False),
    }


def _kin(item: dict[str, Any]) -> Row:
    """A question; its address carries the query and the rank, which are no part of who it is."""
    link = urlsplit(text(item.get("link")))
    names = [(name, value) for name, value in parse_qsl(link.query) if name in _KIN]
    address = link._replace(query=urlencode(sorted(names))).geturl() if names else link.geturl()
    return {
        "native_id": address,
        "kind": "question",
        "url": address,
        **_texts(item),
        "extra": json.dumps({"service": "kin"}),
    }


def _shop(item: dict[str, Any]) -> Row:
    said = {"service": "shop"} | {
        name: item[name]
        for name in ("mallName", "brand", "maker", "lprice", "category1", "category2")
        if item.get(name)
    }
    title = plain(text(item.get("title")))
    return {
        "native_id": f"shop {item.get('productId')}",
        "url": item.get("link"),
        "title": title,
        "text": title,
        "extra": json.dumps(said, ensure_ascii=False),
    }


def _texts(item: dict[str, Any]) -> Row:
    title = plain(text(item.get("title")))
    return {"title": title, "text": plain(text(item.get("description"))) or title}


def _written(said: Any) -> datetime | None:
    try:
        return parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return None


def _day(said: Any) -> datetime | None:
    try:
        return datetime.strptime(said, "%Y%m%d").replace(tzinfo=_SEOUL)
    except (TypeError, ValueError):
        return None


@dataclass(frozen=True)
class _Service:
    row: Callable[[dict[str, Any]], Row]
    times: Any


_SERVICES: Final[dict[str, _Service]] = {
    "news": _Service(_news, "exact"),
    "blog": _Service(_blog, "day"),
    "cafearticle": _Service(_cafe, "none"),
    "kin": _Service(_kin, "none"),
    "shop": _Service(_shop, "none"),
}
