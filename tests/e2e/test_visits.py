"""A page of the company in a real browser: nothing is told before a yes, nor against a wish."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from tests.fakes.server import Answer, Headers, LocalServer
from tests.instance import Instance, free_port

pytestmark = pytest.mark.browser
ASK = "이 사이트에서 무엇을 보셨는지 세어도 될까요?"
PAGE = """<!doctype html><html lang="ko"><meta charset="utf-8"><title>해담 숨</title>
<link rel="icon" href="data:,"><body><h1>해담 숨</h1>
<script src="{yard}/events.js" data-ask="{ask}" data-yes="네" data-no="아니요"></script>"""
WISHES = {
    "Global Privacy Control": "globalPrivacyControl",
    "Do Not Track": "doNotTrack",
}


class Shop(LocalServer):
    """The company's own site, whose pages include the script of the yard."""

    yard = ""

    def answer(self, path: str, headers: Headers) -> Answer:
        page = PAGE.format(yard=self.yard, ask=ASK).encode()
        return Answer(page, headers={"Content-Type": "text/html; charset=utf-8"})


@dataclass
class Place:
    """The company's site, the instance beside it, and the store in which visits are kept."""

    shop: Shop
    instance: Instance

    def visits(self) -> list[tuple[Any, ...]]:
        """(kind, path, words, visitor) of what has been kept."""
        store = self.instance.home / "var" / "community.sqlite"
        with closing(sqlite3.connect(store)) as connection:
            return connection.execute(
                "SELECT kind, path, words, visitor FROM intake_webevent ORDER BY sequence"
            ).fetchall()

    def until_there_are(self, many: int) -> list[tuple[Any, ...]]:
        ends = time.monotonic() + 30
        while len(found := self.visits()) < many and time.monotonic() < ends:
            time.sleep(0.1)
        assert len(found) == many
        return found


@pytest.fixture(scope="module")
def served(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The yard as a process, as `madang up` starts it; after the browser, which may be missing."""
    port, home = free_port(), tmp_path_factory.mktemp("yard")
    with Shop() as shop:
        shop.yard = f"http://127.0.0.1:{port}"
        settings = f'[yard]\nport = {port}\n[webevents]\norigins = ["{shop.url}"]\n'
        (home / "madang.toml").write_text(settings)
        yard = subprocess.Popen(
            [sys.executable, "-m", "madang.web"], stdin=subprocess.PIPE,
            env={**os.environ, "MADANG_HOME": str(home)},
        )  # fmt: skip
        try:
            _wait_for(f"{shop.yard}/healthz")
            yield Place(shop, Instance(home))
        finally:
            yard.terminate()
            yard.communicate()


@pytest.fixture
def place(served: Place) -> Place:
    """The same, with no visits kept."""
    with closing(sqlite3.connect(served.instance.home / "var" / "community.sqlite")) as connection:
        connection.execute("DELETE FROM intake_webevent")
        connection.commit()
    return served


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with closing(browser.new_context(locale="ko-KR")) as context:
        yield context.new_page()


def _wait_for(address: str) -> None:
    ends = time.monotonic() + 180
    while True:
        try:
            httpx.get(address, timeout=2).raise_for_status()
        except httpx.HTTPError:
            assert time.monotonic() < ends, "the yard does not serve"
            time.sleep(0.1)
        else:
            return


def _told(page: Page) -> list[str]:
    """What the page sends to the yard from now on, beside the script itself."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/events"):
            sent.append(request.url)

    page.on("request", note)
    return sent


def _until_told(page: Page, told: list[str], times: int) -> None:
    """Let time go by on the page until it has told something so often."""
    ends = time.monotonic() + 30
    while len(told) < times and time.monotonic() < ends:
        page.clock.run_for(1_000)
        page.wait_for_timeout(50)
    assert len(told) == times


def _stored(page: Page) -> tuple[str | None, str, int]:
    """What the browser keeps: the script's word, and cookies of the page and of the context."""
    kept, cookies = page.evaluate("[localStorage.getItem('madang'), document.cookie]")
    return kept, cookies, len(page.context.cookies())


