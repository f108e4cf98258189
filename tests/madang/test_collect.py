"""Sources named in madang.toml are collected, read and found, from a server on loopback."""

from datetime import UTC, datetime, timedelta

from tests.fakes.feeds import Entry, Feed, FeedServer
from tests.fakes.hackernews import HackerNewsServer, Item
from tests.fakes.shop import Review, Shop
from tests.instance import Instance

WHEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def test_a_feed_is_collected_annotated_and_found(instance: Instance) -> None:
    with FeedServer() as server:
        server.feeds["/news"] = Feed(
            [
                Entry("배송 지연 안내", "배송이 너무 늦어서 실망이에요", "1", WHEN),
                Entry("문의", "연락은 010-1234-5678로 주세요", "2", WHEN),
            ]
        )
        (instance.home / "madang.toml").write_text(
            f'[rss]\nfeeds = ["{server.url}/news"]\nallow_private_addresses = true\n', "utf-8"
        )
        first = instance.answer("run")
        again = instance.answer("collect", "rss")
    assert first["sources"]["rss"]["rows"] == 2
    assert first["annotated"] == 2
    assert again["rows"] == 0 and again["loaded"] == 0
    found = instance.answer("query", "배송", "--source", "rss")
    assert found["count"] == 1
    assert "[phone]" in instance.run("sql", "SELECT text FROM mentions")
    checks = {check["name"]: check["state"] for check in instance.answer("doctor")}
    assert checks["source rss"] == "ready" and checks["source web"] == "absent"


def test_review_pages_are_collected_once(instance: Instance) -> None:
    with Shop(
        [Review(number, f"흡입력이 좋아서 매일 써요 {number}") for number in range(1, 8)]
    ) as shop:
        (instance.home / "madang.toml").write_text(
            "[web]\nallow_private_addresses = true\ndelay_seconds = 0.0\n"
            f'[[web.sites]]\nname = "shop"\nstart = ["{shop.url}/reviews"]\n'
            'follow = "a.review"\nnext_page = "a.next"\n',
            "utf-8",
        )
        first = instance.answer("collect", "web")
        again = instance.answer("collect", "web")
    assert (first["rows"], first["loaded"]) == (7, 7)
    assert (again["rows"], again["loaded"]) == (0, 0)
    ratings = instance.answer("sql", "SELECT DISTINCT rating FROM mentions")
    assert ratings == [{"rating": 0.75}]


def test_old_mentions_are_looked_up_again(instance: Instance) -> None:
    old = datetime.now(UTC) - timedelta(days=40)
    with HackerNewsServer() as server:
        server.items = [
            Item(1, "해담 청소기를 샀어요", old),
            Item(2, "해담 서비스는 별로예요", old + timedelta(hours=1)),
            Item(3, "해담 매뉴얼 번역했습니다", old - timedelta(days=30)),
        ]
        (instance.home / "madang.toml").write_text(
            f'[hackernews]\nqueries = ["해담"]\nfirst_days = 100\nrecheck_days = 2\n'
            f'base_url = "{server.url}/api/v1"\nitems_url = "{server.url}/v0"\n',
            "utf-8",
        )
        assert instance.answer("collect", "hackernews")["loaded"] == 3
        server.items[0].text = "해담 청소기를 샀어요. 두 달째 잘 써요"
        server.items[1].deleted = server.items[2].deleted = True
        told = instance.answer("collect", "hackernews", "--again", "60")
        assert (told["rows"], told["updated"], told["removed"]) == (1, 1, 1)
        assert "cannot look" not in instance.run("collect", "hackernews", "--again", "1")
    left = instance.answer("sql", "SELECT native_id, text FROM mentions ORDER BY native_id")
    assert [row["native_id"] for row in left] == ["1", "3"], "what is older was not asked about"
    assert left[0]["text"].endswith("잘 써요")


def test_a_source_that_cannot_look_again_says_so(instance: Instance) -> None:
    with FeedServer() as server:
        server.feeds["/news"] = Feed([Entry("소식", "신제품이 나왔어요", "1", WHEN)])
        (instance.home / "madang.toml").write_text(
            f'[rss]\nfeeds = ["{server.url}/news"]\nallow_private_addresses = true\n', "utf-8"
        )
        instance.answer("collect", "rss")
        assert "rss cannot look mentions up" in instance.fails("collect", "rss", "--again", "900")
    assert "[x]" in instance.fails("collect", "x", "--again", "3")


def test_a_source_that_is_not_named_or_lacks_a_setting_is_said(instance: Instance) -> None:
    assert "Add a section [rss]" in instance.fails("collect", "rss")
    (instance.home / "madang.toml").write_text("[rss]\nfeeds = []\n", "utf-8")
    turned = instance.answer("run")
    assert "feeds" in turned["sources"]["rss"]["error"]


def test_a_source_that_fails_does_not_stop_the_others(instance: Instance) -> None:
    path = instance.reviews([("r1", "좋아요", 5)])
    instance.import_reviews(path)
    (instance.home / "madang.toml").write_text("[rss]\nfeeds = []\n[web]\n", "utf-8")
    turned = instance.answer("run")
    assert set(turned["sources"]) == {"community", "rss", "web"}
    assert turned["annotated"] == 1


def test_a_rebuilt_warehouse_holds_the_same(read_instance: Instance) -> None:
    ask = ("sql", "SELECT * FROM heard ORDER BY mention_id")
    before = read_instance.answer(*ask)
    rebuilt = read_instance.answer("rebuild")
    assert (rebuilt["mentions"], rebuilt["annotations"]) == (5, 5)
    assert read_instance.answer(*ask) == before
