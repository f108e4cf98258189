"""The desk: one server for the screens, the staff's pages and the commands of this machine.

It alone holds the warehouse. The port is taken first, so that a second desk says so at once and a
browser that comes early waits and is not refused; the address is told in `var/desk.json` only when
everything is ready, and taken back at the end.
"""

import asyncio
import os
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, cast

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from community.configure import DESK_COOKIE, DESK_STATIC, configure
from community.errors import CommunityError
from madang.access import announce, writer_lock
from madang.calls import EXPECTED
from madang.gate import Gate, Sessions, host_name
from madang.judging import judging
from madang.loop import House, open_house
from madang.people import community_settings
from madang.process import ToldToStop, run_process
from madang.settings import MadangError, Settings
from madang.tracking import tracking
from madang.turning import Turning
from madang.words import analyser, aspect_names

if TYPE_CHECKING:
    from streamlit.starlette import App as StreamlitApp

ROOT: Final = Path(__file__).parents[1]
SCRIPT: Final = ROOT / "dashboard" / "app.py"
STATIC: Final = ROOT / "community" / "static"
REQUESTS_END_WITHIN: Final = 3  # seconds for answers under way when the desk is told to stop
FIRST_PAGES_SECONDS: Final = 3.0  # left to whoever was waiting for the desk
CLOSED_WITHIN: Final = 4.0  # seconds more for the warehouse; what it has committed is safe
log = structlog.get_logger()


@dataclass(frozen=True)
class Parts:
    """What the desk's addresses lead to."""

    house: House
    token: str
    hosts: frozenset[str]
    threads: ThreadPoolExecutor


