"""Webhooks and transcripts become mentions by what their settings say."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.base import SourceUnavailable
from collectors.rows.fields import Shape, Unmapped
from collectors.transcripts import mention_of, transcripts_of
from collectors.webhook import Hook, WebhookSettings, open_webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TICKET = {
    "ticket": {
        "id": 4711, "subject": "환불 문의", "created": "2026-11-20T10:00:00+09:00", "score": "2",
        "requester": {"name": "김하나", "email": "hana@example.kr", "phone": "010-1234-5678"},
        "comments": [{"body": "환불이 안 돼요."}, {"body": "일주일째예요."}],
    }
}  # fmt: skip
FIELDS = {
    "text": "ticket.comments[].body", "native_id": "ticket.id", "title": "ticket.subject",
    "created_at": "ticket.created", "author_name": "ticket.requester.name",
    "email": "ticket.requester.email", "phone": "ticket.requester.phone", "rating": "ticket.score",
}  # fmt: skip
HOOK = Hook(secret=SECRET, fields=FIELDS, kind="ticket", scale=(1, 5))
CALL = {
    "call_id": "c-9", "started_at": "2026-11-20T14:00:00+09:00", "duration": 95,
    "customer": {"name": "박서연", "phone": "010-9876-5432"},
    "turns": [
        {"speaker": "agent", "at": 0, "text": "해담입니다."},
        {"speaker": "customer", "at": 4.5, "text": "가습기에서 물이 새요."},
        {"speaker": {"role": "bot"}, "text": "상담을 기록합니다."},
        {"speaker": "고객", "at": 30, "text": "교환해 주세요."},
    ],
}  # fmt: skip


def rows(hook, said, message_id="m1"):
    return list(hook.rows_of(said, message_id, NOW))


def test_paths_lead_to_columns():
    (row,) = rows(HOOK, TICKET)
    assert row["text"] == "환불이 안 돼요.\n일주일째예요."
    assert (row["native_id"], row["kind"], row["title"]) == ("4711", "ticket", "환불 문의")
    assert row["created_at"] == datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
    assert (row["rating"], row["rating_raw"]) == (0.25, "2")
    assert json.loads(row["extra"]) == {"email": "hana@example.kr", "phone": "010-1234-5678"}


def test_what_is_not_said_is_filled_in():
    (row,) = rows(
        Hook(secret=SECRET, fields={"text": "said"}, product="해담 숨"), {"said": "좋아요"}
    )
    assert (row["native_id"], row["created_at"], row["product"]) == ("m1", NOW, "해담 숨")


def test_several_in_one_webhook():
    hook = Hook(secret=SECRET, fields={"text": "words"}, rows="answers", kind="survey")
    found = rows(hook, {"answers": [{"words": "좋아요"}, {"words": " "}, {"words": "비싸요"}]})
    assert [row["native_id"] for row in found if isinstance(row, dict)] == ["m1-0", "m1-2"]
    assert [str(row) for row in found if isinstance(row, Unmapped)] == ["no text"]


@pytest.mark.parametrize("stamp", [1_763_600_400, 1_763_600_400_000, "2025-11-20 10:00"])
def test_times_as_systems_write_them(stamp):
    hook = Hook(secret=SECRET, fields={"text": "t", "created_at": "at"})
    (row,) = rows(hook, {"t": "좋아요", "at": stamp})
    assert row["created_at"] == datetime(2025, 11, 20, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"ticket": {**TICKET["ticket"], "comments": []}}, "no text"),
        ({"ticket": {**TICKET["ticket"], "created": "어제"}}, "created_at is no point in time"),
        ({"ticket": {**TICKET["ticket"], "score": "9"}}, "rating is outside of 1 to 5"),
        ({"ticket": {**TICKET["ticket"], "score": "많이"}}, "rating is no number"),
        ([], "no text"), ("text", "no text"), (None, "no text"), (7, "no text"),
    ],
)  # fmt: skip
def test_what_makes_no_mention_says_why(said, why):
    (refused,) = rows(HOOK, said)
    assert isinstance(refused, Unmapped)
    assert str(refused) == why


def test_a_call_is_what_the_customer_said():
    row = mention_of(CALL, "m1", NOW, kind="call", zone="Asia/Seoul")
    assert row["text"] == "가습기에서 물이 새요.\n교환해 주세요."
    assert (row["native_id"], row["kind"], row["author_name"]) == ("c-9", "call", "박서연")
    assert row["created_at"] == datetime(2026, 11, 20, 5, 0, 4, 500_000, tzinfo=UTC)
    extra = json.loads(row["extra"])
    assert [turn["text"] for turn in extra["others"]] == ["해담입니다.", "상담을 기록합니다."]
    assert (extra["phone"], extra["turns"], extra["duration"]) == ("010-9876-5432", 4, "95")


def test_a_chat_under_other_names():
    chat = {"type": "chat", "messages": [
        {"role": "user", "content": "환불되나요?", "timestamp": "2026-11-20T05:00:00Z"},
        {"role": "assistant", "content": "네, 됩니다."}]}  # fmt: skip
    row = mention_of(chat, "m1", NOW, kind="call", zone="Asia/Seoul")
    assert (row["text"], row["kind"]) == ("환불되나요?", "chat")
    assert row["created_at"] == datetime(2026, 11, 20, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({**CALL, "turns": CALL["turns"][:1]}, "the customer says nothing"),
        ({"turns": "무엇"}, "no turns"), ({}, "no turns"), (None, "no turns"), ([], "no turns"),
    ],
)  # fmt: skip
def test_transcripts_without_a_customer_say_why(said, why):
    with pytest.raises(Unmapped, match=why):
        mention_of(said, "m1", NOW, kind="call", zone="Asia/Seoul")


def test_transcripts_in_a_list():
    assert len(transcripts_of({"calls": [CALL, CALL]})) == len(transcripts_of([CALL, CALL])) == 2
    assert transcripts_of(CALL) == [CALL]


@pytest.mark.parametrize(
    ("hook", "said"),
    [
        (replace(HOOK, secret=""), "webhook.hooks.desk.secret is missing"),
        (replace(HOOK, secret="whsec_"), "is no secret"),
        (replace(HOOK, fields={"title": "a"}), "lacks text"),
        (replace(HOOK, fields={**FIELDS, "writer": "a"}), "names writer; there are"),
        (replace(HOOK, fields={"text": "a[b"}), "path of text cannot be read"),
        (replace(HOOK, scale=None), "say its scale"),
        (replace(HOOK, kind="letter"), "kind is one of"),
    ],
)
def test_settings_that_cannot_be_used_are_named(hook, said):
    with pytest.raises(SourceUnavailable, match=said.replace("[", r"\[")):
        open_webhook(WebhookSettings({"desk": hook}))


def test_without_hooks_there_is_nothing_to_open():
    with pytest.raises(SourceUnavailable, match=r"webhook.hooks.NAME"):
        open_webhook(WebhookSettings())


def test_numbers_of_columns_are_checked():
    with pytest.raises(Unmapped, match="likes is no number"):
        Shape({"text": "t", "likes": "n"}).mention({"t": "좋아요", "n": "많음"}, "m", NOW)


RUN = """
import json, sys
from pathlib import Path
from community.configure import CommunitySettings, configure
from collectors.rows.contacts import keyed
from collectors.run import collect
from collectors.webhook import Hook, WebhookSettings, open_webhook
from warehouse.landing import Landing
home, hook = Path(sys.argv[1]), Hook(**json.loads(sys.argv[2]))
configure(CommunitySettings(f"sqlite:///{home / 'store.sqlite'}", "x" * 40), "command")
from community.actions import prepare_store
from community.intake.actions import keep_message
prepare_store()
for message_id, body in json.loads(sys.argv[3]):
    keep_message("desk", message_id, body)
