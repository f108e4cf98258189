"""SIGKILL to every collector at random moments, while its service stumbles: all lands, and once."""

import csv
import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.collectors.collecting import Task, collects
from tests.collectors.killing import assert_whole, kill_often
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
from tests.fakes.imap import LocalImap
from tests.fakes.server import LocalServer, Trouble

ROUNDS = [pytest.param(1, id="1"), pytest.param(200, id="200", marks=pytest.mark.soak)]
SAID = 60  # mentions on most services
AN_HOUR_AGO = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
WORDS = "해담 청소기 소음이 크네요"
NUMBERS = range(SAID)


def ago(number: int) -> datetime:
    return AN_HOUR_AGO - timedelta(minutes=number)


@dataclass(frozen=True)
class Stage:
    """A service, what was said on it, and the settings of the source that collects it."""

    make: Callable[[], AbstractContextManager[Any]]
    fill: Callable[[Any, Path], dict[str, Any]]
    said: int = SAID


def fill_naver(server: naver.NaverServer, folder: Path) -> dict[str, Any]:
    server.posts["news"] = [
        naver.Post(f"https://news.example.com/{n}", WORDS, f"{WORDS} {n}", ago(n))
        for n in range(700)
    ]
    keys = {"client_id": naver.CLIENT_ID, "client_secret": naver.CLIENT_SECRET}
    return {**keys, "queries": ["해담"], "services": ["news"]}


def fill_kakao(server: kakao.KakaoServer, folder: Path) -> dict[str, Any]:
    server.documents["blog"] = [
        kakao.Document(f"https://example.com/{n}", WORDS, f"{WORDS} {n}", ago(n))
        for n in range(300)
    ]
    return {"rest_api_key": kakao.KEY, "queries": ["해담"], "services": ["blog"]}


def fill_youtube(server: youtube.YoutubeServer, folder: Path) -> dict[str, Any]:
    server.quota = 10**9
    server.threads = {
        f"Ug{n}": youtube.Thread(
            "v1deo", youtube.Comment(f"{WORDS} {n}", ago(n)), {"r": youtube.Comment("동감", ago(n))}
        )
        for n in range(450)
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
    under_posts(server, "feed", graph.PAGE)
    return {
        "page_id": graph.PAGE, "access_token": graph.TOKEN, "app_secret": graph.APP_SECRET,
    }  # fmt: skip


def fill_instagram(server: graph.GraphServer, folder: Path) -> dict[str, Any]:
    under_posts(server, "media", graph.ACCOUNT)
    return {
        "account_id": graph.ACCOUNT, "access_token": graph.TOKEN, "app_secret": graph.APP_SECRET,
    }  # fmt: skip


def under_posts(server: graph.GraphServer, edge: str, owner: str) -> None:
    """Twelve posts of the owner, with 45 comments of customers each."""
    server.page = 20
    for post in range(12):
        key = f"{owner}_{post}"
        server.posts[edge][key] = graph.Said("새 소식", ago(post + 100), owner)
        server.comments |= {
            f"{post}-{n}": graph.Said(f"{WORDS} {n}", ago(n), under=key) for n in range(45)
        }


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


def fill_email(server: LocalImap, folder: Path) -> dict[str, Any]:
    if not server.flags():
        server.put(*map(letter, range(120)))
    return {
        "host": "127.0.0.1", "port": server.port, "security": "none", "user": server.user,
        "password": server.password,
    }  # fmt: skip


def letter(number: int) -> bytes:
    made = EmailMessage()
    made["From"], made["Subject"] = "hana@example.kr", f"배송 문의 {number}"
    made["Message-ID"] = f"<{number}@example.kr>"
    made.set_content(WORDS)
    return made.as_bytes()


def fill_folder(nobody: None, folder: Path) -> dict[str, Any]:
    tables, calls = folder / "tables", folder / "calls"
    tables.mkdir()
    calls.mkdir()
    for number in range(SAID // 2):
        with (tables / f"{number}.csv").open("w", encoding="utf-8") as file:
            csv.writer(file).writerows([("id", "text", "at"), (number, WORDS, "2026-11-20")])
        call = {"id": f"c{number}", "turns": [{"speaker": "고객", "text": f"{WORDS} {number}"}]}
        (calls / f"{number}.json").write_text(json.dumps(call), encoding="utf-8")
    mapping = {"id": "native_id", "text": "text", "at": "created_at"}
    drops = {
        "shop": {"path": str(tables), "mapping": mapping},
        "desk": {"path": str(calls), "profile": "transcript"},
    }
    return {"drops": drops, "settle_seconds": 0}


STAGES = {
    "naver": Stage(naver.NaverServer, fill_naver, 700),
    "kakao": Stage(kakao.KakaoServer, fill_kakao, 300),
    "youtube": Stage(youtube.YoutubeServer, fill_youtube, 900),
    "reddit": Stage(reddit.RedditServer, fill_reddit),
    "hackernews": Stage(hackernews.HackerNewsServer, fill_hackernews),
    "appstore": Stage(appstore.AppstoreServer, fill_appstore),
    "googleplay": Stage(googleplay.PlayServer, fill_googleplay),
    "facebook": Stage(graph.GraphServer, fill_facebook, 540),
    "instagram": Stage(graph.GraphServer, fill_instagram, 540),
    "linkedin": Stage(linkedin.LinkedinServer, fill_linkedin),
    "mastodon": Stage(mastodon.MastodonServer, fill_mastodon),
    "bluesky": Stage(bluesky.BlueskyServer, fill_bluesky),
    "email": Stage(LocalImap, fill_email, 120),
    "folder": Stage(nullcontext, fill_folder),
}


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("name", STAGES)
def test_a_killed_collector_loses_and_doubles_nothing(
    name: str, rounds: int, tmp_path: Path
) -> None:
    stage = STAGES[name]
    with stage.make() as service:

        def begun(place: Path) -> Task:
            at = {"base_url": service.url, "retry_seconds": 0.01} if is_web(service) else {}
            return Task(collects, name, at | stage.fill(service, place))

        def trouble(chance: Random | None) -> None:
            if is_web(service):
                busy, broken, halved = (chance.randint(0, 1) if chance else 0 for _ in range(3))
                service.trouble = Trouble(busy=busy, broken=broken, halved=halved)

        folders = kill_often(begun, tmp_path, rounds, 0.2, trouble)
    assert_whole(folders, stage.said)


def is_web(service: object) -> bool:
    return isinstance(service, LocalServer)
