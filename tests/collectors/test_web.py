"""Review pages crawled by the real Scrapy child from a shop that behaves and misbehaves."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import IgnoreRequest

from collectors import SOURCES
from collectors.base import SourceUnavailable
from collectors.crawling.guard import PublicOnly
from collectors.crawling.sites import Site
from collectors.run import collect
from collectors.web import Web, WebSettings
from tests.fakes.shop import Review, Shop
from warehouse.landing import Landing

Landed = Callable[[str], list[dict[str, Any]]]
TEXTS = [
    "흡입력이 좋아서 매일 써요",
    "배터리가 한 시간도 못 가네요",
    "AS 문의는 help@example.com으로 하래요",
    "조립이 쉬웠어요. 아이도 할 만해요",
]


def reviews(count: int, form: str = "json-ld") -> list[Review]:
    return [
        Review(n, f"{TEXTS[n % len(TEXTS)]} ({n}번째)", rating=str(1 + n % 5), form=form)
        for n in range(1, count + 1)
    ]


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop(reviews(12)) as running:
        yield running


def site(shop: Shop, **changes: Any) -> Site:
    usual = {
        "name": "shop",
        "start": (f"{shop.url}/reviews",),
        "follow": "a.review",
        "next_page": "a.next",
    }
    return Site(**(usual | changes))


def web(*sites: Site, private: bool = True) -> Web:
    return Web(
        WebSettings(
            sites=sites,
            delay_seconds=0.0,
            timeout_seconds=20.0,
            max_bytes=1_000_000,
            allow_private_addresses=private,
        )
    )


def fetched(shop: Shop) -> list[str]:
    return [path for path in shop.asked if path.startswith("/review/")]


def listed(shop: Shop) -> list[str]:
    return [path for path in shop.asked if path.startswith("/reviews")]


def test_reviews_land_and_a_second_run_fetches_only_new_pages(
    shop: Shop, landing: Landing, landed: Landed
) -> None:
    shop.repeated = True  # pages overlap, as lists that move do
    shop.trouble.halved = 2
    done = collect(web(site(shop)), landing)
    assert (done.rows, done.quarantined, done.failures) == (12, 0, ())
    rows = {row["native_id"]: row for row in landed("mentions")}
    assert len(rows) == 12
    second = rows[f"{shop.url}/review/2"]
    assert second["text"] == "AS 문의는 [email]으로 하래요 (2번째)"
    assert second["product"] == "무선 청소기"
    assert (second["rating"], second["rating_raw"]) == (0.5, "3")
    assert second["created_at"] == datetime(2026, 10, 31, 15, tzinfo=UTC)
    assert (second["kind"], second["author_handle"]) == ("review", "김*수")

    shop.asked.clear()
    shop.reviews += [Review(13, "필터 청소가 번거로워요", form="microdata", rating="2")]
    assert collect(web(site(shop)), landing).rows == 1
    assert fetched(shop) == ["/review/13"]
    assert landed("mentions")[-1]["rating"] == 0.25

    shop.asked.clear()
    assert collect(web(site(shop)), landing).rows == 0
    assert fetched(shop) == []
    assert len(listed(shop)) == 2


def test_pages_that_fail_are_reported_and_the_rest_lands(
    shop: Shop, landing: Landing, landed: Landed
) -> None:
    shop.bombs, shop.gone = {3}, {4}
    shop.redirects = {5: "http://169.254.169.254/latest/meta-data", 6: "/review/7"}
    shop.extra_links = ["/review/999", "/private/1", "javascript:alert(1)", "https://other.kr/"]
    shop.trouble.busy = 1
    done = collect(web(site(shop)), landing)
    told = "\n".join(done.failures)
    for path in ("review/3", "review/4", "review/5", "review/999", "private/1"):
        assert f"{shop.url}/{path}:" in told
    assert "leads away from the site" in told
    assert not any(path.startswith("/private") for path in shop.asked)
    rows = landed("mentions")
    assert len(rows) == len({row["native_id"] for row in rows}) == 8
    # What may have been a passing failure is tried again, what is gone is not.
    shop.bombs, shop.redirects = set(), {}
    shop.asked.clear()
    collect(web(site(shop)), landing)
    assert set(fetched(shop)) == {"/review/3", "/review/5"}


def test_sites_beside_each_other(landing: Landing, landed: Landed) -> None:
    scales = [Review(1, "무난해요", rating="7", best="10"), Review(2, "최고예요", rating="7")]
    with (
        Shop(reviews(12)) as endless,
        Shop(reviews(12)) as wrong,
        Shop(reviews(3)) as silent,
        Shop(scales) as scaled,
    ):
        endless.endless = True
        wrong.charset, wrong.declares, wrong.endless = "euc-kr", "utf-8", True
        silent.charset, silent.declares = "euc-kr", ""
        scaled.broken_script = True
        source = web(
            site(endless, name="endless"),
            site(wrong, name="wrong", follow_pattern="/review/1[0-2]?$", max_pages=3),
            site(silent, name="silent"),
            site(scaled, name="scaled"),
        )
        done = collect(source, landing)
        rows = {row["native_id"]: row for row in landed("mentions")}

        def of(shop: Shop) -> dict[str, dict[str, Any]]:
            ours = {key: row for key, row in rows.items() if key.startswith(shop.url)}
            return {key.rsplit("/", 1)[1]: row for key, row in ours.items()}

        assert len(of(endless)) == 12
        assert len(listed(endless)) < 8
        assert {n: row["text"] for n, row in of(wrong).items()} == {
            str(r.number): r.text.replace("help@example.com", "[email]")
            for r in wrong.reviews
            if r.number in (1, 10, 11, 12)
        }
        assert len(listed(wrong)) == 3
        assert {row["text"] for row in of(silent).values()} == {
            r.text.replace("help@example.com", "[email]") for r in silent.reviews
        }
        assert of(scaled)["1"]["rating"] == pytest.approx(6 / 9)
        assert done.quarantined == 1  # seven stars of five
        assert landed("quarantined")[0]["reason"].startswith("rating is out of its range")


def test_css_selectors_serve_where_there_is_no_schema(landing: Landing, landed: Landed) -> None:
    with Shop(reviews(3, "plain")) as shop:
        shop.reviews[2].date = "지난주"
        shop.reviews[1].rating = "★★"
        described = site(
            shop, start=(f"{shop.url}/all",), follow="", next_page="", product="청소기", lang="ko",
            review=".item", text=".words", author=".who", rating=".stars", date=".day",
        )  # fmt: skip
        done = collect(web(described), landing)
        assert (done.rows, done.quarantined) == (2, 1)
        first, second = landed("mentions")
        assert (first["text"], first["rating"], first["lang"]) == (shop.reviews[0].text, 0.25, "ko")
        assert second["rating"] == 0.25
        assert landed("quarantined")[0]["reason"] == "created_at is no possible date"
        shop.reviews[0].text = "다시 써 보니 별로예요"
        assert collect(web(described), landing).rows == 1  # only the one that was edited


def test_our_own_network_is_not_crawled(shop: Shop, landing: Landing) -> None:
    named = shop.url.replace("127.0.0.1", "localhost")
    done = collect(
        web(site(shop), site(shop, name="named", start=(named,)), private=False), landing
    )
    assert done.rows == 0
    assert len(done.failures) == 2
    assert all("not on the public Internet" in line for line in done.failures)
    assert shop.asked == []


def test_settings_that_cannot_work_are_told(shop: Shop) -> None:
    kind = SOURCES["web"]
    with pytest.raises(SourceUnavailable, match="No site is set"):
        kind.open(kind.settings())
    same = Site("a", ("https://example.com",))
    with pytest.raises(SourceUnavailable, match="same name"):
        kind.open(WebSettings(sites=(same, same)))
    for wrong, value, told in (
        ("follow", "a[[", "`follow` is no CSS selector"),
        ("follow_pattern", "(", "no regular expression"),
        ("start", (), "has no `start`"),
    ):
        with pytest.raises(SourceUnavailable, match=told):
            kind.open(WebSettings(sites=(site(shop, **{wrong: value}),)))


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest",
        "http://localhost/",
        "http://2130706433/",
        "ftp://a/b",
        "http://10.0.0.8/",
        "http://[::1]/",
        "http://[::ffff:192.168.0.1]/",
        "http://0x7f000001/",
    ],
)
def test_redirects_are_looked_at_like_any_request(url: str) -> None:
    # Scrapy hands a redirect over as a new request, which passes all middlewares again.
    with pytest.raises(IgnoreRequest):
        asyncio.run(PublicOnly().process_request(Request(url)))
