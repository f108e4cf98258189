"""Sites that trap, stall and break off; what a crawl owes to robots.txt; and SIGKILL to a crawl."""

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from collectors.crawling.sites import Site
from collectors.run import collect
from collectors.web import Web, WebSettings
from tests.collectors.killing import assert_whole
from tests.fakes.server import Answer, Headers, gzip_bomb
from tests.fakes.shop import Review, Shop
from warehouse.landing import Landing

Landed = Callable[[str], list[dict[str, Any]]]
HTML = {"Content-Type": "text/html"}
PROGRAM = """
import sys
from pathlib import Path
from collectors.run import collect
from collectors.crawling.sites import Site
from collectors.web import Web, WebSettings
from warehouse.landing import Landing

folder, url = sys.argv[1:]
site = Site("shop", (f"{url}/reviews",), follow="a.review", next_page="a.next")
settings = WebSettings(sites=(site,), delay_seconds=0.0, allow_private_addresses=True)
collect(Web(settings), Landing(Path(folder)))
"""


class Trap(Shop):
    """A shop with pages beyond its own: a calendar without end, and robots.txt by the second."""

    def __init__(self, reviews: list[Review]) -> None:
        super().__init__(reviews)
        self.when: list[float] = []

    def answer(self, path: str, headers: Headers) -> Answer:
        self.when.append(time.monotonic())
        if path.startswith("/calendar/"):
            month = int(path.rsplit("/", 1)[1])
            more = f"<a class='next' href='/calendar/{month + 1}'>다음 달</a>"
            link = f"<a class='review' href='/review/{100_000 + month}'>새 글</a>"
            return Answer((link * (month % 2) + more).encode(), headers=HTML)
        if path.startswith("/review/100"):
            return Answer("<p>이 날에는 글이 없습니다</p>".encode(), headers=HTML)
        return super().answer(path, headers)


@pytest.fixture
def shop() -> Iterator[Trap]:
    with Trap([Review(n, f"거름망 청소가 쉬워요 {n}") for n in range(1, 9)]) as running:
        yield running


def web(shop: Shop, **changes: Any) -> Web:
    usual: dict[str, Any] = {
        "name": "shop", "start": (f"{shop.url}/reviews",), "follow": "a.review",
        "next_page": "a.next",
    }  # fmt: skip
    settings = {"delay_seconds": 0.0, "timeout_seconds": 20.0, "allow_private_addresses": True}
    return Web(WebSettings(sites=(Site(**(usual | changes)),), max_bytes=1_000_000, **settings))


def test_pages_made_to_harm_leave_the_others_alone(
    shop: Trap, landing: Landing, landed: Landed
) -> None:
    half = Answer(b"<html>" + b"x" * 5_000, headers=HTML, cut_to=100)
    deep = "<div>" * 80_000 + "</div>" * 80_000
    places = {
        1: Answer(b"", 302, {"Location": "/review/1"}),  # to itself
        2: Answer(b"", 302, {"Location": "http://10.0.0.8/"}),
        3: gzip_bomb(3_000_000),
        4: half,
        5: Answer(deep.encode(), headers=HTML),
        6: Answer(bytes(range(256)) * 200, headers={"Content-Type": "image/png"}),
        7: Answer(b"", headers={"Content-Type": "text/html; charset=" + "x" * 5_000}),
    }
    shop.pages = {f"/review/{n}": answer for n, answer in places.items()}
    shop.extra_links = ["http://[", "//", "mailto:a@b.kr", "/private/9", "  "]
    done = collect(web(shop), landing)
    assert [row["native_id"] for row in landed("mentions")] == [f"{shop.url}/review/8"]
    told = "\n".join(done.failures)
    for path, reason in {
        "/review/1": "redirect",
        "/review/2": "leads away from the site",
        "/review/3": "",
        "/review/4": "",
        "/review/5": "nested too deeply",
        "/review/6": "no review",
        "/review/7": "no review",
        "/private/9": "robots.txt",
    }.items():
        lines = [line for line in done.failures if path in line]
        assert len(lines) == 1, told
        assert reason.lower() in lines[0].lower(), told
    assert not any(path.startswith("/private") for path in shop.asked)


def test_a_calendar_without_end_comes_to_its_bound(
    shop: Trap, landing: Landing, tmp_path: Path
) -> None:
    done = collect(web(shop, start=(f"{shop.url}/calendar/1",), max_pages=9), landing)
    assert done.rows == 0
    assert len([path for path in shop.asked if path.startswith("/calendar/")]) == 9
    assert len(done.failures) == 5  # the days that held nothing
    shop.asked.clear()
    bounded = web(shop, start=(f"{shop.url}/calendar/1",), max_pages=60, max_reviews=3)
    collect(bounded, Landing(tmp_path / "other"))
    assert len([path for path in shop.asked if path.startswith("/review/")]) == 3


def test_the_delay_that_robots_asks_for_is_kept(shop: Trap, landing: Landing) -> None:
    shop.robots = "User-agent: *\nCrawl-delay: 0.5\nDisallow: /private/\n"
    shop.reviews = shop.reviews[:3]
    assert collect(web(shop), landing).rows == 3
    assert len(shop.when) == 5  # robots.txt, the list, and three pages
    assert shop.when[-1] - shop.when[1] > 1.0  # three pauses, less what the server's thread slept


def test_a_site_that_asks_for_a_long_pause_is_left_alone(
    shop: Trap, landing: Landing, landed: Landed
) -> None:
    shop.trouble.busy, shop.trouble.retry_after = 1, "Wed, 21 Oct 2099 07:28:00 GMT"
    assert "429" in collect(web(shop), landing).failures[0]
    assert shop.asked == ["/robots.txt", "/reviews"]
    assert "asks for a pause" in landed("coverage")[0]["reason"]
    assert collect(web(shop), landing).rows == 8


@pytest.mark.parametrize("rounds", [2, pytest.param(200, marks=pytest.mark.soak)])
def test_a_killed_crawl_takes_its_crawler_along_and_is_done_again(
    rounds: int, shop: Trap, tmp_path: Path
) -> None:
    shop.reviews = [Review(n, f"거름망 청소가 쉬워요 {n}") for n in range(1, 60)]
    chance = random.Random(20261122)
    folders = [tmp_path / "0"]
    for turn in range(rounds):
        shop.asked.clear()
        pages = chance.randint(1, 72)  # with its lists and robots.txt, the shop has so many
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(folders[-1]), shop.url], stdout=subprocess.DEVNULL
        )
        while len(shop.asked) < pages and process.poll() is None:
            time.sleep(0.01)
        crawlers = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        below = crawlers.read_text().split() if process.poll() is None else []
        time.sleep(chance.uniform(0, 0.2))
        process.kill()
        if process.wait() == 0:  # it was done before
            folders.append(tmp_path / str(turn + 1))
        while any(_runs(int(crawler)) for crawler in below):
            time.sleep(0.05)
    assert collect(web(shop), Landing(folders[-1])).failures == ()
    assert_whole(folders, 59)


def _runs(process: int) -> bool:
    """Whether a process is there and has not ended (it may wait to be counted)."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return "State:\tZ" not in status
