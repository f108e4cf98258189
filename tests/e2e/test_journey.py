"""The loop closes, in a real browser: a customer complains, is recognised, is answered, is glad.

One journey a language: the Korean one at a desk, the English one on a phone. Everything runs as a
person would run it: `madang up`, its three processes, and `madang run` for a turn of the loop.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PATIENCE, SHOTS, SIZES, Desk, Visitor, coming
from tests.instance import Instance, free_port

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)

PASSWORD = "가을 하늘 공활한데 7"
PRODUCT = "해담 숨"
QUIET = (
    "조용해서 아기 방에 두기 좋아요",
    "필터 교체가 쉬워요",
    "디자인이 예뻐요",
    "잘 쓰고 있어요",
)
LOUD = (
    "배송이 일주일째 안 와요. 정말 화나네요",
    "배송은 늦고 연락도 없고 최악이에요",
    "박스가 다 찌그러져서 왔어요. 실망입니다",
    "고객센터는 한 시간째 연결이 안 돼요 ㅠㅠ",
    "환불해 달라니까 서로 미루기만 하네요. 다시는 안 사요",
)


@dataclass(frozen=True)
class Words:
    """What the journey types and looks for, in one language."""

    language: str
    size: str
    name: str
    email: str
    complaint: str
    answer: str
    verified: str
    official: str
    helped: str


JOURNEYS = (
    Words(
        "ko", "desktop", "박서연", "seoyeon@example.kr",
        "배송이 열흘이나 늦었는데 연락 한 번이 없네요. 너무 실망했어요.",
        "늦어서 정말 죄송해요. 내일 오전에 도착하도록 다시 보냈어요.",
        "구매 확인", "공식 답변", "도움이 됐어요",
    ),
    Words(
        "en", "phone", "Joy Han", "joy@example.com",
        "It arrived broken and nobody answers the phone. Terrible service, I want a refund.",
        "We are sorry. A new one leaves today, and you will be refunded for the wait.",
        "Verified purchase", "Official answer", "This answer helped",
    ),
)  # fmt: skip


@dataclass
class Town:
    """An instance that is up, its two sites, and its letters."""

    instance: Instance
    desk: Desk
    yard: str
    read: set[Path] = field(default_factory=set)

    def letter(self, to: str) -> str:
        """The text of the next letter to somebody, once the worker has carried it out."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            for path in sorted((self.instance.home / "var" / "outbox").glob("*.eml")):
                with path.open("rb") as file:
                    message = BytesParser(policy=policy.default).parse(file)
                if path not in self.read and to in str(message["To"]):
                    self.read.add(path)
                    body = message.get_body(("plain",))
                    assert body is not None
                    return str(body.get_content())
            time.sleep(0.2)
        raise AssertionError(f"no letter to {to} within a minute")


def month(now: datetime) -> list[tuple[str, str, int, datetime]]:
    """Five quiet weeks with a complaint now and then, and five hours of trouble at their end."""
    rows = []
    for hours in range(6, 35 * 24, 4):
        text, stars = (LOUD[hours % 5], 1) if hours % 28 == 6 else (QUIET[hours % 4], 5)
        rows.append((f"q{hours}", text, stars, now - timedelta(hours=hours)))
    for number in range(15):
        at = now - timedelta(minutes=20 + 17 * number)
        rows.append((f"l{number}", LOUD[number % 5], 1, at))
    return rows


def filled(instance: Instance) -> None:
    """What stands before the customer comes: reviews of a month, customers, orders, staff."""
    rows = month(datetime.now(UTC))
    reviews, people, orders = (instance.home / f"{name}.csv" for name in ("r", "p", "o"))
    lines = [
        f'{native_id},"{text} {number}",{stars},{at:%Y-%m-%dT%H:%M:%S}Z,{PRODUCT},손님{number % 90}'
        for number, (native_id, text, stars, at) in enumerate(rows)
    ]
    reviews.write_text("\n".join(["id,body,stars,at,item,who", *lines]) + "\n", "utf-8")
    people.write_text(
        "id,name,mail,city\n"
        + "".join(f"c-{j.language},{j.name},{j.email.upper()},대전\n" for j in JOURNEYS),
        "utf-8",
    )
    orders.write_text(
        "order,who,item,price,at\n"
        + "".join(f"o-{j.language},c-{j.language},{PRODUCT},189000,2026-10-02\n" for j in JOURNEYS),
        "utf-8",
    )
    bring(
        instance, "mentions", reviews,
        "id=native_id body=text stars=rating at=created_at item=product who=author_handle",
        "--source", "shop", "--rating-scale", "1-5",
    )  # fmt: skip
    bring(instance, "customers", people, "id=customer_id name=name mail=email city=city")
    bring(
        instance, "orders", orders,
        "order=order_id who=customer_id item=product price=amount at=ordered_at",
    )  # fmt: skip


