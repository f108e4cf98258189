"""Bluesky: posts that answer queries, by search or from Jetstream as they come; replies.

Search and replies go through the official SDK (atproto) to the server of our account, which passes
them on; the stream is read from Jetstream. What a page holds is read as plain JSON, so that one
odd post does not spoil the others.
"""

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from collectors.base import (
    Answer,
    Cursor,
    Receipt,
    ReplyLater,
    ReplyLimits,
    ReplyRefused,
    SourceKind,
    SourceUnavailable,
    Terms,
)
from collectors.bluesky_posts import COLLECTION, row_of
from collectors.services.again import Watched
from collectors.services.walks import Listing, Page, Walk, Walker
from warehouse.landing import Batch

if TYPE_CHECKING:
    from atproto import Client

    from collectors.services.api import ApiError


@dataclass(frozen=True)
class BlueskySettings:
    """The section `[bluesky]` of madang.toml."""

    queries: tuple[str, ...] = field(
        default=(),
        metadata={"help": 'Queries of Bluesky\'s search, as in "해담 lang:ko".', "ask": True},
    )
    handle: str = field(
        default="", metadata={"help": "The handle of your account, which searches and replies.",
                              "ask": True},
    )  # fmt: skip
    app_password: str = field(
        default="",
        repr=False,
        metadata={
            "help": "An app password of that account.",
            "secret": True,
            "where": "bsky.app, Settings, Privacy and security, App passwords",
            "ask": True,
        },
    )
    first_days: int = field(default=7, metadata={"help": "How many days the first run goes back."})
    posts_a_run: int = field(default=5000, metadata={"help": "Posts to read in one run at most."})
    recheck_days: int = field(
        default=14, metadata={"help": "For how many days posts are looked up again, once a day."}
    )
    recheck_posts: int = field(
        default=250, metadata={"help": "Posts to look up again in one run at most; 0 for none."}
    )
    replay_hours: int = field(
        default=24, metadata={"help": "How far back Jetstream is asked to begin after a break."}
    )
    base_url: str = field(
        default="https://bsky.social", metadata={"help": "The server of your account."}
    )
    stream_url: str = field(
        default="wss://jetstream2.us-east.bsky.network/subscribe",
        metadata={"help": "The Jetstream to listen to."},
    )
    timeout_seconds: float = field(
        default=30.0, metadata={"help": "How long one request may take, in seconds."}
    )
    retry_seconds: float = field(
        default=1.0, metadata={"help": "Seconds before a second try when the server is busy."}
    )


LIMITS: Final = ReplyLimits(characters=300, counted="graphemes")
TERMS: Final = Terms(
    document="Bluesky Developer Guidelines",
    url="https://docs.bsky.app/docs/support/developer-guidelines",
    retention="A service must be able to delete what a person asks to have deleted.",
    display="Nothing is sent to people in bulk or unasked, and abuse can be reported.",
)
_PAGE: Final = 100
_LOOKUP: Final = 25  # posts that may be asked for at once
_LATE: Final = timedelta(minutes=1)  # posts may be found so long after they were written
_TID_ALPHABET: Final = "234567abcdefghijklmnopqrstuvwxyz"
_TID_BEGIN: Final = 1_672_531_200_000_000  # 2023-01-01, in microseconds
_TID_SPAN: Final = 63_072_000_000_000  # two years


def open_bluesky(settings: BlueskySettings) -> "Bluesky":
    """Raises SourceUnavailable when the account or the queries are missing."""
    if not settings.handle or not settings.app_password:
        raise SourceUnavailable(
            "Bluesky needs handle and app_password in the section [bluesky], or "
            "MADANG__BLUESKY__APP_PASSWORD in the environment. It is had at bsky.app: Settings, "
            "Privacy and security, App passwords."
        )
    if not settings.queries:
        raise SourceUnavailable("No query is set. Add queries to the section [bluesky].")
    return Bluesky(settings)


KIND: Final = SourceKind(
    name="bluesky",
    summary="Posts on Bluesky that answer your queries, as they come or by search.",
    settings=BlueskySettings,
    open=open_bluesky,
    verified="local server",
    streams=True,
    replies=LIMITS,
    terms=TERMS,
)


