"""Daum search as Kakao's documentation gives it: JSON, a key in a header, 50 pages of 50."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.server import Answer, Headers, LocalServer

KEY = "k4kao-rest-key"
SEOUL = timezone(timedelta(hours=9))


@dataclass
class Document:
    """A page that was found; `extra` holds or replaces what the service adds of its own."""

    url: str
    title: str
    contents: str
    when: datetime
    extra: dict[str, Any] = field(default_factory=dict)


class KakaoServer(LocalServer):
    """`server.documents["blog"]` are the pages of a service, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.documents: dict[str, list[Document]] = {}
        self.pageable = 2500  # how many results a query shows at most
        self.limited = False

    def answer(self, path: str, headers: Headers) -> Answer:
        parts = urlsplit(path)
        service = parts.path.removeprefix("/v2/search/")
        if headers.get("Authorization") != f"KakaoAK {KEY}":
            return _json({"errorType": "AccessDeniedError", "message": "wrong appKey format"}, 401)
        if self.limited:
            return _json({"code": -10, "msg": "API limit has been exceeded."}, 429)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        page, size = int(asked.get("page", 1)), int(asked.get("size", 10))
        if not (1 <= page <= 50 and 1 <= size <= 50):
            said = "page is more than max" if page > 50 else "size is more than max"
            return _json({"errorType": "InvalidArgument", "message": said}, 400)
        query = asked["query"]
        found = [d for d in self.documents.get(service, ()) if query in f"{d.title} {d.contents}"]
        found.sort(key=lambda document: document.when, reverse=True)
        shown = found[: self.pageable]
        wanted = shown[(page - 1) * size : page * size]
        meta = {
            "total_count": len(found),
            "pageable_count": len(shown),
            "is_end": page * size >= len(shown),
        }
        return _json(
            {"documents": [_document(service, each, query) for each in wanted], "meta": meta}
        )


def _document(service: str, document: Document, query: str) -> dict[str, Any]:
    said: dict[str, Any] = {
        "title": _marked(document.title, query),
        "contents": _marked(document.contents, query),
        "url": document.url,
        "datetime": document.when.astimezone(SEOUL).isoformat(timespec="milliseconds"),
    }
    if service == "blog":
        said |= {"blogname": "정직한 사용기", "thumbnail": ""}
    if service == "cafe":
        said |= {"cafename": "살림의 여왕", "thumbnail": ""}
    return said | document.extra


def _marked(text: str, query: str) -> str:
    return escape(text).replace(escape(query), f"<b>{escape(query)}</b>")


def _json(said: Any, status: int = 200) -> Answer:
    body = json.dumps(said, ensure_ascii=False).encode()
    return Answer(body, status, {"Content-Type": "application/json;charset=UTF-8"})
