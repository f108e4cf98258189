"""LinkedIn's versioned REST interface: posts of an organisation, their comments, and new ones."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.fakes.server import Answer, Headers, LocalServer

TOKEN, ORGANIZATION, VERSION = "AQlocal", "2414183", "202610"
OURS = f"urn:li:organization:{ORGANIZATION}"
ACTIVITY = "urn:li:activity:7001"


@dataclass
class Comment:
    """A comment on the activity; `under` is the id of the comment that it answers."""

    text: str
    when: datetime
    actor: str = "urn:li:person:hong"
    under: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)


def urn(key: str) -> str:
    """The name of a comment."""
    return f"urn:li:comment:({ACTIVITY},{key})"


class LinkedinServer(LocalServer):
    """`server.comments["6001"]` is the comment of that id on the only activity of `posts`."""

    def __init__(self) -> None:
        super().__init__()
        self.posts: dict[str, datetime] = {}
        self.comments: dict[str, Comment] = {}
        self.throttled = False
        self.active = VERSION
        self.counted = True  # whether it tells how many comments a post has
        self.written = 0
        self.lose_next = False

    def answer(self, path: str, headers: Headers) -> Answer:
        if refused := self._refused(headers):
            return refused
        parts = urlsplit(path)
        asked = {name: each[0] for name, each in parse_qs(parts.query).items()}
        if parts.path == "/rest/posts":
            assert headers["X-RestLi-Method"] == "FINDER"
            assert (asked["q"], asked["author"]) == ("author", OURS)
            newest = sorted(self.posts, key=lambda key: self.posts[key], reverse=True)
            return _page([self._post(key) for key in newest], asked)
        if parts.path == "/rest/socialMetadata":
            assert headers["X-RestLi-Method"] == "BATCH_GET"
            return self._metadata(asked["ids"].removeprefix("List(").removesuffix(")").split(","))
        names = [unquote(each) for each in parts.path.split("/")[3:]]
        if len(names) == 3:
            return self._one(names[2])
        if names[0] in self.posts:
            found = [k for k, each in self.comments.items() if each.under is None]
        else:
            key = names[0].rpartition(",")[2].removesuffix(")")
            if key not in self.comments:
                return _error(404, "NOT_FOUND", f"Could not find entity {names[0]}")
            found = [k for k, each in self.comments.items() if each.under == key]
        return _page([self._comment(key) for key in found], asked)

    def take(self, method: str, path: str, headers: Headers, body: bytes) -> Answer:
        if refused := self._refused(headers):
            return refused
        said = json.loads(body)
        key = said["parentComment"].rpartition(",")[2].removesuffix(")")
        if len(said["message"]["text"]) > 1250:
            return _error(400, "INVALID_TEXT", "Comment exceeds the maximum length")
        assert (said["actor"], said["object"]) == (OURS, ACTIVITY)
        assert self.comments[key].under is None, "answers go one level deep"
        self.written += 1
        made = f"99{self.written}"
        text = said["message"]["text"]
        self.comments[made] = Comment(text, datetime.now(UTC), OURS, key)
        if self.lose_next:
            self.lose_next = False
            return _error(503, "SERVICE_UNAVAILABLE", "Try again")
        return _json(self._comment(made), 201)

    def _refused(self, headers: Headers) -> Answer | None:
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            said = "The token used in the request has been revoked by the user"
            return _error(401, "REVOKED_ACCESS_TOKEN", said)
        assert headers["X-Restli-Protocol-Version"] == "2.0.0"
        if headers.get("LinkedIn-Version") != self.active:
            return _error(426, "NONEXISTENT_VERSION", "Requested version is not active")
        if self.throttled:
            said = "Resource level throttle APPLICATION DAY limit for calls is reached."
            return _error(429, "TOO_MANY_REQUESTS", said)
        return None

    def _metadata(self, urns: list[str]) -> Answer:
        top = sum(each.under is None for each in self.comments.values())
        summary = {"count": len(self.comments), "topLevelCount": top}
        results = {
            urn: {"entity": urn, "commentsState": "OPEN", "commentSummary": summary}
            for urn in urns
            if self.counted
        }
        return _json({"results": results, "statuses": {}, "errors": {}})

    def _one(self, key: str) -> Answer:
        if key not in self.comments:
            return _error(404, "NOT_FOUND", "Comment not found")
        return _json(self._comment(key))

    def _post(self, key: str) -> dict[str, Any]:
        when = int(self.posts[key].timestamp() * 1000)
        return {
            "id": key,
            "author": OURS,
            "commentary": "새 공장을 열었습니다",
            "createdAt": when,
            "lastModifiedAt": when,
            "lifecycleState": "PUBLISHED",
        }

    def _comment(self, key: str) -> dict[str, Any]:
        comment = self.comments[key]
        when = int(comment.when.timestamp() * 1000)
        under = sum(each.under == key for each in self.comments.values())
        said: dict[str, Any] = {
            "actor": comment.actor,
            "commentUrn": urn(key),
            "created": {"actor": comment.actor, "time": when},
            "id": key,
            "lastModified": {"actor": comment.actor, "time": when},
            "likesSummary": {"aggregatedTotalLikes": 4, "totalLikes": 4},
            "message": {"attributes": [], "text": comment.text},
            "object": ACTIVITY,
        }
        if comment.under is not None:
            said["parentComment"] = urn(comment.under)
        elif under:
            said["commentsSummary"] = {"aggregatedTotalComments": under}
        return said | comment.extra


def _page(items: list[Any], asked: dict[str, str]) -> Answer:
    start, count = int(asked.get("start", 0)), int(asked.get("count", 10))
    paging = {"start": start, "count": count, "links": [], "total": len(items)}
    return _json({"elements": items[start : start + count], "paging": paging})


def _error(status: int, code: str, message: str) -> Answer:
    return _json({"status": status, "code": code, "message": message}, status)


def _json(said: Any, status: int = 200) -> Answer:
    body = json.dumps(said, ensure_ascii=False).encode()
    return Answer(body, status, {"Content-Type": "application/json"})