@dataclass(frozen=True)
class Bluesky:
    """The source `bluesky`. Its cursor: {"parts": {query: {until, newest, walk}}, "watched"}."""

    settings: BlueskySettings
    name: str = "bluesky"

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        walker = self.walker(cursor)
        with self.client() as client:
            yield from walker.catch_up(self.listings(client, walker))
            yield from self.look_again(client, walker)

    def backfill(self, since: datetime, until: datetime, cursor: Cursor) -> Iterator[Batch]:
        walker = self.walker(cursor)
        with self.client() as client:
            yield from walker.look_back(self.listings(client, walker), since, until)

    def stream(self, cursor: Cursor, stopping: threading.Event) -> Iterator[Batch]:
        from collectors.bluesky_stream import listen

        return listen(self, cursor, stopping)

    def recheck(self, native_ids: Sequence[str], cursor: Cursor) -> Iterator[Batch]:
        """Look posts up: those that are there come as they stand, the others are removed."""
        with self.client() as client:
            yield from self._looked_up(client, self.walker(cursor), native_ids)

    def reply(self, answer: Answer) -> Receipt:
        """The record's key follows from the answer's, so that two of them cannot exist."""
        from collectors.services.api import ApiError

        try:
            with self.client() as client:
                return self._posted(client, answer)
        except ApiError as error:
            if error.may_pass or error.status == 401:  # a password can be mended
                raise ReplyLater(str(error), error.wait) from error
            raise ReplyRefused(str(error)) from error

    def _posted(self, client: "SignedIn", answer: Answer) -> Receipt:
        from atproto import models

        key = record_key(answer.key)
        receipt = Receipt(
            f"at://{client.did}/{COLLECTION}/{key}",
            f"https://bsky.app/profile/{client.did}/post/{key}",
        )
        if self._stands(client, key):
            return receipt
        found = self.posts(client, [answer.native_id])
        if not found:
            raise ReplyRefused("The post is gone, or its author has blocked this account.")
        data = models.ComAtprotoRepoCreateRecord.Data(
            repo=client.did, collection=COLLECTION, rkey=key, record=_record(answer.text, found[0])
        )
        self._asked(partial(client.sdk.com.atproto.repo.create_record, data), tries=1)
        return receipt

    def listings(self, client: "SignedIn", walker: Walker) -> list[Listing]:
        """One list a query."""
        return [
            Listing(
                query,
                partial(self._page, client, walker, query),
                first=timedelta(days=self.settings.first_days),
            )
            for query in self.settings.queries
        ]

    def walker(self, cursor: Cursor) -> Walker:
        """A walker through this source's lists."""
        watched = Watched(cursor.get("watched", {}), self.settings.recheck_days)
        return Walker(self.name, cursor, watched, self.settings.posts_a_run)

    def client(self) -> "SignedIn":
        """The SDK's client, signed in. Raises ApiError."""
        from atproto import Client, Request

        from collectors.services.sessions import bounded_transport

        request = Request(timeout=self.settings.timeout_seconds, transport=bounded_transport())
        sdk = Client(self.settings.base_url, request)
        sign_in = partial(
            sdk.login, self.settings.handle, self.settings.app_password, fetch_bsky_profile=False
        )
        sessions: list[Any] = []
        sdk.on_session_change(lambda event, session: sessions.append(session))
        try:
            self._asked(sign_in)
        except BaseException:
            request.close()
            raise
        return SignedIn(sdk, str(sessions[0].did))

    def look_again(self, client: "SignedIn", walker: Walker) -> Iterator[Batch]:
        """Look up what is due: posts come as they stand, and what is gone is removed."""
        due = walker.watched.due(datetime.now(UTC), self.settings.recheck_posts)
        yield from self._looked_up(client, walker, due)

    def posts(self, client: "SignedIn", uris: Sequence[str]) -> list[Mapping[str, Any]]:
        """At most 25 posts as they stand now; those that are gone are left out."""
        from atproto import models

        params = models.AppBskyFeedGetPosts.Params(uris=list(uris))
        found: list[Mapping[str, Any]] = self._query(client, "app.bsky.feed.getPosts", params)[
            "posts"
        ]
        return found

    def _page(self, client: "SignedIn", walker: Walker, query: str, walk: Walk) -> Page:
        from atproto import models

        began = walk.ceiling < datetime.now(UTC) - _LATE
        until = walk.below or (walk.ceiling.isoformat() if began else None)
        params = models.AppBskyFeedSearchPosts.Params(
            q=query,
            sort="latest",
            limit=_PAGE,
            since=(walk.floor - (_LATE if walk.after else timedelta(0))).isoformat(),
            until=until,
        )
        said = self._query(client, "app.bsky.feed.searchPosts", params)
        rows = [row_of(view) for view in said.get("posts", [])]
        times = [row["created_at"] for row in rows if row["created_at"] is not None]
        # The search takes times alone, so posts of one millisecond may stand on two pages; and it
        # may offer a next page where there is none.
        below = None
        if said.get("cursor") and times:
            below = (min(times) + timedelta(milliseconds=1)).isoformat()
        fresh = [row for row in rows if not walker.watched.knows(row["native_id"])]
        return Page(
            fresh,
            below=None if below == walk.below else below,
            newest=rows[0]["native_id"] if rows else None,
        )

    def _looked_up(
        self, client: "SignedIn", walker: Walker, uris: Sequence[str]
    ) -> Iterator[Batch]:
        for start in range(0, len(uris), _LOOKUP):
            asked = uris[start : start + _LOOKUP]
            rows = [row_of(view) for view in self.posts(client, asked)]
            there = {row["native_id"] for row in rows}
            yield walker.batch(rows, removed=[uri for uri in asked if uri not in there])

    def _stands(self, client: "SignedIn", key: str) -> bool:
        from atproto import models

        from collectors.services.api import ApiError

        params = models.ComAtprotoRepoGetRecord.Params(
            repo=client.did, collection=COLLECTION, rkey=key
        )
        try:
            self._asked(partial(client.sdk.com.atproto.repo.get_record, params))
        except ApiError as error:
            if error.status in (400, 404):  # RecordNotFound
                return False
            raise
        return True

    def _query(self, client: "SignedIn", name: str, params: Any) -> dict[str, Any]:
        from collectors.services.api import ApiError

        call = partial(
            client.sdk.invoke_query, name, params=params, output_encoding="application/json"
        )
        said = self._asked(call).content
        if not isinstance(said, dict):
            raise ApiError(f"Bluesky answers {name} with something that is no JSON.", 502)
        return said

    def _asked(self, call: Callable[[], Any], tries: int = 3) -> Any:
        from collectors.services.sessions import patiently

        return patiently(call, explained, self.settings.retry_seconds, tries)


