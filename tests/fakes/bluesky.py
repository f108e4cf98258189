"""Bluesky as its lexicons give it: a server of accounts that searches, and a Jetstream."""

import base64
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from tests.fakes.server import Answer, Headers, LocalServer

COLLECTION = "app.bsky.feed.post"
ME = "did:plc:haedamcare"


@dataclass
class Post:
    """A post of an account; `indexed` where the clocks of service and author differ."""

    text: str
    at: datetime
    key: str
    did: str = "did:plc:minji"
    handle: str = "minji.bsky.social"
    name: str = "김민지"
    langs: tuple[str, ...] = ("ko",)
    indexed: datetime | None = None
    gone: bool = False
    record: Mapping[str, Any] = field(default_factory=dict)

    @property
    def uri(self) -> str:
        return f"at://{self.did}/{COLLECTION}/{self.key}"

    @property
    def sort_at(self) -> datetime:
        return min(self.at, self.indexed or self.at)

    def stored(self) -> dict[str, Any]:
        return {
            "$type": COLLECTION,
            "text": self.text,
            "createdAt": stamp(self.at),
            "langs": list(self.langs),
        } | dict(self.record)

    def view(self) -> dict[str, Any]:
        return {
            "uri": self.uri,
            "cid": f"bafyrei{self.key}",
            "author": {"did": self.did, "handle": self.handle, "displayName": self.name},
            "record": self.stored(),
            "replyCount": 1,
            "repostCount": 2,
            "likeCount": 5,
            "quoteCount": 0,
            "indexedAt": stamp(self.indexed or self.at),
        }


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class BlueskyServer(LocalServer):
    """XRPC of an account's server; `jetstream` is what it streams."""

    def __init__(self) -> None:
        super().__init__()
        self.posts: list[Post] = []
        self.page = 100
        self.offers_more = False  # a next page even where there is none
        self.password = "abcd-efgh"
        self.refuses: Answer | None = None
        self.records: dict[str, dict[str, Any]] = {}
        self.loses_answer = False
        self.jetstream = Jetstream()

    def __enter__(self) -> Self:
        self.jetstream.start()
        return super().__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.jetstream.stop()
        super().__exit__(kind, error, trace)

    def answer(self, path: str, headers: Headers) -> Answer:
        if self.refuses is not None:
            return self.refuses
        parts = urlsplit(path)
        name, asked = parts.path.removeprefix("/xrpc/"), parse_qs(parts.query)
        if not (headers.get("authorization") or headers.get("Authorization") or ""):
            return _error(401, "AuthMissing", "Authentication Required")
        if name == "app.bsky.feed.searchPosts":
            return self._search({key: values[0] for key, values in asked.items()})
        if name == "app.bsky.feed.getPosts":
            found = {post.uri: post for post in self.posts if not post.gone}
            return _said({"posts": [found[uri].view() for uri in asked["uris"] if uri in found]})
        if name == "com.atproto.repo.getRecord":
            return self._record(asked["rkey"][0])
        return _error(501, "MethodNotImplemented", name)

    def take(self, method: str, path: str, headers: Headers, body: bytes) -> Answer:
        if self.refuses is not None:
            return self.refuses
        name, said = path.removeprefix("/xrpc/"), json.loads(body)
        if name == "com.atproto.server.createSession":
            if said["password"] != self.password:
                return _error(401, "AuthenticationRequired", "Invalid identifier or password")
            return _said(
                {"accessJwt": _jwt(), "refreshJwt": _jwt(), "handle": said["identifier"], "did": ME}
            )
        if name == "com.atproto.repo.createRecord":
            return self._create(said)
        return _error(501, "MethodNotImplemented", name)

    def _search(self, asked: Mapping[str, str]) -> Answer:
        words = [word for word in asked["q"].split() if ":" not in word]
        since = datetime.fromisoformat(asked["since"])
        until = datetime.fromisoformat(asked["until"]) if "until" in asked else None
        found = sorted(
            (
                post
                for post in self.posts
                if not post.gone
                and all(word in post.text for word in words)
                and since <= post.sort_at
                and (until is None or post.sort_at < until)
            ),
            key=lambda post: post.sort_at,
            reverse=True,
        )
        page = found[: min(self.page, int(asked["limit"]))]
        said: dict[str, Any] = {"posts": [post.view() for post in page], "hitsTotal": len(found)}
        more = len(found) > len(page) or self.offers_more
        return _said(said | ({"cursor": str(len(page))} if more else {}))

    def _record(self, key: str) -> Answer:
        if key not in self.records:
            return _error(400, "RecordNotFound", f"Could not locate record: {key}")
        uri = f"at://{ME}/{COLLECTION}/{key}"
        return _said({"uri": uri, "cid": "bafyreime", "value": self.records[key]})

    def _create(self, said: dict[str, Any]) -> Answer:
        if len(said["record"]["text"]) > 300:
            return _error(400, "InvalidRequest", "text must not be longer than 300 graphemes")
        if said["rkey"] in self.records:
            return _error(500, "InternalServerError", "There is already a value at key")
        self.records[said["rkey"]] = said["record"]
        if self.loses_answer:
            self.loses_answer = False
            return Answer(b"", 503)
        return _said({"uri": f"at://{ME}/{COLLECTION}/{said['rkey']}", "cid": "bafyreime"})


