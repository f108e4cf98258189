"""Visits land, are brought up to date when it is known whose they are, are erased, and expire."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from warehouse.erase import erase
from warehouse.landing import Batch, Landing
from warehouse.load import load
from warehouse.people.find import KnownPerson
from warehouse.rebuild import digest, rebuild
from warehouse.records import WEB_EVENT
from warehouse.web_events import forget_before

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def visits(house, key):
    """Land events: (event, visitor, member or None, how many days ago)."""
    landing = Landing(house.landing.folder, key)

    def land(*told):
        rows = [
            {
                "event_id": event, "kind": "view", "site": "www.haedam.kr", "path": "/",
                "visitor_id": visitor, "member_id": member,
                "happened_at": NOW - timedelta(days=days), "collected_at": NOW,
            }
            for event, visitor, member, days in told
        ]  # fmt: skip
        with landing.open_source("web_events", "webevents") as writer:
            writer.write(Batch(pa.Table.from_pylist(rows, schema=WEB_EVENT), {}))
        return load(house.warehouse, landing)

    return land


def kept(house):
    return [
        (row["event_id"], row["member_id"])
        for row in house.rows("SELECT event_id, member_id FROM web_events ORDER BY event_id")
    ]


def test_an_event_told_again_is_brought_up_to_date(house, visits):
    visits(("e1", "v1", None, 0), ("e2", "v2", None, 0))
    visits(("e1", "v1", "member-1", 0))
    assert kept(house) == [("e1", "member-1"), ("e2", None)]


def test_a_person_is_erased_with_what_their_browser_did_before(house, visits, key):
    landing = Landing(house.landing.folder, key)
    visits(("e1", "v1", None, 0), ("e2", "v2", None, 0))
    visits(("e1", "v1", "member-1", 0), ("e3", "v3", "member-2", 0))
    person = KnownPerson(None, authors=(("community", "member-1"),))
    erase(house.warehouse, landing, [person], key)
    assert kept(house) == [("e2", None), ("e3", "member-2")]
    before = digest(house.warehouse)
    rebuild(house.warehouse, landing)
    assert digest(house.warehouse) == before
    visits(("e4", "v1", None, 0), ("e5", "v9", "member-1", 0), ("e6", "v2", None, 0))
    assert [event for event, _ in kept(house)] == ["e2", "e3", "e6"]


def test_what_is_too_old_goes_everywhere(house, visits):
    visits(("e1", "v1", None, 400))
    visits(("e2", "v1", None, 1))
    (old, _) = house.landing.batches("web_events")
    aged = old.path.parents[1] / f"{NOW - timedelta(days=400):%Y-%m-%d}" / old.path.name
    aged.parent.mkdir()
    old.path.rename(aged)
    assert forget_before(house.warehouse, house.landing, NOW - timedelta(days=395)) == 1
    assert kept(house) == [("e2", None)]
    assert not aged.exists()
    rebuild(house.warehouse, house.landing)
    assert kept(house) == [("e2", None)]


def test_the_newest_batch_stays_for_its_cursor(house, visits):
    visits(("e1", "v1", None, 400))
    forget_before(house.warehouse, house.landing, NOW + timedelta(days=2))
    assert len(house.landing.batches("web_events")) == 1
    assert kept(house) == []
