"""httplib2, which Google's client speaks through, made safe for what must not be sent twice.

When a server hangs up without a word, httplib2 sends the request again, a POST as well: an answer
to a customer that had arrived would stand there twice. Here such a request fails, and the next try
looks first for what arrived.
"""

import http.client
from typing import Any

import httplib2


class _Once:
    """A connection that sends nothing but questions again before an answer has come."""

    _unanswered = False

    def request(self, method: str, url: str, *rest: Any, **more: Any) -> None:
        if self._unanswered and method != "GET":
            raise http.client.CannotSendRequest("It was sent, and no answer came.")
        self._unanswered = True
        super().request(method, url, *rest, **more)  # type: ignore[misc]

    def getresponse(self) -> Any:
        response = super().getresponse()  # type: ignore[misc]
        self._unanswered = False
        return response


class _OnceHttp(_Once, httplib2.HTTPConnectionWithTimeout):  # type: ignore[misc]
    pass


class _OnceHttps(_Once, httplib2.HTTPSConnectionWithTimeout):  # type: ignore[misc]
    pass


class CarefulHttp(httplib2.Http):  # type: ignore[misc]
    """Follows no redirects, unpacks no more than `most` bytes, and sends no order twice."""

    def __init__(self, seconds: float, most: int = 20_000_000) -> None:
        super().__init__(timeout=seconds, decode_limit_hard=most)
        self.follow_redirects = False

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: Any = None,
        headers: Any = None,
        redirections: int = 0,
        connection_type: Any = None,
    ) -> Any:
        kind = connection_type or (_OnceHttps if uri.startswith("https:") else _OnceHttp)
        try:
            return super().request(uri, method, body, headers, redirections, kind)
        except Exception:
            self.close()  # half an answer may still stand in the connection
            raise
