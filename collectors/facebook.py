"""Comments under the posts of Facebook pages, posts of visitors and posts that tag a page.

By Meta's Graph API, with the token of the page, which also answers. The page's own words are no
mentions.
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
    SourceKind,
    SourceUnavailable,
    Terms,
)
from collectors.services.graph import Graph, refusal
from collectors.services.receipts import Written, earlier_try
from collectors.services.threads import Account, Post, Row, Threads
from collectors.services.wire import moment, part, text, whole
from warehouse.landing import Batch

_WHERE: Final = (
    "developers.facebook.com, your app > Graph API Explorer or a system user of your business, "
    "as a token of the page"
)


@dataclass(frozen=True)
class FacebookSettings:
    """The section `[facebook]` of madang.toml."""

    page_id: str = field(
        default="", metadata={"help": "The id of your page, a number.", "ask": True}
    )
    access_token: str = field(
        default="",
        repr=False,
        metadata={
            "help": "A long-lived token of the page.",
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
        default=None, metadata={"help": "The product that the page is about."}
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
    "Meta asks for it, when it is deleted on Facebook, and when the app is given up.",
    display="Not sold or passed on; shown to the people of the business whose page it is.",
)
LIMITS: Final = ReplyLimits(characters=8000)

_POST: Final = (
    "id,message,created_time,permalink_url,from{id,name},"
    "comments.filter(stream).limit(0).summary(true)"  # the number of all, answers included
)
_COMMENT: Final = (
    "id,message,created_time,from{id,name},parent{id},permalink_url,like_count,comment_count"
)
_OURS: Final = "id,message,created_time,from{id},permalink_url"


def open_facebook(settings: FacebookSettings) -> "Facebook":
    """Raises SourceUnavailable when the page or its token is missing."""
    if not settings.page_id:
        raise SourceUnavailable("No page is set. Set page_id in the section [facebook].")
    if not settings.access_token:
        raise SourceUnavailable(
            f"access_token in the section [facebook] is missing. Get it: {_WHERE}."
        )
    return Facebook(settings)


KIND: Final = SourceKind(
    name="facebook",
    summary="Comments on your Facebook page, posts of its visitors, and posts that tag it.",
    settings=FacebookSettings,
    open=open_facebook,
    verified="local server",
    replies=LIMITS,
    terms=TERMS,
)


@dataclass(frozen=True)
class Facebook:
    """The source `facebook`; its part is the page."""

    settings: FacebookSettings
    name: str = "facebook"

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        with self._graph() as graph:
            threads = Threads(self.name, cursor, self.settings.days)
            yield from threads.listen(self._account(graph))

    def backfill(self, since: datetime, until: datetime, cursor: Cursor) -> Iterator[Batch]:
        with self._graph() as graph:
            threads = Threads(self.name, cursor, self.settings.days)
            yield from threads.between(self._account(graph), since, until)

    def reply(self, answer: Answer) -> Receipt:
        """Comments under a comment, or under a post. Answers go one level deep."""
        with self._graph() as graph:
            try:
                target = self._target(graph, answer.native_id)
                if receipt := earlier_try(answer, self._ours(graph, target)):
                    return receipt
                made = graph.post(f"{target}/comments", {"message": answer.text})
                return Receipt(text(part(made).get("id")))
            except CollectorError as error:
                raise refusal(error, "Facebook") from error

    def _target(self, graph: Graph, native_id: str) -> str:
        """What is commented on: the comment above an answer, else the mention itself."""
        if native_id.startswith(f"{self.settings.page_id}_"):  # a post: PAGE_POST
            return native_id
        said = graph.get(native_id, {"fields": "id,parent{id}"})
        return text(part(said, "parent").get("id")) or native_id

    def _ours(self, graph: Graph, target: str) -> Iterator[Written]:
        """What the page has written under `target`."""
        asked = {"fields": _OURS, "filter": "toplevel", "order": "reverse_chronological"}
        for page in graph.pages(f"{target}/comments", asked):
            for each in page:
                if part(each, "from").get("id") == self.settings.page_id:
                    yield Written(
                        text(each.get("id")),
                        text(each.get("message")),
                        moment(each.get("created_time")),
                        each.get("permalink_url"),
                    )

    def _graph(self) -> Graph:
        settings = self.settings
        return Graph(
            "facebook",
            settings.base_url,
            settings.version,
            settings.access_token,
            settings.app_secret,
            wait=settings.retry_seconds,
            seconds=settings.timeout_seconds,
        )

    def _account(self, graph: Graph) -> Account:
        page_id = self.settings.page_id

        def posts(edge: str, followed: bool) -> Iterator[Post]:
            for page in graph.pages(f"{page_id}/{edge}", {"fields": _POST, "limit": 50}):
                for each in page:
                    yield self._post(each, followed)

        def comments(post: Post) -> Iterator[list[Row]]:
            asked = {
                "fields": _COMMENT,
                "filter": "stream",  # answers to comments as well
                "order": "reverse_chronological",
                "limit": 100,
            }
            for page in graph.pages(f"{post.native_id}/comments", asked):
                yield [self._comment(post.native_id, each) for each in page]

        lists = (lambda: posts("feed", True), lambda: posts("tagged", False))
        return Account(page_id, lists, comments, frozenset({page_id}))

    def _post(self, post: dict[str, Any], followed: bool) -> Post:
        count = whole(part(post, "comments", "summary").get("total_count"))
        written, author = moment(post.get("created_time")), part(post, "from")
        own = author.get("id") == self.settings.page_id
        row = None if own else self._row(post, "post", None, None) | {"replies": count}
        if row is not None and not row["text"]:
            row = None  # a picture without a word
        return Post(text(post.get("id")), written, count, row, followed)

    def _comment(self, post: str, comment: dict[str, Any]) -> Row:
        above = part(comment, "parent").get("id") or post
        return self._row(comment, "comment", post, above) | {
            "likes": whole(comment.get("like_count")),
            "replies": whole(comment.get("comment_count")),
        }

    def _row(self, said: dict[str, Any], kind: str, post: str | None, above: str | None) -> Row:
        author = part(said, "from")
        return {
            "native_id": said.get("id"),
            "kind": kind,
            "url": said.get("permalink_url"),
            "thread_id": post or said.get("id"),
            "parent_id": above,
            "author_id": author.get("id"),
            "author_name": author.get("name"),
            "text": text(said.get("message")),
            "product": self.settings.product,
            "created_at": moment(said.get("created_time")),
        }
