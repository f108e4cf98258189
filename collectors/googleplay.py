"""Reviews of apps on Google Play, and answers to them, by the Android Publisher API.

Google shows the reviews written or changed in the last seven days and no others, in no promised
order: each run reads them all. After a longer pause, what came between is a gap.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import pyarrow as pa

from collectors.base import (
    Answer,
    CollectorError,
    Cursor,
    Receipt,
    ReplyLater,
    ReplyLimits,
    SourceKind,
    SourceUnavailable,
    Terms,
    covered,
)
from collectors.rows.mentions import failed_page, mentions_of
from collectors.services import google
from collectors.services.api import ApiError
from collectors.services.receipts import Written, earlier_try, not_sent
from collectors.services.wire import objects, part, since_epoch, text, whole
from warehouse.landing import Batch

_WHERE: Final = (
    "console.cloud.google.com, IAM & Admin > Service Accounts > Keys; then invite the account in "
    "the Play Console with the right to reply to reviews"
)


@dataclass(frozen=True)
class GoogleplaySettings:
    """The section `[googleplay]` of madang.toml."""

    key_file: str = field(
        default="",
        metadata={
            "help": "The JSON file with the key of a service account, readable by its owner only.",
            "where": _WHERE,
            "ask": True,
        },
    )
    packages: tuple[str, ...] = field(
        default=(),
        metadata={"help": "Package names of your apps, as in com.example.app.", "ask": True},
    )
    product: str | None = field(
        default=None, metadata={"help": "The product that these apps belong to."}
    )
    base_url: str = field(
        default="https://androidpublisher.googleapis.com",
        metadata={"help": "Where the interface is."},
    )
    token_url: str = field(
        default="", metadata={"help": "Where tokens are had; empty for what the key file says."}
    )
    timeout_seconds: float = field(
        default=30.0, metadata={"help": "How long one request may take, in seconds."}
    )
    retry_seconds: float = field(
        default=1.0, metadata={"help": "Seconds before a second try when the service is busy."}
    )


TERMS: Final = Terms(
    document="Google APIs Terms of Service, Google Play Developer Distribution Agreement",
    url="https://developers.google.com/terms",
    retention="No period is set for reviews of your own apps; cached content is not kept longer "
    "than the service's caching headers allow unless you have the right to it.",
    display="Show a review as it was written, with its author's public name.",
)
LIMITS: Final = ReplyLimits(characters=350, once=True)

_SHOWN: Final = timedelta(days=7)
_PAGE: Final = 100
_SCOPE: Final = "https://www.googleapis.com/auth/androidpublisher"

State = dict[str, Any]
Row = dict[str, Any]


def open_googleplay(settings: GoogleplaySettings) -> "Googleplay":
    """Raises SourceUnavailable when the key file or the packages are missing."""
    if not settings.key_file:
        raise SourceUnavailable(
            f"key_file in the section [googleplay] is missing. Get it: {_WHERE}."
        )
    if not Path(settings.key_file).is_file():
        raise SourceUnavailable(
            f"key_file in the section [googleplay] names {settings.key_file}, which is no file."
        )
    if not settings.packages:
        raise SourceUnavailable("No app is set. Add its package to packages in [googleplay].")
    return Googleplay(settings)


KIND: Final = SourceKind(
    name="googleplay",
    summary="Reviews of your apps on Google Play.",
    settings=GoogleplaySettings,
    open=open_googleplay,
    verified="local server",
    replies=LIMITS,
    terms=TERMS,
)


@dataclass(frozen=True)
class Googleplay:
    """The source `googleplay`; its parts are the packages, and its native ids "package/review".

    Its cursor: {"parts": {package: {known: {review: [digest, seconds]}, asked_at, walk}}}; `walk`
    is {began, token} of a walk that is not yet at its end.
    """

    settings: GoogleplaySettings
    name: str = "googleplay"

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        states: dict[str, State] = dict(cursor.get("parts", {}))
        with self._opened() as service:
            for package in self.settings.packages:
                began = datetime.now(UTC)
                try:
                    yield from self._walk(service, package, cursor, states, began)
                except google.QuotaUsedUp as error:
                    yield self._failed(package, cursor, states, began, error)
                    raise CollectorError(
                        f"Google Play's quota of today is used up: {error} It begins anew at "
                        "midnight in California; the run goes on from where it stopped."
                    ) from error
                except ApiError as error:
                    yield self._failed(package, cursor, states, began, error)

    def reply(self, answer: Answer) -> Receipt:
        """Answers a review, in the place of an earlier answer: there is one a review."""
        package, _, review = answer.native_id.partition("/")
        named = {"packageName": package, "reviewId": review}
        url = _address(package, review)
        try:
            with self._opened() as service:
                said = self._asked(service.reviews().get(**named))
                ours = [
                    Written(review, text(each.get("text")), None, url) for each in _answers(said)
                ]
                if receipt := earlier_try(answer, ours):
                    return receipt
                google.told(service.reviews().reply(**named, body={"replyText": answer.text}))
        except google.QuotaUsedUp as error:
            raise ReplyLater(
                f"Google Play's quota of today is used up: {error}", error.wait
            ) from error
        except ApiError as error:
            raise not_sent(error, "Google Play") from error
        except CollectorError as error:
            raise ReplyLater(str(error)) from error
        return Receipt(review, url)

    def _walk(
        self,
        service: Any,
        package: str,
        cursor: Cursor,
        states: dict[str, State],
        now: datetime,
    ) -> Iterator[Batch]:
        """All that Google shows of an app, page by page, less what is known."""
        state = dict(states.get(package, {}))
        known: dict[str, list[Any]] = dict(state.get("known", {}))
        walk: State = dict(state.get("walk") or {"began": now.isoformat(), "token": None})
        resumed = bool(walk["token"])
        while True:
            request = service.reviews().list(
                packageName=package, maxResults=_PAGE, token=walk["token"]
            )
            try:
                said = self._asked(request)
            except ApiError as error:
                if not resumed or error.status != 400:
                    raise
                walk["token"], resumed = None, False  # the token of an earlier run holds no more
                continue
            rows = [self._row(package, each) for each in objects(said, "reviews")]
            news = [row for row in rows if _is_news(row, known)]
            walk["token"] = part(said, "tokenPagination").get("nextPageToken")
            told = None
            if walk["token"]:
                state |= {"known": dict(known), "walk": dict(walk)}
            else:
                told = self._covered(package, state, walk)
                state = {"known": _of_late(known, now), "asked_at": walk["began"]}
            states[package] = state
            table, rejected = mentions_of(news, source=self.name, now=datetime.now(UTC))
            yield Batch(table, {**cursor, "parts": dict(states)}, rejected, covered=told)
            if not walk["token"]:
                return

    def _covered(self, package: str, state: State, walk: State) -> pa.Table:
        """The week that Google shows; what lies between it and the run before is a gap."""
        until = datetime.fromisoformat(walk["began"])
        shown = until - _SHOWN
        asked = datetime.fromisoformat(state["asked_at"]) if "asked_at" in state else shown
        begin = max(asked, shown)
        had = covered(self.name, "collected", begin, until, part=package)
        if asked >= shown:
            return had
        reason = "Google Play shows the reviews of seven days only."
        gap = covered(self.name, "gap", asked, shown, part=package, reason=reason)
        return pa.concat_tables([gap, had])

    def _failed(
        self,
        package: str,
        cursor: Cursor,
        states: dict[str, State],
        now: datetime,
        error: ApiError,
    ) -> Batch:
        asked = states.get(package, {}).get("asked_at")
        begin = datetime.fromisoformat(asked) if asked else now - _SHOWN
        told = covered(self.name, "failed", begin, now, part=package, reason=str(error))
        nothing, _ = mentions_of([], source=self.name, now=now)
        page = failed_page(package, str(error), source=self.name, now=now)
        return Batch(nothing, {**cursor, "parts": dict(states)}, page, covered=told)

    def _row(self, package: str, review: dict[str, Any]) -> Row:
        said = _comment(review, "userComment")
        title, _, body = text(said.get("text")).rpartition("\t")  # Google joins them so
        stars = whole(said.get("starRating"))
        key = text(review.get("reviewId"))
        device = part(said, "deviceMetadata").get("productName") or said.get("device")
        about = {"version": said.get("appVersionName"), "device": device}
        return {
            "native_id": f"{package}/{key}" if key else None,
            "kind": "review",
            "url": _address(package, key),
            "thread_id": package,
            "author_name": review.get("authorName"),
            "title": title.strip(),
            "text": body.strip(),
            "lang": text(said.get("reviewerLanguage")).replace("_", "-").partition("-")[0],
            "rating": None if stars is None else (stars - 1) / 4,
            "rating_raw": None if stars is None else str(stars),
            "product": self.settings.product,
            "created_at": since_epoch(part(said, "lastModified").get("seconds")),
            "likes": whole(said.get("thumbsUpCount")),
            "extra": json.dumps({k: v for k, v in about.items() if v}, ensure_ascii=False),
        }

    def _asked(self, request: Any) -> Any:
        """The answer to a question; what concerns the key or the quota ends the run."""
        try:
            return google.asked(request, self.settings.retry_seconds)
        except google.QuotaUsedUp:
            raise
        except ApiError as error:
            if error.status not in (401, 403):
                raise
            raise CollectorError(
                f"Google Play refuses the service account: {error} Check key_file in the section "
                f"[googleplay] and the account's rights: {_WHERE}."
            ) from error

    def _opened(self) -> AbstractContextManager[Any]:
        return google.opened(
            "androidpublisher",
            "v3",
            base_url=self.settings.base_url,
            seconds=self.settings.timeout_seconds,
            credentials=self._credentials(),
        )

    def _credentials(self) -> Any:
        from google.oauth2.service_account import Credentials

        try:
            info = json.loads(Path(self.settings.key_file).read_bytes())
            if self.settings.token_url:
                info["token_uri"] = self.settings.token_url
            return Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
                info, scopes=[_SCOPE]
            )
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise CollectorError(
                f"key_file in the section [googleplay] holds no key of a service account: {error}. "
                f"Get it: {_WHERE}."
            ) from error


def _comment(review: dict[str, Any], name: str) -> dict[str, Any]:
    """The user's or the developer's comment of a review."""
    comments = [part(each, name) for each in objects(review, "comments")]
    return next((each for each in comments if each), {})


def _answers(review: Any) -> list[dict[str, Any]]:
    found = _comment(review, "developerComment")
    return [found] if found else []


def _is_news(row: Row, known: dict[str, list[Any]]) -> bool:
    """Whether a review is new or changed; `known` gets it."""
    said = "\x1f".join(text(row[name]) for name in ("title", "text", "rating_raw"))
    mark = hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=6).hexdigest()
    key = text(row["native_id"]).rpartition("/")[2]
    seconds = 0 if row["created_at"] is None else int(row["created_at"].timestamp())
    before = known.get(key)
    known[key] = [mark, seconds]
    return before is None or before[0] != mark


def _of_late(known: dict[str, list[Any]], now: datetime) -> dict[str, list[Any]]:
    """What Google may show again."""
    oldest = (now - _SHOWN - timedelta(days=1)).timestamp()
    return {key: each for key, each in known.items() if each[1] == 0 or each[1] > oldest}


def _address(package: str, review: str) -> str:
    named = urlencode({"id": package, "reviewId": review})
    return f"https://play.google.com/store/apps/details?{named}"
