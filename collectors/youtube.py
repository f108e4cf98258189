"""Comments under the videos of channels, and answers to them, by YouTube's Data API.

Threads come newest first; those of late are asked for again by their ids, which shows what was
edited, answered or taken away. The company's own comments are no mentions.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

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
)
from collectors.services import google
from collectors.services.api import ApiError
from collectors.services.receipts import Written, earlier_try, not_sent
from collectors.services.wire import moment, objects, part, text
from collectors.youtube_threads import Listened, Listening, address
from warehouse.landing import Batch

_KEYS: Final = "console.cloud.google.com, APIs & Services > Credentials, with YouTube Data API v3"


@dataclass(frozen=True)
class YoutubeSettings:
    """The section `[youtube]` of madang.toml."""

    api_key: str = field(
        default="",
        repr=False,
        metadata={
            "help": "The API key by which comments are read.",
            "secret": True,
            "where": _KEYS,
            "ask": True,
        },
    )
    channels: tuple[str, ...] = field(
        default=(),
        metadata={"help": "Ids of channels whose comments to read, as in UCabc.", "ask": True},
    )
    videos: tuple[str, ...] = field(
        default=(), metadata={"help": "Ids of single videos of other channels."}
    )
    days: int = field(
        default=30, metadata={"help": "How many days the first run looks back; more by backfill."}
    )
    watched: int = field(
        default=200,
        metadata={"help": "Threads of each channel asked for again, for edits and new answers."},
    )
    client_id: str = field(
        default="",
        metadata={"help": "The OAuth client that may answer for your channel.", "where": _KEYS},
    )
    client_secret: str = field(
        default="",
        repr=False,
        metadata={"help": "The secret of that client.", "secret": True, "where": _KEYS},
    )
    refresh_token: str = field(
        default="",
        repr=False,
        metadata={
            "help": "The token by which your channel lets that client write comments.",
            "secret": True,
            "where": "OAuth consent with the scope youtube.force-ssl",
        },
    )
    product: str | None = field(
        default=None, metadata={"help": "The product that all of these videos are about."}
    )
    base_url: str = field(
        default="https://youtube.googleapis.com", metadata={"help": "Where the interface is."}
    )
    token_url: str = field(
        default="https://oauth2.googleapis.com/token", metadata={"help": "Where tokens are had."}
    )
    timeout_seconds: float = field(
        default=30.0, metadata={"help": "How long one request may take, in seconds."}
    )
    retry_seconds: float = field(
        default=1.0, metadata={"help": "Seconds before a second try when the service is busy."}
    )


TERMS: Final = Terms(
    document="YouTube API Services Terms of Service and Developer Policies",
    url="https://developers.google.com/youtube/terms/developer-policies",
    retention="Data read without its owner's authorisation is kept for 30 days at most and then "
    "read again or deleted; what was deleted on YouTube is deleted here.",
    display="Show that it comes from YouTube, with a link to the comment, and do not alter it.",
)
LIMITS: Final = ReplyLimits(characters=10_000)

_BAD_KEY: Final = ("keyInvalid", "keyExpired", "accessNotConfigured", "ipRefererBlocked")


def open_youtube(settings: YoutubeSettings) -> "Youtube":
    """Raises SourceUnavailable when the key or the channels are missing."""
    if not settings.api_key:
        raise SourceUnavailable(f"api_key in the section [youtube] is missing. Get it: {_KEYS}.")
    if not settings.channels and not settings.videos:
        raise SourceUnavailable("Nothing to read. Set channels or videos in [youtube].")
    return Youtube(settings)


KIND: Final = SourceKind(
    name="youtube",
    summary="Comments under the videos of channels on YouTube.",
    settings=YoutubeSettings,
    open=open_youtube,
    verified="local server",
    replies=LIMITS,
    terms=TERMS,
)


@dataclass(frozen=True)
class Youtube:
    """The source `youtube`; its parts are "channel ID" and "video ID"."""

    settings: YoutubeSettings
    name: str = "youtube"

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        with self._opened(key=self.settings.api_key) as service:
            states = dict(cursor.get("parts", {}))
            for each in self._parts():
                yield from self._listening(service, each, cursor, states).run()

    def backfill(self, since: datetime, until: datetime, cursor: Cursor) -> Iterator[Batch]:
        with self._opened(key=self.settings.api_key) as service:
            states = dict(cursor.get("parts", {}))
            for each in self._parts():
                listening = self._listening(service, each, cursor, states)
                yield from listening.between(since, until)

    def reply(self, answer: Answer) -> Receipt:
        """Answers under the thread of a comment: YouTube knows no answers to answers."""
        thread = answer.native_id.partition(".")[0]
        with self._opened(credentials=self._credentials()) as service:
            try:
                ours = self._ours(service, thread)
                if receipt := earlier_try(answer, ours):
                    return receipt
                said = {"snippet": {"parentId": thread, "textOriginal": answer.text}}
                made = google.told(service.comments().insert(part="snippet", body=said))
            except google.QuotaUsedUp as error:
                raise ReplyLater(
                    f"YouTube's quota of today is used up: {error}", error.wait
                ) from error
            except ApiError as error:
                raise not_sent(error, "YouTube") from error
            except CollectorError as error:
                raise ReplyLater(
                    f"{error} Check client_id, client_secret and refresh_token in the section "
                    "[youtube]."
                ) from error
        written = text(made.get("id"))
        return Receipt(written, address(part(made, "snippet").get("videoId"), written))

    def _ours(self, service: Any, thread: str) -> Iterator[Written]:
        """What our own channel has written under `thread`."""
        mine = self._asked(service.channels().list(part="id", mine=True))
        channels = {each.get("id") for each in objects(mine, "items")}
        token = None
        while True:
            said = self._asked(
                service.comments().list(
                    part="snippet", parentId=thread, maxResults=100, textFormat="plainText",
                    pageToken=token,
                )
            )  # fmt: skip
            for comment in objects(said, "items"):
                snippet = part(comment, "snippet")
                if part(snippet, "authorChannelId").get("value") in channels:
                    written = text(comment.get("id"))
                    yield Written(
                        written,
                        text(snippet.get("textOriginal") or snippet.get("textDisplay")),
                        moment(snippet.get("publishedAt")),
                        address(snippet.get("videoId"), written),
                    )
            token = said.get("nextPageToken")
            if not token:
                return

    def _opened(
        self, key: str | None = None, credentials: Any = None
    ) -> AbstractContextManager[Any]:
        return google.opened(
            "youtube",
            "v3",
            base_url=self.settings.base_url,
            seconds=self.settings.timeout_seconds,
            key=key,
            credentials=credentials,
        )

    def _credentials(self) -> Any:
        from google.oauth2.credentials import Credentials

        for name in ("client_id", "client_secret", "refresh_token"):
            if not getattr(self.settings, name):
                raise ReplyLater(
                    f"{name} in the section [youtube] is missing, without which nobody can answer "
                    f"for your channel. Get it: {_KEYS}."
                )
        return Credentials(  # type: ignore[no-untyped-call]
            token=None,
            refresh_token=self.settings.refresh_token,
            token_uri=self.settings.token_url,
            client_id=self.settings.client_id,
            client_secret=self.settings.client_secret,
        )

    def _parts(self) -> Iterator[Listened]:
        for channel in self.settings.channels:
            yield Listened(f"channel {channel}", {"allThreadsRelatedToChannelId": channel})
        for video in self.settings.videos:
            yield Listened(f"video {video}", {"videoId": video})

    def _listening(
        self, service: Any, each: Listened, cursor: Cursor, states: dict[str, Any]
    ) -> Listening:
        return Listening(
            source=self.name,
            service=service,
            ask=self._asked,
            part=each,
            own=frozenset(self.settings.channels),
            days=self.settings.days,
            watched=self.settings.watched,
            product=self.settings.product,
            cursor=cursor,
            states=states,
        )

    def _asked(self, request: Any) -> Any:
        """The answer to a question; what concerns the key or the quota ends the run."""
        try:
            return google.asked(request, self.settings.retry_seconds)
        except google.QuotaUsedUp:
            raise
        except ApiError as error:
            wrong = google.reason_of(error) in _BAD_KEY or "API key" in str(error)
            if not wrong and error.status != 401:
                raise
            raise CollectorError(
                f"YouTube refuses the key: {error} Check api_key in the section [youtube]: {_KEYS}."
            ) from error
