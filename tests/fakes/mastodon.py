"""A Mastodon instance as its documentation gives it: timelines, search, streams, replies."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.fakes.server import Answer, Headers
from tests.fakes.streaming import StreamingServer


def id_at(moment: datetime, sequence: int = 0) -> str:
    """The number that an instance gives a post written at `moment`."""
    return str((int(moment.timestamp() * 1000) << 16) + sequence)


@dataclass
class Post:
    """A post; `html` is its content as instances write it."""

    html: str
    at: datetime
    tags: tuple[str, ...] = ("해담",)
    acct: str = "minji@mastodon.example"
    sequence: int = 0
    visibility: str = "public"
    warning: str = ""
    parent: str | None = None
    edited_at: datetime | None = None
    noindex: bool = False
    gone: bool = False
    odd: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return id_at(self.at, self.sequence)

    def json(self) -> dict[str, Any]:
        user = self.acct.split("@")[0]
        return {
            "id": self.id,
            "created_at": _stamp(self.at),
            "edited_at": None if self.edited_at is None else _stamp(self.edited_at),
            "in_reply_to_id": self.parent,
            "in_reply_to_account_id": None,
            "sensitive": bool(self.warning),
            "spoiler_text": self.warning,
            "visibility": self.visibility,
            "language": "ko",
            "uri": f"https://mastodon.example/users/{user}/statuses/{self.id}",
            "url": f"https://mastodon.example/@{user}/{self.id}",
            "replies_count": 1,
            "reblogs_count": 2,
            "favourites_count": 7,
            "content": self.html,
            "reblog": None,
            "account": {
                "id": "12" if user == "haedam" else "34",
                "username": user,
                "acct": self.acct,
                "display_name": "김민지",
                "url": f"https://mastodon.example/@{user}",
                "uri": f"https://mastodon.example/users/{user}",
                "followers_count": 88,
                "bot": False,
                "noindex": self.noindex,
            },
            "media_attachments": [],
            "mentions": [],
            "tags": [{"name": tag, "url": f"https://m.example/tags/{tag}"} for tag in self.tags],
            "emojis": [],
        } | dict(self.odd)


class MastodonServer(StreamingServer):
    """Posts in `posts`; `page` to a page."""

    content_type = "text/event-stream"

    def __init__(self) -> None:
        super().__init__()
        self.posts: list[Post] = []
        self.page = 40
        self.refuses: Answer | None = None
        self.closed = False  # needs a token for all
        self.keys: dict[str, Post] = {}
        self.loses_answer = False

    def admits(self, path: str, headers: Headers) -> Answer | None:
        if not path.startswith("/api/v1/streaming/"):
            return None
        return self.refuses or Answer(status=200)

    def greet(self) -> bytes:
        return b":)\n"

    def event(self, name: str, data: str) -> None:
        """Tell all who listen."""
        self.say(f"event: {name}\ndata: {data}\n\n".encode())

    def update(self, post: Post, name: str = "update") -> None:
        self.event(name, json.dumps(post.json(), ensure_ascii=False))

    def answer(self, path: str, headers: Headers) -> Answer:
        if path.startswith("/api/v2/instance"):
            return _said(
                {"domain": "mastodon.example", "version": "4.5.2", "api_versions": {"mastodon": 7}}
            )
        if path.startswith("/api/v1/instance"):
            return _said({"uri": "mastodon.example", "version": "4.5.2", "urls": {}})
        if self.refuses is not None:
            return self.refuses
        if self.closed and headers.get("Authorization") != "Bearer good":
            return _error(401, "The access token is invalid")
        parts = urlsplit(path)
        asked, steps = parse_qs(parts.query), unquote(parts.path).split("/")[3:]
        there = [post for post in self.posts if not post.gone]
        if steps[0] == "timelines" and steps[1] == "tag":
            return self._listed([post for post in there if steps[2] in post.tags], asked)
        if steps[0] == "timelines":
            return self._listed([post for post in there if "@" not in post.acct], asked)
        if steps[0] == "search":
            found = [post for post in there if asked["q"][0] in post.html]
            listed = json.loads(self._listed(found, asked).body)
            return _said({"accounts": [], "statuses": listed, "hashtags": []})
        if steps[:2] == ["accounts", "verify_credentials"]:
            return _said({"id": "12", "username": "haedam", "acct": "haedam"})
        if steps == ["statuses"]:
            ids = asked.get("id[]", [])
            return _said([post.json() for post in there if post.id in ids])
        return self._one(steps[1], steps[2:], there)

    def _one(self, number: str, rest: list[str], there: list[Post]) -> Answer:
        found = [post for post in there if post.id == number]
        if not found:
            return _error(404, "Record not found")
        if rest == ["context"]:
            below = [post.json() for post in there if post.parent == number]
            return _said({"ancestors": [], "descendants": below})
        return _said(found[0].json())

    def take(self, method: str, path: str, headers: Headers, body: bytes) -> Answer:
        if self.refuses is not None:
            return self.refuses
        if headers.get("Authorization") != "Bearer good":
            return _error(401, "The access token is invalid")
        said = _form(headers, body)
        if len(said["status"]) > 500:
            return _error(422, "Validation failed: Text character limit of 500 exceeded")
        key = headers["Idempotency-Key"]
        if key not in self.keys:
            html = f"<p>{said['status']}</p>"
            post = Post(html, datetime.now(UTC), (), "haedam", visibility=said["visibility"],
                        parent=said["in_reply_to_id"])  # fmt: skip
            self.keys[key] = post
            self.posts.append(post)
        if self.loses_answer:
            self.loses_answer = False
            return Answer(b"", 503)
        return _said(self.keys[key].json())

    def _listed(self, posts: list[Post], asked: Mapping[str, list[str]]) -> Answer:
        below = int(asked.get("max_id", [str(2**80)])[0])
        found = sorted((p for p in posts if int(p.id) < below), key=lambda p: -int(p.id))
        page = found[: min(self.page, int(asked.get("limit", ["20"])[0]))]
        headers = {}
        if len(found) > len(page):
            headers["Link"] = f'<{self.url}/next?max_id={page[-1].id}>; rel="next"'
        return _said([post.json() for post in page], headers)


def _form(headers: Headers, body: bytes) -> dict[str, str]:
    kind = headers.get("Content-Type", "")
    if kind.startswith("multipart/"):
        parsed = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
        return {
            str(part.get_param("name", header="content-disposition")): str(
                part.get_payload(decode=True), "utf-8"  # type: ignore[arg-type]
            )
            for part in parsed.walk()
            if not part.is_multipart()
        }  # fmt: skip
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _said(said: Any, more: Mapping[str, str] | None = None, status: int = 200) -> Answer:
    reset = (datetime.now(UTC) + timedelta(minutes=5)).isoformat(timespec="microseconds")
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "X-RateLimit-Limit": "300",
        "X-RateLimit-Remaining": "299",
        "X-RateLimit-Reset": reset.replace("+00:00", "Z"),
    }
    body = json.dumps(said, ensure_ascii=False).encode()
    return Answer(body, status, headers | dict(more or {}))


def _error(status: int, error: str) -> Answer:
    return _said({"error": error}, status=status)
