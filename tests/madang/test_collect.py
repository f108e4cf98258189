"""Sources named in madang.toml are collected, read and found, from a server on loopback."""

from datetime import UTC, datetime

from tests.fakes.feeds import Entry, Feed, FeedServer
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