@dataclass(frozen=True)
class SignedIn:
    """The SDK's client after it has signed in, and the identity of our account."""

    sdk: "Client"
    did: str

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.sdk.request.close()


def explained(error: Exception) -> "ApiError | None":
    """What an exception of the SDK says of the service; None for what is not from there."""
    import httpx
    from atproto.exceptions import RequestErrorBase

    from collectors.services.api import ApiError
    from collectors.services.sessions import again_in

    if isinstance(error, RequestErrorBase) and error.response is not None:
        status = error.response.status_code
        content = error.response.content
        said = getattr(content, "message", None) or getattr(content, "error", None) or ""
        told = f" It says: {said}." if said else ""
        meaning = f"Bluesky answers with the status {status}."
        if status in (401, 403):
            meaning = (
                f"Bluesky refuses the account ({status}). Look at handle and app_password in the "
                "section [bluesky]; app passwords are made at bsky.app, Settings."
            )
        return ApiError(meaning + told, status, again_in(dict(error.response.headers)))
    if isinstance(error, RequestErrorBase | httpx.HTTPError):
        reason = type(error).__name__
        return ApiError(f"Bluesky does not answer ({reason}). Look at base_url in [bluesky].")
    return error if isinstance(error, ApiError) else None


def record_key(key: str) -> str:
    """A record key (a TID of 13 letters) that follows from the key of an answer alone."""
    digest = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=16).digest(), "big")
    number = (_TID_BEGIN + digest % _TID_SPAN) << 10 | (digest >> 96) & 1023
    letters = ""
    for _ in range(13):
        letters = _TID_ALPHABET[number & 31] + letters
        number >>= 5
    return letters


def _record(text: str, parent: Mapping[str, Any]) -> dict[str, Any]:
    from atproto_client.models.utils import get_model_as_dict
    from atproto_client.utils.facet_detection import detect_facets

    here = {"uri": parent["uri"], "cid": parent["cid"]}
    root = parent.get("record", {}).get("reply", {}).get("root") or here
    record: dict[str, Any] = {
        "$type": COLLECTION,
        "text": text,
        "createdAt": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "langs": ["ko" if any("가" <= letter <= "힣" for letter in text) else "en"],
        "reply": {"root": {"uri": root["uri"], "cid": root["cid"]}, "parent": here},
    }
    if facets := detect_facets(text):
        record["facets"] = [get_model_as_dict(facet) for facet in facets]
    return record
