"""X's API v2 as its documentation gives it: search, lookup, filtered stream with rules, replies."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.server import Answer, Headers
from tests.fakes.streaming import StreamingServer

EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657000, UTC)
PROBLEM = "https://api.twitter.com/2/problems/"


def id_at(moment: datetime, sequence: int = 0) -> str:
    """The identity that X gives a post written at `moment`."""
    return str(((moment - EPOCH) // timedelta(milliseconds=1) << 22) + sequence)


@dataclass
class Author:
    id: str
    username: str
    name: str
    followers: int = 12


@dataclass
class Post:
    """A post; `note` is its whole text where `text` is cut, `gone` why it is not to be had."""

    text: str
    at: datetime
    author: Author
    sequence: int = 0
    note: str | None = None
    lang: str = "ko"
    refers: tuple[tuple[str, str], ...] = ()
    urls: tuple[tuple[str, str], ...] = ()
    history: tuple[str, ...] = ()  # identities of its earlier versions
    later: tuple[str, ...] = ()  # and of its later ones
    gone: str = ""
    odd: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return id_at(self.at, self.sequence)

    def json(self) -> dict[str, Any]:
        said: dict[str, Any] = {
            "id": self.id,
            "text": self.text,
            "author_id": self.author.id,
            "conversation_id": self.refers[0][1] if self.refers else self.id,
            "created_at": self.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "edit_history_tweet_ids": [*self.history, self.id, *self.later],
            "lang": self.lang,
            "public_metrics": {
                "retweet_count": 1, "reply_count": 2, "like_count": 3, "quote_count": 0,
                "bookmark_count": 0, "impression_count": 120,
            },
        }  # fmt: skip
        if self.refers:
            said["referenced_tweets"] = [{"type": kind, "id": other} for kind, other in self.refers]
        if self.urls:
            said["entities"] = {"urls": [{"url": a, "expanded_url": b} for a, b in self.urls]}
        if self.note:
            said["note_tweet"] = {"text": self.note}
        return said | dict(self.odd)


class XServer(StreamingServer):
    """Posts in `posts`; `page` to a page; `refuses` answers every request with an error."""

    def __init__(self) -> None:
        super().__init__()
        self.posts: list[Post] = []
        self.page = 100
        self.hollow = 0  # pages that are empty although others follow
        self.refuses: Answer | None = None
        self.rules: dict[str, dict[str, str]] = {}
        self.me = Author("77", "haedam_care", "해담 고객센터")
        self.posted: list[dict[str, Any]] = []
        self.signatures: list[str] = []
        self.loses_answer = False
        self.window = timedelta(days=7)

    def admits(self, path: str, headers: Headers) -> Answer | None:
        if urlsplit(path).path != "/2/tweets/search/stream":
            return None
        trouble = self.trouble
        return Answer(status=503 if self.refuses or trouble.busy or trouble.broken else 200)

    def say_post(self, post: Post) -> None:
        """Tell a post to all who listen, and keep it."""
        self.posts.append(post)
        rules = [{"id": key, "tag": rule["tag"]} for key, rule in self.rules.items()]
        said = {
            "data": post.json(), "includes": self._includes([post]), "matching_rules": rules
        }  # fmt: skip
        self.say(json.dumps(said, ensure_ascii=False).encode() + b"\r\n")

    def answer(self, path: str, headers: Headers) -> Answer:
        if self.refuses is not None:
            return self.refuses
        if refused := self._unknown(headers):
            return refused
        parts = urlsplit(path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path in ("/2/tweets/search/recent", "/2/tweets/search/all"):
            return self._search(asked, parts.path.endswith("recent"))
        if parts.path == "/2/tweets":
            return self._lookup(asked["ids"].split(","))
        if parts.path == "/2/tweets/search/stream/rules":
            rules = [{"id": key, **rule} for key, rule in self.rules.items()]
            return _said({"data": rules, "meta": {"result_count": len(rules)}})
        if parts.path == "/2/users/me":
            me = self.me
            return _said({"data": {"id": me.id, "name": me.name, "username": me.username}})
        if parts.path == f"/2/users/{self.me.id}/tweets":
            return self._listed([p for p in self.posts if p.author is self.me], asked)
        return _problem(404, "Not Found Error", "resource-not-found", "없는 주소")

    def take(self, method: str, path: str, headers: Headers, body: bytes) -> Answer:
        if self.refuses is not None:
            return self.refuses
        said = json.loads(body)
        if urlsplit(path).path == "/2/tweets/search/stream/rules":
            return self._change_rules(said)
        self.signatures.append(headers.get("Authorization", ""))
        if len(said["text"]) > 280:
            return _problem(403, "Forbidden", "forbidden", "Your post is too long.")
        parent = said["reply"]["in_reply_to_tweet_id"]
        now = datetime.now(UTC)
        post = Post(f"@customer {said['text']}", now, self.me, len(self.posted),
                    refers=(("replied_to", parent),))  # fmt: skip
        self.posts.append(post)
        self.posted.append(said)
        if self.loses_answer:
            self.loses_answer = False
            return Answer(b"", 503)
        return _said({"data": {"id": post.id, "text": post.text}}, 201)

    def _unknown(self, headers: Headers) -> Answer | None:
        said = headers.get("Authorization", "")
        if said == "Bearer good" or said.startswith("OAuth "):
            return None
        return _problem(401, "Unauthorized", "about:blank", "Unauthorized")

    def _search(self, asked: dict[str, str], recent: bool) -> Answer:
        if recent and datetime.now(UTC) - _moment(asked["since_id"]) > self.window:
            return Answer(
                json.dumps(
                    {
                        "errors": [{"message": "'since_id' must be a tweet id created after …"}],
                        "title": "Invalid Request",
                        "type": PROBLEM + "invalid-request",
                    }
                ).encode(),
                400,
            )
        words = [word for word in asked["query"].split() if ":" not in word]
        found = [
            p for p in self.posts if not p.gone and all(w in (p.note or p.text) for w in words)
        ]
        return self._listed(found, asked)

    def _listed(self, posts: list[Post], asked: dict[str, str]) -> Answer:
        since, below = int(asked.get("since_id", 0)), int(asked.get("until_id", 2**63))
        found = sorted(
            (p for p in posts if since < int(p.id) < below), key=lambda p: int(p.id), reverse=True
        )
        page = found[: min(self.page, int(asked["max_results"]))]
        if self.hollow:
            self.hollow -= 1
            return _said({"meta": {"result_count": 0, "next_token": "b26v89c19zqg8o3fn0"}})
        meta: dict[str, Any] = {"result_count": len(page)}
        if page:
            meta |= {"newest_id": page[0].id, "oldest_id": page[-1].id}
        if len(found) > len(page):
            meta["next_token"] = "b26v89c19zqg8o3fn0"
        said: dict[str, Any] = {"meta": meta}
        if page:
            said |= {"data": [p.json() for p in page], "includes": self._includes(page)}
        return _said(said)

    def _lookup(self, ids: list[str]) -> Answer:
        known = {post.id: post for post in self.posts}
        there = [known[i] for i in ids if i in known and not known[i].gone]
        errors = [
            {
                "value": i,
                "detail": f"Could not find tweet with ids: [{i}].",
                "title": "Not Found Error",
                "resource_type": "tweet",
                "parameter": "ids",
                "resource_id": i,
                "type": PROBLEM + (known[i].gone if i in known else "resource-not-found"),
            }
            for i in ids
            if i not in known or known[i].gone
        ]
        said: dict[str, Any] = {"errors": errors} if errors else {}
        if there:
            said |= {"data": [p.json() for p in there], "includes": self._includes(there)}
        return _said(said)

    def _includes(self, posts: list[Post]) -> dict[str, Any]:
        referred = {other for post in posts for _, other in post.refers}
        others = [post for post in self.posts if post.id in referred and not post.gone]
        authors = {post.author.id: post.author for post in [*posts, *others]}
        return {
            "users": [
                {
                    "id": a.id,
                    "name": a.name,
                    "username": a.username,
                    "public_metrics": {"followers_count": a.followers},
                }
                for a in authors.values()
            ],
            "tweets": [post.json() for post in others],
        }

    def _change_rules(self, said: dict[str, Any]) -> Answer:
        for rule_id in said.get("delete", {}).get("ids", []):
            del self.rules[rule_id]
        errors = []
        for rule in said.get("add", []):
            if rule["value"].count("(") != rule["value"].count(")"):
                errors.append(
                    {"value": rule["value"], "details": ["missing ')' at position 9"],
                     "title": "UnprocessableEntity", "type": PROBLEM + "invalid-rules"}
                )  # fmt: skip
                continue
            self.rules[str(1000 + len(self.rules))] = rule
        answer: dict[str, Any] = {"meta": {"summary": {}}}
        return _said(answer | ({"errors": errors} if errors else {}), 201)


def _moment(post_id: str) -> datetime:
    return EPOCH + timedelta(milliseconds=int(post_id) >> 22)


def _said(said: Mapping[str, Any], status: int = 200) -> Answer:
    headers = {"Content-Type": "application/json; charset=utf-8", "x-rate-limit-remaining": "449"}
    return Answer(json.dumps(said, ensure_ascii=False).encode(), status, headers)


def _problem(status: int, title: str, kind: str, detail: str) -> Answer:
    said = {"title": title, "detail": detail, "type": PROBLEM + kind, "status": status}
    return _said(said, status)
