"""Reddit's interface as its documentation gives it: sign-in, listings, info, comments."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.server import Answer, Headers, LocalServer


@dataclass
class Thing:
    """A post, or a comment where `parent` is set."""

    text: str
    at: datetime
    key: str
    title: str = "해담 청소기 써 보신 분"
    author: str = "minji_kim"
    forum: str = "hanguk"
    parent: str = ""
    link: str = ""
    edited: datetime | None = None
    odd: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{'t1' if self.parent else 't3'}_{self.key}"

    def json(self) -> dict[str, Any]:
        base: dict[str, Any] = {
            "name": self.name,
            "id": self.key,
            "author": self.author,
            "author_fullname": f"t2_{self.author}",
            "created_utc": self.at.timestamp(),
            "edited": self.edited.timestamp() if self.edited else False,
            "score": 12,
            "subreddit": self.forum,
        }
        if self.parent:
            base |= {
                "body": self.text,
                "link_id": self.link or self.parent,
                "parent_id": self.parent,
                "permalink": f"/r/{self.forum}/comments/{self.parent[3:]}/_/{self.key}/",
            }
        else:
            base |= {
                "title": self.title,
                "selftext": self.text,
                "is_self": True,
                "num_comments": 3,
                "permalink": f"/r/{self.forum}/comments/{self.key}/_/",
                "url": f"https://www.reddit.com/r/{self.forum}/comments/{self.key}/_/",
                "removed_by_category": None,
            }
        return {"kind": self.name[:2], "data": base | dict(self.odd)}

    def delete(self) -> None:
        """As Reddit shows what its author has deleted."""
        self.author, self.text = "[deleted]", "[deleted]"


class RedditServer(LocalServer):
    """Things in `things`; `page` to a page, and no more of a list than `shown`."""

    def __init__(self) -> None:
        super().__init__()
        self.things: list[Thing] = []
        self.page = 100
        self.shown = 1000
        self.refuses: Answer | None = None
        self.private: set[str] = set()
        self.loses_answer = False
        self.locked = False
        self.posted = 0

    def answer(self, path: str, headers: Headers) -> Answer:
        if self.refuses is not None:
            return self.refuses
        if headers.get("Authorization") != "bearer t0ken":
            return _said({"message": "Unauthorized", "error": 401}, 401)
        parts = urlsplit(path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        steps = parts.path.strip("/").split("/")
        if steps[0] == "r":
            if steps[1] in self.private:
                return _said({"reason": "private", "message": "Forbidden", "error": 403}, 403)
            comments = steps[2] == "comments"
            return self._listed(
                [t for t in self.things if t.forum == steps[1] and bool(t.parent) is comments],
                asked,
            )
        if steps == ["search"]:
            found = [t for t in self.things if not t.parent and asked["q"] in t.title + t.text]
            return self._listed(found, asked)
        if steps == ["api", "info"]:
            names = asked["id"].split(",")
            return self._listing([t for t in self.things if t.name in names], None)
        return self._listed([t for t in self.things if t.author == steps[1]], asked)

    def take(self, method: str, path: str, headers: Headers, body: bytes) -> Answer:
        if path == "/api/v1/access_token":
            given = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            if headers.get("Authorization") != "Basic aWQ6c2VjcmV0":  # id:secret
                return _said({"message": "Unauthorized", "error": 401}, 401)
            if given.get("password", "right") != "right":
                return _said({"error": "invalid_grant"})
            return _said({"access_token": "t0ken", "expires_in": 86400, "scope": "*"})
        said = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if self.locked:
            return _errors("THREAD_LOCKED", "Comments are locked.", "parent")
        if len(said["text"]) > 10_000:
            return _errors("TOO_LONG", "this is too long (max: 10000)", "text")
        self.posted += 1
        thing = Thing(said["text"], datetime.now(UTC), f"ours{self.posted}", author="haedam",
                      parent=said["thing_id"])  # fmt: skip
        self.things.append(thing)
        if self.loses_answer:
            self.loses_answer = False
            return Answer(b"", 503)
        return _said({"json": {"errors": [], "data": {"things": [thing.json()]}}})

    def _listed(self, things: list[Thing], asked: Mapping[str, str]) -> Answer:
        ordered = sorted(things, key=lambda t: t.at, reverse=True)[: self.shown]
        start = 0
        if after := asked.get("after"):
            places = [n for n, thing in enumerate(ordered) if thing.name == after]
            start = places[0] + 1 if places else len(ordered)  # Reddit knows no deleted entry
        page = ordered[start : start + min(self.page, int(asked.get("limit", "25")))]
        more = start + len(page) < len(ordered)
        return self._listing(page, page[-1].name if page and more else None)

    def _listing(self, things: list[Thing], after: str | None) -> Answer:
        children = [thing.json() for thing in things]
        data = {"after": after, "before": None, "dist": len(children), "children": children}
        return _said({"kind": "Listing", "data": data})


def _errors(code: str, sentence: str, where: str) -> Answer:
    return _said({"json": {"errors": [[code, sentence, where]]}})


def _said(said: Any, status: int = 200) -> Answer:
    headers = {
        "Content-Type": "application/json; charset=UTF-8",
        "x-ratelimit-remaining": "995.0",
        "x-ratelimit-used": "5",
        "x-ratelimit-reset": "120",
    }
    return Answer(json.dumps(said, ensure_ascii=False).encode(), status, headers)
