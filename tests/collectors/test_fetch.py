"""The safe fetcher: what it refuses, and that it holds its bounds."""

import gzip
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from community.fetch import Fetcher, FetchError, FetchLimits, FetchRefused, is_private
from tests.fakes.server import Answer, Headers, LocalServer, gzip_bomb

OPEN = FetchLimits(max_bytes=1_000_000, seconds=5, allow_private_addresses=True)


class Pages(LocalServer):
    """One page for each path that the tests ask for."""

    def answer(self, path: str, headers: Headers) -> Answer:
        name = urlsplit(path).path
        if name == "/packed":
            return Answer(
                gzip.compress("안녕하세요".encode()), headers={"Content-Encoding": "gzip"}
            )
        if name == "/bomb":
            return gzip_bomb(5_000_000)
        if name == "/odd":
            return Answer(b"x", headers={"Content-Encoding": "br"})
        if name == "/loop":
            return Answer(b"", 302, {"Location": "/loop"})
        if name == "/inside":
            return Answer(b"", 302, {"Location": f"{self.url}/packed"})
        if name == "/slow":
            time.sleep(0.6)
        return Answer(b"plain")


@pytest.fixture
def server() -> Iterator[Pages]:
    with Pages() as running:
        yield running


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("172.16.0.1", True),
        ("192.168.0.1", True),
        ("169.254.169.254", True),
        ("100.64.0.1", True),
        ("0.0.0.0", True),
        ("224.0.0.1", True),
        ("::1", True),
        ("fe80::1%eth0", True),
        ("fd00::1", True),
        ("::ffff:127.0.0.1", True),
        ("64:ff9b::7f00:1", True),
        ("2002:7f00:1::", True),
        ("8.8.8.8", False),
        ("2606:4700:4700::1111", False),
    ],
)
def test_which_addresses_are_private(address: str, private: bool) -> None:
    assert is_private(address) is private


def test_answers_are_unpacked_and_redirects_followed(server: Pages) -> None:
    with Fetcher(OPEN) as fetcher:
        assert fetcher.get(f"{server.url}/packed").content.decode() == "안녕하세요"
        assert fetcher.get(f"{server.url}/inside").url == f"{server.url}/packed"


@pytest.mark.parametrize(
    ("path", "said"),
    [("/bomb", "larger than"), ("/odd", "not asked for"), ("/loop", "redirects")],
)
def test_what_is_refused_for_good(path: str, said: str, server: Pages) -> None:
    with Fetcher(OPEN) as fetcher, pytest.raises(FetchRefused, match=said):
        fetcher.get(server.url + path)


def test_a_slow_server_is_left(server: Pages) -> None:
    limits = FetchLimits(seconds=0.2, allow_private_addresses=True)
    with Fetcher(limits) as fetcher, pytest.raises(FetchError, match="too long") as error:
        fetcher.get(f"{server.url}/slow")
    assert error.value.may_pass


@pytest.mark.parametrize(
    "url",
    ["http://localhost:{port}/", "http://127.0.0.1:{port}/", "http://[::1]:{port}/",
     "http://2130706433:{port}/", "http://0x7f000001:{port}/", "file:///etc/passwd", "gopher://x/",
     "http://", "http://exa mple/"],
)  # fmt: skip
def test_the_inside_is_refused_however_it_is_written(url: str, server: Pages) -> None:
    port = urlsplit(server.url).port
    with Fetcher(FetchLimits(seconds=5)) as fetcher, pytest.raises(FetchError):
        fetcher.get(url.format(port=port))
    assert server.asked == []
