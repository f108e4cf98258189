"""YouTube's Data API v3 as its documentation gives it: threads, replies, tokens of pages, quota."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.server import Answer, Headers, LocalServer, gzip_bomb

KEY = "AIza-local"
CHANNEL = "UCmadang"
REFRESH, ACCESS = "1//refresh", "ya29.local"


@dataclass
class Comment:
    """A top comment or a reply. `updated` is set when it has been edited."""

    text: str
    when: datetime
    author: str = "UCviewer"
    name: str = "@viewer"
    updated: datetime | None = None
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass
class Thread:
    """A thread under a video; `replies` by the second part of their ids."""

    video: str
    top: Comment
    replies: dict[str, Comment] = field(default_factory=dict)


class YoutubeServer(LocalServer):
    """`server.threads["Ug1"]` is the thread of that id, on a video of the one channel."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: dict[str, Thread] = {}
        self.disabled: set[str] = set()  # videos whose comments are turned off
        self.quota = 10_000
        self.strict = False  # whether one unknown id refuses a list of ids whole
        self.generation = 1  # tokens of an earlier one are invalid
        self.lost: Answer | None = None  # the next comment is written, but this is what is said
        self.redirect = ""
        self.bomb = 0  # bytes of a packed answer
        self.inserted = 0

    def answer(self, path: str, headers: Headers) -> Answer:
        parts = urlsplit(path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if asked.get("key") != KEY and headers.get("authorization") != f"Bearer {ACCESS}":
            said = "API key not valid. Please pass a valid API key."
            return _error(400, "badRequest", said, "INVALID_ARGUMENT")
        if self.bomb:
            return gzip_bomb(self.bomb)
        if self.redirect:
            return Answer(b"", 302, {"Location": self.redirect})
        if not self.quota:
            return _no_quota()
        self.quota -= 1
        match parts.path:
            case "/youtube/v3/commentThreads":
                return self._threads(asked)
            case "/youtube/v3/comments":
                return self._replies(asked)
            case "/youtube/v3/channels":
                return _json({"kind": "youtube#channelListResponse", "items": [{"id": CHANNEL}]})
        return _error(404, "notFound", "Not Found")

    def take(self, method: str, path: str, headers: Headers, body: bytes) -> Answer:
        if path == "/token":
            return self._token(body)
        if headers.get("authorization") != f"Bearer {ACCESS}":
            return _error(401, "authError", "Invalid Credentials", "UNAUTHENTICATED")
        if not self.quota:
            return _no_quota()
        said = json.loads(body)["snippet"]
        thread = self.threads.get(said["parentId"])
        if thread is None:
            return _error(404, "parentCommentNotFound", "The parent comment was not found.")
        if thread.video in self.disabled:
            return _error(403, "commentsDisabled", "The video has disabled comments.")
        self.inserted += 1
        name = f"own{self.inserted}"
        thread.replies[name] = Comment(said["textOriginal"], datetime.now(UTC), CHANNEL, "@madang")
        if self.lost is not None:
            lost, self.lost = self.lost, None
            return lost
        return _json(_reply(said["parentId"], name, thread))

    def _token(self, body: bytes) -> Answer:
        given = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if given.get("refresh_token") != REFRESH:
            said = {"error": "invalid_grant", "error_description": "Token has been revoked."}
            return _json(said, 400)
        return _json({"access_token": ACCESS, "expires_in": 3599, "token_type": "Bearer"})

    def _threads(self, asked: dict[str, str]) -> Answer:
        if "id" in asked:
            ids = asked["id"].split(",")
            if self.strict and any(each not in self.threads for each in ids):
                return _error(404, "commentThreadNotFound", "One or more threads cannot be found.")
            found = [each for each in ids if each in self.threads]
            return _json(self._list([_thread(each, self.threads[each]) for each in found]))
        video = asked.get("videoId")
        if video in self.disabled:
            return _error(403, "commentsDisabled", "The video has disabled comments.")
        wanted = [
            each for each, thread in self.threads.items() if video is None or thread.video == video
        ]
        wanted.sort(key=lambda each: self.threads[each].top.when, reverse=True)
        size = int(asked.get("maxResults", 20))
        token = asked.get("pageToken")
        if token and not token.startswith(f"{self.generation}-"):
            return _error(400, "invalidPageToken", "The request specifies an invalid page token.")
        # A token stands behind a thread, not at a number: new threads do not move it.
        start = wanted.index(token.partition("-")[2]) + 1 if token else 0
        page = wanted[start : start + size]
        said = self._list([_thread(each, self.threads[each]) for each in page])
        if start + size < len(wanted):
            said["nextPageToken"] = f"{self.generation}-{page[-1]}"
        return _json(said)

    def _replies(self, asked: dict[str, str]) -> Answer:
        key = asked["parentId"]
        thread = self.threads.get(key)
        if thread is None:
            return _error(404, "commentNotFound", "The comment was not found.")
        size, start = int(asked.get("maxResults", 20)), int(asked.get("pageToken", 0))
        names = list(thread.replies)
        said = self._list([_reply(key, name, thread) for name in names[start : start + size]])
        if start + size < len(names):
            said["nextPageToken"] = str(start + size)
        return _json(said)

    def _list(self, items: list[Any]) -> dict[str, Any]:
        info = {"totalResults": len(items), "resultsPerPage": len(items)}
        return {"kind": "youtube#commentThreadListResponse", "pageInfo": info, "items": items}


def _thread(key: str, thread: Thread) -> dict[str, Any]:
    snippet = {
        "channelId": CHANNEL,
        "videoId": thread.video,
        "topLevelComment": _comment(key, thread.top, thread.video),
        "canReply": True,
        "totalReplyCount": len(thread.replies),
        "isPublic": True,
    }
    said: dict[str, Any] = {"kind": "youtube#commentThread", "id": key, "snippet": snippet}
    if thread.replies:
        newest = list(thread.replies)[-5:]  # no more come with the thread
        said["replies"] = {"comments": [_reply(key, name, thread) for name in newest]}
    return said


def _reply(key: str, name: str, thread: Thread) -> dict[str, Any]:
    said = _comment(f"{key}.{name}", thread.replies[name], thread.video)
    said["snippet"]["parentId"] = key
    return said


def _comment(key: str, comment: Comment, video: str) -> dict[str, Any]:
    snippet = {
        "channelId": CHANNEL,
        "videoId": video,
        "textDisplay": comment.text,
        "authorDisplayName": comment.name,
        "authorChannelId": {"value": comment.author},
        "canRate": True,
        "viewerRating": "none",
        "likeCount": 3,
        "publishedAt": _time(comment.when),
        "updatedAt": _time(comment.updated or comment.when),
    } | comment.extra
    return {"kind": "youtube#comment", "id": key, "snippet": snippet}


def _time(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _no_quota() -> Answer:
    return _error(403, "quotaExceeded", "You have exceeded your quota.", domain="youtube.quota")


def _error(
    status: int, reason: str, message: str, name: str = "", domain: str = "youtube.commentThread"
) -> Answer:
    one = {"message": message, "domain": domain, "reason": reason}
    error: dict[str, Any] = {"code": status, "message": message, "errors": [one]}
    return _json({"error": error | ({"status": name} if name else {})}, status)


def _json(said: Any, status: int = 200) -> Answer:
    body = json.dumps(said, ensure_ascii=False).encode()
    return Answer(body, status, {"Content-Type": "application/json; charset=UTF-8"})
