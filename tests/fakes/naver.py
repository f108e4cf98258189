"""Naver's search interface as its documentation gives it: JSON, keys in headers, 1,000 results."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.server import Answer, Headers, LocalServer

CLIENT_ID, CLIENT_SECRET = "m4dang", "s3cret-of-naver"
SEOUL = timezone(timedelta(hours=9))


@dataclass
class Post:
    """What somebody wrote; `extra` holds or replaces what the service adds of its own."""

    link: str
    title: str
    text: str
    when: datetime
    extra: dict[str, Any] = field(default_factory=dict)


class NaverServer(LocalServer):
    """`server.posts["news"]` are the posts of a service, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.posts: dict[str, list[Post]] = {}
        self.quota: int | None = None  # calls left today
        self.tired: set[int] = set()  # values of `start` answered with SE99

    def answer(self, path: str, headers: Headers) -> Answer:
        parts = urlsplit(path)
        service = parts.path.removeprefix("/v1/search/").removesuffix(".json")
        keys = (headers.get("X-Naver-Client-Id"), headers.get("X-Naver-Client-Secret"))
        if keys != (CLIENT_ID, CLIENT_SECRET):
            said = "NID AUTH Result Invalid (1000) : Authentication failed. (인증에 실패했습니다.)"
            return _error(401, "024", said)
        if self.quota is not None:
            if not self.quota:
                return _error(429, "010", "Query limit exceeded (쿼리 한도를 초과했습니다.)")
            self.quota -= 1
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        display, start = int(asked.get("display", 10)), int(asked.get("start", 1))
        if not 1 <= display <= 100:
            return _error(400, "SE02", "Invalid display value (부적절한 display 값입니다.)")
        if not 1 <= start <= 1000:
            return _error(400, "SE03", "Invalid start value (부적절한 start 값입니다.)")
        if start in self.tired:
            return _error(500, "SE99", "System Error (시스템 에러)")
        return self._found(service, asked["query"], display, start)

    def _found(self, service: str, query: str, display: int, start: int) -> Answer:
        found = [p for p in self.posts.get(service, ()) if query in f"{p.title} {p.text}"]
        found.sort(key=lambda post: post.when, reverse=True)
        items = [_item(service, post, query) for post in found[start - 1 : start - 1 + display]]
        return _json(
            {
                "lastBuildDate": format_datetime(datetime.now(SEOUL)),
                "total": len(found),
                "start": start,
                "display": len(items),
                "items": items,
            }
        )


def _item(service: str, post: Post, query: str) -> dict[str, Any]:
    item: dict[str, Any] = {
        "title": _marked(post.title, query),
        "link": post.link,
        "description": _marked(post.text, query),
    }
    if service == "news":
        item |= {"originallink": post.link, "pubDate": format_datetime(post.when)}
    if service == "blog":
        item |= {
            "bloggername": "살림하는 하루",
            "bloggerlink": "blog.naver.com/haru",
            "postdate": post.when.astimezone(SEOUL).strftime("%Y%m%d"),
        }
    if service == "cafearticle":
        item |= {"cafename": "청소의 달인", "cafeurl": "https://cafe.naver.com/clean"}
    if service == "kin":
        item["link"] += f"&qb={query}&enc=utf8&section=kin&rank=1&search_sort=2&spq=0"
    if service == "shop":
        del item["description"]
        item |= {"lprice": "398000", "mallName": "네이버", "productId": "52301", "brand": "마당"}
    return item | post.extra


def _marked(text: str, query: str) -> str:
    return escape(text).replace(escape(query), f"<b>{escape(query)}</b>")


def _error(status: int, code: str, message: str) -> Answer:
    return _json({"errorMessage": message, "errorCode": code}, status)


def _json(said: Any, status: int = 200) -> Answer:
    body = json.dumps(said, ensure_ascii=False).encode()
    return Answer(body, status, {"Content-Type": "application/json; charset=UTF-8"})
