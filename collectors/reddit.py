"""Reddit: posts and comments of forums, and posts that a search finds; replies.

praw signs in, keeps to the rate limit of Reddit's headers and tries again; the lists themselves
are read as plain JSON, page by page, so that a run can go on where one broke off. praw is imported
when Reddit is asked, as every command reads the list of sources.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
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
from collectors.reddit_posts import is_gone, oldest_of, row_of
from collectors.services.again import Watched
from collectors.services.walks import Listing, Page, Walk, Walker
from warehouse.landing import Batch

if TYPE_CHECKING:
    from praw import Reddit as Client

    from collectors.services.api import ApiError


@dataclass(frozen=True)
class RedditSettings:
    """The section `[reddit]` of madang.toml."""

    subreddits: tuple[str, ...] = field(
        default=(), metadata={"help": "Forums to read whole, as in hanguk.", "ask": True}
    )
    queries: tuple[str, ...] = field(
        default=(), metadata={"help": "Words to search all of Reddit's posts for.", "ask": True}
    )
    comments: bool = field(
        default=True, metadata={"help": "Whether the comments of these forums are taken too."}
    )
    client_id: str = field(
        default="",
        metadata={
            "help": "The identity of your Reddit app (type script).",
            "where": "reddit.com/prefs/apps, below the app's name",
            "ask": True,
        },
    )
    client_secret: str = field(
        default="",
        repr=False,
        metadata={
            "help": "The secret of that app.",
            "secret": True,
            "where": "reddit.com/prefs/apps, secret",
            "ask": True,
        },
    )
    username: str = field(
        default="", metadata={"help": "The account that replies; empty for none.", "ask": True}
    )
    password: str = field(
        default="",
        repr=False,
        metadata={
            "help": "The password of that account.",
            "secret": True,
            "where": "the account with which the app was made",
        },
    )
    first_days: int = field(default=7, metadata={"help": "How many days the first run goes back."})
    posts_a_run: int = field(default=5000, metadata={"help": "Posts to read in one run at most."})
    recheck_days: int = field(
        default=14, metadata={"help": "For how many days posts are looked up again, once a day."}
    )
    recheck_posts: int = field(
        default=500, metadata={"help": "Posts to look up again in one run at most; 0 for none."}
    )
    base_url: str = field(
        default="https://oauth.reddit.com", metadata={"help": "Where Reddit's API is reached."}
    )
    sign_in_url: str = field(
        default="https://www.reddit.com", metadata={"help": "Where the app signs in."}
    )
    agent: str = field(
        default="python:madang:0.1 (social listening)",
        metadata={"help": "How the collector names itself; add /u/ and your account."},
    )
    timeout_seconds: float = field(
        default=30.0, metadata={"help": "How long one request may take, in seconds."}
    )
    retry_seconds: float = field(
        default=1.0, metadata={"help": "Seconds before a second try when Reddit is busy."}
    )


LIMITS: Final = ReplyLimits(characters=10_000)
TERMS: Final = Terms(
    document="Reddit Data API Terms",
    url="https://redditinc.com/policies/data-api-terms",
    retention="Posts and comments that were deleted on Reddit, and all of deleted accounts, are "
    "deleted here too; commercial use needs Reddit's agreement.",
    display="What is shown names Reddit and the author and links to the post there.",
)
_PAGE: Final = 100
_SHOWN: Final = 900  # of a list Reddit shows about a thousand entries
_LATE: Final = timedelta(minutes=2)  # posts may be found so long after they were written
_KEY: Final = (
    "Reddit refuses the app ({}). Look at client_id and client_secret, and to reply at username "
    "and password, in the section [reddit]; apps are made at reddit.com/prefs/apps."
)

Thing = Mapping[str, Any]


def open_reddit(settings: RedditSettings) -> "Reddit":
    """Raises SourceUnavailable when the app, or what to read, is missing."""
    if not settings.client_id or not settings.client_secret:
        raise SourceUnavailable(
            "Reddit needs client_id and client_secret in the section [reddit], or "
            "MADANG__REDDIT__CLIENT_SECRET in the environment. They are had at "
            "reddit.com/prefs/apps: create an app of the type script."
        )
    if not settings.subreddits and not settings.queries:
        raise SourceUnavailable("Nothing to read. Set subreddits or queries in [reddit].")
    return Reddit(settings)


KIND: Final = SourceKind(
    name="reddit",
    summary="Posts and comments of subreddits, and posts that a search finds.",
    settings=RedditSettings,
    open=open_reddit,
    verified="local server",
    replies=LIMITS,
    terms=TERMS,
)


@dataclass(frozen=True)
class Reddit:
    """The source `reddit`. Its cursor: {"parts": {part: {until, newest, walk}}, "watched": {…}}.

    A part is "r/forum", "r/forum comments" or the words of a query.
    """

    settings: RedditSettings
    name: str = "reddit"

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        client, walker = self._client(), self._walker(cursor)
        yield from walker.catch_up(self._listings(client, walker))
        due = walker.watched.due(datetime.now(UTC), self.settings.recheck_posts)
        yield from self._looked_up(client, walker, due)

    def backfill(self, since: datetime, until: datetime, cursor: Cursor) -> Iterator[Batch]:
        walker = self._walker(cursor)
        yield from walker.look_back(self._listings(self._client(), walker), since, until)

    def recheck(self, native_ids: Sequence[str], cursor: Cursor) -> Iterator[Batch]:
        """Look posts up: those that are there come as they stand, the others are removed."""
        yield from self._looked_up(self._client(), self._walker(cursor), native_ids)

    def reply(self, answer: Answer) -> Receipt:
        from collectors.services.api import ApiError

        if not self.settings.username or not self.settings.password:
            raise ReplyRefused("To reply, Reddit needs username and password in [reddit].")
        client = self._client()
        try:
            if receipt := self._earlier(client, answer):
                return receipt
            data = {"thing_id": answer.native_id, "text": answer.text}
            call = partial(client.request, method="POST", path="api/comment", data=data)
            said = self._asked(call, tries=1)["json"]
        except ApiError as error:
            if error.may_pass or error.status == 401:  # a password can be mended
                raise ReplyLater(str(error), error.wait) from error
            raise ReplyRefused(str(error)) from error
        if said.get("errors"):
            raise _refusal(said["errors"][0])
        return _receipt(said["data"]["things"][0]["data"])

    def _earlier(self, client: "Client", answer: Answer) -> Receipt | None:
        """Our own comment with this text under the post, if an earlier try has gone through."""
        since = answer.made_at - timedelta(minutes=5)
        after: str | None = None
        while True:
            path = f"user/{self.settings.username}/comments"
            data = self._get(client, path, {"limit": _PAGE, "sort": "new", "after": after})
            for child in data["children"]:
                thing = child["data"]
                same = thing.get("parent_id") == answer.native_id
                if same and str(thing.get("body")).split() == answer.text.split():
                    return _receipt(thing)
            oldest = oldest_of(data["children"])
            after = data.get("after")
            if after is None or oldest is None or oldest < since:
                return None

    def _listings(self, client: "Client", walker: Walker) -> list[Listing]:
        lists: dict[str, tuple[str, dict[str, Any]]] = {}
        for forum in self.settings.subreddits:
            lists[f"r/{forum}"] = (f"r/{forum}/new", {})
            if self.settings.comments:
                lists[f"r/{forum} comments"] = (f"r/{forum}/comments", {})
        for words in self.settings.queries:
            lists[words] = ("search", {"q": words, "sort": "new", "t": "all", "type": "link"})
        return [
            Listing(
                part,
                partial(self._page, client, walker, path, params),
                first=timedelta(days=self.settings.first_days),
                limit="Reddit shows about a thousand entries of a list and no older ones.",
            )
            for part, (path, params) in lists.items()
        ]

    def _walker(self, cursor: Cursor) -> Walker:
        watched = Watched(cursor.get("watched", {}), self.settings.recheck_days)
        # A forum may be private or banned (403) while the others can be read.
        return Walker(self.name, cursor, watched, self.settings.posts_a_run, frozenset({401, 429}))

    def _page(
        self, client: "Client", walker: Walker, path: str, params: Mapping[str, Any], walk: Walk
    ) -> Page:
        below = walk.below or {"after": None, "at": None, "shown": 0}
        data = self._get(client, path, {**params, "limit": _PAGE, "after": below["after"]})
        if below["after"] and not data["children"]:
            data = self._found_again(client, path, params, datetime.fromisoformat(below["at"]))
        children = data["children"]
        floor = walk.floor - (_LATE if walk.after else timedelta(0))
        things = [child["data"] for child in children if child.get("kind") in ("t1", "t3")]
        gone = [str(thing["name"]) for thing in things if is_gone(thing)]
        rows = [row_of(thing) for thing in things if not is_gone(thing)]
        wanted = [row for row in rows if _is_wanted(row, walker, floor, walk.ceiling)]
        oldest, after = oldest_of(children), data.get("after")
        shown = below["shown"] + len(children)
        reached = oldest is None or oldest < floor
        more = None
        if after and not reached and oldest is not None:
            more = {"after": after, "at": oldest.isoformat(), "shown": shown}
        return Page(
            wanted,
            below=more,
            newest=str(things[0]["name"]) if things else None,
            removed=[name for name in gone if walker.watched.knows(name)],
            cut_at=oldest if more is None and not reached and shown >= _SHOWN else None,
        )

    def _found_again(
        self, client: "Client", path: str, params: Mapping[str, Any], at: datetime
    ) -> Thing:
        """The page that holds what was written at `at`.

        Reddit knows no page after an entry that was deleted meanwhile.
        """
        after: str | None = None
        while True:
            data = self._get(client, path, {**params, "limit": _PAGE, "after": after})
            oldest, after = oldest_of(data["children"]), data.get("after")
            if oldest is None or oldest < at or after is None:
                return data

    def _looked_up(self, client: "Client", walker: Walker, names: Sequence[str]) -> Iterator[Batch]:
        for start in range(0, len(names), _PAGE):
            asked = names[start : start + _PAGE]
            data = self._get(client, "api/info", {"id": ",".join(asked)})
            things = [child["data"] for child in data["children"]]
            rows = [row_of(thing) for thing in things if not is_gone(thing)]
            there = {row["native_id"] for row in rows}
            yield walker.batch(rows, removed=[name for name in asked if name not in there])

    def _get(self, client: "Client", path: str, params: Mapping[str, Any]) -> Thing:
        given = {name: value for name, value in params.items() if value is not None}
        said = self._asked(partial(client.request, method="GET", path=path, params=given))
        data: Thing = said["data"]
        return data

    def _client(self) -> "Client":
        from praw import Reddit as Client

        from collectors.services.sessions import ServiceSession

        session = ServiceSession(seconds=self.settings.timeout_seconds, writes_once=True)
        return Client(
            client_id=self.settings.client_id,
            client_secret=self.settings.client_secret,
            username=self.settings.username or None,
            password=self.settings.password or None,
            user_agent=self.settings.agent,
            oauth_url=f"{self.settings.base_url.rstrip('/')}/",
            reddit_url=self.settings.sign_in_url.rstrip("/"),
            check_for_updates=False,
            check_for_async=False,
            requestor_kwargs={"session": session},
        )

    def _asked(self, call: Callable[[], Any], tries: int = 3) -> Any:
        from collectors.services.sessions import patiently

        return patiently(call, explained, self.settings.retry_seconds, tries)


def _is_wanted(row: Thing, walker: Walker, floor: datetime, ceiling: datetime) -> bool:
    at = row["created_at"]
    if at is None:
        return True  # for the quarantine
    past = ceiling < datetime.now(UTC) - _LATE  # when looking back
    known = walker.watched.knows(row["native_id"]) and not past
    return bool(at >= floor and not known and not (past and at >= ceiling))


def _receipt(comment: Thing) -> Receipt:
    link = comment.get("permalink")
    return Receipt(str(comment["name"]), f"https://www.reddit.com{link}" if link else None)


def _refusal(error: Sequence[Any]) -> ReplyRefused | ReplyLater:
    """Reddit's errors are [CODE, sentence, field]."""
    reason = f"Reddit does not take the comment: {error[1] or error[0]}"
    if error[0] == "RATELIMIT":
        return ReplyLater(reason, timedelta(minutes=10))
    return ReplyRefused(reason)


def explained(error: Exception) -> "ApiError | None":
    """What an exception of praw says of Reddit; None for what is not from there."""
    from prawcore.exceptions import OAuthException, RequestException, ResponseException

    from collectors.services.api import ApiError
    from collectors.services.sessions import again_in

    if isinstance(error, OAuthException):
        return ApiError(_KEY.format(401), 401)
    if isinstance(error, RequestException):
        cause = error.original_exception
        status = cause.status if isinstance(cause, ApiError) else None
        reason = type(cause).__name__
        return ApiError(f"Reddit does not answer ({reason}). Look at base_url in [reddit].", status)
    if isinstance(error, ResponseException):
        status = error.response.status_code
        headers = {name.lower(): value for name, value in error.response.headers.items()}
        meanings = {
            401: _KEY.format(401),
            403: "The forum is private, or closed to this account (403).",
            404: "There is no such forum or post, or it is banned (404).",
            302: "There is no such forum (302).",
        }
        meaning = meanings.get(status, f"Reddit answers with the status {status}.")
        if status == 200:
            return ApiError("Reddit answers with something that is no JSON.")
        return ApiError(meaning, status, again_in(headers))
    return None
