"""A brand manager's visit, in a real browser: sign in, read each screen, search, open, sign out."""

import re

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

WITH_PARTICLE = re.compile("배송(이|은|을|도|만)")
SCREENS = {
    "overview": ("/", "한눈에 보기", "Overview"),
    "mentions": ("/mentions", "멘션", "Mentions"),
    "trackers": ("/trackers", "트래커", "Trackers"),
    "aspects": ("/aspects", "칭찬과 불만", "Aspects"),
    "alerts": ("/alerts", "알림", "Alerts"),
    "customers": ("/customers", "고객", "Customers"),
    "meter": ("/meter", "정확도", "Accuracy"),
    "sources": ("/sources", "출처", "Sources"),
}


def size(visitor) -> str:
    return "phone" if visitor.page.viewport_size["width"] < 600 else "desktop"


def check(visitor) -> None:
    """No complaint in the console, nothing wider than the window, no text too faint to read."""
    page = visitor.page
    assert visitor.complaints == []
    assert not page.get_by_test_id("stException").count()
    widest = page.evaluate(
        "Math.max(document.documentElement.scrollWidth,"
        " document.querySelector('[data-testid=stMain]')?.scrollWidth ?? 0)"
    )
    assert widest <= page.viewport_size["width"]
    found = Axe().run(page, options={"runOnly": ["color-contrast"]})
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("screen", SCREENS)
def test_each_screen_reads_in_both_languages(visitor, screen: str, language: str) -> None:
    path, korean, english = SCREENS[screen]
    visitor.go(f"{path}?lang={language}")
    title = visitor.page.locator(".m-title h1").first.inner_text()
    assert title == (korean if language == "ko" else english)
    visitor.shoot(f"desk-{screen}-{language}-{size(visitor)}")
    check(visitor)


def test_each_screen_in_the_dark(visitor) -> None:
    visitor.page.emulate_media(color_scheme="dark")
    for screen, (path, _, _) in SCREENS.items():
        visitor.go(f"{path}?lang=ko")
        visitor.shoot(f"desk-{screen}-dark-{size(visitor)}")
        check(visitor)


def test_a_search_for_a_noun_finds_it_with_its_particle(visitor) -> None:
    page = visitor.page
    visitor.go("/mentions?lang=ko")
    page.get_by_text("전체", exact=True).click()
    box = page.get_by_role("textbox", name="멘션에서 찾기")
    box.fill("배송")
    box.press("Enter")
    page.locator("mark", has_text="배송").first.wait_for()
    visitor.settled()
    assert page.locator(".m-card .m-text", has_text=WITH_PARTICLE).count() > 0
    visitor.shoot(f"desk-search-{size(visitor)}")
    check(visitor)


def test_a_tracker_is_tried_saved_and_shows_what_was_said_before(visitor) -> None:
    page, name = visitor.page, f"배송과 환불 {size(visitor)}"
    visitor.go("/trackers?lang=ko")
    page.get_by_role("button", name="트래커 만들기").click()
    page.get_by_role("textbox", name="이름").fill(name)
    query = page.get_by_role("textbox", name="찾을 말")
    query.fill("배송 AND (환불 OR")
    query.press("Control+Enter")
    page.locator(".m-mistake", has_text="OR 뒤에 아무것도 없어요").wait_for()
    visitor.settled()
    visitor.shoot(f"desk-tracker-mistake-{size(visitor)}")
    check(visitor)
    # Both are said every day: of rarer words the small market may hold none for thirty days.
    query.fill("(배송 OR 환불) AND lang:ko")
    query.press("Control+Enter")
    page.locator(".m-clause").first.wait_for()
    visitor.settled()
    assert page.locator(".m-card mark", has_text="배송").count() > 0
    visitor.shoot(f"desk-tracker-preview-{size(visitor)}")
    check(visitor)
    page.get_by_role("button", name="저장하기").click()
    page.wait_for_url("**/trackers?*tracker=*")
    page.locator(".m-version", has_text="버전 1").wait_for()
    visitor.settled()
    assert page.locator(".m-card").count() > 0
    visitor.shoot(f"desk-tracker-{size(visitor)}")
    check(visitor)
    page.get_by_role("link", name="멘션에서 모두 보기").click()
    page.wait_for_url("**/mentions*")
    visitor.settled()
    page.locator(".m-card mark", has_text="배송").first.wait_for()
    check(visitor)
    visitor.go("/trackers?lang=ko")
    card = page.locator(".m-tracker", has_text=name)
    assert card.locator(".m-value").inner_text() != "0"
    visitor.shoot(f"desk-tracker-list-{size(visitor)}")
    check(visitor)


def test_a_mention_opens_and_leads_back(visitor) -> None:
    page = visitor.page
    visitor.go("/mentions?lang=ko")
    page.get_by_role("link", name="자세히 보기").first.click()
    page.wait_for_url("**/mention?*")
    page.locator(".m-facts").first.wait_for()
    visitor.settled()
    assert page.locator(".m-bar").count() == 3
    visitor.shoot(f"desk-mention-{size(visitor)}")
    check(visitor)
    page.get_by_role("link", name="멘션 목록").click()
    page.wait_for_url("**/mentions*")
    visitor.settled()


def test_the_language_is_switched_and_kept(visitor) -> None:
    page = visitor.page
    visitor.go("/?lang=ko")
    if size(visitor) == "phone":
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("radio", name="English").click()
    page.locator(".m-title h1", has_text="Overview").wait_for()
    assert "lang=en" in page.url
    page.get_by_test_id("stSidebarNav").get_by_text("Sources").click()
    page.locator(".m-title h1", has_text="Sources").wait_for()
    assert visitor.complaints == []


def test_who_signs_out_sees_nothing_more(leaver) -> None:
    page = leaver.page
    page.goto(leaver.desk.url + "/staff/")
    page.locator("form[action*='sign-out'] button").first.click()
    page.wait_for_url("**/staff/**")
    page.goto(leaver.desk.url + "/mentions")
    page.locator("input[type=password]").wait_for()
    assert not page.locator(".m-card").count()


def test_without_a_session_the_screens_are_shut(desk) -> None:
    answer = httpx.get(desk.url + "/", follow_redirects=False)
    assert answer.status_code == 303
    assert "/staff/" in answer.headers["location"]
