"""What the gate remembers of sessions, and what it makes of odd requests."""

import asyncio
import threading
import tomllib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from madang.desk import SCRIPT, streamlit_options
from madang.gate import Sessions, host_name, same_origin, session_key
from madang.settings import load_settings


def scope(**headers: str) -> dict[str, Any]:
    return {"headers": [(k.encode(), v.encode("latin-1")) for k, v in headers.items()]}


def test_a_session_that_ends_during_a_look_up_is_not_remembered() -> None:
    """The store said yes, the person signed out, and only then did the answer arrive."""
    signed_in, asked, go_on = [True], threading.Event(), threading.Event()

    def is_valid(key: str) -> bool:
        answer = signed_in[0]
        asked.set()
        assert go_on.wait(10)
        return answer

    async def story() -> tuple[bool, bool]:
        sessions = Sessions(is_valid, threads)
        look_up = asyncio.create_task(sessions.valid("key"))
        await asyncio.to_thread(asked.wait, 10)
        signed_in[0] = False
        sessions.forget()
        go_on.set()
        return await look_up, await sessions.valid("key")

    with ThreadPoolExecutor(2) as threads:
        first, second = asyncio.run(story())
    assert first and not second


def test_a_valid_session_is_asked_for_once_a_moment_and_a_bad_one_each_time() -> None:
    asked: list[str] = []

    def is_valid(key: str) -> bool:
        asked.append(key)
        return key == "good"

    async def story() -> None:
        sessions = Sessions(is_valid, threads)
        for key in ("good", "good", "bad", "bad", ""):
            assert await sessions.valid(key) == (key == "good")
        sessions.forget()
        assert await sessions.valid("good")

    with ThreadPoolExecutor(1) as threads:
        asyncio.run(story())
    assert asked == ["good", "bad", "bad", "good"]


@pytest.mark.parametrize(
    ("cookies", "key"),
    [
        ("madang_desk_session=abc", "abc"),
        ("other=1; madang_desk_session=abc; x=2", "abc"),
        ("xmadang_desk_session=abc", ""),
        ("madang_desk_session=", ""),
        ("", ""),
        ('a="; madang_desk_session=abc', ""),
        ("madang_session=abc", ""),
    ],
)
def test_the_key_is_read_from_the_desks_own_cookie(cookies: str, key: str) -> None:
    assert session_key(scope(cookie=cookies), "madang_desk_session") == key


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost:8501", "localhost"),
        ("LocalHost", "localhost"),
        ("[::1]:8501", "[::1]"),
        ("", ""),
        ("evil.example:localhost", "evil.example"),
        ("localhost@evil.example", "localhost@evil.example"),
    ],
)
def test_the_host_is_read_without_its_port(host: str, name: str) -> None:
    assert host_name(scope(host=host)) == name


@pytest.mark.parametrize(
    ("origin", "same"),
    [
        ("http://localhost:8501", True),
        ("https://localhost:8501", True),  # behind a proxy that speaks TLS
        ("http://localhost:9999", False),
        ("http://evil.example", False),
        ("http://localhost:8501.evil.example", False),
        ("null", False),
        ("", True),
    ],
)
def test_only_this_sites_own_pages_are_same(origin: str, same: bool) -> None:
    headers = {"host": "localhost:8501"} | ({"origin": origin} if origin else {})
    assert same_origin(scope(**headers)) is same


def test_streamlit_knows_every_option_and_tells_nobody(tmp_path: Any) -> None:
    from streamlit import config

    options = streamlit_options(load_settings(tmp_path))
    theme = tomllib.loads((SCRIPT.parent / ".streamlit" / "config.toml").read_text("utf-8"))
    named = {
        f"{section}.{key}"
        for section, values in theme.items()
        for key, value in values.items()
        if not isinstance(value, dict)
    }
    assert set(options) | named <= set(config.get_config_options())
    assert not set(options) & named, "each option is said in one place"
    assert theme["browser"]["gatherUsageStats"] is False
    (face,) = options["theme.fontFaces"]
    assert face["url"].startswith("/staff/static/fonts/")