def test_nothing_is_stored_or_told_before_an_answer(place: Place, page: Page) -> None:
    sent = _told(page)
    page.goto(f"{place.shop.url}/products/7")
    expect(page.get_by_role("region", name=ASK)).to_be_visible()
    page.evaluate("madang.search('가습기')")
    page.wait_for_load_state("networkidle")
    assert _stored(page) == (None, "", 0)
    assert (sent, place.visits()) == ([], [])


def test_a_yes_is_remembered_and_tells_what_is_done(place: Place, page: Page) -> None:
    page.goto(f"{place.shop.url}/products/7?email=hana@example.kr")
    page.get_by_role("button", name="네").click()
    expect(page.locator("#madang-ask")).to_have_count(0)
    place.until_there_are(1)
    page.goto(f"{place.shop.url}/search")
    expect(page.locator("#madang-ask")).to_have_count(0)
    place.until_there_are(2)
    page.evaluate("madang.search('조용한 가습기')")
    page.evaluate("madang.catalogue('해담 숨')")
    found = place.until_there_are(4)
    assert [row[:3] for row in found[:3]] == [
        ("view", "/products/7", ""),
        ("view", "/search", ""),
        ("search", "/search", "조용한 가습기"),
    ]  # fmt: skip
    assert len({row[3] for row in found}) == 1
    kept, *cookies = _stored(page)
    assert (kept, cookies) == (found[0][3], ["", 0])
    assert place.instance.answer("collect", "webevents")["rows"] == 4


def test_what_the_yard_did_not_answer_is_told_again_and_kept_once(place: Place, page: Page) -> None:
    """The first try does not arrive; the second does, but its answer is lost."""
    tries: list[str] = []

    def carry(route: Route) -> None:
        tries.append(str(route.request.post_data))
        if len(tries) == 2:
            route.fetch()
        if len(tries) <= 2:
            route.abort()
        else:
            route.continue_()

    page.route("**/events", carry)
    page.clock.install()
    page.goto(f"{place.shop.url}/products/7")
    page.get_by_role("button", name="네").click()
    for count in (1, 2, 3):
        _until_told(page, tries, count)
    assert [row[:2] for row in place.until_there_are(1)] == [("view", "/products/7")]
    first, *again = [json.loads(each)["e"][0] for each in tries]
    assert [each["i"] for each in again] == [first["i"]] * 2
    assert [each["t"] >= 2_000 for each in (first, *again)] == [False, True, True]


def test_after_a_no_nothing_is_told_again(place: Place, page: Page) -> None:
    sent = _told(page)
    page.route("**/events", lambda route: route.abort())
    page.clock.install()
    page.goto(place.shop.url)
    page.get_by_role("button", name="네").click()
    _until_told(page, sent, 1)
    page.evaluate("madang.refuse()")
    page.clock.run_for(120_000)
    page.wait_for_load_state("networkidle")
    assert len(sent) == 1


def test_a_no_is_remembered_and_tells_nothing(place: Place, page: Page) -> None:
    sent = _told(page)
    page.goto(place.shop.url)
    page.get_by_role("button", name="아니요").click()
    page.goto(f"{place.shop.url}/products/7")
    page.evaluate("madang.search('가습기')")
    page.wait_for_load_state("networkidle")
    expect(page.locator("#madang-ask")).to_have_count(0)
    assert _stored(page) == ("no", "", 0)
    assert (sent, place.visits()) == ([], [])


@pytest.mark.parametrize("wish", WISHES)
def test_who_wishes_not_to_be_tracked_is_not_even_asked(
    place: Place, page: Page, wish: str
) -> None:
    page.add_init_script(f"Object.defineProperty(navigator, '{WISHES[wish]}', {{value: 1}})")
    sent = _told(page)
    page.goto(place.shop.url)
    page.evaluate("madang.agree()")
    page.wait_for_load_state("networkidle")
    expect(page.locator("#madang-ask")).to_have_count(0)
    assert _stored(page) == (None, "", 0)
    assert (sent, place.visits()) == ([], [])
