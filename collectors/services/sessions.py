"""The HTTP session that is handed to official client libraries, and patience with what they say.

The libraries know the official address alone, wait for ever, follow redirects and read whatever
comes. Through this session they reach the address that is set, in bounded time and memory, and
nothing leads them elsewhere.
"""

import io
import time
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

import requests
import urllib3

from collectors.services import patience
from collectors.services.api import NOT_ASKED, ApiError
from collectors.services.patience import TRIES
from community.fetch import seconds_of

_RESETS: Final = ("x-rate-limit-reset", "x-ratelimit-reset", "ratelimit-reset")
_LARGEST: Final = 20_000_000  # bytes of one answer, unpacked
_PIECE: Final = 65_536
_EPOCH: Final = 1e9  # a reset larger than this is a moment, not a number of seconds
Got = TypeVar("Got")


class ServiceSession(requests.Session):
    """A session of requests for one service.

    `official`: the address that the library writes, `base_url`: where it is sent instead; it is
    put right before the request is signed. `status_said` and `headers_said` are those of the last
    answer. writes_once: a POST without a sound answer raises ApiError, which no library knows how
    to try again; it may have been carried out.
    """

    def __init__(
        self,
        official: str = "",
        base_url: str = "",
        seconds: float = 30.0,
        writes_once: bool = False,
    ) -> None:
        super().__init__()
        self._writes_once = writes_once
        self.headers_said: dict[str, str] = {}
        self.status_said: int | None = None
        self._official = official.rstrip("/")
        self._base = base_url.rstrip("/")
        self._seconds = seconds

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        address = str(url)
        if self._official and address.startswith(self._official):
            address = self._base + address[len(self._official) :]
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self._seconds
        kwargs["allow_redirects"] = False
        self.headers_said, self.status_said = {}, None
        once = self._writes_once and str(method).upper() == "POST"
        whole = not kwargs.get("stream")
        kwargs["stream"] = True
        try:
            answer = super().request(method, address, *args, **kwargs)
            if whole:
                _read(answer)
        except requests.RequestException as error:
            if once:
                raise ApiError(f"No answer came ({type(error).__name__}).") from error
            raise
        self.status_said = answer.status_code
        self.headers_said = {name.lower(): value for name, value in answer.headers.items()}
        if once and answer.status_code >= 500:
            raise ApiError(f"The answer has the status {answer.status_code}.", answer.status_code)
        return answer


def _read(answer: requests.Response) -> None:
    """Read an answer to its end, as requests would, but no further than the bound."""
    parts: list[bytes] = []
    size = 0
    try:
        while part := answer.raw.read(_PIECE, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > _LARGEST:
                raise ApiError(f"The answer is larger than {_LARGEST:,} bytes.", NOT_ASKED)
    except urllib3.exceptions.HTTPError as error:
        raise requests.exceptions.ChunkedEncodingError(error) from error
    finally:
        answer.raw.close()
    answer.raw = io.BytesIO(b"".join(parts))
    _ = answer.content  # kept by requests from here on


def bounded_transport(most: int = _LARGEST) -> Any:
    """The same bound for clients that are built on httpx; answers may not be packed."""
    import httpx

    class _Counted(httpx.SyncByteStream):
        def __init__(self, stream: Any) -> None:
            self._stream = stream

        def __iter__(self) -> Iterator[bytes]:
            size = 0
            for part in self._stream:
                size += len(part)
                if size > most:
                    raise ApiError(f"The answer is larger than {most:,} bytes.", NOT_ASKED)
                yield part

        def close(self) -> None:
            self._stream.close()

    class _Bounded(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            request.headers["Accept-Encoding"] = "identity"
            answer = super().handle_request(request)
            packing = answer.headers.get("Content-Encoding", "identity")
            if packing != "identity" or answer.is_redirect:
                answer.close()
                what = "a redirect" if answer.is_redirect else f"an answer packed by {packing}"
                raise ApiError(f"{what.capitalize()} came, which is not taken.", NOT_ASKED)
            answer.stream = _Counted(answer.stream)
            return answer

    return _Bounded()


def again_in(headers: dict[str, str]) -> float | None:
    """Seconds until a service takes more, by Retry-After or its rate limit's reset.

    A reset may be seconds, a moment since 1970, or (Mastodon) a moment in ISO 8601.
    """
    waits = seconds_of(headers.get("retry-after", ""))
    if waits is not None:
        return waits
    for name in _RESETS:
        said = headers.get(name, "")
        try:
            number = float(said)
        except ValueError:
            from datetime import datetime

            try:
                number = datetime.fromisoformat(said).timestamp()
            except ValueError:
                continue
        return max(number - time.time(), 0.0) if number > _EPOCH else number
    return None


def patiently(
    call: Callable[[], Got],
    explain: Callable[[Exception], ApiError | None],
    wait: float,
    tries: int = TRIES,
) -> Got:
    """What `call` gives, tried up to `tries` times; a service that asks for patience gets it.

    `explain` says what an exception of the library means, None for what is no answer of the
    service. Waits longer than a minute are left for the next run. Raises ApiError.
    """

    def explained() -> Got:
        try:
            return call()
        except ApiError:
            raise
        except Exception as error:
            meant = explain(error)
            if meant is None:
                raise
            raise meant from error

    return patience.patiently(explained, wait, tries)
