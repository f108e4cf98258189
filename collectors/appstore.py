"""Reviews of apps on the App Store, and answers to them.

Without a key, the public feed of each country is read: the newest 500 reviews. With a key of App
Store Connect all reviews of the app are had from there, and can be answered. The two number reviews
differently, so an app is read by one of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from collectors.base import (
    Answer,
    Cursor,
    Receipt,
    ReplyLater,
    ReplyLimits,
    SourceKind,
    SourceUnavailable,
    Terms,
)
from collectors.services.api import Api, ApiError
from collectors.services.appstore_connect import Connect, address
from collectors.services.newest_first import Listing, NewestFirst, Page, Row
from collectors.services.wire import moment, objects, part, text, whole
from warehouse.landing import Batch

_WHERE: Final = (
    "appstoreconnect.apple.com, Users and Access > Integrations > App Store Connect API, with the "
    "role Customer Support"
)


@dataclass(frozen=True)
class AppstoreSettings:
    """The section `[appstore]` of madang.toml."""

    apps: tuple[str, ...] = field(
        default=(), metadata={"help": "Apple IDs of your apps, as in 1234567890.", "ask": True}
    )
    countries: tuple[str, ...] = field(
        default=("kr",), metadata={"help": "The stores whose feeds are read, as in kr, us."}
    )
    issuer_id: str = field(
        default="", metadata={"help": "The issuer id of your keys.", "where": _WHERE}
    )
    key_id: str = field(default="", metadata={"help": "The id of the key.", "where": _WHERE})
    private_key: str = field(
        default="",
        repr=False,
        metadata={
            "help": "The key itself, the text of the .p8 file; madang add takes the file's path.",
            "secret": True,
            "from_file": True,
            "where": _WHERE,
        },
    )
    product: str | None = field(
        default=None, metadata={"help": "The product that these apps belong to."}
    )
    base_url: str = field(
        default="https://itunes.apple.com", metadata={"help": "Where the public feeds are."}
    )
    connect_url: str = field(
        default="https://api.appstoreconnect.apple.com",
        metadata={"help": "Where App Store Connect is."},
    )
    timeout_seconds: float = field(
        default=30.0, metadata={"help": "How long one request may take, in seconds."}
    )
    retry_seconds: float = field(
        default=1.0, metadata={"help": "Seconds before a second try when the service is busy."}
    )


TERMS: Final = Terms(
    document="Apple Developer Program License Agreement, Apple Media Services Terms",
    url="https://developer.apple.com/support/terms/",
    retention="No period is set for reviews of your own apps; Apple or the author may take a "
    "review away at any time.",
    display="Show a review as it was written; its nickname is all that is told of its author.",
)
LIMITS: Final = ReplyLimits(characters=5970, once=True)

_PAGES: Final = 10  # of fifty reviews, as far as a feed goes
_WALK: Final = 25  # pages of Connect in one run; what is older is had by backfill
_ALL: Final = 100_000


def open_appstore(settings: AppstoreSettings) -> "Appstore":
    """Raises SourceUnavailable when the apps are missing, or a part of the key."""
    if not settings.apps:
        raise SourceUnavailable("No app is set. Add its Apple ID to apps in [appstore].")
    given = [n for n in ("issuer_id", "key_id", "private_key") if getattr(settings, n)]
    if given and (missing := _missing(settings)):
        raise SourceUnavailable(
            f"{missing} in the section [appstore] is missing beside {given[0]}. Get it: {_WHERE}."
        )
    return Appstore(settings)


KIND: Final = SourceKind(
    name="appstore",
    summary="Reviews of your apps on the App Store.",
    settings=AppstoreSettings,
    open=open_appstore,
    verified="local server",
    replies=LIMITS,
    terms=TERMS,
)


def _missing(settings: AppstoreSettings) -> str | None:
    names = ("issuer_id", "key_id", "private_key")
    return next((name for name in names if not getattr(settings, name)), None)


@dataclass(frozen=True)
class Appstore:
    """The source `appstore`; its parts are "feed APP COUNTRY" or "connect APP"."""

    settings: AppstoreSettings
    name: str = "appstore"

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        with self._api() as api:
            yield from NewestFirst(self.name, cursor).catch_up(self._listings(api, _WALK))

    def backfill(self, since: datetime, until: datetime, cursor: Cursor) -> Iterator[Batch]:
        with self._api() as api:
            listings = self._listings(api, _ALL)
            yield from NewestFirst(self.name, cursor).look_back(listings, since, until)

    def reply(self, answer: Answer) -> Receipt:
        """Answers a review, in the place of an earlier answer: there is one a review."""
        if missing := _missing(self.settings):
            raise ReplyLater(
                f"{missing} in the section [appstore] is missing, without which reviews cannot be "
                f"answered. Get it: {_WHERE}."
            )
        with self._api() as api:
            return self._connect(api).reply(answer)

    def _api(self) -> Api:
        connected = not _missing(self.settings)
        return Api(
            self.settings.connect_url if connected else self.settings.base_url,
            wait=self.settings.retry_seconds,
            seconds=self.settings.timeout_seconds,
        )

    def _connect(self, api: Api) -> Connect:
        settings = self.settings
        return Connect(
            api, settings.issuer_id, settings.key_id, settings.private_key, settings.product
        )

    def _listings(self, api: Api, most: int) -> Iterator[Listing]:
        for app in self.settings.apps:
            if not _missing(self.settings):
                connect = self._connect(api)
                yield Listing(f"connect {app}", connect.pages(app), most, is_gone=connect.is_gone)
                continue
            for country in self.settings.countries:
                page = self._feed(api, app, country.lower())
                yield Listing(f"feed {app} {country.lower()}", page, _PAGES)

    def _feed(self, api: Api, app: str, country: str) -> Callable[[int], Page]:
        def page(number: int) -> Page:
            said = api.get(
                f"/{country}/rss/customerreviews/page={number + 1}/id={app}/sortby=mostrecent/json"
            )
            feed = part(said, "feed")
            if not feed:
                raise ApiError(f"The feed of the app {app} in {country} is empty of a feed.")
            given = feed.get("entry")
            entries = objects({"entry": [given] if isinstance(given, dict) else given}, "entry")
            rows = [self._row(app, country, each) for each in entries if "im:rating" in each]
            ended = number + 1 >= _last_page(feed)
            return Page(rows, last=ended, hidden=number + 1 >= _PAGES)

        return page

    def _row(self, app: str, country: str, entry: dict[str, Any]) -> Row:
        stars = whole(_label(entry, "im:rating"))
        author = part(entry, "author")
        return {
            "native_id": _label(entry, "id"),
            "kind": "review",
            "url": address(app, country),
            "thread_id": app,
            "author_id": _label(author, "uri"),
            "author_name": _label(author, "name"),
            "title": text(_label(entry, "title")),
            "text": text(_label(entry, "content")),
            "rating": None if stars is None else (stars - 1) / 4,
            "rating_raw": _label(entry, "im:rating"),
            "product": self.settings.product,
            "created_at": moment(_label(entry, "updated")),
            "likes": whole(_label(entry, "im:voteSum")),
            "country": country.upper(),
        }


def _label(entry: dict[str, Any], name: str) -> Any:
    """Apple's feeds put each value into an object with a label."""
    return part(entry, name).get("label")


def _last_page(feed: dict[str, Any]) -> int:
    """The number of the last page, as the feed's own links tell it; 1 where they do not."""
    links = feed.get("link")
    for link in links if isinstance(links, list) else []:
        said = part(link, "attributes")
        if said.get("rel") == "last":
            for step in urlsplit(text(said.get("href"))).path.split("/"):
                if step.startswith("page="):
                    return whole(step.removeprefix("page=")) or 1
    return 1
