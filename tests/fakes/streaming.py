"""A local server that keeps answers open and adds to them: lines of JSON, server-sent events."""

import queue
from http.server import BaseHTTPRequestHandler
from types import TracebackType

from tests.fakes.server import Answer, Headers, LocalServer


class StreamingServer(LocalServer):
    """`say` reaches all who listen now, `hang_up` ends their answers; `listening` counts them."""

    content_type = "application/json"

    def __init__(self) -> None:
        super().__init__()
        self._open: list[queue.Queue[bytes | None]] = []

    def admits(self, path: str, headers: Headers) -> Answer | None:
        """Whether a request is for a stream: None for no stream; status 200 opens it."""
        raise NotImplementedError

    def greet(self) -> bytes:
        """What a stream says first."""
        return b""

    def say(self, line: bytes) -> None:
        with self._lock:
            for listener in self._open:
                listener.put(line)

    def hang_up(self) -> None:
        with self._lock:
            for listener in self._open:
                listener.put(None)
            self._open.clear()

    @property
    def listening(self) -> int:
        with self._lock:
            return len(self._open)

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        headers = dict(request.headers.items())
        asked = self.admits(request.path, headers)
        if asked is None or asked.status != 200:
            super().serve(request)
            return
        listener: queue.Queue[bytes | None] = queue.Queue()
        if greeting := self.greet():
            listener.put(greeting)
        with self._lock:
            self.asked.append(request.path)
            self._open.append(listener)
        request.send_response(200)
        request.send_header("Content-Type", self.content_type)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        request.wfile.flush()
        try:
            while (line := listener.get()) is not None:
                request.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
                request.wfile.flush()
            request.wfile.write(b"0\r\n\r\n")
        except ConnectionError:  # the other side has gone
            with self._lock:
                if listener in self._open:
                    self._open.remove(listener)
        request.close_connection = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.hang_up()
        super().__exit__(kind, error, trace)
