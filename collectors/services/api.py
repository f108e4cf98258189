"""JSON over HTTP, as the interfaces of services speak it: bounded, patient and without redirects.

For services that have no well-kept client of their own. The base address is a setting of the
operator's, so it may stand in our own network; where an answer points to is never followed. What
fetches is imported when a service is opened, as every command reads the list of sources.
"""

import contextlib
import json
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlencode

from collectors.base import CollectorError
from collectors.services.patience import patiently

if TYPE_CHECKING:
    from community.fetch import Fetched

NOT_ASKED: Final = 0  # the status of what was refused before it went out, or was too large
_RESETS: Final = ("x-rate-limit-reset", "x-ratelimit-reset", "ratelimit-reset")
_EPOCH: Final = 1e9  # a reset larger than this is a moment, not a number of seconds


class ApiError(CollectorError):
    """A service did not do what was asked.

    `status` is None where no answer came, NOT_ASKED where none was wanted. `again_in`: seconds
    after which another try makes sense, None where it is not known. `body`: what the service said,
    parsed where it is JSON.
    """

    def __init__(
        self,
        message: str,
        status: int | None = None,
        again_in: float | None = None,
        body: Any = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.again_in = again_in
        self.body = body

    @property
    def may_pass(self) -> bool:
        """Whether another try may help: no answer, too many requests, or the service is broken."""
        return self.status is None or self.status == 429 or self.status >= 500

    @property
    def wait(self) -> timedelta | None:
        """`again_in` as a span of time."""
        return None if self.again_in is None else timedelta(seconds=self.again_in)


class Api:
    """One service. Use as a context manager.

    `headers` go with every request; `wait` is the pause before a second try, in seconds. `heard`
    is told the headers of every answer, names in lower case, for services that tell there how much
    of a limit is used up.
    """

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str] | None = None,
        *,
        wait: float = 1.0,
        seconds: float = 30.0,
        max_bytes: int = 20_000_000,
        heard: Callable[[Mapping[str, str]], None] | None = None,
    ) -> None:
        from community.fetch import Fetcher, FetchLimits

        limits = FetchLimits(
            max_bytes=max_bytes, seconds=seconds, redirects=0, allow_private_addresses=True
        )
        self._base = base_url.rstrip("/")
        self._headers = {"Accept": "application/json", **(headers or {})}
        self._wait = wait
        self._heard = heard
        self._fetcher = Fetcher(limits)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._fetcher.__exit__(kind, error, trace)

    def get(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """What the service says to a GET, parsed; up to three tries. Raises ApiError."""
        return patiently(lambda: _json(self.send("GET", path, params, headers)), self._wait)

    def post(
        self,
        path: str,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
    ) -> Any:
        """What the service says to a body of JSON, parsed; one try. Raises ApiError."""
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        kind = {"Content-Type": "application/json; charset=utf-8"}
        return _json(self.send(method, path, params, {**kind, **(headers or {})}, content))

    def send(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> "Fetched":
        """The answer to one request with a status below 300; raises ApiError for all others."""
        from community.fetch import FetchError

        url = self.address(path, params)
        try:
            answer = self._fetcher.send(method, url, {**self._headers, **(headers or {})}, content)
        except FetchError as error:
            said = str(error).replace(url, _bare(url))
            raise ApiError(said, None if error.may_pass else NOT_ASKED) from error
        if self._heard is not None:
            self._heard(answer.headers)
        if answer.status >= 300:
            raise _refused(method, url, answer)
        return answer

    def address(self, path: str, params: Mapping[str, Any] | None = None) -> str:
        """The address of `path` under the base; parameters that are None are left out."""
        given = {name: value for name, value in (params or {}).items() if value is not None}
        query = f"?{urlencode(given, doseq=True)}" if given else ""
        return f"{self._base}/{path.lstrip('/')}{query}"


def _json(answer: "Fetched") -> Any:
    if not answer.content.strip():
        return None
    try:
        return json.loads(answer.content)
    except ValueError as error:
        raise ApiError(f"{_bare(answer.url)} answers with something that is no JSON.") from error


def _refused(method: str, url: str, answer: "Fetched") -> ApiError:
    body: Any = answer.content[:2000].decode("utf-8", "replace")
    with contextlib.suppress(ValueError):  # else it is said as it stands
        body = json.loads(answer.content)
    return ApiError(
        f"{method} {_bare(url)} answers with the status {answer.status}.",
        answer.status,
        _again_in(answer.headers),
        body,
    )


def _bare(url: str) -> str:
    """An address without its parameters, which may hold a key."""
    return url.partition("?")[0]


def _again_in(headers: Mapping[str, str]) -> float | None:
    """Seconds until the service takes more, by Retry-After or the rate limit's reset."""
    from community.fetch import seconds_of

    waits = seconds_of(headers.get("retry-after", ""))
    if waits is not None:
        return waits
    for name in _RESETS:
        try:
            said = float(headers[name])
        except (KeyError, ValueError):
            continue
        return max(said - time.time(), 0.0) if said > _EPOCH else said
    return None
