"""Daum search by Kakao's interface: the web, blogs and cafés, by the words of the settings.

It gives the newest results of a query, fifty pages of fifty at most, and an excerpt of each.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from collectors.base import CollectorError, Cursor, SourceKind, SourceUnavailable, Terms
from collectors.rows.markup import plain
from collectors.services.api import Api, ApiError
from collectors.services.newest_first import Listing, NewestFirst, Page, Row
from collectors.services.wire import moment, objects, part, text, whole
from warehouse.landing import Batch

_WHERE: Final = "developers.kakao.com, 내 애플리케이션 > 앱 키 > REST API 키"


@dataclass(frozen=True)
class KakaoSettings:
    """The section `[kakao]` of madang.toml."""

    rest_api_key: str = field(
        default="",
        repr=False,
        metadata={
            "help": "The REST API key of your application.",
            "secret": True,
            "where": _WHERE,
            "ask": True,
        },
    )
    queries: tuple[str, ...] = field(
        default=(), metadata={"help": "What to search for, as in 마당 청소기.", "ask": True}
    )
    services: tuple[str, ...] = field(
        default=("web", "blog", "cafe"), metadata={"help": "Where to search: web, blog, cafe."}
    )
    product: str | None = field(
        default=None, metadata={"help": "The product that all of these queries are about."}
    )
    base_url: str = field(
        default="https://dapi.kakao.com", metadata={"help": "Where the interface is."}
    )
    timeout_seconds: float = field(
        default=30.0, metadata={"help": "How long one request may take, in seconds."}
    )
    retry_seconds: float = field(
        default=1.0, metadata={"help": "Seconds before a second try when the service is busy."}
    )


TERMS: Final = Terms(
    document="Kakao Developers 서비스 이용약관, 운영정책",
    url="https://developers.kakao.com/terms/latest/ko/site-terms",
    retention="No period is set for search results; their authors keep their rights, and what "
    "Kakao or an author asks to be removed is to be removed.",
    display="Show the excerpt unaltered with a link to the page it comes from.",
)

_SIZE: Final = 50
_PAGES: Final = 50
_SERVICES: Final = ("web", "blog", "cafe")
_QUOTA: Final = -10  # the code of "API limit has been exceeded"


def open_kakao(settings: KakaoSettings) -> "Kakao":
    """Raises SourceUnavailable when the key or the queries are missing."""
    if not settings.rest_api_key:
        raise SourceUnavailable(
            f"rest_api_key in the section [kakao] is missing. Get it: {_WHERE}."
        )
    if not settings.queries:
        raise SourceUnavailable("Nothing to search for. Set queries in the section [kakao].")
    if unknown := [name for name in settings.services if name not in _SERVICES]:
        raise SourceUnavailable(
            f"services in the section [kakao] names {unknown[0]!r}. "
            f"Known are {', '.join(_SERVICES)}."
        )
    return Kakao(settings)


KIND: Final = SourceKind(
    name="kakao",
    summary="The web, blogs and cafés by Daum search.",
    settings=KakaoSettings,
    open=open_kakao,
    verified="local server",
    terms=TERMS,
)


@dataclass(frozen=True)
class Kakao:
    """The source `kakao`; its parts are "service query"."""

    settings: KakaoSettings
    name: str = "kakao"

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
            {"Authorization": f"KakaoAK {self.settings.rest_api_key}"},
            wait=self.settings.retry_seconds,
            seconds=self.settings.timeout_seconds,
        )

    def _listings(self, api: Api) -> Iterator[Listing]:
        parts = {
            f"{service} {query}": (service, query)
            for service in self.settings.services
            for query in self.settings.queries
        }
        for name, (service, query) in parts.items():
            # A blog's post may be found as a page of the web as well.
            siblings = tuple(other for other in parts if other != name)
            yield Listing(name, self._pages(api, service, query), _PAGES, siblings=siblings)

    def _pages(self, api: Api, service: str, query: str) -> Callable[[int], Page]:
        def page(number: int) -> Page:
            asked = {"query": query, "sort": "recency", "page": number + 1, "size": _SIZE}
            try:
                said = api.get(f"/v2/search/{service}", asked)
            except ApiError as error:
                raise _understood(error) from error
            found = objects(said, "documents")
            meta = part(said, "meta")
            shown = whole(meta.get("pageable_count"))
            at_end = shown is not None and (number + 1) * _SIZE >= shown
            hidden = shown is not None and (whole(meta.get("total_count")) or 0) > shown
            rows = [self._row(service, document) for document in found]
            return Page(rows, bool(meta.get("is_end")) or at_end or not found, hidden)

        return page

    def _row(self, service: str, document: dict[str, Any]) -> Row:
        title = plain(text(document.get("title")))
        place = document.get("blogname") or document.get("cafename")
        said = {"service": service} | ({"place": place} if place else {})
        return {
            "native_id": document.get("url"),
            "kind": "post",
            "url": document.get("url"),
            "title": title,
            "text": plain(text(document.get("contents"))) or title,
            "author_name": document.get("blogname"),
            "product": self.settings.product,
            "created_at": moment(document.get("datetime")),
            "extra": json.dumps(said, ensure_ascii=False),
        }


def _understood(error: ApiError) -> CollectorError:
    """An error of Kakao's: a wrong key or a quota used up ends the run, all else only its page."""
    body = error.body if isinstance(error.body, dict) else {}
    said = body.get("message") or body.get("msg") or str(error)
    if error.status in (401, 403):
        return CollectorError(
            f"Kakao refuses the key: {said}. Check rest_api_key in the section [kakao], and that "
            f"the application may use Daum search: {_WHERE}."
        )
    if body.get("code") == _QUOTA:
        return CollectorError(
            f"Kakao's quota is used up: {said}. Fewer queries or services in the section [kakao] "
            "need less of it; quotas are shown at developers.kakao.com."
        )
    return error
