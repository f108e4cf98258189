"""X: posts that answer queries, by recent search, the full archive or the filtered stream; replies.

X charges for posts read, so a run reads at most so many; the walk goes on in the next run. tweepy
is imported when X is asked, as every command reads the list of sources.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

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
from collectors.services.again import Watched
from collectors.services.walks import Listing, Page, Walk, Walker
from collectors.x_posts import (
    FIELDS,
    first_id,
    gone_of,
    newest_of,
    newest_version,
    oldest_of,
    rows_of,
    whole_text,
)  # fmt: skip
from warehouse.landing import Batch

if TYPE_CHECKING:
    import tweepy

    from collectors.services.api import ApiError


@dataclass(frozen=True)
class XSettings:
    """The section `[x]` of madang.toml."""

    queries: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": 'Queries as X writes them, as in "해담 -is:retweet lang:ko".',
            "ask": True,
        },
    )
    bearer_token: str = field(
        default="",
        repr=False,
        metadata={
            "help": "The bearer token of your X app.",
            "secret": True,
            "where": "developer.x.com, your app, Keys and tokens, Bearer Token",
            "ask": True,
        },
    )
    archive: bool = field(
        default=False, metadata={"help": "Whether your plan allows the search of all years."}
    )
    archive_seconds: float = field(
        default=1.0, metadata={"help": "Seconds between two pages of the search of all years."}
    )
    streaming: bool = field(
        default=True, metadata={"help": "Whether your plan has the filtered stream."}
    )
    poll_minutes: float = field(
        default=15.0, metadata={"help": "Minutes between two searches where there is no stream."}
    )
    first_days: int = field(
        default=6, metadata={"help": "How many days the first run goes back; X shows seven."}
    )
    posts_a_run: int = field(
        default=2000, metadata={"help": "Posts to read in one run at most, as X charges for each."}
    )
    recheck_days: int = field(
        default=7, metadata={"help": "For how many days posts are looked up again, once a day."}
    )
    recheck_posts: int = field(
        default=200, metadata={"help": "Posts to look up again in one run at most; 0 for none."}
    )
    consumer_key: str = field(
        default="",
        repr=False,
        metadata={
            "help": "The API key of your X app, to reply.",
            "secret": True,
            "where": "developer.x.com, your app, Keys and tokens, API Key",
        },
    )
    consumer_secret: str = field(
        default="",
        repr=False,
        metadata={
            "help": "The API key secret of your X app, to reply.",
            "secret": True,
            "where": "developer.x.com, your app, Keys and tokens, API Key Secret",
        },
    )
    access_token: str = field(
        default="",
        repr=False,
        metadata={
            "help": "The access token of the account that replies.",
            "secret": True,
            "where": "developer.x.com, your app, Keys and tokens, Access Token (Read and Write)",
        },
    )
    access_token_secret: str = field(
        default="",
        repr=False,
        metadata={
            "help": "The secret of that access token.",
            "secret": True,
            "where": "developer.x.com, your app, Keys and tokens, Access Token Secret",
        },
    )
    base_url: str = field(
        default="https://api.x.com", metadata={"help": "Where X's API is reached."}
    )
    timeout_seconds: float = field(
        default=30.0, metadata={"help": "How long one request may take, in seconds."}
    )
    retry_seconds: float = field(
        default=1.0, metadata={"help": "Seconds before a second try when X is busy."}
    )


OFFICIAL: Final = "https://api.twitter.com"  # what tweepy writes into its requests
RECENT: Final = timedelta(days=7) - timedelta(minutes=1)  # the reach of recent search, and a margin
LIMITS: Final = ReplyLimits(characters=280, counted="weighted")
TERMS: Final = Terms(
    document="X Developer Policy (with the Developer Agreement)",
    url="https://docs.x.com/developer-terms/policy",
    retention="Content that was deleted, edited or protected on X is deleted or changed here too, "
    "within 24 hours of being asked and else as soon as reasonably possible.",
    display="A post is shown with its author's name and handle, unaltered, and with a link to it "
    "on X.",
)
_PAGE: Final = 100
_HOLLOW: Final = 10  # empty pages in a row
_LATE: Final = timedelta(minutes=1)  # posts may be found so long after they were written
_HANDLES: Final = re.compile(r"^(@\w+\s+)+")


def open_x(settings: XSettings) -> "X":
    """Raises SourceUnavailable when the token or the queries are missing."""
    if not settings.bearer_token:
        raise SourceUnavailable(
            "X needs bearer_token in the section [x], or MADANG__X__BEARER_TOKEN in the "
            "environment. It is had at developer.x.com: your app, Keys and tokens, Bearer Token."
        )
    if not settings.queries:
        raise SourceUnavailable("No query is set. Add queries to the section [x].")
    return X(settings)


KIND: Final = SourceKind(
    name="x",
    summary="Posts on X that answer your queries, as they come or by search.",
    settings=XSettings,
    open=open_x,
    verified="local server",
    streams=True,
    replies=LIMITS,
    terms=TERMS,
)


@dataclass(frozen=True)
class X:
    """The source `x`. Its cursor: {"parts": {query: {until, newest, walk}}, "watched": {…}}."""

    settings: XSettings
    name: str = "x"

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        client, walker = self.client(), self.walker(cursor)
        yield from walker.catch_up(self.listings(client))
        yield from self.look_again(client, walker)

    def backfill(self, since: datetime, until: datetime, cursor: Cursor) -> Iterator[Batch]:
        listings = self.listings(self.client())
        yield from self.walker(cursor).look_back(listings, since, until)

    def stream(self, cursor: Cursor, stopping: threading.Event) -> Iterator[Batch]:
        from collectors.services.streams import polled
        from collectors.x_stream import listen

        if not self.settings.streaming:
            return polled(self.fetch, cursor, stopping, self.settings.poll_minutes * 60)
        return listen(self, cursor, stopping)

    def recheck(self, native_ids: Sequence[str], cursor: Cursor) -> Iterator[Batch]:
        """Look posts up: the edited ones come again, the deleted and the hidden are removed."""
        client, walker = self.client(), self.walker(cursor)
        for start in range(0, len(native_ids), _PAGE):
            yield self._looked_up(client, walker, native_ids[start : start + _PAGE])

    def reply(self, answer: Answer) -> Receipt:
        from tweepy import TweepyException

        from collectors.services.api import ApiError
        from collectors.x_errors import explained

        client = self._own_client()
        try:
            me = self._asked(partial(client.get_me, user_auth=True))["data"]
            if receipt := self._earlier(client, me, answer):
                return receipt
            posted = client.create_tweet(
                text=answer.text, in_reply_to_tweet_id=answer.native_id, user_auth=True
            )
        except (TweepyException, OSError, ValueError) as error:
            raise _refusal(explained(error) or ApiError(str(error))) from error
        except ApiError as error:
            raise _refusal(error) from error
        return _receipt(me, posted["data"]["id"])

    def _earlier(self, client: "tweepy.Client", me: Any, answer: Answer) -> Receipt | None:
        """Our own reply to this post with this text, if an earlier try has gone through."""
        since = first_id(answer.made_at - timedelta(minutes=5))
        below: str | None = None
        while True:
            said = self._asked(
                partial(
                    client.get_users_tweets, me["id"], max_results=_PAGE, since_id=since,
                    until_id=below, tweet_fields=FIELDS["tweet_fields"], user_auth=True,
                )
            )  # fmt: skip
            posts = said.get("data", [])
            for post in posts:
                referred = post.get("referenced_tweets", [])
                if {"type": "replied_to", "id": answer.native_id} in referred and _plain(
                    whole_text(post)
                ) == _plain(answer.text):
                    return _receipt(me, post["id"])
            below = oldest_of(posts)
            if below is None or "next_token" not in said.get("meta", {}):
                return None

    def listings(self, client: "tweepy.Client") -> list[Listing]:
        """One list a query."""
        return [
            Listing(
                query,
                partial(self._page, client, query),
                first=timedelta(days=self.settings.first_days),
                window=None if self.settings.archive else RECENT,
                limit="X's recent search goes back seven days; set archive if your plan has it.",
            )
            for query in self.settings.queries
        ]

    def _page(self, client: "tweepy.Client", query: str, walk: Walk) -> Page:
        search = client.search_recent_tweets
        if self.settings.archive:
            search = client.search_all_tweets
            time.sleep(self.settings.archive_seconds if walk.below else 0)
        floor = first_id(walk.floor - (_LATE if walk.after else timedelta(0)))
        if not self.settings.archive:
            floor = max(floor, first_id(datetime.now(UTC) - RECENT))
        below = walk.below
        if below is None and walk.ceiling < datetime.now(UTC) - _LATE:
            below = str(first_id(walk.ceiling))
        since = max(int(walk.after or 0), floor - 1)
        said = self._found(partial(search, query, since_id=since, until_id=below))
        posts = said.get("data", [])
        more = "next_token" in said.get("meta", {})
        return Page(
            rows_of(posts, said.get("includes", {})),
            below=oldest_of(posts) if more else None,
            newest=newest_of(posts),
        )

    def _found(self, search: Callable[..., Any]) -> dict[str, Any]:
        """A page of a search; one may be empty although others follow."""
        from collectors.services.api import ApiError

        token: str | None = None
        for _ in range(_HOLLOW):
            said = self._asked(partial(search, max_results=_PAGE, next_token=token, **FIELDS))
            token = said.get("meta", {}).get("next_token")
            if said.get("data") or token is None:
                return said
        raise ApiError(f"X gives {_HOLLOW} empty pages one after the other.", 508)

    def look_again(self, client: "tweepy.Client", walker: Walker) -> Iterator[Batch]:
        """Look up what is due: edits come, the deleted and the hidden are removed."""
        due = walker.watched.due(datetime.now(UTC), self.settings.recheck_posts)
        for start in range(0, len(due), _PAGE):
            yield self._looked_up(client, walker, due[start : start + _PAGE])

    def _looked_up(
        self, client: "tweepy.Client", walker: Walker, native_ids: Sequence[str]
    ) -> Batch:
        said = self._asked(partial(client.get_tweets, list(native_ids), **FIELDS))
        now = datetime.now(UTC)
        for native_id in native_ids:
            walker.watched.looked(native_id, now)
        posts = said.get("data", [])
        rows = rows_of([p for p in posts if newest_version(p) == p["id"]], said.get("includes", {}))
        # By its first identity X gives an edited post as it was at first.
        if edited := [newest_version(p) for p in posts if newest_version(p) != p["id"]]:
            newer = self._asked(partial(client.get_tweets, edited, **FIELDS))
            rows += rows_of(newer.get("data", []), newer.get("includes", {}))
        return walker.batch(rows, removed=gone_of(said.get("errors", []), native_ids))

    def walker(self, cursor: Cursor) -> Walker:
        """A walker through this source's lists."""
        watched = Watched(cursor.get("watched", {}), self.settings.recheck_days)
        return Walker(self.name, cursor, watched, self.settings.posts_a_run)

    def _asked(self, call: Any) -> dict[str, Any]:
        from collectors.services.sessions import patiently
        from collectors.x_errors import explained

        said: dict[str, Any] = patiently(call, explained, self.settings.retry_seconds)
        return said

    def client(self) -> "tweepy.Client":
        """tweepy's client with the app's own key, which reads."""
        import tweepy

        client = tweepy.Client(self.settings.bearer_token, return_type=dict)
        client.session = session_of(self.settings)
        return client

    def _own_client(self) -> "tweepy.Client":
        """tweepy's client with our account's keys, which writes."""
        import tweepy

        names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
        keys = {name: getattr(self.settings, name) for name in names}
        if missing := [name for name, value in keys.items() if not value]:
            raise ReplyRefused(
                f"To reply, X needs {', '.join(missing)} in the section [x]. They are had at "
                "developer.x.com: your app, Keys and tokens."
            )
        client = tweepy.Client(**keys, return_type=dict)
        client.session = session_of(self.settings)
        return client


def session_of(settings: XSettings) -> Any:
    """The session by which tweepy reaches the address that is set."""
    from collectors.services.sessions import ServiceSession

    return ServiceSession(OFFICIAL, settings.base_url, settings.timeout_seconds)


def _refusal(error: "ApiError") -> ReplyRefused | ReplyLater:
    passes = error.may_pass or error.status in (401, 402)  # a key or credits can be mended
    return ReplyLater(str(error), error.wait) if passes else ReplyRefused(str(error))


def _receipt(me: Any, post_id: str) -> Receipt:
    return Receipt(str(post_id), f"https://x.com/{me['username']}/status/{post_id}")


def _plain(text: str) -> str:
    """A reply's text without the handles that X puts before it."""
    return " ".join(_HANDLES.sub("", text).split())