def run_desk(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C; `var/desk.json` gives the address once the desk is ready.

    Raises MadangError when the port is taken, and what the stores raise when they cannot be opened.
    """
    order = _StopOrder()
    with ExitStack() as held:
        listener = held.enter_context(_listening(settings))
        held.enter_context(writer_lock(settings))
        parts = held.enter_context(_opened(settings))
        held.enter_context(_hard_end_after_stop(order))
        turning = Turning(parts.house)
        held.callback(turning.end)
        screens = _screens(settings, parts.house)
        app = create_app(parts, screens)
        url = _url(settings, listener)

        def begun() -> None:
            """What nobody's first page should wait for: the dictionary and the schedule."""
            analyser(settings).load()
            turning.begin()

        def ready() -> None:
            note = announce(settings, url, parts.token)
            held.callback(note.unlink, missing_ok=True)
            log.info("desk_ready", url=url)
            begin = threading.Timer(FIRST_PAGES_SECONDS, begun)
            begin.daemon = True
            begin.start()

        with asyncio.Runner(loop_factory=uvicorn.Config(app).get_loop_factory()) as runner:
            runner.run(_serve(app, screens, listener, order, ready))


def create_app(parts: Parts, screens: ASGIApp) -> ASGIApp:
    """One ASGI application: Django for the staff's pages and the API, the gate before the rest."""
    from django.core.handlers.asgi import ASGIHandler

    from community.queries import staff_of_session, store_released
    from madang.api import SCOPE_KEY, Wiring

    def is_valid(key: str) -> bool:
        with store_released():
            return staff_of_session(key) is not None

    gate = Gate(screens, Sessions(is_valid, parts.threads), DESK_COOKIE)
    pages = gate.watching(cast(ASGIApp, ASGIHandler()))
    own = _StaticFiles(directory=STATIC, packages=[("django_htmx", "static")])
    files = Starlette(routes=[Mount(DESK_STATIC.rstrip("/"), own)])
    wiring = Wiring(parts.house, parts.token, parts.threads)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if scope["type"] == "http" and path == "/healthz":
            await PlainTextResponse("ok\n")(scope, receive, send)
        elif scope["type"] == "http" and host_name(scope) not in parts.hosts:
            refusal = "This desk is not known by that name. Add it to desk.names in madang.toml.\n"
            await PlainTextResponse(refusal, 400)(scope, receive, send)
        elif scope["type"] == "http" and path.startswith(DESK_STATIC):
            await files(scope, receive, send)
        elif scope["type"] == "http" and path.startswith(("/staff/", "/inbox/", "/api/")):
            await pages({**scope, SCOPE_KEY: wiring}, receive, send)
        else:
            await gate(scope, receive, send)

    return app


class _StaticFiles(StaticFiles):
    """The pages' own files; one with a digest in its name never changes."""

    def file_response(self, full_path: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().file_response(full_path, *args, **kwargs)
        hashed = Path(full_path).suffix == ".woff2"
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if hashed else "public, max-age=60"
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


class _StopOrder:
    """SIGTERM and Ctrl-C: before the server runs they end the start, afterwards the server."""

    def __init__(self) -> None:
        self.server: uvicorn.Server | None = None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self)

    def __call__(self, signum: int, frame: FrameType | None) -> None:
        if self.server is None:
            raise ToldToStop
        self.server.should_exit = True


class _Server(uvicorn.Server):
    """Uvicorn, saying when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and not self.should_exit:
            self._ready()


async def _serve(
    app: ASGIApp,
    screens: "StreamlitApp",
    listener: socket.socket,
    order: _StopOrder,
    ready: Callable[[], None],
) -> None:
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=REQUESTS_END_WITHIN,
    )
    server = _Server(config, ready)
    order.server = server
    async with screens.lifespan()(screens):
        await server.serve(sockets=[listener])


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """The desk's port, taken; raises MadangError when another program has it."""
    host, port = settings.desk.host, settings.desk.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(2048)
        except OSError as error:
            raise MadangError(
                f"Port {port} on {host} cannot be used: {os.strerror(error.errno or 0)}. Stop the "
                "program that has it, or choose another: desk.port in madang.toml, or "
                "MADANG__DESK__PORT in the environment."
            ) from error
        yield listener


@contextmanager
def _opened(settings: Settings) -> Iterator[Parts]:
    """Both stores, open and up to date; closed again at the end."""
    configure(community_settings(settings, "desk"), "desk", urls="madang.api")
    from community.actions import prepare_store
    from community.queries import store_released

    prepared = prepare_store()
    if prepared.applied:
        log.info("community_migrated", applied=prepared.applied, backup=str(prepared.backup))
    house = open_house(settings, store_released)
    hosts = frozenset(name.lower() for name in community_settings(settings).allowed_hosts)
    threads = ThreadPoolExecutor(32, thread_name_prefix="desk")
    try:
        yield Parts(house, secrets.token_urlsafe(32), hosts, threads)
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        house.warehouse.close()


def _screens(settings: Settings, house: House) -> "StreamlitApp":
    """Streamlit around the dashboard's script, configured here and bound to the open house."""
    from streamlit import config
    from streamlit.starlette import App

    from community.actions import Actor, acknowledge_alert, look_at_customer, reopen_alert
    from community.queries import Staff, alert_states, release_store, staff_of_session
    from dashboard.context import Desk, bind

    def staff(cookies: Mapping[str, str]) -> Staff | None:
        return staff_of_session(cookies.get(DESK_COOKIE, ""))

    bind(
        Desk(
            warehouse=house.warehouse,
            zone=settings.zone,
            language=settings.language,
            brand=settings.brand,
            staff=staff,
            analyser=analyser(settings),
            identity_key=settings.identity_key,
            look_at_customer=lambda customer, by: look_at_customer(customer, Actor(by.member_id)),
            alert_states=alert_states,
            acknowledge=lambda alert, by, note: acknowledge_alert(alert, Actor(by.member_id), note),
            reopen=lambda alert, by: reopen_alert(alert, Actor(by.member_id)),
            judging=judging(house),
            tracking=tracking(house),
            aspect_names=aspect_names(settings),
            release=release_store,
        )
    )
    screens = App(SCRIPT)
    # The theme stands in `.streamlit` beside the script, which Streamlit knows from here on.
    config.get_config_options(force_reparse=True, options_from_flags=streamlit_options(settings))
    return screens


def streamlit_options(settings: Settings) -> dict[str, Any]:
    """What Streamlit's theme file cannot know: where the desk is, and that it stands alone."""
    return {
        "browser.serverAddress": settings.desk.host,
        "client.allowedOrigins": [],
        "runner.magicEnabled": False,
        "server.enableCORS": True,
        "server.enableXsrfProtection": True,
        "server.fileWatcherType": "none",
        "server.headless": True,
        "server.runOnSave": False,
        "theme.fontFaces": [
            {"family": "Madang Sans", "url": f"{DESK_STATIC}fonts/{font.name}", "weight": "45 930"}
            for font in sorted((STATIC / "fonts").glob("*.woff2"))
        ],
    }


@contextmanager
def _hard_end_after_stop(order: _StopOrder) -> Iterator[None]:
    """Once serving is over, end within seconds even if a library's thread will not.

    Nothing is lost: what was committed is on the disk, and a turn cut short goes on at the next.
    """
    try:
        yield
    finally:
        if order.server is not None:
            timer = threading.Timer(CLOSED_WITHIN, os._exit, (0,))
            timer.daemon = True
            timer.start()


def _url(settings: Settings, listener: socket.socket) -> str:
    """Where this machine's own commands and browsers reach the desk."""
    every = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (read here, not bound)
    host = every.get(settings.desk.host, settings.desk.host)
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def main() -> None:
    """Run the desk of the instance that MADANG_HOME names, until its parent ends."""
    run_process("desk", run_desk, (*EXPECTED, CommunityError))


if __name__ == "__main__":
    main()
