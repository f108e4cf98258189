"""Pages of JavaScript, drawn by chromium through scrapy-playwright: the extra `browser`.

A page may ask for anything, and a browser follows redirects by itself. So all that it asks for
goes through a proxy of ours, which looks at the address it connects to: those of our own network
are refused, whoever names them. Pictures, films and fonts are not asked for at all.
"""

import asyncio
import importlib.util
import os
import socket
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from collectors.base import SourceUnavailable
from collectors.crawling.guard import look_up
from collectors.crawling.sites import Site
from community.fetch import FetchRefused

_UNSEEN: Final = frozenset({"image", "media", "font"})
_FLAGS: Final = (
    "--disable-quic",  # it would go past the proxy
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-dev-shm-usage",
)
_LONGEST_DRAWING: Final = 15_000  # milliseconds after the page itself has come
_LONGEST_HEAD: Final = 64 * 1024  # bytes of one request's head
_BLOCK: Final = 64 * 1024


def chromium() -> Path:
    """Where chromium is. Raises SourceUnavailable, with what mends it, where one is missing."""
    if importlib.util.find_spec("scrapy_playwright") is None:
        raise SourceUnavailable(
            "A site with `javascript = true` needs a browser: pip install 'madang[browser]'."
        )
    path = Path(os.environ.get("MADANG_CHROMIUM", "/usr/bin/chromium"))
    if not path.exists():
        raise SourceUnavailable(
            f"A site with `javascript = true` needs chromium, which is not at {path}. "
            "Install it (apt install chromium), or name it in MADANG_CHROMIUM."
        )
    return path


class Browser:
    """The browser of one crawl: its settings for Scrapy, and the proxy it is bound to."""

    def __init__(self, order: dict[str, Any]) -> None:
        inside = order["allow_private_addresses"]
        homes = [url for site in order["sites"] for url in site["start"]] if inside else []
        self._guard = GuardProxy(frozenset(map(_origin, homes)))
        self._seconds: float = order["timeout_seconds"]
        self._agent: str = order["agent"]

    async def start(self) -> None:
        await self._guard.start()

    def settings(self) -> dict[str, Any]:
        handler = "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler"

        async def must_abort(request: Any) -> bool:  # a function, as Scrapy copies its settings
            return await self._must_abort(request)

        root = hasattr(os, "geteuid") and os.geteuid() == 0  # chromium's sandbox refuses root
        return {
            "DOWNLOAD_HANDLERS": {"http": handler, "https": handler},
            "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
            "PLAYWRIGHT_LAUNCH_OPTIONS": {
                "executable_path": str(chromium()),
                "args": [*_FLAGS, *(["--no-sandbox"] if root else [])],
                "proxy": {"server": self._guard.url, "bypass": "<-loopback>"},
            },
            "PLAYWRIGHT_ABORT_REQUEST": must_abort,
            "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 4,
            "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": self._seconds * 1000,
        }

    def meta(self, site: Site) -> dict[str, Any]:
        """What a request says so that its page is drawn, and waited for."""
        from scrapy_playwright.page import PageMethod

        return {
            "playwright": True,
            "playwright_context": site.name,
            "playwright_context_kwargs": {
                "service_workers": "block", "accept_downloads": False, "user_agent": self._agent,
            },
            "playwright_page_goto_kwargs": {"wait_until": "domcontentloaded"},
            "playwright_page_methods": [PageMethod(_drawn, _signs(site))],
        }  # fmt: skip

    async def _must_abort(self, request: Any) -> bool:
        """Whether a request of a page is one for nothing we read, or one into our own network."""
        if request.resource_type in _UNSEEN:
            return True
        parts = urlsplit(request.url)
        if parts.scheme in ("data", "blob", "about"):
            return False
        if parts.scheme not in ("http", "https"):
            return True
        return not await self._guard.allows(*_origin(request.url))


def _signs(site: Site) -> str:
    """Selectors of what a page shows when it is drawn: what it was to show, or links to follow."""
    said = (site.wait_for, site.follow, site.next_page) if site.wait_for else ()
    return ", ".join(filter(None, (css.split("::")[0].strip() for css in said)))


async def _drawn(page: Any, signs: str) -> None:
    """Wait until a page is drawn, but not for ever: it may have nothing to show."""
    from playwright.async_api import TimeoutError as TookTooLong

    try:
        if signs:
            await page.wait_for_selector(signs, state="attached", timeout=_LONGEST_DRAWING)
        else:
            await page.wait_for_load_state("networkidle", timeout=_LONGEST_DRAWING)
    except TookTooLong:
        return


def _origin(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


class GuardProxy:
    """An HTTP proxy on loopback that connects to public addresses only, and to those of `homes`.

    It resolves a name once and connects to the address it has looked at, so that a name cannot
    change its meaning in between.
    """

    def __init__(self, homes: frozenset[tuple[str, int]]) -> None:
        self._homes = homes
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(
            self._serve, sock=self._socket, limit=_LONGEST_HEAD
        )

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def allows(self, host: str, port: int) -> bool:
        try:
            await self._addresses(host, port)
        except (FetchRefused, OSError, UnicodeError):
            return False
        return True

    async def _addresses(self, host: str, port: int) -> list[str]:
        return [host] if (host, port) in self._homes else await look_up(host)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._carry(reader, writer)
        except FetchRefused as error:
            writer.write(_answer("403 Forbidden", str(error)))
        except (OSError, ValueError, EOFError, asyncio.LimitOverrunError) as error:
            writer.write(_answer("502 Bad Gateway", type(error).__name__))
        finally:
            writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        tunnel = method == "CONNECT"
        host, port = _origin(f"https://{target}" if tunnel else target)
        there_reader, there = await self._connected(host, port)
        try:
            if tunnel:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                there.write(_direct(head, target))
            await asyncio.gather(_copy(reader, there), _copy(there_reader, writer))
        finally:
            there.close()

    async def _connected(
        self, host: str, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        addresses = await self._addresses(host, port)
        for address in addresses[:-1]:
            try:
                return await asyncio.open_connection(address, port)
            except OSError:
                continue
        return await asyncio.open_connection(addresses[-1], port)


def _direct(head: bytes, target: str) -> bytes:
    """The head of a request to a proxy as its server wants it: a bare path, one request only."""
    parts = urlsplit(target)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    first, rest = head.split(b"\r\n", 1)
    method, _, version = first.split(b" ")
    kept = [
        line
        for line in rest.split(b"\r\n")
        if line and not line.lower().startswith((b"proxy-", b"connection:"))
    ]
    start = b" ".join((method, path.encode("latin-1"), version))
    return b"\r\n".join((start, *kept, b"Connection: close", b"", b""))


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while block := await source.read(_BLOCK):
            target.write(block)
            await target.drain()
        if target.can_write_eof():
            target.write_eof()
    except OSError:  # one side has gone; the other learns of it by the end of its stream
        target.close()


def _answer(status: str, words: str) -> bytes:
    body = words.encode("utf-8", "replace")
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode("ascii") + body