class Jetstream:
    """Plays back its events from a cursor on, and then what comes."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.asked: list[dict[str, list[str]]] = []
        self._news = threading.Condition()
        self._open: set[ServerConnection] = set()
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/subscribe"

    def start(self) -> None:
        self._server = serve(self._talk, "127.0.0.1", 0)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def stop(self) -> None:
        assert self._server is not None
        assert self._thread is not None
        self.hang_up()
        self._server.shutdown()
        self._thread.join()

    def hang_up(self) -> None:
        with self._news:
            leaving, self._open = self._open, set()
            self._news.notify_all()
        for connection in leaving:
            connection.close()

    def say(self, post: Post, operation: str = "create") -> None:
        """An event about a post: create, update or delete."""
        commit: dict[str, Any] = {
            "rev": "3l3qo2vutsw2b",
            "operation": operation,
            "collection": COLLECTION,
            "rkey": post.key,
        }
        if operation != "delete":
            commit |= {"record": post.stored(), "cid": f"bafyrei{post.key}"}
        self.tell({"did": post.did, "kind": "commit", "commit": commit})

    def tell(self, event: dict[str, Any]) -> None:
        with self._news:
            self.events.append({**event, "time_us": int(time.time() * 1_000_000)})
            self._news.notify_all()

    def _talk(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        asked = parse_qs(urlsplit(connection.request.path).query)
        cursor = int(asked.get("cursor", [str(int(time.time() * 1_000_000))])[0])
        with self._news:
            self.asked.append(asked)
            self._open.add(connection)
        sent = 0
        try:
            while True:
                with self._news:
                    while connection in self._open and sent == len(self.events):
                        self._news.wait(0.1)
                    if connection not in self._open:
                        return
                    events, sent = self.events[sent:], len(self.events)
                for event in events:
                    if event["time_us"] >= cursor:
                        connection.send(json.dumps(event, ensure_ascii=False))
        except ConnectionClosed:  # the other side has gone
            with self._news:
                self._open.discard(connection)


def _jwt() -> str:
    said = {"scope": "com.atproto.access", "sub": ME, "exp": int(time.time()) + 7200}
    parts = (json.dumps(part).encode() for part in ({"typ": "at+jwt", "alg": "ES256K"}, said))
    head = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    return f"{head}.c2lnbmF0dXJl"


def _said(said: Mapping[str, Any], status: int = 200) -> Answer:
    headers = {"Content-Type": "application/json; charset=utf-8", "ratelimit-remaining": "2999"}
    return Answer(json.dumps(said, ensure_ascii=False).encode(), status, headers)


def _error(status: int, error: str, message: str) -> Answer:
    return _said({"error": error, "message": message}, status)
