"""A real HTTP server on loopback that speaks correctly, and misbehaves when a switch is set."""

import gzip
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

Headers = Mapping[str, str]


@dataclass
class Answer:
    """What the server says. `cut_to` sends only so many bytes of what it has announced.

    silent: it hangs up without a word.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut_to: int | None = None
    silent: bool = False


def gzip_bomb(size: int) -> Answer:
    """`size` bytes of nothing, packed a thousand times smaller."""
    return Answer(
        gzip.compress(b" " * size, 9),
        headers={"Content-Encoding": "gzip", "Content-Type": "text/html"},
    )


@dataclass
class Trouble:
    """How many of the next answers go wrong, and how."""

    busy: int = 0  # 429 with Retry-After
    retry_after: str = "0"
    broken: int = 0  # 500
    halved: int = 0  # half a body


class LocalServer:
    """Use as a context manager; `url` is where it listens, `asked` the paths it was asked for."""

    def __init__(self) -> None:
        self.trouble = Trouble()
        self.asked: list[str] = []
        self._lock = threading.Lock()

    def answer(self, path: str, headers: Headers) -> Answer:
        """What a GET is answered, under the server's lock."""
        raise NotImplementedError

    def take(self, method: str, path: str, headers: Headers, body: bytes) -> Answer:
        """What any other method is answered, under the server's lock."""
        return Answer(b"not allowed", 405)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                owner.serve(self)

            do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the names of HTTP

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        headers = dict(request.headers.items())
        sent = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        with self._lock:
            self.asked.append(request.path)
            given = self._troubled(request.command, request.path, headers, sent)
        if given.silent:
            request.close_connection = True
            return
        body = given.body
        request.send_response(given.status)
        for name, value in given.headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        try:
            request.wfile.write(body if given.cut_to is None else body[: given.cut_to])
        except ConnectionError:  # the other side had enough of it
            request.close_connection = True
        if given.cut_to is not None:
            request.close_connection = True

    def _troubled(self, method: str, path: str, headers: Headers, sent: bytes) -> Answer:
        trouble = self.trouble
        if path == "/robots.txt":
            return self.answer(path, headers)
        if trouble.busy:
            trouble.busy -= 1
            return Answer(b"slow down", 429, {"Retry-After": trouble.retry_after})
        if trouble.broken:
            trouble.broken -= 1
            return Answer(b"oops", 500)
        if method == "GET":
            given = self.answer(path, headers)
        else:
            given = self.take(method, path, headers, sent)
        if trouble.halved and given.body:
            trouble.halved -= 1
            given = replace(given, cut_to=len(given.body) // 2)
        return given
