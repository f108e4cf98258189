"""Facts are taken once, in any portions, and a replay leaves the same tables."""

import random

import pyarrow as pa
import pytest

from warehouse.errors import WarehouseError
from warehouse.facts import facts_cursor, take_facts
from warehouse.rebuild import digest
from warehouse.suppression import suppressed

MENTION = "0e610280-e4b0-14c1-fad1-5db062d87c81"
A_LIFE = (
    ("member_joined", "m1", {"language": "ko", "email_key": "e1"}),
    ("member_keys", "m1", {"email_key": "e1", "phone_key": "p1"}),
    ("member_joined", "m2", {"language": "en", "email_key": "e2"}),
    ("vote_cast", "idea-1", {"member": "m1"}),
    ("vote_cast", "idea-1", {"member": "m2"}),
    ("vote_withdrawn", "idea-1", {"member": "m2"}),
    ("vote_cast", "idea-2", {"member": "m2"}),
    ("idea_status", "idea-1", {"status": "planned", "before": "open", "reason": "곧 만듭니다"}),
    ("idea_status", "idea-1", {"status": "done", "before": "planned", "reason": "나왔습니다"}),
    ("conversation_opened", "7", {"mention_id": MENTION}),
    ("reply_sent", MENTION, {"conversation": 7, "by": "mina"}),
    ("thanks_given", MENTION, {"member": "m1"}),
    ("conversation_closed", "7", {"by": "mina"}),
    ("alert_acknowledged", "a1", {"by": "mina"}),
    ("alert_acknowledged", "a2", {"by": "mina"}),
    ("alert_reopened", "a2", {"by": "mina"}),
    ("match_decided", "x|u|1", {"customer_id": "c1", "verdict": "confirm", "by": "mina"}),
    ("match_decided", "x|u|1", {"customer_id": "c1", "verdict": "deny", "by": "mina"}),
    ("member_keys", "m2", {"email_key": None, "phone_key": None}),
    ("member_left", "m1", {}),
)


def test_the_tables_tell_what_stands_now(house, facts):
    assert take_facts(house.warehouse, facts(*A_LIFE)) == len(A_LIFE)
    assert facts_cursor(house.warehouse) == len(A_LIFE)
    members = house.rows("FROM members ORDER BY member_id")
    assert [(m["member_id"], m["language"], m["left_at"] is None) for m in members] == [
        ("m1", "ko", False),
        ("m2", "en", True),
    ]
    assert house.rows("FROM person.member_keys") == []  # one has left, one has verified nothing
    assert house.rows("SELECT idea, member_id FROM votes ORDER BY ALL") == [
        {"idea": "idea-1", "member_id": "m1"},
        {"idea": "idea-2", "member_id": "m2"},
    ]
    assert house.rows("SELECT status, before FROM idea_statuses ORDER BY changed_at") == [
        {"status": "planned", "before": "open"},
        {"status": "done", "before": "planned"},
    ]
    assert house.value("SELECT closed_at IS NOT NULL FROM conversations") is True
    assert house.value("SELECT replied_by FROM replies") == "mina"
    assert house.value("SELECT member_id FROM thanks") == "m1"
    assert house.rows("SELECT alert_id FROM alert_states") == [{"alert_id": "a1"}]
    assert house.rows("SELECT source, author_id, verdict FROM match_decisions") == [
        {"source": "x", "author_id": "u|1", "verdict": "deny"}
    ]


def test_keys_that_were_verified_and_not_taken_back(house, facts):
    take_facts(house.warehouse, facts(*A_LIFE[:3]))
    assert house.rows("FROM person.member_keys ORDER BY ALL") == [
        {"member_id": "m1", "kind": "email", "key": "e1"},
        {"member_id": "m1", "kind": "phone", "key": "p1"},
        {"member_id": "m2", "kind": "email", "key": "e2"},
    ]


@pytest.mark.parametrize("seed", range(3))
def test_portions_and_repeats_make_no_difference(house, new_house, facts, tmp_path, seed):
    chance = random.Random(seed)
    take_facts(house.warehouse, facts(*A_LIFE))
    other = new_house(tmp_path / "other")
    at = 0
    while at < len(A_LIFE):
        until = min(len(A_LIFE), at + chance.randrange(1, 6))
        known = max(0, at - chance.randrange(3))
        portion = facts(*A_LIFE[known:until], first=known + 1)
        assert take_facts(other.warehouse, portion) == until - at
        assert take_facts(other.warehouse, portion) == 0
        at = until
    assert digest(other.warehouse) == digest(house.warehouse)
    other.warehouse.close()


def test_facts_that_name_people_to_forget_shut_the_landing_zone(house, facts):
    take_facts(house.warehouse, facts(("person_suppressed", "", {"keys": ["k1", "k2"]})))
    assert suppressed(house.landing.folder) == {"k1": "", "k2": ""}


def test_a_table_of_another_shape_is_refused(house):
    with pytest.raises(WarehouseError, match="FACTS"):
        take_facts(house.warehouse, pa.table({"sequence": [1]}))
    assert facts_cursor(house.warehouse) == 0
