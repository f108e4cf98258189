"""The door for signed webhooks (Standard Webhooks, https://www.standardwebhooks.com).

Only what bears the signature of a secret of the hook is kept, once by its id, and an answer of 2xx
means that it is on the disk. Whoever is refused is told why in one sentence of JSON.
"""

import binascii
import json
from typing import Final

import structlog
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from standardwebhooks import Webhook, WebhookVerificationError

from community.configure import instance
from community.intake.actions import keep_message
from community.intake.limits import wait_for_hook
from community.intake.models import LONGEST_ID

LARGEST: Final = 1_000_000  # bytes of a body
_HEADERS: Final = ("webhook-id", "webhook-timestamp", "webhook-signature")
_log = structlog.get_logger(__name__)


@csrf_exempt
def take(request: HttpRequest, name: str) -> JsonResponse:
    """POST /hooks/NAME: 202 for what is kept, 200 for what was kept before; else why not."""
    if request.method != "POST":
        return _refused(405, "Send webhooks by POST.", Allow="POST")
    secrets = instance().hooks.get(name)
    if not secrets:
        return _refused(404, f"There is no hook called {name}.")
    if wait := wait_for_hook(name, str(request.META.get("REMOTE_ADDR", ""))):
        return _refused(
            429, f"Too many at once; wait {wait} seconds.", **{"Retry-After": str(wait)}
        )
    if _length(request) > LARGEST:
        return _refused(413, f"A webhook may have {LARGEST} bytes at most.")
    missing = [header for header in _HEADERS if not request.headers.get(header)]
    if missing:
        return _refused(400, f"Headers of Standard Webhooks are missing: {', '.join(missing)}.")
    message_id = str(request.headers["webhook-id"])
    if len(message_id) > LONGEST_ID:
        return _refused(400, f"webhook-id may have {LONGEST_ID} characters at most.")
    body = request.body
    if reason := _unsigned(secrets, body, request):
        _log.warning("webhook refused", hook=name, reason=reason)
        return _refused(401, reason)
    if not _is_json(body):
        return _refused(400, "The body is no JSON in UTF-8.")
    fresh = keep_message(name, message_id, body.decode())
    return JsonResponse({"kept": message_id, "known": not fresh}, status=202 if fresh else 200)


def _length(request: HttpRequest) -> int:
    try:
        return int(request.headers.get("Content-Length") or 0)
    except ValueError:
        return 0


def _unsigned(secrets: tuple[str, ...], body: bytes, request: HttpRequest) -> str | None:
    """Why none of the secrets has signed this; None where one has. Two may hold while one is
    exchanged for the other."""
    reason = "The signature is not that of this hook's secret."
    headers = {header: str(request.headers[header]) for header in _HEADERS}
    for secret in secrets:
        try:
            Webhook(secret).verify(body, headers, json_parse=False)
        except WebhookVerificationError as error:
            if "timestamp" in str(error).lower():
                reason = "webhook-timestamp is more than five minutes from now."
        except (ValueError, binascii.Error):  # no UTF-8, or a signature that is no base64
            continue
        else:
            return None
    return reason


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body.decode())
    except (ValueError, RecursionError):
        return False
    return b"\x00" not in body


def _refused(status: int, reason: str, **headers: str) -> JsonResponse:
    return JsonResponse({"error": reason}, status=status, headers=headers)
