"""A service that tells what happens on it: pages of a log, a stream of lines, and answers.

The log holds posts, edits and deletions by number. `/log` gives pages of it, `/stream` lines of
JSON as they come, `/answers` takes replies. It drops connections in the middle of a line, repeats
what it has said, forgets what is old, and refuses, when it is told to.
"""

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.server import Answer, Headers, LocalServer

TOKEN = "kaeul-haneul-7"  # what a client must show
BEGAN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@dataclass
class Behaviour:
    """How the stream misbehaves; each of these is for every connection from then on."""

    drop_after: int | None = None  # lines, after which half a line comes and the end
    repeats: int = 0  # lines of the past that a new connection begins with
    keeps: int | None = None  # entries of the log that are remembered
    down: bool = False  # 503 to everything
    stalls: bool = False  # no answer before this ends
    token: str = TOKEN
    answers_lost: int = 0  # answers that are posted and whose receipt never arrives
    answers_refused: int = 0  # answers that are refused for good


@dataclass
class Log:
    """What happened, numbered from 1."""

    entries: list[dict[str, Any]] = field(default_factory=list)

    def post(
        self, name: str, text: str, at: datetime | None = None, product: str | None = None
    ) -> None:
        self._add({"kind": "post", "id": name, "text": text, "product": product}, at)

    def delete(self, name: str) -> None:
        self._add({"kind": "delete", "id": name}, None)

    def standing(self) -> dict[str, str]:
        """The posts as they are now: id to text."""
        found: dict[str, str] = {}
        for entry in self.entries:
            if entry["kind"] == "post":
                found[entry["id"]] = entry["text"]
            else:
                found.pop(entry["id"], None)
        return found

    def _add(self, entry: dict[str, Any], at: datetime | None) -> None:
        number = len(self.entries) + 1
        when = at or BEGAN + timedelta(seconds=number)  # many, and none of them to come
        self.entries.append({"n": number, "at": when.isoformat(), **entry})


class StreamServer(LocalServer):
    """Use as a context manager; write to `log` at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.log = Log()
        self.behaviour = Behaviour()
        self.answers: list[dict[str, str]] = []
        self.connections = 0

    def answer(self, path: str, headers: Headers) -> Answer:
        while self.behaviour.stalls:
            time.sleep(0.02)
        parts = urlsplit(path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if (refused := self._refused(headers)) is not None:
            return refused
        if parts.path == "/answers":
            found = [each for each in self.answers if each["to"] == asked["to"]]
            return _json(found)
        entries = self._remembered()
        after = int(asked.get("after", 0))
        since, until = asked.get("since", ""), asked.get("until", "9999")
        page = [e for e in entries if e["n"] > after and since <= e["at"] < until][:50]
        return _json({"entries": page, "oldest": entries[0]["n"] if entries else 1})

    def take(self, method: str, path: str, headers: Headers, body: bytes) -> Answer:
        if (refused := self._refused(headers)) is not None:
            return refused
        said = json.loads(body)
        if self.behaviour.answers_refused:
            self.behaviour.answers_refused -= 1
            return _json({"reason": "the post is closed"}, 403)
        stands = {"id": f"a{len(self.answers) + 1}", **said}
        self.answers.append(stands)
        if self.behaviour.answers_lost:
            self.behaviour.answers_lost -= 1
            return _json({"reason": "oops"}, 500)
        return _json(stands, 201)

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        if parts.path != "/stream" or self._refused(dict(request.headers.items())) is not None:
            super().serve(request)
            return
        after = int(parse_qs(parts.query)["after"][0])
        self.connections += 1
        request.close_connection = True
        request.send_response(200)
        request.send_header("Content-Type", "application/x-ndjson")
        request.send_header("Connection", "close")
        request.end_headers()
        try:
            self._pour(request, max(0, after - self.behaviour.repeats))
        except OSError:  # the other side has gone
            return

    def _pour(self, request: BaseHTTPRequestHandler, after: int) -> None:
        said, told = 0, time.monotonic()
        while True:
            behaviour = self.behaviour
            if behaviour.down or self.ending:
                return
            for entry in [each for each in self._remembered() if each["n"] > after]:
                line = json.dumps(entry, ensure_ascii=False).encode() + b"\n"
                if behaviour.drop_after is not None and said >= behaviour.drop_after:
                    request.wfile.write(line[: len(line) // 2])
                    return
                request.wfile.write(line)
                after, said = entry["n"], said + 1
            if time.monotonic() - told > 0.2:
                request.wfile.write(b"\n")  # still here
                told = time.monotonic()
            request.wfile.flush()
            time.sleep(0.01)

    @property
    def ending(self) -> bool:
        return not self._thread.is_alive()

    def _remembered(self) -> list[dict[str, Any]]:
        entries = list(self.log.entries)
        return entries[-self.behaviour.keeps :] if self.behaviour.keeps else entries

    def _refused(self, headers: Headers) -> Answer | None:
        if self.behaviour.down:
            return Answer(b"down for maintenance", 503, {"Retry-After": "0"})
        if headers.get("Authorization") != f"Bearer {self.behaviour.token}":
            return Answer(b"who are you?", 401)
        return None


def _json(value: Any, status: int = 200) -> Answer:
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(body, status, {"Content-Type": "application/json"})
