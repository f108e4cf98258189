"""Nobody reaches the screens without a valid staff session: neither a request nor a web socket.

Sessions are looked up in the community store and remembered for two seconds. Whatever a person may
do about their session (sign in, sign out, change the password) passes through `watching`, which
forgets what was remembered before the answer leaves, and closes the web sockets of sessions that
have ended.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final, Protocol
from urllib.parse import quote, urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SIGN_IN: Final = "/staff/sign-in"
REMEMBERED_SECONDS: Final = 2.0
POLICY_VIOLATION: Final = 1008  # RFC 6455, 7.4.1

# Streamlit's own pages run inline styles, and its charts compile expressions; what the policy holds
# is that nothing is loaded from, sent to, or framed by another site.
SCREEN_HEADERS: Final = (
    (
        b"content-security-policy",
        b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
        b"style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        b"worker-src 'self' blob:; connect-src 'self' data: blob:; object-src 'none'; "
        b"base-uri 'self'; form-action 'self'; frame-ancestors 'self'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"referrer-policy", b"same-origin"),
)


class Sessions:
    """Which session keys are valid, asked of the store in a thread and remembered for a moment."""

    def __init__(self, is_valid: Callable[[str], bool], threads: Executor) -> None:
        self._is_valid = is_valid
        self._threads = threads
        self._known: dict[str, tuple[float, bool]] = {}
        self._generation = 0

    async def valid(self, key: str) -> bool:
        """Whether staff are signed in under this key."""
        if not key:
            return False
        now = time.monotonic()
        remembered = self._known.get(key)
        if remembered is not None and remembered[0] > now:
            return remembered[1]
        generation = self._generation
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._threads, self._is_valid, key)
        # An answer that was on its way while sessions changed is not worth remembering. Nor is a
        # no: it would let made-up keys fill the memory.
        if answer and generation == self._generation:
            self._known = {k: v for k, v in self._known.items() if v[0] > now}
            self._known[key] = (now + REMEMBERED_SECONDS, answer)
        return answer

    def forget(self) -> None:
        """Ask the store again about every key."""
        self._generation += 1
        self._known.clear()


@dataclass(eq=False)
class _Socket:
    """A web socket that is open, and the sign that its session has ended."""

    key: str
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class _Watched(Protocol):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...


class Gate:
    """An ASGI application around the screens; `cookie` is the name of the session's cookie."""

    def __init__(self, screens: ASGIApp, sessions: Sessions, cookie: str) -> None:
        self._screens = screens
        self._sessions = sessions
        self._cookie = cookie
        self._sockets: set[_Socket] = set()
        self._rechecks: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = session_key(scope, self._cookie)
        if scope["type"] == "websocket":
            if same_origin(scope) and await self._sessions.valid(key):
                await self._open(key, scope, receive, send)
            else:
                await receive()  # the protocol wants the connection heard before it is refused
                await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        elif await self._sessions.valid(key):
            await self._screens(scope, receive, _with_headers(send))
        else:
            await _to_sign_in(scope, send)

    def watching(self, application: ASGIApp) -> _Watched:
        """`application` with what was remembered forgotten when it may have changed sessions."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            async def telling(message: Message) -> None:
                if message["type"] == "http.response.start":
                    self._sessions.forget()
                    self._recheck()
                await send(message)

            changes = scope["type"] == "http" and scope["method"] not in ("GET", "HEAD")
            await application(scope, receive, telling if changes else send)

        return watched

    def _recheck(self) -> None:
        task = asyncio.create_task(self._end_the_ended(list(self._sockets)))
        self._rechecks.add(task)
        task.add_done_callback(self._rechecks.discard)

    async def _end_the_ended(self, sockets: Iterable[_Socket]) -> None:
        for socket in sockets:
            if not await self._sessions.valid(socket.key):
                socket.ended.set()

    async def _open(self, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a web socket through, until its session ends."""
        socket = _Socket(key)
        self._sockets.add(socket)
        closed = False

        async def hear() -> Message:
            nonlocal closed
            message = await _first(receive, socket.ended)
            if message is not None and message["type"] != "websocket.receive":
                return message
            if message is not None and await self._sessions.valid(key):
                return message
            if not closed:
                closed = True
                await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return {"type": "websocket.disconnect", "code": POLICY_VIOLATION}

        async def say(message: Message) -> None:
            if not closed:
                await send(message)

        try:
            await self._screens(scope, hear, say)
        finally:
            self._sockets.discard(socket)


def session_key(scope: Scope, cookie: str) -> str:
    """The session key that a request brings in its cookies, or an empty text."""
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                found = SimpleCookie(value.decode("latin-1")).get(cookie)
            except CookieError:
                continue
            if found is not None:
                return found.value
    return ""


def header(scope: Scope, name: bytes) -> str:
    """The first header of that (lower-case) name, or an empty text."""
    return next((v.decode("latin-1") for k, v in scope["headers"] if k == name), "")


def host_name(scope: Scope) -> str:
    """The name of the Host header without its port; an IPv6 address keeps its brackets."""
    host = header(scope, b"host").lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def same_origin(scope: Scope) -> bool:
    """Whether a page of this very site asks; a client that is no browser names no origin."""
    origin = header(scope, b"origin")
    return not origin or urlsplit(origin).netloc.lower() == header(scope, b"host").lower()


async def _first(receive: Receive, ended: asyncio.Event) -> Message | None:
    """The next message, or None when the session ends before there is one."""
    hearing: asyncio.Task[Any] = asyncio.ensure_future(receive())
    ending = asyncio.create_task(ended.wait())
    try:
        await asyncio.wait((hearing, ending), return_when=asyncio.FIRST_COMPLETED)
        return None if ended.is_set() else hearing.result()
    finally:
        hearing.cancel()
        ending.cancel()


async def _to_sign_in(scope: Scope, send: Send) -> None:
    """Send a visitor to the sign-in page, and back to where they were if it was a page."""
    location = SIGN_IN
    path = scope["path"]
    if scope["method"] == "GET" and not path.startswith(("/_stcore", "/static/", "/media/")):
        query = scope["query_string"].decode("latin-1")
        location += "?next=" + quote(path + (f"?{query}" if query else ""), safe="/")
    headers = [
        (b"location", location.encode("latin-1")),
        (b"cache-control", b"no-store"),
        (b"content-length", b"0"),
    ]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _with_headers(send: Send) -> Send:
    async def say(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", ()), *SCREEN_HEADERS]
            message = {**message, "headers": headers}
        await send(message)

    return say
