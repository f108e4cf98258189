"""An alert is raised once, kept up to date, and taken note of by somebody."""

from typing import Any

import pytest

from community.actions import Actor, acknowledge_alert, reopen_alert
from community.alerts.actions import raise_alert
from community.belts.facts import facts_since
from community.belts.findings import Finding
from community.errors import CommunityError
from community.outbox.models import Delivery
from community.queries import Staff, alert_states, audit_trail, raised_alerts


def raised(name: str = "late-1", **said: Any) -> None:
    body = {"product": "해담 가습기", "seen": 21, "expected": 5.0, "terms": ["배송"], **said}
    raise_alert(Finding(f"{name} {body}", "alert_raised", name, body))


def test_an_alert_goes_out_once_however_long_it_lasts() -> None:
    raised(window_end="2026-11-21T15:00:00+09:00")
    raised(window_end="2026-11-21T16:00:00+09:00", seen=34)
    assert Delivery.objects.get().channel == "alert"
    (alert,) = raised_alerts()
    assert (alert.seen, alert.product, alert.terms) == (34, "해담 가습기", ("배송",))
    assert alert.times == pytest.approx(6.8)


def test_taking_note_is_a_decision_and_can_be_taken_back(mina: Staff, jun: Staff) -> None:
    raised()
    assert acknowledge_alert("late-1", Actor(mina.member_id), "물류센터에 물어봤어요") is True
    assert acknowledge_alert("late-1", Actor(jun.member_id), "저도요") is False
    state = alert_states(["late-1", "unknown"])
    assert set(state) == {"late-1"}
    line = state["late-1"]
    assert (line.state, line.by, line.note) == (
        "acknowledged",
        "이미나",
        "물류센터에 물어봤어요",
    )
    raised(seen=50)
    assert raised_alerts() == (), "what goes on is not raised anew"
    assert reopen_alert("late-1", Actor(jun.member_id)) is True
    assert reopen_alert("late-1", Actor(jun.member_id)) is False
    (line,) = raised_alerts()
    assert (line.by, line.at, line.note) == ("", None, "")
    acts = [(row.action, row.why) for row in reversed(audit_trail("alert", "late-1"))]
    assert acts == [("acknowledge_alert", "물류센터에 물어봤어요"), ("reopen_alert", "")]
    facts = [(fact.kind, fact.subject) for fact in facts_since(0)]
    assert facts == [("alert_acknowledged", "late-1"), ("alert_reopened", "late-1")]
    assert "이미나" not in str(facts_since(0))


def test_an_alert_that_nobody_raised_is_not_taken_note_of(mina: Staff) -> None:
    for order in (acknowledge_alert, reopen_alert):
        with pytest.raises(CommunityError):
            order("no-such", Actor(mina.member_id))
    for name in ("", "a" * 97):
        with pytest.raises(CommunityError):
            raised(name)


def test_an_alert_says_what_it_can_whatever_it_was_given() -> None:
    raised("odd", product=None, seen="many", expected=None, terms={"a": 1}, window_start="soon")
    raised("terms", terms=[{"lemma": "배송", "count": 9}, {"count": 1}, "늦다"])
    odd, terms = alert_states(["odd"])["odd"], alert_states()["terms"]
    assert (odd.product, odd.seen, odd.times, odd.terms, odd.begins) == ("", 0, None, (), None)
    assert terms.terms == ("배송", "늦다")


def test_the_newest_alerts_come_first_and_only_a_few() -> None:
    for number in range(5):
        raised(f"late-{number}")
    assert [alert.alert_id for alert in raised_alerts()] == ["late-4", "late-3", "late-2"]
    assert len(alert_states()) == 5
