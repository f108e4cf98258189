"""Google's own client, as YouTube and Google Play are read with it: patient and without redirects.

The descriptions of the services ship with the client, so opening one asks nobody. The client is
imported when a service is opened.
"""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from collectors.base import CollectorError
from collectors.services.api import NOT_ASKED, ApiError
from collectors.services.patience import patiently
from collectors.services.wire import part

_TOO_FAST: Final = ("rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED")
_NO_QUOTA: Final = ("quotaExceeded", "dailyLimitExceeded")


class QuotaUsedUp(ApiError):  # noqa: N818 - a state of the account, not a mistake
    """The day's quota is used up. `again_in`: it begins anew at midnight in California."""


@contextmanager
def opened(
    service: str,
    version: str,
    *,
    base_url: str,
    seconds: float,
    key: str | None = None,
    credentials: Any = None,
) -> Iterator[Any]:
    """One of Google's services at `base_url`, by an API key or by credentials of google-auth."""
    import google_auth_httplib2
    from googleapiclient.discovery import build

    from collectors.services.google_http import CarefulHttp

    plain = CarefulHttp(seconds)
    authorized: Any = plain
    if credentials is not None:
        authorized = google_auth_httplib2.AuthorizedHttp(credentials, http=plain)
    try:
        yield build(
            service,
            version,
            http=authorized,
            developerKey=key,
            client_options={"api_endpoint": base_url.rstrip("/") + "/"},
            static_discovery=True,
            cache_discovery=False,
        )
    finally:
        plain.close()


def asked(request: Any, wait: float) -> Any:
    """What a service says to a request that may be repeated; up to three tries. Raises ApiError.

    `wait` is the pause before a second try, in seconds. Raises CollectorError when the
    credentials are refused where tokens are given out.
    """
    return patiently(lambda: told(request), wait)


def told(request: Any) -> Any:
    """What a service says to a request; one try. Raises as `asked` does."""
    import google.auth.exceptions
    import httplib2.decode
    from googleapiclient.errors import HttpError

    try:
        return request.execute()
    except HttpError as error:
        raise _refused(error) from error
    except google.auth.exceptions.RefreshError as error:
        if error.retryable:
            raise ApiError(f"Google gives no token now: {error.args[0]}") from error
        raise CollectorError(f"Google gives no token: {error.args[0]}") from error
    except google.auth.exceptions.TransportError as error:
        raise ApiError(f"Google gives no token now: {error}") from error
    except httplib2.decode.DecodeLimitError as error:
        raise ApiError(f"Google's answer is too large: {error}.", NOT_ASKED) from error
    except (OSError, http.client.HTTPException, httplib2.HttpLib2Error, ValueError) as error:
        # ValueError: half an answer is no JSON.
        raise ApiError(f"Google could not be read: {type(error).__name__}.") from error


def reason_of(error: ApiError) -> str:
    """Google's own name of an error, as in commentsDisabled; empty where it gives none."""
    inner = part(error.body, "error")
    for each in inner.get("errors") or ():
        if isinstance(each, dict) and each.get("reason"):
            return str(each["reason"])
    return str(inner.get("status") or "")


def _refused(error: Any) -> ApiError:
    from community.fetch import seconds_of

    body: Any = None
    try:
        body = json.loads(error.content)
    except ValueError:
        body = error.content[:2000].decode("utf-8", "replace")
    status = int(error.resp.status)
    again_in = seconds_of(error.resp.get("retry-after", ""))
    said = ApiError(f"Google answers with the status {status}: {error.reason}", status, again_in,
                    body)  # fmt: skip
    reason = reason_of(said)
    if reason in _NO_QUOTA:
        return QuotaUsedUp(str(said), status, _until_midnight(), body)
    if reason in _TOO_FAST:
        return ApiError(str(said), 429, again_in, body)
    return said


def _until_midnight() -> float:
    """Seconds until the next day begins in California."""
    now = datetime.now(ZoneInfo("America/Los_Angeles"))
    tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return max((tomorrow.astimezone(UTC) - now.astimezone(UTC)).total_seconds(), 0.0)
