"""A demo instance with its desk up, and a real browser before it."""

import os
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

from tests.market import filled_demo

SHOTS = Path(__file__).parents[2] / "var" / "screenshots"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
# Streamlit asks for its health below the page's own path first and then at the root.
PROBE = re.compile(r"/_stcore/(health|host-config)$")
SETTLED = """() => !document.querySelector(
        '[data-testid=stStatusWidget], [data-testid=stSkeleton], [data-stale=true]')
    && [...document.querySelectorAll('[data-testid=stVegaLiteChart]')]
        .every(chart => chart.querySelector('svg, canvas'))"""
PATIENCE = 60_000  # milliseconds; what is tested is what is shown, not how fast


@dataclass
class Desk:
    """Where the desk is and how to sign in."""

    url: str
    email: str
    password: str


@dataclass
class Visitor:
    """A signed-in page, and what went wrong on it."""

    page: Page
    desk: Desk
    complaints: list[str] = field(default_factory=list)

    def settled(self) -> None:
        """Wait until the script has run and its charts are drawn."""
        self.page.locator(".m-title h1").first.wait_for(timeout=PATIENCE)
        self.page.wait_for_function(SETTLED, timeout=PATIENCE)
        self.page.wait_for_timeout(300)

    def go(self, path: str) -> None:
        self.page.goto(self.desk.url + path)
        self.settled()

    def shoot(self, name: str) -> None:
        """Keep the whole page as a picture."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        size = self.page.viewport_size
        assert size is not None
        height = self.page.evaluate(
            "document.querySelector('[data-testid=stMain]')?.scrollHeight ?? 900"
        )
        self.page.set_viewport_size({"width": size["width"], "height": min(height + 20, 3000)})
        self.page.wait_for_timeout(300)
        self.page.screenshot(path=str(SHOTS / f"{name}.png"))
        self.page.set_viewport_size(size)


# Not for the session: playwright keeps an event loop running, which other tests must not meet.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = os.environ.get("MADANG_CHROMIUM", "/usr/bin/chromium")
    if not Path(path).exists():
        reason = f"no browser at {path}; install chromium or name one in MADANG_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture(scope="module")
def desk(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The demo market, read, and its desk; after the browser, which may not be there."""
    instance, told = filled_demo(tmp_path_factory)
    try:
        email, password = re.findall(r"as (\S+) with the password (\S+)", told)[0]
        instance.up()
        note = instance.note()
        assert note is not None
        yield Desk(note["url"], email, password)
    finally:
        instance.end()


@pytest.fixture(scope="module", params=SIZES)
def signed_in(request: pytest.FixtureRequest, browser: Browser, desk: Desk) -> Iterator[Visitor]:
    """Somebody who has signed in, at a desk or on a phone; the page serves several tests."""
    with coming(browser, desk, SIZES[request.param]) as visitor:
        yield visitor


@pytest.fixture
def visitor(signed_in: Visitor) -> Visitor:
    """The signed-in visitor, with nothing to complain of yet."""
    signed_in.complaints.clear()
    signed_in.page.emulate_media(color_scheme="light")
    return signed_in


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function) -> Generator[None, pytest.TestReport]:
    """A test that fails tells what stood on its page."""
    report = yield
    visitor = item.funcargs.get("visitor")
    if report.when == "call" and report.failed and isinstance(visitor, Visitor):
        page = visitor.page
        told = f"{page.url}\n{page.locator('body').inner_text()}\n{visitor.complaints}"
        report.sections.append(("Page where it failed", told))
        visitor.shoot(f"failed-{item.name}")
    return report


@pytest.fixture
def leaver(browser: Browser, desk: Desk) -> Iterator[Visitor]:
    """Another visitor, who may sign out without ending the visit of the first."""
    with coming(browser, desk, SIZES["desktop"]) as visitor:
        yield visitor


@contextmanager
def coming(browser: Browser, desk: Desk, size: tuple[int, int]) -> Iterator[Visitor]:
    """A visitor in a browser of their own, signed in, with an ear on the console."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, timezone_id="Asia/Seoul", locale="ko-KR"
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    visitor = Visitor(page, desk)

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and not PROBE.search(message.location.get("url", "")):
            visitor.complaints.append(f"{message.text} at {message.location.get('url')}")

    def broken(error: Error) -> None:
        visitor.complaints.append(str(error))

    page.on("console", heard)
    page.on("pageerror", broken)
    sign_in(visitor)
    yield visitor
    context.close()


def sign_in(visitor: Visitor) -> None:
    """Come to the front page, be sent to the sign-in, and come back from it."""
    page = visitor.page
    page.goto(visitor.desk.url + "/")
    page.locator("input[type=email]").fill(visitor.desk.email)
    page.locator("input[type=password]").fill(visitor.desk.password)
    page.locator("form button").first.click()
    page.wait_for_url(lambda url: "/staff/" not in url)
    visitor.settled()
