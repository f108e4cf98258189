"""Google Play's reviews as the Android Publisher API gives them, behind a real token endpoint.

A token is given for an assertion signed with the service account's key, which is verified.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.fakes.server import Answer, Headers, LocalServer

PACKAGE = "kr.madang.cleaner"
ACCOUNT = "reviews@madang.iam.gserviceaccount.com"
TOKEN = "ya29.play"
SCOPE = "https://www.googleapis.com/auth/androidpublisher"


@dataclass
class Review:
    """A review as its author left it; `extra` replaces parts of the user's comment."""

    text: str
    stars: int
    when: datetime
    author: str = "김고객"
    answer: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)


class PlayServer(LocalServer):
    """`server.reviews["gp:1"]` is the review of that id, of the one app."""

    def __init__(self) -> None:
        super().__init__()
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.reviews: dict[str, Review] = {}
        self.page = 100
        self.generation = 1  # tokens of pages of an earlier one are invalid
        self.allowed = True
        self.quota = 1000
        self.answered = 0
        self.lost: Answer | None = None  # the next reply is taken, but this is what is said
        self.tokens_given = 0

    def write_key(self, folder: Path) -> str:
        """The key file of the service account, as Google hands it out."""
        private = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        said = {
            "type": "service_account",
            "project_id": "madang",
            "private_key_id": "k1",
            "private_key": private.decode(),
            "client_email": ACCOUNT,
            "token_uri": f"{self.url}/token",
        }
        path = folder / "play.json"
        path.write_text(json.dumps(said))
        return str(path)

    def answer(self, path: str, headers: Headers) -> Answer:
        if refused := self._refused(headers):
            return refused
        parts = urlsplit(path)
        names = unquote(parts.path).removeprefix("/androidpublisher/v3/applications/").split("/")
        if names[0] != PACKAGE:
            return _error(404, "applicationNotFound", f"No application was found for {names[0]}.")
        if len(names) == 3:
            found = self.reviews.get(names[2])
            if found is None:
                return _error(404, "notFound", "The review was not found.")
            return _json(_review(names[2], found))
        return self._list({name: each[0] for name, each in parse_qs(parts.query).items()})

    def take(self, method: str, path: str, headers: Headers, body: bytes) -> Answer:
        if path == "/token":
            return self._token(body)
        if refused := self._refused(headers):
            return refused
        key = unquote(urlsplit(path).path).rpartition("/")[2].removesuffix(":reply")
        said = json.loads(body)["replyText"]
        if key not in self.reviews:
            return _error(404, "notFound", "The review was not found.")
        if len(said) > 350:
            return _error(400, "replyTextTooLong", "The reply is longer than 350 characters.")
        self.reviews[key].answer = said
        self.answered += 1
        if self.lost is not None:
            lost, self.lost = self.lost, None
            return lost
        now = {"seconds": str(int(datetime.now(UTC).timestamp())), "nanos": 0}
        return _json({"result": {"replyText": said, "lastEdited": now}})

    def _refused(self, headers: Headers) -> Answer | None:
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return _error(401, "authError", "Invalid Credentials")
        if not self.allowed:
            said = "The current user has insufficient permissions to perform the operation."
            return _error(401, "permissionDenied", said)
        if not self.quota:
            return _error(403, "quotaExceeded", "Quota exceeded for quota group 'ReviewsGroup'.")
        self.quota -= 1
        return None

    def _token(self, body: bytes) -> Answer:
        given = {name: each[0] for name, each in parse_qs(body.decode()).items()}
        try:
            claims = jwt.decode(
                given["assertion"],
                self.key.public_key(),
                algorithms=["RS256"],
                options={"verify_aud": False},
            )
        except jwt.InvalidTokenError:
            said = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
            return _json(said, 400)
        assert (claims["iss"], claims["scope"]) == (ACCOUNT, SCOPE)
        self.tokens_given += 1
        return _json({"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"})

    def _list(self, asked: dict[str, str]) -> Answer:
        since = datetime.now(UTC) - timedelta(days=7)
        shown = [key for key, each in self.reviews.items() if each.when > since]
        size = min(int(asked.get("maxResults", 10)), self.page)
        generation, _, place = asked.get("token", f"{self.generation}-0").partition("-")
        if int(generation) != self.generation:
            return _error(400, "invalid", "Invalid page token.")
        start = int(place)
        page = [_review(key, self.reviews[key]) for key in shown[start : start + size]]
        said: dict[str, Any] = {"reviews": page} if page else {}
        if start + size < len(shown):
            token = f"{self.generation}-{start + size}"
            said["tokenPagination"] = {"nextPageToken": token}
        return _json(said)


def _review(key: str, review: Review) -> dict[str, Any]:
    seconds = {"seconds": str(int(review.when.timestamp())), "nanos": 141000000}
    comment = {
        "text": review.text,
        "lastModified": seconds,
        "starRating": review.stars,
        "reviewerLanguage": "ko_KR",
        "device": "r0q",
        "androidOsVersion": 34,
        "appVersionCode": 41,
        "appVersionName": "4.1.0",
        "thumbsUpCount": 2,
        "thumbsDownCount": 0,
        "deviceMetadata": {"productName": "r0q (Galaxy S22)", "manufacturer": "Samsung"},
    } | review.extra
    comments: list[dict[str, Any]] = [{"userComment": comment}]
    if review.answer is not None:
        comments.append({"developerComment": {"text": review.answer, "lastModified": seconds}})
    return {"reviewId": key, "authorName": review.author, "comments": comments}


def _error(status: int, reason: str, message: str) -> Answer:
    one = {"message": message, "domain": "androidpublisher", "reason": reason}
    return _json({"error": {"code": status, "message": message, "errors": [one]}}, status)


def _json(said: Any, status: int = 200) -> Answer:
    body = json.dumps(said, ensure_ascii=False).encode()
    return Answer(body, status, {"Content-Type": "application/json; charset=UTF-8"})
