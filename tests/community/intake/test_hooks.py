"""The door for webhooks keeps what is signed, once, and tells everybody else why not."""

import base64
import json
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client, override_settings
from standardwebhooks import Webhook

from community.intake.actions import forget_messages, keep_message
from community.intake.hooks import LARGEST
from community.intake.limits import HOOKS_A_MINUTE, wait_for_hook
from community.intake.models import HookMessage
from community.intake.queries import messages_since
from community.settings_test import TEST_SETTINGS

pytestmark = pytest.mark.usefixtures("web")
SECRET, OLD, FOREIGN = (
    f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}" for _ in range(3)
)
BODY = json.dumps({"ticket": {"id": 7, "text": "환불이 안 돼요."}}, ensure_ascii=False)


@pytest.fixture(autouse=True)
def hooks(web):
    known = replace(TEST_SETTINGS, hooks={"zendesk": (SECRET, OLD), "calls": (FOREIGN,)})
    with override_settings(MADANG=(known, "web", None)):
        yield


def send(body=BODY, *, hook="zendesk", secret=SECRET, message_id="msg_1", at=None, **headers):
    at = at or datetime.now(UTC)
    signed = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, body),
        **headers,
    }
    return Client(enforce_csrf_checks=True).post(
        f"/hooks/{hook}", body.encode(), content_type="application/json",
        headers={name: value for name, value in signed.items() if value is not None},
    )  # fmt: skip


def kept():
    return [(row.hook, row.message_id, row.body) for row in messages_since(0)]


def test_what_is_signed_is_kept_once():
    assert send().status_code == 202
    again = send()
    assert (again.status_code, again.json()) == (200, {"kept": "msg_1", "known": True})
    assert kept() == [("zendesk", "msg_1", BODY)]


def test_the_same_id_of_another_hook_is_another_message():
    send()
    assert send(hook="calls", secret=FOREIGN).status_code == 202
    assert [row[0] for row in kept()] == ["zendesk", "calls"]


def test_two_secrets_hold_while_one_is_exchanged():
    assert send(secret=OLD).status_code == 202


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"secret": FOREIGN}, 401, "not that of this hook's secret"),
        ({"webhook-signature": "v1,!!"}, 401, "not that of this hook's secret"),
        ({"webhook-signature": "nonsense"}, 401, "not that of this hook's secret"),
        ({"at": datetime(2020, 1, 1, tzinfo=UTC)}, 401, "webhook-timestamp"),
        ({"at": datetime.now(UTC) + timedelta(hours=1)}, 401, "webhook-timestamp"),
        ({"webhook-signature": None}, 400, "webhook-signature"),
        ({"webhook-id": None, "webhook-timestamp": None}, 400, "webhook-id, webhook-timestamp"),
        ({"message_id": "x" * 300}, 400, "256 characters"),
        ({"hook": "nobody"}, 404, "no hook called nobody"),
        ({"body": "no json"}, 400, "no JSON"),
        ({"body": "[" * 100_000}, 400, "no JSON"),
        ({"body": json.dumps("가" * LARGEST)}, 413, "bytes at most"),
    ],
)  # fmt: skip
def test_whoever_is_refused_is_told_why(change, status, said):
    answer = send(**change)
    assert (answer.status_code, said in answer.json()["error"]) == (status, True)
    assert kept() == []


def test_a_body_changed_on_the_way_is_refused():
    at = datetime.now(UTC)
    signature = Webhook(SECRET).sign("msg_1", at, BODY)
    other = BODY.replace("환불", "교환")
    assert send(other, at=at, **{"webhook-signature": signature}).status_code == 401


def test_only_posts_are_taken():
    answer = Client().get("/hooks/zendesk")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_who_sends_too_much_is_told_to_wait():
    for _ in range(2):  # a minute may end in between, but not twice
        with transaction.atomic():
            for _ in range(HOOKS_A_MINUTE):
                wait_for_hook("zendesk", "127.0.0.1")
        answer = send()
        if answer.status_code == 429:
            break
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 60


def test_numbers_grow_without_gaps():
    for number in range(5):
        keep_message("zendesk", f"m{number}", "{}")
        keep_message("zendesk", f"m{number}", "{}")
    assert [row.sequence for row in messages_since(0)] == [1, 2, 3, 4, 5]
    assert [row.message_id for row in messages_since(3)] == ["m3", "m4"]
    assert len(messages_since(0, 2)) == 2


def test_only_what_was_collected_and_is_old_is_forgotten():
    for number in range(4):
        keep_message("zendesk", f"m{number}", "{}")
    old = datetime.now(UTC) - timedelta(days=30)
    HookMessage.objects.filter(sequence__in=(1, 3)).update(received_at=old)
    assert forget_messages(2, datetime.now(UTC) - timedelta(days=7)) == 1
    assert [row.sequence for row in messages_since(0)] == [2, 3, 4]
