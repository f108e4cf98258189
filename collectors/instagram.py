"""Comments under the posts of an Instagram business account, and posts that tag it.

By Meta's Graph API. The account's own words are no mentions.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from collectors.base import (
    Answer,
    CollectorError,
    Cursor,
    Receipt,
    ReplyLimits,
    ReplyRefused,
    SourceKind,
    SourceUnavailable,
    Terms,
)
from collectors.services.graph import Graph, refusal
from collectors.services.receipts import Written, earlier_try
from collectors.services.threads import Account, Post, Row, Threads
from collectors.services.wire import moment, objects, part, text, whole
from warehouse.landing import Batch

_WHERE: Final = (
    "developers.facebook.com, your app > Graph API Explorer or a system user of your business, "
    "for the page that the account is linked to"
)


@dataclass(frozen=True)
class InstagramSettings:
    """The section `[instagram]` of madang.toml."""

    account_id: str = field(
        default="",
        metadata={"help": "The id of your business account, a number.", "ask": True},
    )
    access_token: str = field(
        default="",
        repr=False,
        metadata={
            "help": "A long-lived token for the account.",
            "secret": True,
            "where": _WHERE,
            "ask": True,
        },
    )
    app_secret: str = field(
        default="",
        repr=False,
        metadata={
            "help": "The secret of your app, by which requests are proven to be yours.",
            "secret": True,
            "where": "developers.facebook.com, your app > Settings > Basic",
        },
    )
    days: int = field(
        default=30, metadata={"help": "How many days the comments of a post are followed."}
    )
    product: str | None = field(
        default=None, metadata={"help": "The product that the account is about."}
    )
    version: str = field(default="v24.0", metadata={"help": "The version of the Graph API."})
    base_url: str = field(
        default="https://graph.facebook.com", metadata={"help": "Where the interface is."}
    )
    timeout_seconds: float = field(
        default=30.0, metadata={"help": "How long one request may take, in seconds."}
    )
    retry_seconds: float = field(
        default=1.0, metadata={"help": "Seconds before a second try when the service is busy."}
    )


TERMS: Final = Terms(
    document="Meta Platform Terms, Developer Policies",
    url="https://developers.facebook.com/terms/",
    retention="Kept as long as it is needed for what people were told; deleted when its owner or "
    "Meta asks for it, when it is deleted on Instagram, and when the app is given up.",
    display="Not sold or passed on; shown to the people of the business whose account it is.",
)
LIMITS: Final = ReplyLimits(characters=300)

_MEDIA: Final = "id,caption,timestamp,permalink,comments_count,username"
_TAGGED: Final = "id,caption,timestamp,permalink,username"
_FIELDS: Final = "id,text,timestamp,username,from{id,username},like_count"
_COMMENT: Final = f"{_FIELDS},replies.limit(50){{{_FIELDS},parent_id}}"
_TAG: Final = "tagged/"  # before the native ids of posts that tag the account


def open_instagram(settings: InstagramSettings) -> "Instagram":
    """Raises SourceUnavailable when the account or its token is missing."""
    if not settings.account_id:
        raise SourceUnavailable("No account is set. Set account_id in the section [instagram].")
    if not settings.access_token:
        raise SourceUnavailable(
            f"access_token in the section [instagram] is missing. Get it: {_WHERE}."
        )
    return Instagram(settings)


KIND: Final = SourceKind(
    name="instagram",
    summary="Comments under your Instagram posts, and posts that tag your account.",
    settings=InstagramSettings,
    open=open_instagram,
    verified="local server",
    replies=LIMITS,
    terms=TERMS,
)


@dataclass(frozen=True)
class Instagram:
    """The source `instagram`; its part is the account."""

    settings: InstagramSettings
    name: str = "instagram"

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        with self._graph() as graph:
            threads = Threads(self.name, cursor, self.settings.days)
            yield from threads.listen(self._account(graph))

    def backfill(self, since: datetime, until: datetime, cursor: Cursor) -> Iterator[Batch]:
        with self._graph() as graph:
            threads = Threads(self.name, cursor, self.settings.days)
            yield from threads.between(self._account(graph), since, until)

    def reply(self, answer: Answer) -> Receipt:
        """Answers under a comment. Answers go one level deep."""
        if answer.native_id.startswith(_TAG):
            raise ReplyRefused("Instagram lets us answer comments, not posts of others.")
        with self._graph() as graph:
            try:
                said = part(graph.get(answer.native_id, {"fields": "id,parent_id"}))
                target = text(said.get("parent_id")) or answer.native_id
                if receipt := earlier_try(answer, self._ours(graph, target)):
                    return receipt
                made = graph.post(f"{target}/replies", {"message": answer.text})
            except CollectorError as error:
                raise refusal(error, "Instagram") from error
        return Receipt(text(part(made).get("id")))

    def _ours(self, graph: Graph, target: str) -> Iterator[Written]:
        """What the account has written under `target`."""
        asked = {"fields": "id,text,timestamp,from{id}", "limit": 50}
        for page in graph.pages(f"{target}/replies", asked):
            for each in page:
                if part(each, "from").get("id") == self.settings.account_id:
                    when = moment(each.get("timestamp"))
                    yield Written(text(each.get("id")), text(each.get("text")), when)

    def _graph(self) -> Graph:
        settings = self.settings
        return Graph(
            "instagram",
            settings.base_url,
            settings.version,
            settings.access_token,
            settings.app_secret,
            wait=settings.retry_seconds,
            seconds=settings.timeout_seconds,
        )

    def _account(self, graph: Graph) -> Account:
        account_id = self.settings.account_id

        def media() -> Iterator[Post]:
            for page in graph.pages(f"{account_id}/media", {"fields": _MEDIA, "limit": 50}):
                for each in page:
                    count = whole(each.get("comments_count"))
                    written = moment(each.get("timestamp"))
                    yield Post(text(each.get("id")), written, count, None)

        def tagged() -> Iterator[Post]:
            for page in graph.pages(f"{account_id}/tags", {"fields": _TAGGED, "limit": 50}):
                for each in page:
                    row = self._tagged(each) if each.get("caption") else None
                    written = moment(each.get("timestamp"))
                    yield Post(f"{_TAG}{each.get('id')}", written, None, row, followed=False)

        def comments(post: Post) -> Iterator[list[Row]]:
            asked = {"fields": _COMMENT, "limit": 50}
            for page in graph.pages(f"{post.native_id}/comments", asked):
                yield [row for each in page for row in self._comments(graph, post, each)]

        return Account(account_id, (media, tagged), comments, frozenset({account_id}))

    def _comments(self, graph: Graph, post: Post, comment: dict[str, Any]) -> Iterator[Row]:
        """A comment, then the answers to it; with it come fifty of them at most."""
        replies = part(comment, "replies")
        key = text(comment.get("id"))
        under = objects(replies, "data")
        if part(replies, "paging").get("next"):
            asked = {"fields": f"{_FIELDS},parent_id", "limit": 50}
            under = [each for page in graph.pages(f"{key}/replies", asked) for each in page]
        yield self._row(post, comment, post.native_id) | {"replies": len(under)}
        for each in under:
            yield self._row(post, each, key)

    def _row(self, post: Post, said: dict[str, Any], above: str) -> Row:
        author = part(said, "from")
        return {
            "native_id": said.get("id"),
            "kind": "comment",
            "thread_id": post.native_id,
            "parent_id": above,
            "author_id": author.get("id"),
            "author_handle": said.get("username") or author.get("username"),
            "text": text(said.get("text")),
            "product": self.settings.product,
            "created_at": moment(said.get("timestamp")),
            "likes": whole(said.get("like_count")),
        }

    def _tagged(self, said: dict[str, Any]) -> Row:
        return {
            "native_id": f"{_TAG}{said.get('id')}",
            "kind": "post",
            "url": said.get("permalink"),
            "author_id": None,
            "author_handle": said.get("username"),
            "text": text(said.get("caption")),
            "product": self.settings.product,
            "created_at": moment(said.get("timestamp")),
        }
