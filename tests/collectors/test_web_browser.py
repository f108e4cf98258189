"""Pages of JavaScript, drawn by a real chromium; and what a page may not make it ask for."""

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from collectors import SOURCES
from collectors.base import SourceUnavailable
from collectors.crawling.browser import GuardProxy
from collectors.crawling.sites import Site
from collectors.run import collect
from collectors.web import Web, WebSettings
from tests.fakes.server import Answer
from tests.fakes.shop import Review, Shop
from warehouse.landing import Landing

Landed = Callable[[str], list[dict[str, Any]]]
HTML = {"Content-Type": "text/html; charset=utf-8"}


@pytest.fixture
def chromium() -> None:
    path = os.environ.get("MADANG_CHROMIUM", "/usr/bin/chromium")
    if not Path(path).exists():
        reason = f"no browser at {path}; install chromium or name one in MADANG_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop([Review(n, "", form="scripted") for n in (1, 2)]) as running:
        running.pages = {
            f"/api/{n}": Answer(
                json.dumps({"words": f"앱에서만 보이는 후기 {n}", "stars": "4점"}).encode(),
                headers={"Content-Type": "application/json"},
            )
            for n in (1, 2)
        }
        yield running


def settings(shop: Shop, **changes: Any) -> WebSettings:
    usual: dict[str, Any] = {
        "name": "shop", "start": (f"{shop.url}/reviews",), "follow": "a.review",
        "javascript": True, "wait_for": ".item", "review": ".item", "text": ".words",
        "rating": ".stars",
    }  # fmt: skip
    site = Site(**(usual | changes))
    return WebSettings(
        sites=(site,), delay_seconds=0.0, timeout_seconds=60.0, allow_private_addresses=True
    )


def listing(*numbers: int) -> Answer:
    """A list that a script draws."""
    links = "".join(f"<a class='review' href='/review/{n}'>후기 {n}</a>" for n in numbers)
    script = f'document.getElementById("list").innerHTML = "{links}"'
    return Answer(f"<div id='list'></div><script>{script}</script>".encode(), headers=HTML)


@pytest.mark.browser
@pytest.mark.usefixtures("chromium")
def test_reviews_that_only_a_script_shows(shop: Shop, landing: Landing, landed: Landed) -> None:
    with Shop([]) as inside:  # another server of our own network, which is none of the sites
        secret = f"{inside.url}/secret"
        inside.pages = {"/secret": Answer(b"<p class='item words'>token</p>", headers=HTML)}
        shop.pages |= {
            "/reviews": listing(1, 2, 8, 9),
            "/hop": Answer(b"", 302, {"Location": secret}),
            "/review/8": Answer(b"", 302, {"Location": secret}),  # the page itself leads inside
            "/review/9": Answer(
                "<p class='item'><b class='words'>보기만 한 글</b></p>"
                f"<script>fetch('{secret}'); fetch('/hop');"
                f"new WebSocket('{secret.replace('http', 'ws')}');</script>"
                f"<img src='{secret}'><iframe src='/hop'></iframe><iframe src='{secret}'></iframe>"
                "".encode(),
                headers=HTML,
            ),
        }
        done = collect(Web(settings(shop)), landing)
        assert inside.asked == []
    assert "/hop" in shop.asked
    rows = {row["native_id"].rsplit("/", 1)[1]: row for row in landed("mentions")}
    assert rows["1"]["text"] == "앱에서만 보이는 후기 1"
    assert (rows["2"]["rating_raw"], rows["2"]["rating"]) == ("4점", 0.75)
    assert set(rows) == {"1", "2", "9"}
    (told,) = done.failures
    assert "/review/8" in told


def test_without_a_browser_the_site_says_what_mends_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADANG_CHROMIUM", "/nowhere/chromium")
    with pytest.raises(SourceUnavailable, match="apt install chromium"):
        SOURCES["web"].open(settings(shop))
    assert SOURCES["web"].open(settings(shop, javascript=False)).name == "web"


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data", "http://10.0.0.1/", "http://[::1]/",
        "http://2130706433/", "http://0x7f.1/", "http://localhost/", "http://[::ffff:10.0.0.1]/",
    ],
)  # fmt: skip
def test_the_proxy_refuses_our_own_network(target: str) -> None:
    host = target.removeprefix("http://").split("/")[0]
    for request in (f"GET {target} HTTP/1.1", f"CONNECT {host}:443 HTTP/1.1"):
        assert " 403 " in asyncio.run(_answer_of(GuardProxy(frozenset()), request))


def test_the_proxy_lets_a_site_of_our_own_network_through(shop: Shop) -> None:
    home = ("127.0.0.1", int(shop.url.rsplit(":", 1)[1]))
    asked = f"GET {shop.url}/reviews?page=1 HTTP/1.1\r\nProxy-Connection: keep-alive"
    assert " 200 " in asyncio.run(_answer_of(GuardProxy(frozenset({home})), asked))
    assert shop.asked == ["/reviews?page=1"]
    assert " 502 " in asyncio.run(_answer_of(GuardProxy(frozenset({home})), "nonsense"))


async def _answer_of(proxy: GuardProxy, request: str) -> str:
    await proxy.start()
    port = int(proxy.url.rsplit(":", 1)[1])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{request}\r\nHost: x\r\n\r\n".encode())
    line = await reader.readline()
    writer.close()
    await proxy.stop()
    return line.decode()
