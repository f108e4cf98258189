"""Events of the company's own pages: the script they include, and the door it sends to.

Nothing is stored in a browser and nothing is sent before somebody agrees; whoever asks not to be
tracked (Do Not Track, Global Privacy Control) is not asked. No address of a visitor is kept.
"""

import json
import re
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from community.configure import instance
from community.errors import CommunityError
from community.intake.actions import Happened, join_visitor, keep_events
from community.intake.limits import wait_for_events
from community.intake.models import LONGEST_PATH, LONGEST_SITE, LONGEST_WORDS
from community.members.models import Member
from community.yard.access import members_only
from community.yard.errors import refused
from nlp import pii

KINDS: Final = ("view", "search", "catalogue")
LARGEST: Final = 16_000  # bytes of a request
MOST: Final = 20  # events of a request
LATEST: Final = timedelta(hours=1)  # that an event may have waited in the browser
_ID: Final = re.compile(r"[A-Za-z0-9_-]{16,32}")


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """/events.js, for the pages whose origins are set."""
    if not instance().event_origins:
        raise Http404
    headers = {
        "Cache-Control": "public, max-age=3600",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return HttpResponse(_script(), content_type="text/javascript; charset=utf-8", headers=headers)


@csrf_exempt
def take(request: HttpRequest) -> HttpResponse:
    """POST /events: 204 for what was understood; else why not. By pages of the origins set."""
    origin = request.headers.get("Origin", "")
    if origin not in instance().event_origins:
        return JsonResponse(
            {"error": "Events come from the pages of webevents.origins."}, status=403
        )
    answer = _answer(request, origin)
    answer["Access-Control-Allow-Origin"] = origin
    answer["Vary"] = "Origin"
    return answer


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, member: Member) -> HttpResponse:
    """A member says that this browser's visits are theirs, having been asked."""
    given = request.POST if request.method == "POST" else request.GET
    visitor = given.get("visitor", "")
    if _ID.fullmatch(visitor) is None or not instance().event_origins:
        raise Http404
    if request.method != "POST":
        return render(request, "yard/join.html", {"visitor": visitor})
    try:
        join_visitor(member.pk, visitor)
    except CommunityError as refusal:
        return refused(request, refusal)
    return render(request, "yard/join.html", {"joined": True})


def _answer(request: HttpRequest, origin: str) -> HttpResponse:
    if request.method == "OPTIONS":
        headers = {"Access-Control-Allow-Methods": "POST", "Access-Control-Max-Age": "86400",
                   "Access-Control-Allow-Headers": "Content-Type"}  # fmt: skip
        return HttpResponse(status=204, headers=headers)
    if request.method != "POST":
        return JsonResponse(
            {"error": "Send events by POST."}, status=405, headers={"Allow": "POST"}
        )
    if request.headers.get("DNT") == "1" or request.headers.get("Sec-GPC") == "1":
        return HttpResponse(status=204)
    if wait := wait_for_events(str(request.META.get("REMOTE_ADDR", ""))):
        return JsonResponse({"error": f"Too many at once; wait {wait} seconds."}, status=429,
                            headers={"Retry-After": str(wait)})  # fmt: skip
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        return JsonResponse({"error": f"{LARGEST} bytes at most."}, status=413)
    try:
        visitor, events = _understood(json.loads(request.body), timezone.now())
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return JsonResponse({"error": gettext("The events cannot be read.")}, status=400)
    site = (urlsplit(origin).hostname or "")[:LONGEST_SITE]
    keep_events(site, visitor, events)
    return HttpResponse(status=204)


def _understood(said: Any, now: datetime) -> tuple[str, list[Happened]]:
    """The visitor and the events of a request; ValueError for what the script would not send."""
    visitor, told = said["v"], said["e"]
    if _ID.fullmatch(visitor) is None or not 1 <= len(told) <= MOST:
        raise ValueError
    return visitor, [_event(each, now) for each in told]


def _event(told: Any, now: datetime) -> Happened:
    if told["k"] not in KINDS or _ID.fullmatch(told["i"]) is None:
        raise ValueError
    path = urlsplit(str(told["p"])).path
    texts = [path[:LONGEST_PATH], *(str(told.get(name) or "")[:LONGEST_WORDS] for name in "wd")]
    path, words, product = (_masked(text) for text in texts)
    waited = timedelta(milliseconds=min(max(float(told.get("t") or 0), 0), LATEST / _MILLISECOND))
    return Happened(
        told["i"], told["k"], path[:LONGEST_PATH] or "/", words[:LONGEST_WORDS],
        product[:LONGEST_WORDS], str(told.get("r") or "")[:LONGEST_SITE].lower(), now - waited,
    )  # fmt: skip


_MILLISECOND: Final = timedelta(milliseconds=1)


def _masked(text: str) -> str:
    """Text without control characters and personal data, which people type into searches."""
    import pyarrow as pa

    plain = "".join(letter for letter in text if letter.isprintable())
    return str(pii.mask(pa.array([plain]))[0].as_py())


@cache
def _script() -> str:
    return Path(__file__).with_name("events.js").read_text(encoding="utf-8")
