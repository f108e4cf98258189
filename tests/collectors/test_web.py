"""Review pages crawled by the real Scrapy child from a shop that behaves and misbehaves."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from collectors import SOURCES
from collectors.base import CollectorError, SourceUnavailable
from collectors.run import collect
from collectors.sites import Site
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


def web(shop: Shop, **changes: Any) -> Web:
    site = {
        "name": "shop",
        "start": (f"{shop.url}/reviews",),
        "follow": "a.review",
        "next_page": "a.next",
    } | changes
    return Web(
        WebSettings(
            sites=(Site(**site),),
            delay_seconds=0.0,
            timeout_seconds=5.0,
            max_bytes=1_000_000,
            allow_private_addresses=True,
        )
    )


def fetched(shop: Shop) -> list[str]:
    return [path for path in shop.asked if path.startswith("/review/")]


def test_reviews_land_and_a_second_run_fetches_only_new_pages(
    shop: Shop, landing: Landing, landed: Landed
) -> None:
    shop.repeated = True  # pages overlap, as lists that move do
    done = collect(web(shop), landing)
    assert (done.rows, done.quarantined, done.failures) == (12, 0, ())
    rows = {row["native_id"]: row for row in landed("mentions")}
    assert len(rows) == 12
    third = rows[f"{shop.url}/review/2"]
    assert third["text"] == "AS 문의는 [email]으로 하래요 (2번째)"
    assert third["product"] == "무선 청소기"
    assert (third["rating"], third["rating_raw"]) == (0.5, "3")
    assert third["created_at"] == datetime(2026, 10, 31, 15, tzinfo=UTC)
    assert (third["kind"], third["author_handle"]) == ("review", "김*수")

    shop.asked.clear()
    shop.reviews += [Review(13, "필터 청소가 번거로워요", form="microdata", rating="2")]
    assert collect(web(shop), landing).rows == 1
    assert fetched(shop) == ["/review/13"]
    assert landed("mentions")[-1]["rating"] == 0.25

    shop.asked.clear()
    assert collect(web(shop), landing).rows == 0
    assert fetched(shop) == []
    assert len([path for path in shop.asked if path.startswith("/reviews")]) == 2


def test_robots_are_obeyed(shop: Shop, landing: Landing) -> None:
    shop.extra_links = ["/private/1"]
    done = collect(web(shop), landing)
    assert done.rows == 12
    assert not any(path.startswith("/private") for path in shop.asked)
    assert len(done.failures) == 1
    assert "robots" in done.failures[0]


def test_endless_pages_come_to_an_end(shop: Shop, landing: Landing) -> None:
    shop.endless = True
    assert collect(web(shop), landing).rows == 12
    assert len([path for path in shop.asked if path.startswith("/reviews")]) < 8
    shop.asked.clear()
    collect(web(shop, next_page="a.next", max_pages=1), landing)
    assert len([path for path in shop.asked if path.startswith("/reviews")]) == 1


def test_pages_that_fail_are_reported_and_the_rest_lands(
    shop: Shop, landing: Landing, landed: Landed
) -> None:
    shop.bombs, shop.gone = {3}, {4}
    shop.redirects = {5: "http://169.254.169.254/latest/meta-data", 6: "/review/7"}
    shop.extra_links = ["/review/999", "javascript:alert(1)"]
    shop.trouble.busy = 1
    done = collect(web(shop), landing)
    told = "\n".join(done.failures)
    for number in (3, 4, 5, 999):
        assert f"/review/{number}:" in told
    rows = landed("mentions")
    assert len(rows) == len({row["native_id"] for row in rows}) == 8
    # What may have been a passing failure is tried again, what is gone is not.
    shop.bombs, shop.redirects = set(), {}
    shop.asked.clear()
    collect(web(shop), landing)
    assert set(fetched(shop)) == {"/review/3", "/review/5"}


def test_half_a_page_is_tried_again(shop: Shop, landing: Landing) -> None:
    shop.trouble.halved = 2
    done = collect(web(shop), landing)
    assert (done.rows, done.failures) == (12, ())


@pytest.mark.parametrize(("declares"), ["utf-8", ""])
def test_euc_kr_pages_with_a_wrong_or_no_charset(
    declares: str, shop: Shop, landing: Landing, landed: Landed
) -> None:
    shop.charset, shop.declares = "euc-kr", declares
    collect(web(shop, follow_pattern="/review/1$"), landing)
    assert [row["text"] for row in landed("mentions")] == [shop.reviews[0].text]


def test_css_selectors_serve_where_there_is_no_schema(landing: Landing, landed: Landed) -> None:
    with Shop(reviews(3, "plain")) as shop:
        shop.reviews[2].date = "지난주"
        shop.reviews[1].rating = "★★"
        source = web(
            shop, start=(f"{shop.url}/all",), follow="", next_page="", product="청소기", lang="ko",
            review=".item", text=".words", author=".who", rating=".stars", date=".day",
        )  # fmt: skip
        done = collect(source, landing)
        assert (done.rows, done.quarantined) == (2, 1)
        first, second = landed("mentions")
        assert (first["text"], first["rating"], first["lang"]) == (shop.reviews[0].text, 0.25, "ko")
        assert second["rating"] == 0.25
        assert landed("quarantined")[0]["reason"] == "created_at is no possible date"
        shop.reviews[0].text = "다시 써 보니 별로예요"
        assert collect(source, landing).rows == 1  # only the one that was edited


def test_scales_and_broken_scripts(landing: Landing, landed: Landed) -> None:
    with Shop(
        [Review(1, "무난해요", rating="7", best="10"), Review(2, "최고", rating="7")]
    ) as shop:
        shop.broken_script = True
        done = collect(web(shop), landing)
        assert (done.rows, done.quarantined) == (1, 1)
        assert landed("mentions")[0]["rating"] == pytest.approx(6 / 9)
        assert landed("quarantined")[0]["reason"].startswith("rating is out of its range")


def test_our_own_network_is_not_crawled(shop: Shop, landing: Landing) -> None:
    for host in ("127.0.0.1", "localhost"):
        start = shop.url.replace("127.0.0.1", host) + "/reviews"
        done = collect(
            Web(WebSettings(sites=(Site("inside", (start,)),), delay_seconds=0.0)), landing
        )
        assert done.rows == 0
        assert "not on the public Internet" in done.failures[0]
    assert shop.asked == []


def test_settings_that_cannot_work_are_told(shop: Shop, landing: Landing) -> None:
    kind = SOURCES["web"]
    with pytest.raises(SourceUnavailable, match="No site is set"):
        kind.open(kind.settings())
    same = Site("a", ("https://example.com",))
    with pytest.raises(SourceUnavailable, match="same name"):
        kind.open(WebSettings(sites=(same, same)))
    with pytest.raises(CollectorError, match="Selector"):
        collect(web(shop, follow="a[["), landing)
