"""Comments under the posts of LinkedIn organisation pages, and answers to them.

By LinkedIn's versioned REST interface, of which no official client for Python is kept that can be
pointed elsewhere. The page's own words are no mentions; of people it tells their URN, no names.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from collectors.base import (
    Answer,
    CollectorError,
    Cursor,
    Receipt,
    ReplyLater,
    ReplyLimits,
    ReplyRefused,
    SourceKind,
    SourceUnavailable,
    Terms,
)
from collectors.services.api import Api, ApiError
from collectors.services.receipts import Written, earlier_try, not_sent
from collectors.services.threads import Account, Post, Row, Threads
from collectors.services.wire import objects, part, since_epoch, text, whole
from warehouse.landing import Batch

_WHERE: Final = (
    "developer.linkedin.com, your app with the product Community Management API, its OAuth tools; "
    "scopes r_organization_social_feed and w_organization_social_feed"
)


@dataclass(frozen=True)
class LinkedinSettings:
    """The section `[linkedin]` of madang.toml."""

    organization_id: str = field(
        default="", metadata={"help": "The id of your organisation, a number.", "ask": True}
    )
    access_token: str = field(
        default="",
        repr=False,
        metadata={
            "help": "A token of a member who administers the page.",
            "secret": True,
            "where": _WHERE,
            "ask": True,
        },
    )
    days: int = field(
        default=30, metadata={"help": "How many days the comments of a post are followed."}
    )
    product: str | None = field(
        default=None, metadata={"help": "The product that the page is about."}
    )
    version: str = field(
        default="202610", metadata={"help": "The version of the interface, as year and month."}
    )
    base_url: str = field(
        default="https://api.linkedin.com", metadata={"help": "Where the interface is."}
    )
    timeout_seconds: float = field(
        default=30.0, metadata={"help": "How long one request may take, in seconds."}
    )
    retry_seconds: float = field(
        default=1.0, metadata={"help": "Seconds before a second try when the service is busy."}
    )


TERMS: Final = Terms(
    document="LinkedIn Marketing API Program Terms, data storage requirements",
    url="https://learn.microsoft.com/en-us/linkedin/marketing/data-storage-requirements",
    retention="Social activity of members may be kept for a short time only, which the document "
    "sets by kind of data; set the retention of this source accordingly.",
    display="Shown to the people who administer the page; not joined with data of other sources to "
    "target its authors.",
)
LIMITS: Final = ReplyLimits(characters=1250)

_POSTS: Final = 50
_COMMENTS: Final = 100


class _Refused(CollectorError):  # noqa: N818 - an answer of the service, not a mistake
    """The token, its rights or the version are refused: a setting mends it."""


def open_linkedin(settings: LinkedinSettings) -> "Linkedin":
    """Raises SourceUnavailable when the organisation or the token is missing."""
    if not settings.organization_id:
        raise SourceUnavailable(
            "No organisation is set. Set organization_id in the section [linkedin]."
        )
    if not settings.access_token:
        raise SourceUnavailable(
            f"access_token in the section [linkedin] is missing. Get it: {_WHERE}."
        )
    return Linkedin(settings)


KIND: Final = SourceKind(
    name="linkedin",
    summary="Comments under your organisation's posts on LinkedIn.",
    settings=LinkedinSettings,
    open=open_linkedin,
    verified="local server",
    replies=LIMITS,
    terms=TERMS,
)


@dataclass(frozen=True)
class Linkedin:
    """The source `linkedin`; its part is the organisation. Its native ids are comment URNs."""

    settings: LinkedinSettings
    name: str = "linkedin"

    @property
    def urn(self) -> str:
        """The organisation as LinkedIn names it."""
        return f"urn:li:organization:{self.settings.organization_id}"

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        with self._api() as api:
            threads = Threads(self.name, cursor, self.settings.days)
            yield from threads.listen(self._account(api))

    def backfill(self, since: datetime, until: datetime, cursor: Cursor) -> Iterator[Batch]:
        with self._api() as api:
            threads = Threads(self.name, cursor, self.settings.days)
            yield from threads.between(self._account(api), since, until)

    def reply(self, answer: Answer) -> Receipt:
        """Comments under a comment. Answers go one level deep."""
        subject, _, comment = answer.native_id.removeprefix("urn:li:comment:(").partition(",")
        if not comment:
            raise ReplyRefused(f"{answer.native_id} is no comment on LinkedIn.")
        path = f"/rest/socialActions/{_quoted(subject)}/comments/{comment.removesuffix(')')}"
        with self._api() as api:
            try:
                found = part(self._get(api, path))
                target = text(found.get("parentComment")) or answer.native_id
                if receipt := earlier_try(answer, self._ours(api, target)):
                    return receipt
                said = {
                    "actor": self.urn,
                    "object": text(found.get("object")) or subject,
                    "message": {"text": answer.text},
                    "parentComment": target,
                }
                made = self._post(api, f"/rest/socialActions/{_quoted(target)}/comments", said)
            except ApiError as error:
                raise not_sent(error, "LinkedIn") from error
            except CollectorError as error:
                raise ReplyLater(str(error)) from error
        return Receipt(text(part(made).get("commentUrn")), _address(subject))

    def _ours(self, api: Api, target: str) -> Iterator[Written]:
        """What the organisation has written under `target`."""
        for page in self._pages(api, _comments_of(target), {"count": _COMMENTS}):
            for each in page:
                if each.get("actor") == self.urn:
                    yield Written(
                        text(each.get("commentUrn")),
                        text(part(each, "message").get("text")),
                        since_epoch(part(each, "created").get("time"), 1000),
                        _address(text(each.get("object"))),
                    )

    def _account(self, api: Api) -> Account:
        def posts() -> Iterator[Post]:
            asked = {"q": "author", "author": self.urn, "count": _POSTS, "sortBy": "CREATED"}
            for page in self._pages(api, "/rest/posts", asked, {"X-RestLi-Method": "FINDER"}):
                counts = self._counts(api, [text(each.get("id")) for each in page])
                for each in page:
                    urn = text(each.get("id"))
                    written = since_epoch(each.get("createdAt"), 1000)
                    yield Post(urn, written, counts.get(urn), None)

        def comments(post: Post) -> Iterator[list[Row]]:
            asked = {"count": _COMMENTS}
            for page in self._pages(api, _comments_of(post.native_id), asked):
                yield [row for each in page for row in self._rows(api, post, each)]

        return Account(self.urn, (posts,), comments, frozenset({self.urn}))

    def _counts(self, api: Api, urns: list[str]) -> dict[str, int | None]:
        """How many comments each post has, answers included, as far as LinkedIn tells."""
        listed = ",".join(_quoted(urn) for urn in urns)
        said = self._get(
            api, f"/rest/socialMetadata?ids=List({listed})", None, {"X-RestLi-Method": "BATCH_GET"}
        )
        found = part(said, "results")
        return {urn: whole(part(found, urn, "commentSummary").get("count")) for urn in urns}

    def _rows(self, api: Api, post: Post, comment: dict[str, Any]) -> Iterator[Row]:
        """A comment, then the answers to it."""
        urn = text(comment.get("commentUrn"))
        count = whole(part(comment, "commentsSummary").get("aggregatedTotalComments"))
        yield self._row(post, comment, post.native_id) | {"replies": count}
        if count:
            for page in self._pages(api, _comments_of(urn), {"count": _COMMENTS}):
                for each in page:
                    yield self._row(post, each, urn)

    def _row(self, post: Post, comment: dict[str, Any], above: str) -> Row:
        return {
            "native_id": comment.get("commentUrn"),
            "kind": "comment",
            "url": _address(post.native_id),
            "thread_id": post.native_id,
            "parent_id": above,
            "author_id": comment.get("actor"),
            "text": text(part(comment, "message").get("text")),
            "product": self.settings.product,
            "created_at": since_epoch(part(comment, "created").get("time"), 1000),
            "likes": whole(part(comment, "likesSummary").get("aggregatedTotalLikes")),
        }

    def _pages(
        self, api: Api, path: str, asked: dict[str, Any], headers: dict[str, str] | None = None
    ) -> Iterator[list[dict[str, Any]]]:
        """The pages of a list. A page may be short without being the last one."""
        start = 0
        while True:
            said = self._get(api, path, {**asked, "start": start}, headers)
            found = objects(said, "elements")
            if found:
                yield found
            start += asked["count"]
            total = whole(part(said, "paging").get("total"))
            if not found or (total is not None and start >= total):
                return

    def _get(
        self,
        api: Api,
        path: str,
        params: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        try:
            return api.get(path, params, headers)
        except ApiError as error:
            raise _understood(error) from error

    def _post(self, api: Api, path: str, body: dict[str, Any]) -> Any:
        try:
            return api.post(path, body)
        except ApiError as error:
            raise _understood(error) from error

    def _api(self) -> Api:
        return Api(
            self.settings.base_url,
            {
                "Authorization": f"Bearer {self.settings.access_token}",
                "LinkedIn-Version": self.settings.version,
                "X-Restli-Protocol-Version": "2.0.0",
            },
            wait=self.settings.retry_seconds,
            seconds=self.settings.timeout_seconds,
        )


def _understood(error: ApiError) -> CollectorError:
    said = part(error.body)
    message = f"{text(said.get('message')) or error} ({said.get('code') or error.status})"
    if error.status in (401, 403):
        return _Refused(
            f"LinkedIn refuses the token: {message} Check access_token in the section [linkedin]: "
            f"{_WHERE}."
        )
    if error.status == 426:
        return _Refused(
            f"LinkedIn no longer speaks this version: {message} Set version in the section "
            "[linkedin] to one of the last twelve months."
        )
    return ApiError(f"LinkedIn: {message}", error.status, error.again_in, error.body)


def _comments_of(urn: str) -> str:
    return f"/rest/socialActions/{_quoted(urn)}/comments"


def _quoted(urn: str) -> str:
    return quote(urn, safe="")


def _address(urn: str) -> str:
    return f"https://www.linkedin.com/feed/update/{urn}"