def bring(instance: Instance, record: str, path: Path, fields: str, *more: str) -> None:
    mapping = [word for pair in fields.split() for word in ("--map", pair)]
    instance.run("import", record, str(path), *more, *mapping)


@pytest.fixture(scope="module")
def town(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    instance = Instance(tmp_path_factory.mktemp("town"))
    desk_port, yard_port = free_port(), free_port()
    (instance.home / "madang.toml").write_text(
        f'brand = "해담"\n[desk]\nport = {desk_port}\n[yard]\nport = {yard_port}\n'
        "[schedule]\nminutes = 0\n",
        "utf-8",
    )
    try:
        filled(instance)
        instance.staff("mina@example.kr", "이미나", "brand_manager", PASSWORD)
        instance.staff("junho@example.kr", "최준호", "community_manager", PASSWORD)
        instance.run("run")
        instance.await_desk(instance.start("up"))
        desk = Desk(f"http://127.0.0.1:{desk_port}", "mina@example.kr", PASSWORD)
        yield Town(instance, desk, f"http://127.0.0.1:{yard_port}")
    finally:
        instance.end()


@contextmanager
def stranger(browser: Browser, size: str) -> Iterator[Page]:
    """A browser that nobody has signed in with yet."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, timezone_id="Asia/Seoul", locale="ko-KR"
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    context.close()


def looked_at(page: Page, name: str) -> None:
    """Keep a picture; nothing may be wider than the window nor too faint to read."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(SHOTS / f"{name}.png"), full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert page.viewport_size is not None and wide <= page.viewport_size["width"], name
    found = Axe().run(page, options={"runOnly": ["color-contrast", "label", "button-name"]})
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"


@pytest.mark.parametrize("words", JOURNEYS, ids=[each.language for each in JOURNEYS])
def test_a_customer_complains_is_recognised_answered_and_glad(
    town: Town, browser: Browser, words: Words
) -> None:
    mark = f"{words.language}-{words.size}"
    with stranger(browser, words.size) as customer:
        joined(town, customer, words, mark)
        review = complained(town, customer, words, mark)
        turned = town.instance.answer("run")
        assert turned["sources"]["community"]["rows"] == 1
        assert turned["matched"]["matched"] >= 1
        alarmed(town, browser, words, mark)
        answered(town, browser, words, mark)
        thanked(town, customer, review, words, mark)
        glad(town, browser, words)


def joined(town: Town, page: Page, words: Words, mark: str) -> None:
    """Sign up, read the letter, prove the address."""
    page.goto(town.yard)
    if words.language == "en":
        page.locator(".tongues button").click()
    page.goto(f"{town.yard}/account/sign-up")
    page.locator("[name=email]").fill(words.email)
    page.locator("[name=name]").fill(words.name)
    page.locator("input[type=password]").first.fill(PASSWORD)
    looked_at(page, f"yard-join-{mark}")
    page.locator("form.stack button.primary").click()
    page.wait_for_url("**/account/check-mail*")
    looked_at(page, f"yard-check-mail-{mark}")
    link = re.search(r"https?://\S+/account/confirm/\S+", town.letter(words.email))
    assert link, "the letter names no address to confirm at"
    page.goto(link[0])
    page.locator("form.stack button.primary").click()
    expect(page.locator(".me")).to_have_text(words.name)


def complained(town: Town, page: Page, words: Words, mark: str) -> str:
    """Post a review of one star; returns its address."""
    page.goto(f"{town.yard}/reviews/new")
    page.locator("[name=product]").select_option(label=PRODUCT)
    page.locator("input[name=rating][value='1']").check(force=True)
    page.locator("[name=text]").fill(words.complaint)
    looked_at(page, f"yard-write-{mark}")
    page.locator("form.form-card button.primary").click()
    page.wait_for_url(re.compile(r"/reviews/\d+"))
    expect(page.locator("main")).to_contain_text(words.complaint)
    return page.url.split("?")[0].split("#")[0]


def alarmed(town: Town, browser: Browser, words: Words, mark: str) -> None:
    """The brand manager sees the alert on the desk's front, looks at it, and takes it on."""
    with coming(browser, town.desk, SIZES[words.size]) as mina:
        page = mina.page
        mina.go(f"/?lang={words.language}")
        mina.shoot(f"desk-front-{mark}")
        mina.go(f"/alerts?lang={words.language}")
        mina.shoot(f"desk-alerts-{mark}")
        expect(page.locator(".m-card").first).to_contain_text(PRODUCT)
        page.get_by_test_id("stPageLink-NavLink").first.click()
        page.wait_for_url("**/alerts?*id=*")
        mina.settled()
        mina.shoot(f"desk-alert-{mark}")
        expect(page.locator(".m-sentences")).to_contain_text(PRODUCT)
        if page.get_by_test_id("stFormSubmitButton").count():  # nobody has taken it on before
            page.get_by_role("textbox").fill("물류팀에 확인 중이에요")
            page.get_by_test_id("stFormSubmitButton").click()
        expect(page.get_by_text("물류팀에 확인 중이에요")).to_be_visible()
        expect(page.get_by_text("이미나")).not_to_have_count(0)
        assert mina.complaints == []


def answered(town: Town, browser: Browser, words: Words, mark: str) -> None:
    """The community manager finds the complaint, sees who it is, and answers."""
    junho = Desk(town.desk.url, "junho@example.kr", PASSWORD)
    with coming(browser, junho, SIZES[words.size]) as visitor:
        page = into_inbox(visitor, words)
        looked_at(page, f"inbox-list-{mark}")
        page.locator(".row", has_text=words.complaint[:20]).click()
        expect(page.locator("#case")).to_contain_text(words.complaint)
        person = page.locator("aside.person")
        expect(person).to_contain_text(words.name)
        expect(person).to_contain_text("189,000")
        page.locator("textarea[name=text]").fill(words.answer)
        looked_at(page, f"inbox-case-{mark}")
        page.locator("form.reply button.primary").dblclick()
        expect(page.locator("#case")).to_contain_text(words.answer)
        looked_at(page, f"inbox-answered-{mark}")
        assert visitor.complaints == []


def into_inbox(visitor: Visitor, words: Words) -> Page:
    page = visitor.page
    page.goto(f"{visitor.desk.url}/inbox/")
    other = page.locator(f"button[name=language][value={words.language}]")
    if other.count():
        other.click()
        page.wait_for_url("**/inbox/")
    return page


def thanked(town: Town, page: Page, review: str, words: Words, mark: str) -> None:
    """The customer is told, reads the one official answer, and gives thanks."""
    assert words.answer in town.letter(words.email)
    page.goto(f"{town.yard}/notices")
    looked_at(page, f"yard-notices-{mark}")
    page.goto(review)
    expect(page.get_by_text(words.verified).first).to_be_visible()
    expect(page.locator(".comment.official")).to_have_count(1)
    expect(page.locator(".comment.official")).to_contain_text(words.answer)
    looked_at(page, f"yard-answered-{mark}")
    page.get_by_role("button", name=words.helped).click()
    expect(page.get_by_role("button", name=words.helped)).to_have_count(0)


def glad(town: Town, browser: Browser, words: Words) -> None:
    """The one who answered sees the thanks, and the warehouse knows of answer and thanks."""
    junho = Desk(town.desk.url, "junho@example.kr", PASSWORD)
    with coming(browser, junho, SIZES[words.size]) as visitor:
        page = visitor.page
        page.goto(f"{visitor.desk.url}/inbox/?state=answered")
        page.locator(".row", has_text=words.complaint[:20]).click()
        expect(page.locator("#case [data-state=thanked]")).to_be_visible()
    town.instance.run("run")
    told = town.instance.answer(
        "sql",
        "SELECT count(*) AS replies, count(t.mention_id) AS thanks FROM replies r "
        "JOIN mentions m USING (mention_id) LEFT JOIN thanks t USING (mention_id) "
        f"WHERE m.text = '{words.complaint}'",
    )
    assert told == [{"replies": 1, "thanks": 1}]
