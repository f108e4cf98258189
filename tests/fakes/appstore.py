"""The App Store's public review feeds, and App Store Connect, which verifies its signed tokens."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.fakes.server import Answer, Headers, LocalServer

APP, ISSUER, KEY_ID = "1234567890", "57246542-96fe", "2X9R4HXF34"


@dataclass
class Review:
    """A review as its author left it; `extra` replaces parts of what is told of it."""

    title: str
    text: str
    stars: int
    when: datetime
    territory: str = "KOR"
    extra: dict[str, Any] = field(default_factory=dict)


class AppstoreServer(LocalServer):
    """`server.reviews["101"]` is the review of that id, in the feed and in Connect alike."""

    def __init__(self) -> None:
        super().__init__()
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.reviews: dict[str, Review] = {}
        self.answers: dict[str, str] = {}
        self.forbidden = False
        self.answered = 0
        self.lose_next_answer = False

    @property
    def private_key(self) -> str:
        """The text of the .p8 file."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()

    def answer(self, path: str, headers: Headers) -> Answer:
        parts = urlsplit(path)
        if "/rss/customerreviews/" in parts.path:
            return self._feed(parts.path)
        if refused := self._refused(headers):
            return refused
        names = parts.path.split("/")
        if names[2] == "apps":
            if names[3] != APP:
                said = f"There is no resource of type 'apps' with id '{names[3]}'"
                return _errors(404, "NOT_FOUND", said)
            return self._list({name: each[0] for name, each in parse_qs(parts.query).items()})
        if len(names) == 4:
            if names[3] not in self.reviews:
                return _errors(404, "NOT_FOUND", "There is no such review.")
            return _json({"data": _resource(names[3], self.reviews[names[3]]), "links": {}})
        given = self.answers.get(names[3])
        if given is None:
            return _errors(404, "NOT_FOUND", "There is no response to this review.")
        return _json({"data": _response(names[3], given), "links": {}})

    def take(self, method: str, path: str, headers: Headers, body: bytes) -> Answer:
        if refused := self._refused(headers):
            return refused
        data = json.loads(body)["data"]
        key = data["relationships"]["review"]["data"]["id"]
        said = data["attributes"]["responseBody"]
        if key not in self.reviews:
            return _errors(409, "ENTITY_ERROR.RELATIONSHIP.INVALID", "The review does not exist.")
        if len(said) > 5970:
            return _errors(409, "ENTITY_ERROR.ATTRIBUTE.INVALID", "The response is too long.")
        self.answers[key] = said
        self.answered += 1
        if self.lose_next_answer:
            self.lose_next_answer = False
            return Answer(b"", 502)
        return _json({"data": _response(key, said), "links": {}}, 201)

    def _feed(self, path: str) -> Answer:
        _, country, *_ = path.split("/")
        number = int(path.partition("page=")[2].partition("/")[0])
        if number > 10:
            return Answer(b"CustomerReviews RSS page depth is limited to 10", 400)
        shown = self._newest()[:500]
        last = max(1, -(-len(shown) // 50))
        page = shown[(number - 1) * 50 : number * 50]
        feed: dict[str, Any] = {
            "author": {"name": {"label": "iTunes Store"}},
            "updated": {"label": "2026-11-22T05:12:33-07:00"},
            "title": {"label": "iTunes Store: Customer Reviews"},
            "link": [_link("first", country, 1), _link("last", country, last)],
        }
        entries = [_entry(key, self.reviews[key], country) for key in page]
        if entries:
            feed["entry"] = entries[0] if len(entries) == 1 else entries
        body = json.dumps({"feed": feed}, ensure_ascii=False).encode()
        return Answer(body, headers={"Content-Type": "text/javascript; charset=utf-8"})

    def _newest(self) -> list[str]:
        return sorted(self.reviews, key=lambda key: self.reviews[key].when, reverse=True)

    def _list(self, asked: dict[str, str]) -> Answer:
        assert asked["sort"] == "-createdDate"
        size, keys = int(asked.get("limit", 50)), self._newest()
        start = int(asked.get("cursor", "0"))
        page = [_resource(key, self.reviews[key]) for key in keys[start : start + size]]
        links = {"self": f"{self.url}/v1/apps/{APP}/customerReviews"}
        if start + size < len(keys):
            following = urlencode({"cursor": start + size, "limit": size})
            links["next"] = f"{links['self']}?{following}"
        paging = {"paging": {"total": len(keys), "limit": size}}
        return _json({"data": page, "links": links, "meta": paging})

    def _refused(self, headers: Headers) -> Answer | None:
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            claims = jwt.decode(
                token, self.key.public_key(), algorithms=["ES256"], audience="appstoreconnect-v1"
            )
            known = jwt.get_unverified_header(token)["kid"] == KEY_ID and claims["iss"] == ISSUER
        except jwt.InvalidTokenError:
            known = False
        if not known or claims["exp"] - claims["iat"] > 1200:
            said = "Provide a properly configured and signed bearer token, and make sure that it "
            return _errors(401, "NOT_AUTHORIZED", f"{said}has not expired.")
        if self.forbidden:
            said = "The API key in use does not allow this request"
            return _errors(403, "FORBIDDEN_ERROR", said)
        return None


def _entry(key: str, review: Review, country: str) -> dict[str, Any]:
    uri = f"https://itunes.apple.com/{country}/reviews/id{key}9"
    return {
        "author": {"uri": {"label": uri}, "name": {"label": "느린걸음"}, "label": ""},
        "updated": {"label": review.when.astimezone(UTC).isoformat(timespec="seconds")},
        "im:rating": {"label": str(review.stars)},
        "im:version": {"label": "4.1.0"},
        "id": {"label": key},
        "title": {"label": review.title},
        "content": {"label": review.text, "attributes": {"type": "text"}},
        "im:voteSum": {"label": "3"},
        "im:voteCount": {"label": "4"},
    } | review.extra


def _resource(key: str, review: Review) -> dict[str, Any]:
    attributes = {
        "rating": review.stars,
        "title": review.title,
        "body": review.text,
        "reviewerNickname": "느린걸음",
        "createdDate": review.when.astimezone(UTC).isoformat(timespec="seconds"),
        "territory": review.territory,
    } | review.extra
    return {"type": "customerReviews", "id": key, "attributes": attributes}


def _response(review: str, body: str) -> dict[str, Any]:
    attributes = {"responseBody": body, "state": "PUBLISHED"}
    return {"type": "customerReviewResponses", "id": f"r-{review}", "attributes": attributes}


def _link(rel: str, country: str, number: int) -> dict[str, Any]:
    path = f"{country}/rss/customerreviews/page={number}/id={APP}/sortby=mostrecent/xml"
    href = f"https://itunes.apple.com/{path}?urlDesc=/customerreviews/id={APP}/json"
    return {"attributes": {"rel": rel, "href": href}}


def _errors(status: int, code: str, detail: str) -> Answer:
    return _json({"errors": [{"status": str(status), "code": code, "detail": detail}]}, status)


def _json(said: Any, status: int = 200) -> Answer:
    body = json.dumps(said, ensure_ascii=False).encode()
    return Answer(body, status, {"Content-Type": "application/json"})
