"""Account mail: put into the outbox in the transaction of what it is about."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.utils import translation

from community.configure import instance
from community.outbox.actions import enqueue


def queue_mail(template: str, to: str, language: str | None, context: Mapping[str, Any]) -> None:
    """One mail of `community/templates/mail/`; each call is a mail of its own."""
    payload = {
        "template": template,
        "to": to,
        "language": language or translation.get_language() or instance().language,
        "context": dict(context),
    }
    enqueue("mail", f"{template}:{secrets.token_hex(12)}", payload)


def yard_address(path: str) -> str:
    """A page's address as settings name the yard; never as the request's Host header does."""
    return f"{instance().yard_url.rstrip('/')}{path}"
