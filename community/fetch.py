"""The one safe way to fetch an address that somebody gave us.

Addresses inside our own network are refused after the name has been resolved, and the connection
goes to the very address that was looked at, on every redirect. Bytes and seconds are bounded, and
compressed answers are unpacked only up to the bound. No Django in here: collectors use it too.
"""

import ipaddress
import socket
import ssl
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, Final
from urllib.parse import urljoin

import httpcore
import httpx

from community.errors import CommunityError

_SCHEMES: Final = ("http", "https")
_REDIRECTS: Final = (301, 302, 303, 307, 308)
# Ranges that are not marked private by the standard library, but lead inside as well: the
# NAT64 and 6to4 prefixes carry an IPv4 address (RFC 6052, RFC 3056).
_EMBEDDING: Final = tuple(
    ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")
)


class FetchError(CommunityError):
    """An address could not be fetched. `status` is the HTTP status, or None without an answer.

    `again_in` is how many seconds the server asks to wait, when it says so.
    """

    def __init__(
        self, message: str, status: int | None = None, again_in: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.again_in = again_in

    @property
    def may_pass(self) -> bool:
        """Whether it is worth another try: the server was busy, broken or cut off."""
        return self.status is None or self.status == 429 or self.status >= 500


class FetchRefused(FetchError):  # noqa: N818 - a decision, not a mistake
    """An address that must not be fetched; another try will not help."""

    @property
    def may_pass(self) -> bool:
        return False


@dataclass(frozen=True)
class FetchLimits:
    """How much a fetch may cost."""

    max_bytes: int = 10_000_000  # of the unpacked answer
    seconds: float = 30.0  # for all of it, redirects included
    redirects: int = 5
    allow_private_addresses: bool = False


@dataclass(frozen=True)
class Fetched:
    """An answer: the address after redirects, the status, headers with names in lower case."""

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes


def is_private(address: str) -> bool:
    """Whether an IP address leads anywhere but to the public Internet."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return not ip.is_global or ip.is_multicast or any(ip in network for network in _EMBEDDING)


def refuse_private(host: str, addresses: Iterable[str]) -> None:
    """Raise FetchRefused when any address of `host` is private: one of two would be a trick."""
    if private := [address for address in addresses if is_private(address)]:
        raise FetchRefused(
            f"{host} is at {private[0]}, which is not on the public Internet. "
            "Set allow_private_addresses for a site of your own network."
        )


class _CheckedNetwork(httpcore.SyncBackend):
    """Connects to the address that was checked, not to what the name says a moment later."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} has no address: {error}") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        refuse_private(host, addresses)
        for place, address in enumerate(addresses):
            try:
                return super().connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore.ConnectError:
                if place == len(addresses) - 1:
                    raise
        raise httpcore.ConnectError(f"{host} has no address")


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities that are trusted; to read them takes some fifty milliseconds."""
    return httpx.create_ssl_context()


class Fetcher:
    """Fetches addresses, keeping connections open between them. Use as a context manager."""

    def __init__(self, limits: FetchLimits, agent: str = "Madang/0.1") -> None:
        network = httpcore.SyncBackend() if limits.allow_private_addresses else _CheckedNetwork()
        self._limits = limits
        self._agent = agent
        self._pool = httpcore.ConnectionPool(ssl_context=_trusted(), network_backend=network)

    def __enter__(self) -> "Fetcher":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Fetched:
        """The answer to a GET, after redirects.

        Raises FetchRefused for what must not be fetched, FetchError for other failures: no
        answer, too slow, too large, cut off, or a status other than 200 and 304.
        """
        deadline = time.monotonic() + self._limits.seconds
        for _ in range(self._limits.redirects + 1):
            answer = self._get_once(url, headers or {}, deadline)
            if answer.status not in _REDIRECTS or "location" not in answer.headers:
                return _accepted(answer)
            url = urljoin(url, answer.headers["location"])
        raise FetchRefused(f"{url} comes after more than {self._limits.redirects} redirects.")

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Fetched:
        """The answer to one request, whatever its status; no redirect is followed.

        Raises FetchRefused and FetchError as `get` does, but for the status.
        """
        deadline = time.monotonic() + self._limits.seconds
        return self._ask(method, url, headers or {}, content, deadline, every_body=True)

    def _get_once(self, url: str, headers: Mapping[str, str], deadline: float) -> Fetched:
        return self._ask("GET", url, headers, None, deadline, every_body=False)

    def _ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | None,
        deadline: float,
        *,
        every_body: bool,
    ) -> Fetched:
        target = _checked_url(url)
        left = max(deadline - time.monotonic(), 0.01)
        sent: dict[str | bytes, str | bytes] = {
            "Host": target.netloc.decode("ascii"),
            "User-Agent": self._agent,
            "Accept-Encoding": "gzip",
        }
        sent.update(headers)
        if content is not None:
            sent["Content-Length"] = str(len(content))
        request = httpcore.Request(
            method,
            httpcore.URL(
                scheme=target.raw_scheme,
                host=target.raw_host,
                port=target.port,
                target=target.raw_path,
            ),
            headers=sent,
            content=content,
            extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), left)},
        )
        try:
            response = self._pool.handle_request(request)
            try:
                return self._read(url, response, deadline, every_body)
            finally:
                response.close()
        except httpcore.TimeoutException as error:
            raise FetchError(f"{url} took too long: {error or type(error).__name__}.") from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise FetchError(
                f"{url} could not be read: {error or type(error).__name__}."
            ) from error

    def _read(
        self, url: str, response: httpcore.Response, deadline: float, every_body: bool
    ) -> Fetched:
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in response.headers
        }
        if response.status != 200 and not every_body:
            return Fetched(url, response.status, headers, b"")
        unpack = _unpacker(url, headers.get("content-encoding", ""))
        parts: list[bytes] = []
        size = 0
        for part in response.iter_stream():
            plain = unpack(part, self._limits.max_bytes - size + 1)
            parts.append(plain)
            size += len(plain)
            if size > self._limits.max_bytes:
                raise FetchRefused(f"{url} is larger than {self._limits.max_bytes:,} bytes.")
            if time.monotonic() > deadline:
                raise FetchError(f"{url} took longer than {self._limits.seconds:g} seconds.")
        return Fetched(url, response.status, headers, b"".join(parts))


def _checked_url(url: str) -> httpx.URL:
    try:
        target = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise FetchRefused(f"{url!r} is no address: {error}.") from error
    if target.scheme not in _SCHEMES or not target.host:
        raise FetchRefused(f"{url!r} is no http or https address.")
    return target


def _unpacker(url: str, encoding: str) -> Any:
    if encoding.lower() in ("", "identity"):
        return lambda part, _: part
    if encoding.lower() not in ("gzip", "x-gzip", "deflate"):
        raise FetchRefused(f"{url} is packed as {encoding!r}, which was not asked for.")
    stream = zlib.decompressobj(wbits=47)  # gzip or zlib, as the data says

    def unpack(part: bytes, room: int) -> bytes:
        try:
            return stream.decompress(part, room)
        except zlib.error as error:
            raise FetchError(f"{url} is not soundly packed: {error}.") from error

    return unpack


def _accepted(answer: Fetched) -> Fetched:
    if answer.status in (200, 304):
        return answer
    again_in = seconds_of(answer.headers.get("retry-after", ""))
    raise FetchError(
        f"{answer.url} answers with the status {answer.status}.", answer.status, again_in
    )


def seconds_of(retry_after: str) -> float | None:
    """The Retry-After header, a number of seconds or a date (RFC 9110, 10.2.3), as seconds."""
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        return max(parsedate_to_datetime(retry_after).timestamp() - time.time(), 0.0)
    except (TypeError, ValueError):
        return None
