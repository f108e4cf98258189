"""Mastodon: public posts by hashtag, search or the instance's own timeline, also streamed; replies.

Only what its author made public is taken, and never of people who ask not to be indexed.
Mastodon.py is imported when an instance is asked, as every command reads the list of sources.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

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
from collectors.rows.markup import plain
from collectors.services.again import Watched
from collectors.services.walks import Listing, Page, Walk, Walker
from warehouse.landing import Batch

if TYPE_CHECKING:
    from mastodon import Mastodon as Client

    from collectors.services.api import ApiError


@dataclass(frozen=True)
class MastodonSettings:
    """The section `[mastodon]` of madang.toml."""

    base_url: str = field(
        default="",
        metadata={"help": "Your instance, as in https://mastodon.social.", "ask": True},
    )
    tags: tuple[str, ...] = field(
        default=(), metadata={"help": "Hashtags to follow, without their #.", "ask": True}
    )
    queries: tuple[str, ...] = field(
        default=(), metadata={"help": "Words to search for, where the instance searches posts."}
    )
    local: bool = field(
        default=False, metadata={"help": "Whether all public posts of the instance are taken."}
    )
    access_token: str = field(
        default="",
        repr=False,
        metadata={
            "help": "The access token of your account: to search, to reply, and where the "
            "instance asks for it.",
            "secret": True,
            "where": "your instance, Preferences, Development, New application "
            "(read and write:statuses)",
            "ask": True,
        },
    )
    first_days: int = field(default=7, metadata={"help": "How many days the first run goes back."})
    posts_a_run: int = field(default=5000, metadata={"help": "Posts to read in one run at most."})
    recheck_days: int = field(
        default=14, metadata={"help": "For how many days posts are looked up again, once a day."}
    )
    recheck_posts: int = field(
        default=100, metadata={"help": "Posts to look up again in one run at most; 0 for none."}
    )
    skip_unindexed: bool = field(
        default=True,
        metadata={"help": "Whether people who ask search engines not to index them are left out."},
    )
    timeout_seconds: float = field(
        default=30.0, metadata={"help": "How long one request may take, in seconds."}
    )
    retry_seconds: float = field(
        default=1.0, metadata={"help": "Seconds before a second try when the instance is busy."}
    )


LIMITS: Final = ReplyLimits(characters=500)
TERMS: Final = Terms(
    document="Terms of Service and rules of your instance; Mastodon's guidelines for clients",
    url="https://docs.joinmastodon.org/api/guidelines/",
    retention="Each instance has its own terms. Deleted posts are deleted here too, and only "
    "public and unlisted posts are kept.",
    display="A post is shown with its author's full address and a link to it, behind its content "
    "warning if it has one.",
)
_PAGE: Final = 40
_LOOKUP: Final = 20  # posts that may be asked for at once
_LATE: Final = timedelta(
    minutes=10
)  # posts of other instances arrive so long after they were written
_PUBLIC: Final = frozenset({"public", "unlisted"})
_ADDRESSEES: Final = re.compile(r"^(@\S+\s+)+")

Status = Mapping[str, Any]


def open_mastodon(settings: MastodonSettings) -> "Mastodon":
    """Raises SourceUnavailable when the instance, or what to look for there, is missing."""
    if not settings.base_url:
        raise SourceUnavailable("No instance is set. Set base_url in the section [mastodon].")
    if not (settings.tags or settings.queries or settings.local):
        raise SourceUnavailable("Nothing to look for. Set tags or queries in [mastodon].")
    if settings.queries and not settings.access_token:
        raise SourceUnavailable(
            "To search, Mastodon needs access_token in the section [mastodon], or "
            "MADANG__MASTODON__ACCESS_TOKEN in the environment. It is had on your instance: "
            "Preferences, Development, New application."
        )
    return Mastodon(settings)


KIND: Final = SourceKind(
    name="mastodon",
    summary="Public posts on Mastodon by hashtag or search, as they come or in turn.",
    settings=MastodonSettings,
    open=open_mastodon,
    verified="local server",
    streams=True,
    replies=LIMITS,
    terms=TERMS,
)


@dataclass(frozen=True)
class Mastodon:
    """The source `mastodon`. Its cursor: {"parts": {part: {until, newest, walk}}, "watched"}.

    A part is "#tag", "local" or the words of a query. Identities are "instance/number".
    """

    settings: MastodonSettings
    name: str = "mastodon"

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        walker, client = self.walker(cursor), self.client()
        yield from walker.catch_up(self.listings(client, walker))
        yield from self.look_again(client, walker)

    def backfill(self, since: datetime, until: datetime, cursor: Cursor) -> Iterator[Batch]:
        walker = self.walker(cursor)
        yield from walker.look_back(self.listings(self.client(), walker), since, until)

    def stream(self, cursor: Cursor, stopping: threading.Event) -> Iterator[Batch]:
        from collectors.mastodon_stream import listen

        return listen(self, cursor, stopping)

    def recheck(self, native_ids: Sequence[str], cursor: Cursor) -> Iterator[Batch]:
        """Look posts up: those that are there come as they stand, the others are removed."""
        yield from self._looked_up(self.client(), self.walker(cursor), native_ids)

    def reply(self, answer: Answer) -> Receipt:
        from collectors.services.api import ApiError

        if not self.settings.access_token:
            raise ReplyRefused(
                "To reply, Mastodon needs access_token in the section [mastodon]. It is had on "
                "your instance: Preferences, Development, New application."
            )
        client, number = self.client(), answer.native_id.rpartition("/")[2]
        try:
            parent = self.asked(client, partial(client.status, number))
            if receipt := self._earlier(client, number, answer):
                return receipt
            to = f"@{parent['account']['acct']}"
            posted = self.asked(
                client,
                partial(
                    client.status_post,
                    answer.text if to in answer.text else f"{to} {answer.text}",
                    in_reply_to_id=number,
                    visibility=parent["visibility"],
                    idempotency_key=answer.key,
                ),
                tries=1,
            )
        except ApiError as error:
            if error.may_pass or error.status == 401:  # a token can be mended
                raise ReplyLater(str(error), error.wait) from error
            raise ReplyRefused(str(error)) from error
        return self._receipt(posted)

    def _earlier(self, client: "Client", number: str, answer: Answer) -> Receipt | None:
        """Our own reply with this text; an instance knows the keys of an hour only."""
        me = self.asked(client, client.account_verify_credentials)["id"]
        context = self.asked(client, partial(client.status_context, number))
        for status in context["descendants"]:
            ours = str(status["account"]["id"]) == str(me)
            if ours and str(status["in_reply_to_id"]) == number:
                said = _ADDRESSEES.sub("", plain(status["content"]))
                if said.split() == _ADDRESSEES.sub("", answer.text).split():
                    return self._receipt(status)
        return None

    def _receipt(self, status: Status) -> Receipt:
        return Receipt(self.native_id(status["id"]), status.get("url"))

    def listings(self, client: "Client", walker: Walker) -> list[Listing]:
        """One list a tag, a query, and the instance's own timeline."""
        first = timedelta(days=self.settings.first_days)
        reads: dict[str, Callable[..., Any]] = {
            f"#{tag}": partial(client.timeline_hashtag, tag) for tag in self.settings.tags
        }
        if self.settings.local:
            reads["local"] = partial(client.timeline_public, local=True)
        for words in self.settings.queries:
            reads[words] = partial(_searched, client, words)
        return [
            Listing(part, partial(self._page, client, walker, read), first)
            for part, read in reads.items()
        ]

    def look_again(self, client: "Client", walker: Walker) -> Iterator[Batch]:
        """Look up what is due: posts come as they stand, and what is gone is removed."""
        due = walker.watched.due(datetime.now(UTC), self.settings.recheck_posts)
        yield from self._looked_up(client, walker, due)

    def walker(self, cursor: Cursor) -> Walker:
        """A walker through this source's lists."""
        watched = Watched(cursor.get("watched", {}), self.settings.recheck_days)
        return Walker(self.name, cursor, watched, self.settings.posts_a_run)

    def client(self) -> "Client":
        """Mastodon.py with a bounded session; limits are left to us."""
        from mastodon import Mastodon as Client

        from collectors.services.sessions import ServiceSession

        return Client(
            access_token=self.settings.access_token or None,
            api_base_url=self.settings.base_url.rstrip("/"),
            ratelimit_method="throw",
            request_timeout=self.settings.timeout_seconds,
            session=ServiceSession(seconds=self.settings.timeout_seconds),
            user_agent="Madang",
        )

    def asked(self, client: "Client", call: Callable[[], Any], tries: int = 3) -> Any:
        """What a call of the library gives; raises ApiError."""
        from collectors.services.sessions import patiently

        return patiently(
            call, partial(explained, client.session), self.settings.retry_seconds, tries
        )

    def native_id(self, number: Any) -> str:
        """The identity of a post by its number on the instance."""
        return f"{urlsplit(self.settings.base_url).netloc}/{number}"

    def row(self, status: Status) -> dict[str, Any] | None:
        """A row of MENTION, or None for what its author did not make public, and for shares."""
        account = status.get("account") or {}
        hidden = self.settings.skip_unindexed and account.get("noindex")
        if status.get("visibility") not in _PUBLIC or status.get("reblog") or hidden:
            return None
        parent, warning = status.get("in_reply_to_id"), plain(status.get("spoiler_text") or "")
        return {
            "native_id": self.native_id(status["id"]),
            "kind": "post" if parent is None else "comment",
            "url": status.get("url") or status.get("uri"),
            "parent_id": None if parent is None else self.native_id(parent),
            "author_id": account.get("uri") or account.get("url"),
            "author_handle": account.get("acct"),
            "author_name": account.get("display_name") or account.get("username"),
            "author_followers": account.get("followers_count"),
            "title": warning,
            "text": plain(str(status.get("content") or "")) or warning,
            "lang": str(status["language"])[:2] if status.get("language") else None,
            "created_at": moment(status.get("created_at")),
            "likes": status.get("favourites_count"),
            "replies": status.get("replies_count"),
            "shares": status.get("reblogs_count"),
            "extra": _extra(status),
        }

    def _page(self, client: "Client", walker: Walker, read: Callable[..., Any], walk: Walk) -> Page:
        below = walk.below
        if below is None and walk.ceiling < datetime.now(UTC) - _LATE:
            below = walk.ceiling
        statuses = self.asked(client, partial(read, max_id=below, limit=_PAGE))
        floor = walk.floor - (_LATE if walk.after else timedelta(0))
        times = [at for at in (moment(each.get("created_at")) for each in statuses) if at]
        rows = [row for each in statuses if (row := self.row(each)) is not None]
        wanted = [
            row
            for row in rows
            if row["created_at"] is None
            or (row["created_at"] >= floor and not walker.watched.knows(row["native_id"]))
        ]
        ended = not statuses or (times and min(times) < floor)
        return Page(
            wanted,
            below=None if ended else str(statuses[-1]["id"]),
            newest=str(statuses[0]["id"]) if statuses else None,
        )

    def _looked_up(
        self, client: "Client", walker: Walker, native_ids: Sequence[str]
    ) -> Iterator[Batch]:
        for start in range(0, len(native_ids), _LOOKUP):
            asked = native_ids[start : start + _LOOKUP]
            numbers = [native_id.rpartition("/")[2] for native_id in asked]
            statuses = self.asked(client, partial(client.statuses, numbers))
            rows = [row for each in statuses if (row := self.row(each)) is not None]
            there = {row["native_id"] for row in rows}
            yield walker.batch(rows, removed=[key for key in asked if key not in there])


