"""SIGKILL to every collector at random moments, while its service stumbles: all lands, and once."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.collectors.test_killed import landed_keys, run
from tests.fakes import (
    appstore,
    bluesky,
    googleplay,
    graph,
    hackernews,
    kakao,
    linkedin,
    mastodon,
    naver,
    reddit,
    youtube,
)
from tests.fakes.server import LocalServer, Trouble
from warehouse.landing import Landing

ROUNDS = [pytest.param(1, id="1"), pytest.param(200, id="200", marks=pytest.mark.soak)]
SAID = 60  # mentions on each service
AN_HOUR_AGO = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
WORDS = "해담 청소기 소음이 크네요"
NUMBERS = range(SAID)


def ago(number: int) -> datetime:
    return AN_HOUR_AGO - timedelta(minutes=number)


@dataclass(frozen=True)
class Stage:
    """A service, what was said on it, and the settings of the source that collects it."""

    make: Callable[[], LocalServer]
    fill: Callable[[Any, Path], dict[str, Any]]


def fill_naver(server: naver.NaverServer, folder: Path) -> dict[str, Any]:
    server.posts["news"] = [
        naver.Post(f"https://news.example.com/{n}", WORDS, f"{WORDS} {n}", ago(n)) for n in NUMBERS
    ]
    keys = {"client_id": naver.CLIENT_ID, "client_secret": naver.CLIENT_SECRET}
    return {**keys, "queries": ["해담"], "services": ["news"]}


def fill_kakao(server: kakao.KakaoServer, folder: Path) -> dict[str, Any]:
    server.documents["blog"] = [
        kakao.Document(f"https://example.com/{n}", WORDS, f"{WORDS} {n}", ago(n)) for n in NUMBERS
    ]
    return {"rest_api_key": kakao.KEY, "queries": ["해담"], "services": ["blog"]}


def fill_youtube(server: youtube.YoutubeServer, folder: Path) -> dict[str, Any]:
    server.threads = {
        f"Ug{n}": youtube.Thread("v1deo", youtube.Comment(f"{WORDS} {n}", ago(n))) for n in NUMBERS
    }
    return {"api_key": youtube.KEY, "channels": [youtube.CHANNEL]}


def fill_reddit(server: reddit.RedditServer, folder: Path) -> dict[str, Any]:
    server.page = 7
    server.things = [
        reddit.Thing(f"{WORDS} {n}", ago(n), f"a{n:03}", title=f"{WORDS} {n}") for n in NUMBERS
    ]
    return {
        "subreddits": ["hanguk"], "client_id": "id", "client_secret": "secret",
        "sign_in_url": server.url, "username": "haedam", "password": "right",
    }  # fmt: skip


def fill_hackernews(server: hackernews.HackerNewsServer, folder: Path) -> dict[str, Any]:
    server.page = 7
    server.items = [hackernews.Item(n + 1, WORDS, ago(n), title=f"{WORDS} {n}") for n in NUMBERS]
    return {
        "queries": ["해담"], "base_url": f"{server.url}/api/v1", "items_url": f"{server.url}/v0",
    }  # fmt: skip


def fill_appstore(server: appstore.AppstoreServer, folder: Path) -> dict[str, Any]:
    server.reviews = {
        str(500 - n): appstore.Review(f"의견 {n}", f"{WORDS} {n}", 2, ago(n)) for n in NUMBERS
    }
    return {"apps": [appstore.APP]}


def fill_googleplay(server: googleplay.PlayServer, folder: Path) -> dict[str, Any]:
    server.page = 7
    server.reviews = {f"gp:{n}": googleplay.Review(f"{WORDS} {n}", 2, ago(n)) for n in NUMBERS}
    return {"key_file": server.write_key(folder), "packages": [googleplay.PACKAGE]}


def fill_facebook(server: graph.GraphServer, folder: Path) -> dict[str, Any]:
    server.page = 7
    server.posts["feed"] = {
        f"{graph.PAGE}_{n}": graph.Said(f"{WORDS} {n}", ago(n)) for n in NUMBERS
    }
    return {
        "page_id": graph.PAGE, "access_token": graph.TOKEN, "app_secret": graph.APP_SECRET,
    }  # fmt: skip


def fill_linkedin(server: linkedin.LinkedinServer, folder: Path) -> dict[str, Any]:
    server.posts = {linkedin.ACTIVITY: ago(SAID + 1)}
    server.comments = {str(6000 + n): linkedin.Comment(f"{WORDS} {n}", ago(n)) for n in NUMBERS}
    return {"organization_id": linkedin.ORGANIZATION, "access_token": linkedin.TOKEN}


def fill_mastodon(server: mastodon.MastodonServer, folder: Path) -> dict[str, Any]:
    server.page = 7
    server.posts = [mastodon.Post(f"<p>{WORDS} {n}</p>", ago(n)) for n in NUMBERS]
    return {"tags": ["해담"], "access_token": "good"}


def fill_bluesky(server: bluesky.BlueskyServer, folder: Path) -> dict[str, Any]:
    server.page = 7
    server.posts = [bluesky.Post(f"{WORDS} {n}", ago(n), f"3k{n:03}") for n in NUMBERS]
    return {
        "queries": ["해담"], "handle": "haedam.example", "app_password": "abcd-efgh",
        "stream_url": server.jetstream.url,
    }  # fmt: skip


STAGES = {
    "naver": Stage(naver.NaverServer, fill_naver),
    "kakao": Stage(kakao.KakaoServer, fill_kakao),
    "youtube": Stage(youtube.YoutubeServer, fill_youtube),
    "reddit": Stage(reddit.RedditServer, fill_reddit),
    "hackernews": Stage(hackernews.HackerNewsServer, fill_hackernews),
    "appstore": Stage(appstore.AppstoreServer, fill_appstore),
    "googleplay": Stage(googleplay.PlayServer, fill_googleplay),
    "facebook": Stage(graph.GraphServer, fill_facebook),
    "linkedin": Stage(linkedin.LinkedinServer, fill_linkedin),
    "mastodon": Stage(mastodon.MastodonServer, fill_mastodon),
    "bluesky": Stage(bluesky.BlueskyServer, fill_bluesky),
}


@contextmanager
def service(name: str, folder: Path) -> Iterator[tuple[LocalServer, str]]:
    """The service with all that was said on it, and its source's settings as JSON."""
    with STAGES[name].make() as server:
        settings = STAGES[name].fill(server, folder)
        yield server, json.dumps({"base_url": server.url, "retry_seconds": 0.01} | settings)


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("name", STAGES)
def test_a_killed_collector_loses_and_doubles_nothing(
    name: str, rounds: int, tmp_path: Path
) -> None:
    chance = random.Random(f"{name} 20261122")
    with service(name, tmp_path) as (server, settings):
        folder, interrupted = tmp_path / "0", 0
        for turn in range(rounds):
            busy, broken, halved = (chance.randint(0, 1) for _ in range(3))
            server.trouble = Trouble(busy=busy, broken=broken, halved=halved)
            ended = run(name, folder, settings, chance.uniform(0, 0.2))
            interrupted += not ended
            if ended:
                folder = tmp_path / str(turn + 1)
        server.trouble = Trouble()
        run(name, folder, settings, None)
    keys = landed_keys(folder)
    assert len(keys) == SAID
    assert set(keys.values()) == {1}
    assert rounds == 1 or interrupted > 0, "every run ended before it was killed"
    assert not Landing(folder).aside()