done = collect(open_webhook(WebhookSettings({"desk": hook})), Landing(home / "landing", b"key" * 9))
print(done.rows, done.quarantined)
"""


def test_webhooks_land_once(tmp_path: Path, landing, landed):
    """In a process of its own, as the community is configured once a process."""
    import subprocess
    import sys
    from dataclasses import asdict

    hook = json.dumps({**asdict(HOOK), "scale": [1, 5]})

    def run(*messages):
        done = subprocess.run(
            [sys.executable, "-c", RUN, str(tmp_path), hook, json.dumps(messages)],
            capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True,
        )  # fmt: skip
        return done.stdout.splitlines()[-1]

    good = json.dumps(TICKET)
    assert run(["m1", good], ["m2", "[]"]) == "1 1"
    assert run(["m1", good]) == "0 0"
    later = {"ticket": {**TICKET["ticket"], "id": 4712}}
    assert run(["m3", json.dumps(later)]) == "1 0"
    first, second = landed("mentions")
    assert (first["native_id"], second["native_id"]) == ("desk-4711", "desk-4712")
    assert set(json.loads(first["extra"])) == {"email_key", "phone_key"}
    assert first["author_id"] == second["author_id"]
    assert "hana@" not in str(first)
    (refused,) = landed("quarantined")
    assert (refused["origin"], refused["reason"]) == ("/hooks/desk", "no text")
    assert landed("coverage")[0]["state"] == "collected"
