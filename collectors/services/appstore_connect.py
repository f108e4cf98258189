"""App Store Connect: an app's reviews in all countries, and the answers to them.

Each request carries a token signed with the developer's key (ES256), good for a few minutes.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from collectors.base import Answer, CollectorError, Receipt, ReplyLater
from collectors.services.api import Api, ApiError
from collectors.services.newest_first import Page, Row
from collectors.services.receipts import Written, earlier_try, not_sent
from collectors.services.wire import moment, objects, part, text, whole

_AUDIENCE: Final = "appstoreconnect-v1"
_GOOD_FOR: Final = 600  # seconds; Apple takes 20 minutes at most
_SIZE: Final = 200


class KeyRefused(CollectorError):  # noqa: N818 - an answer of the service, not a mistake
    """App Store Connect does not take the key, or gives it no right to this."""


@dataclass
class Connect:
    """App Store Connect with one key."""

    api: Api
    issuer_id: str
    key_id: str
    private_key: str
    product: str | None

    def pages(self, app: str) -> Callable[[int], Page]:
        """The pages of an app's reviews, the newest first; they are to be asked for in order."""
        places: list[str | None] = [None]  # where each page begins, as the page before it says

        def page(number: int) -> Page:
            asked = {"sort": "-createdDate", "limit": _SIZE, "cursor": places[number]}
            said = self._get(f"/v1/apps/{app}/customerReviews", asked)
            following = urlsplit(text(part(said, "links").get("next"))).query
            place = parse_qs(following).get("cursor", [None])[0]
            del places[number + 1 :]
            places.append(place)
            rows = [self._row(app, each) for each in objects(said, "data")]
            return Page(rows, last=place is None)

        return page

    def is_gone(self, review: str) -> bool:
        """Whether Apple says that it has a review no more; an answer that fails says nothing."""
        try:
            self._get(f"/v1/customerReviews/{review}", {})
        except ApiError as error:
            return error.status == 404
        return False

    def reply(self, answer: Answer) -> Receipt:
        """Answers a review. Raises ReplyRefused and ReplyLater as `Replying.reply` does."""
        review = answer.native_id
        try:
            if receipt := earlier_try(answer, self._answer_to(review)):
                return receipt
            said = self.api.post(
                "/v1/customerReviewResponses",
                _response(review, answer.text),
                headers=self._signed(),
            )
        except ApiError as error:
            refused = _understood(error)
            if isinstance(refused, KeyRefused):
                raise ReplyLater(str(refused)) from error
            raise not_sent(refused, "The App Store") from error
        except CollectorError as error:
            raise ReplyLater(str(error)) from error
        return Receipt(text(part(said, "data").get("id")) or review)

    def _answer_to(self, review: str) -> list[Written]:
        """What has been answered to a review: one text or none."""
        try:
            said = self.api.get(f"/v1/customerReviews/{review}/response", None, self._signed())
        except ApiError as error:
            if error.status == 404:
                return []
            raise
        found = part(said, "data")
        if not found:
            return []
        body = text(part(found, "attributes").get("responseBody"))
        return [Written(text(found.get("id")), body, None)]

    def _get(self, path: str, params: dict[str, Any]) -> Any:
        try:
            return self.api.get(path, params, self._signed())
        except ApiError as error:
            raise _understood(error) from error

    def _row(self, app: str, review: dict[str, Any]) -> Row:
        said = part(review, "attributes")
        stars = whole(said.get("rating"))
        country = _country(text(said.get("territory")))
        return {
            "native_id": review.get("id"),
            "kind": "review",
            "url": address(app, (country or "kr").lower()),
            "thread_id": app,
            "author_name": said.get("reviewerNickname"),
            "title": text(said.get("title")),
            "text": text(said.get("body")),
            "rating": None if stars is None else (stars - 1) / 4,
            "rating_raw": None if stars is None else str(stars),
            "product": self.product,
            "created_at": moment(said.get("createdDate")),
            "country": country,
            "extra": json.dumps({"territory": said.get("territory")}),
        }

    def _signed(self) -> dict[str, str]:
        import jwt

        now = int(time.time())
        claims = {"iss": self.issuer_id, "iat": now, "exp": now + _GOOD_FOR, "aud": _AUDIENCE}
        try:
            token = jwt.encode(
                claims, self.private_key, algorithm="ES256", headers={"kid": self.key_id}
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise CollectorError(
                "private_key in the section [appstore] is not the text of a .p8 file: "
                f"{type(error).__name__}."
            ) from error
        return {"Authorization": f"Bearer {token}"}


def address(app: str, country: str) -> str:
    """Where an app's reviews are read; a review has no page of its own."""
    return f"https://apps.apple.com/{country}/app/id{app}?see-all=reviews"


def _response(review: str, words: str) -> dict[str, Any]:
    return {
        "data": {
            "type": "customerReviewResponses",
            "attributes": {"responseBody": words},
            "relationships": {"review": {"data": {"type": "customerReviews", "id": review}}},
        }
    }


def _understood(error: ApiError) -> Any:
    """An error of Apple's with what it says; a refused key is a KeyRefused, which ends the run."""
    try:
        first = (objects(error.body, "errors") or [{}])[0]
    except ApiError:
        first = {}
    said = text(first.get("detail") or first.get("title")) or str(error)
    if error.status in (401, 403):
        return KeyRefused(
            f"App Store Connect refuses the key: {said} Check issuer_id, key_id and private_key in "
            "the section [appstore], and the role of the key."
        )
    return ApiError(f"App Store Connect: {said}", error.status, error.again_in, error.body)


def _country(territory: str) -> str | None:
    """The two letters of a territory that Apple names by three (ISO 3166-1)."""
    from babel.core import get_global

    found = get_global("territory_aliases").get(territory)
    return found[0] if found else None