def _searched(client: "Client", words: str, *, max_id: Any, limit: int) -> list[Status]:
    found: list[Status] = client.search_v2(
        words, resolve=False, result_type="statuses", max_id=max_id, limit=limit
    )["statuses"]
    return found


def moment(said: Any) -> datetime | None:
    """A time as the library gives it, in zones of many kinds; None for what is none."""
    try:
        found = said if isinstance(said, datetime) else datetime.fromisoformat(said)
    except (TypeError, ValueError):
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _extra(status: Status) -> str | None:
    account = status.get("account") or {}
    said = {
        "tags": [tag.get("name") for tag in status.get("tags") or []],
        "alt": [each["description"] for each in status.get("media_attachments") or []
                if each.get("description")],
        "bot": account.get("bot") or None,
        "edited_at": str(status["edited_at"]) if status.get("edited_at") else None,
    }  # fmt: skip
    kept = {name: value for name, value in said.items() if value}
    return json.dumps(kept, ensure_ascii=False) if kept else None


def explained(session: Any, error: Exception) -> "ApiError | None":
    """What an exception of Mastodon.py says of the instance; None for what is not from there."""
    from mastodon import MastodonAPIError, MastodonNetworkError, MastodonRatelimitError

    from collectors.services.api import ApiError
    from collectors.services.sessions import again_in

    if isinstance(error, MastodonRatelimitError):
        said = again_in(session.headers_said)
        return ApiError("The instance takes no more requests for now (429).", 429, said)
    if isinstance(error, MastodonAPIError) and len(error.args) > 1:
        status = error.args[1] if isinstance(error.args[1], int) else None
        told = f" It says: {error.args[3]}." if len(error.args) > 3 and error.args[3] else ""
        meaning = f"The instance answers with the status {status}."
        if status is None:
            meaning = "The instance answers with something that is no JSON."
        if status in (401, 403):
            meaning = (
                f"The instance refuses the token ({status}). Look at access_token in the section "
                "[mastodon]; it is made on your instance: Preferences, Development."
            )
        return ApiError(meaning + told, status, again_in(session.headers_said))
    if isinstance(error, MastodonNetworkError):
        return ApiError("The instance does not answer. Look at base_url in [mastodon].")
    return None
