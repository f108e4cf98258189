"""Meta's Graph API as its documentation gives it: edges, cursors, error codes and usage headers.

One server for a Facebook page and an Instagram account.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.fakes.server import Answer, Headers, LocalServer

PAGE, ACCOUNT = "100200", "17841400"
TOKEN, APP_SECRET = "EAAlocal", "app-s3cret"


@dataclass
class Said:
    """A post or a comment. `under` is the comment or post it stands under."""

    text: str
    when: datetime
    author: str = "555"
    name: str = "김고객"
    under: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)


class GraphServer(LocalServer):
    """`server.posts[edge]` are the posts on an edge, `server.comments[id]` all comments."""

    def __init__(self) -> None:
        super().__init__()
        self.posts: dict[str, dict[str, Said]] = {"feed": {}, "tagged": {}, "media": {}, "tags": {}}
        self.comments: dict[str, Said] = {}
        self.error: tuple[int, int, str] | None = None  # status, code, message of every answer
        self.hidden: set[str] = set()  # posts whose comments may not be read
        self.broken: set[str] = set()  # posts whose comments cannot be read now
        self.usage = 10
        self.page = 100
        self.written = 0
        self.lose_next = False

    def answer(self, path: str, headers: Headers) -> Answer:
        parts = urlsplit(path)
        asked = {name: each[0] for name, each in parse_qs(parts.query).items()}
        if refused := self._refused(headers, asked):
            return refused
        _, version, key, *edge = parts.path.split("/")
        assert version == "v24.0"
        if not edge:
            return self._one(key)
        if edge[0] in self.posts:
            return self._list(parts.path, asked, self.posts[edge[0]].items(), edge[0])
        if key in self.broken:
            return _error(500, 2, "An unexpected error has occurred. Please retry later.")
        if key in self.hidden:
            return _error(400, 100, "Unsupported get request. Object does not exist.", 33)
        nested = asked.get("filter") == "stream"
        found = [
            (each, comment)
            for each, comment in self.comments.items()
            if comment.under == key or (nested and self._top(comment.under) == key)
        ]
        return self._list(parts.path, asked, found, edge[0])

    def take(self, method: str, path: str, headers: Headers, body: bytes) -> Answer:
        parts = urlsplit(path)
        asked = {name: each[0] for name, each in parse_qs(parts.query).items()}
        if refused := self._refused(headers, asked):
            return refused
        _, _, key, edge = parts.path.split("/")
        instagram = edge == "replies"
        known = key in self.comments or any(key in posts for posts in self.posts.values())
        if not known:
            return _error(400, 100, "Unsupported post request. Object does not exist.", 33)
        self.written += 1
        made = f"{key.partition('_')[0]}_own{self.written}"
        own = ACCOUNT if instagram else PAGE
        message = json.loads(body)["message"]
        self.comments[made] = Said(message, datetime.now(UTC), own, "마당", key)
        if self.lose_next:
            self.lose_next = False
            return _error(500, 2, "An unexpected error has occurred. Please retry later.")
        return self._json({"id": made})

    def _refused(self, headers: Headers, asked: dict[str, str]) -> Answer | None:
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            said = "Error validating access token: Session has expired."
            return _error(400, 190, said, 463)
        proof = hmac.new(APP_SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
        if asked.get("appsecret_proof") != proof:
            return _error(400, 100, "Invalid appsecret_proof provided in the API argument")
        if self.error is not None:
            return _error(*self.error)
        return None

    def _top(self, key: str | None) -> str | None:
        while key in self.comments:
            key = self.comments[key].under
        return key

    def _one(self, key: str) -> Answer:
        if key not in self.comments:
            return _error(400, 100, f"Object with ID '{key}' does not exist", 33)
        above = self.comments[key].under
        said: dict[str, Any] = {"id": key}
        if above in self.comments:
            said |= {"parent": {"id": above}, "parent_id": above}
        return self._json(said)

    def _list(
        self, path: str, asked: dict[str, str], found: Iterable[tuple[str, Said]], edge: str
    ) -> Answer:
        newest = sorted(found, key=lambda each: each[1].when, reverse=True)
        size = min(int(asked.get("limit", 25)), self.page)
        start = int(asked.get("after", "c0")[1:])
        stream = "comments.filter(stream)" in asked.get("fields", "")
        items = [
            self._object(key, said, edge, stream) for key, said in newest[start : start + size]
        ]
        paging: dict[str, Any] = {"cursors": {"before": f"c{start}", "after": f"c{start + size}"}}
        if start + size < len(newest):
            given = {**asked, "access_token": TOKEN, "after": f"c{start + size}"}
            # Elsewhere on purpose: the host of an answer is not to be followed.
            paging["next"] = f"http://169.254.169.254{path}?{urlencode(given)}"
        return self._json({"data": items, "paging": paging})

    def _object(self, key: str, said: Said, edge: str, stream: bool = False) -> dict[str, Any]:
        """A post or comment; `stream`: its number of comments counts the answers to them."""
        nested = stream or edge == "media"
        count = sum(
            (self._top(each.under) if nested else each.under) == key
            for each in self.comments.values()
        )
        when = said.when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
        if edge in ("media", "tags"):
            link = f"https://www.instagram.com/p/{key}/"
            about: dict[str, Any] = {"caption": said.text, "timestamp": when, "permalink": link}
            about |= {"username": said.name, "comments_count": count}
        elif self._top(said.under) in self.posts["media"]:
            about = {"text": said.text, "timestamp": when, "username": said.name, "like_count": 1}
            about["from"] = {"id": said.author, "username": said.name}
            under = [(k, c) for k, c in self.comments.items() if c.under == key]
            if under:
                data = [self._object(k, c, "replies") for k, c in under[:50]]
                about["replies"] = {"data": data}
                if len(under) > 50:
                    about["replies"]["paging"] = {"next": "http://169.254.169.254/next"}
            if edge == "replies":
                about["parent_id"] = said.under
        else:
            about = {"message": said.text, "created_time": when}
            about["permalink_url"] = f"https://www.facebook.com/{key}"
            about["from"] = {"id": said.author, "name": said.name}
            if said.under is None:
                about["comments"] = {"data": [], "summary": {"total_count": count}}
            else:
                about |= {"like_count": 2, "comment_count": count}
                if said.under in self.comments:
                    about["parent"] = {"id": said.under}
        return {"id": key} | about | said.extra

    def _json(self, said: Any) -> Answer:
        usage = {"call_count": self.usage, "total_time": 5, "total_cputime": 3}
        business = {PAGE: [{"type": "pages", **usage, "estimated_time_to_regain_access": 12}]}
        return Answer(
            json.dumps(said, ensure_ascii=False).encode(),
            headers={
                "Content-Type": "application/json; charset=UTF-8",
                "X-App-Usage": json.dumps(usage),
                "X-Business-Use-Case-Usage": json.dumps(business),
            },
        )


def _error(status: int, code: int, message: str, subcode: int | None = None) -> Answer:
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AbC"}
    error |= {"error_subcode": subcode} if subcode else {}
    body = json.dumps({"error": error}, ensure_ascii=False).encode()
    return Answer(body, status, {"Content-Type": "application/json; charset=UTF-8"})
