"""Meta's Graph API, as Facebook pages and Instagram accounts are read with it.

Meta's own SDK for Python is made for ads, keeps its address as a constant of a class and its token
as a default of the process, so that neither a test nor a gateway can stand in its place: JSON over
`collectors.services.api` it is. The token goes in a header, where no log of addresses shows it.
"""

import contextlib
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qsl, urlsplit

from collectors.base import CollectorError, ReplyLater, ReplyRefused
from collectors.services.api import Api, ApiError
from collectors.services.receipts import not_sent
from collectors.services.wire import objects, part, text, whole

GONE: Final = 100  # the code of "does not exist, or may not be seen"
_TOKEN: Final = 190
_LIMITS: Final = frozenset({4, 17, 32, 613, *range(80000, 80015)})
_RIGHTS: Final = frozenset({3, 10, *range(200, 300)})
_PASSING: Final = frozenset({1, 2})
_FULL: Final = 95  # percent of a limit, beyond which nothing more is asked
_SECRETS: Final = frozenset({"access_token", "appsecret_proof"})


class TokenRefused(CollectorError):  # noqa: N818 - an answer of the service, not a mistake
    """The token does not hold, or gives no right to this."""


class Graph:
    """The Graph API with one token, for the source of the section `section`."""

    def __init__(
        self,
        section: str,
        base_url: str,
        version: str,
        token: str,
        app_secret: str,
        *,
        wait: float,
        seconds: float,
    ) -> None:
        self._section = section
        self._version = version
        self._proof: dict[str, str] = {}
        if app_secret:
            digest = hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
            self._proof = {"appsecret_proof": digest}
        self._used = 0  # percent of the limit that is nearest
        self._again_in: float | None = None
        headers = {"Authorization": f"Bearer {token}"}
        self._api = Api(base_url, headers, wait=wait, seconds=seconds, heard=self._heard)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._api.__exit__(kind, error, trace)

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """What the API says of `path`.

        Raises TokenRefused, and ApiError for all else: with the status 429 when a limit is used up.
        """
        self._spare()
        try:
            return self._api.get(f"/{self._version}/{path}", {**(params or {}), **self._proof})
        except ApiError as error:
            raise self._understood(error) from error

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """What the API says to `body`; one try. Raises as `get` does."""
        self._spare()
        try:
            return self._api.post(f"/{self._version}/{path}", body, self._proof)
        except ApiError as error:
            raise self._understood(error) from error

    def pages(self, path: str, params: Mapping[str, Any]) -> Iterator[list[dict[str, Any]]]:
        """The pages of an edge, as its own cursors lead from one to the next.

        Of the address of the next page only the parameters are taken, never the host.
        """
        asked = dict(params)
        while True:
            said = self.get(path, asked)
            yield objects(said, "data")
            following = text(part(said, "paging").get("next"))
            if not following:
                return
            given = dict(parse_qsl(urlsplit(following).query))
            asked |= {name: value for name, value in given.items() if name not in _SECRETS}

    def _spare(self) -> None:
        if self._used >= _FULL:
            raise ApiError(
                f"{self._used} percent of what Meta allows this app is used up.",
                429,
                self._again_in,
            )

    def _heard(self, headers: Mapping[str, str]) -> None:
        """Notes how much of the limits is used up, as two headers tell in JSON."""
        used: list[int] = []
        waits: list[float] = []
        for name in ("x-app-usage", "x-business-use-case-usage"):
            with contextlib.suppress(ValueError):  # without sense it says nothing
                for each in _usages(json.loads(headers.get(name, "null"))):
                    counts = ("call_count", "total_time", "total_cputime")
                    used += [whole(each.get(count)) or 0 for count in counts]
                    waits.append(60.0 * (whole(each.get("estimated_time_to_regain_access")) or 0))
        self._used = max(used, default=0)
        self._again_in = max(waits, default=0) or None

    def _understood(self, error: ApiError) -> CollectorError:
        said = part(error.body, "error")
        code = whole(said.get("code"))
        message = f"{text(said.get('message')) or error} (code {code})"
        if code == _TOKEN:
            return TokenRefused(
                f"Meta refuses the token: {message} Get a new access_token for the section "
                f"[{self._section}]."
            )
        if code in _RIGHTS:
            return TokenRefused(
                f"Meta gives the token no right to this: {message} Give its app the permissions "
                f"that docs/sources.md names, then renew access_token in [{self._section}]."
            )
        if code in _LIMITS:
            return ApiError(f"Meta's limit is reached: {message}", 429, self._again_in, error.body)
        if code in _PASSING:
            return ApiError(f"Meta: {message}", 503, error.again_in, error.body)
        if code is None:
            return error
        return ApiError(f"Meta: {message}", error.status, error.again_in, error.body)


def refusal(error: CollectorError, channel: str) -> ReplyLater | ReplyRefused:
    """What an error of `Graph` means for an answer: a token can be renewed."""
    return not_sent(error, channel) if isinstance(error, ApiError) else ReplyLater(str(error))


def _usages(said: Any) -> Iterator[dict[str, Any]]:
    """The objects that hold the counts, however deep: one for the app, one a business."""
    if isinstance(said, list):
        for each in said:
            yield from _usages(each)
    elif isinstance(said, dict) and "call_count" in said:
        yield said
    elif isinstance(said, dict):
        yield from _usages(list(said.values()))
