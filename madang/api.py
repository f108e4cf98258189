"""What the running desk answers to commands of this machine's owner, over loopback.

A command proves nothing to a stranger: before it says anything it asks for a handshake, which only
who knows the token of `var/desk.json` can answer. Then it shows the token, and the desk carries out
one named call and streams its lines.
"""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import include, path
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.security import HttpBearer

from community.actions import Actor, look_at_customer
from community.inbox.access import reader_page
from community.members.models import Member
from community.yard.answers import by_htmx
from madang.access import handshake_proof
from madang.calls import CALLS, answered
from madang.loop import House
from warehouse import queries

SCOPE_KEY: Final = "madang.wiring"
NONCE_LENGTHS: Final = range(16, 129)
AUTHOR: Final = ("source", "author_id", "author_handle")
LONGEST_NAME: Final = 512  # characters of a source, an id or a handle that are looked for
FORWARDED: Final = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via")


@dataclass(frozen=True)
class Wiring:
    """What the desk hands to each request in its ASGI scope: there is no global."""

    house: House
    token: str
    threads: Executor


class _Token(HttpBearer):
    """The token of `var/desk.json`, from this machine only."""

    async def authenticate(self, request: HttpRequest, token: str) -> str | None:
        expected = _wiring(request).token
        return "command" if hmac.compare_digest(token.encode(), expected.encode()) else None


api = NinjaAPI(title="Madang", docs_url=None, openapi_url=None, urls_namespace="desk-api")


@api.get("/handshake")
async def handshake(request: HttpRequest, nonce: str) -> dict[str, str]:
    """Prove that this desk wrote `var/desk.json`: HMAC-SHA256 of the nonce under its token."""
    _refuse_strangers(request)
    if len(nonce) not in NONCE_LENGTHS:
        raise HttpError(422, "The nonce must have 16 to 128 characters.")
    return {"proof": handshake_proof(_wiring(request).token, nonce)}


@api.post("/calls/{name}", auth=_Token())
async def call(request: HttpRequest, name: str) -> HttpResponse | StreamingHttpResponse:
    """Carry out one call; the answer is lines of JSON: progress, then one result or error."""
    _refuse_strangers(request)
    if name not in CALLS:
        known = ", ".join(CALLS)
        return JsonResponse({"error": f"There is no call {name!r}. Known: {known}."}, status=404)
    try:
        arguments = json.loads(request.body or b"{}")
    except ValueError:
        arguments = None
    if not isinstance(arguments, dict):
        return JsonResponse({"error": "The body must be one JSON object."}, status=422)
    wiring = _wiring(request)
    lines = answered(wiring.house, name, arguments)
    return StreamingHttpResponse(
        _streamed(lines, wiring.threads), content_type="application/x-ndjson"
    )


@reader_page
def person(request: HttpRequest, member: Member) -> HttpResponse:
    """Who wrote: the card that the inbox shows beside a conversation, or as a page of its own.

    Looking at a known customer leaves an audit row, for these are names and contacts.
    """
    house = _wiring(request).house
    source, author_id, handle = (
        request.GET.get(name, "")[:LONGEST_NAME]
        for name in ("source", "author_id", "author_handle")
    )
    found = queries.person(house.warehouse, source, author_id or None, handle or None)
    if found is not None and found.customer is not None:
        look_at_customer(found.customer.customer_id, by=Actor(member.pk))
    template = "inbox/person.html" if by_htmx(request) else "inbox/person_page.html"
    return render(request, template, {"person": found, "member": member})


urlpatterns = [
    # The staff's pages, most of them for staff only
    path("", include("community.urls_desk")),
    path("api/person", person),
    # The owner of this machine, by token
    path("api/", api.urls),
]


async def _streamed(lines: Iterator[bytes], threads: Executor) -> AsyncIterator[bytes]:
    """Lines of a generator that blocks, without blocking the desk."""
    loop = asyncio.get_running_loop()
    while (line := await loop.run_in_executor(threads, next, lines, b"")) != b"":
        yield line


def _wiring(request: HttpRequest) -> Wiring:
    scope: dict[str, Any] = request.scope  # type: ignore[attr-defined]  # an ASGIRequest has one
    wiring: Wiring = scope[SCOPE_KEY]
    return wiring


def _refuse_strangers(request: HttpRequest) -> None:
    """Only this machine may ask, and not through a proxy that speaks for others."""
    try:
        near = ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        near = False
    if not near or any(name in request.headers for name in FORWARDED):
        raise HttpError(403, "This address answers only to commands on the machine itself.")
