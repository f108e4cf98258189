"""What staff save on the desk is looked for in history at once, without a turn of the loop."""

import json

from tests.instance import Instance
from tests.working import play

SAVED = """
import json
import time
from madang.loop import open_house
from madang.people import community_opened
from madang.settings import load_settings
from madang.tracking import tracking

settings = load_settings()
with community_opened(settings):
    from community.actions import create_staff
    from community.queries import store_released
    from dashboard.tracking import Draft

    mina = create_staff("mina@example.kr", "이미나", "가을 하늘 공활한데 7", "brand_manager")
    junho = create_staff("junho@example.kr", "최준호", "가을 하늘 공활한데 7", "community_manager")
    house = open_house(settings, store_released)
    kept = tracking(house)

    def hits():
        with house.warehouse.reading() as cursor:
            return cursor.execute(
                "SELECT t.name, t.version, count(h.mention_id) FROM trackers t "
                "LEFT JOIN tracker_hits h USING (tracker) WHERE t.active GROUP BY ALL ORDER BY ALL"
            ).fetchall()

    def become(*wanted):
        '''The order answers before a slow machine has looked back: wait for what is to come.'''
        deadline = time.monotonic() + 60
        while hits() != list(wanted):
            assert time.monotonic() < deadline, hits()
            time.sleep(0.05)

    saved = kept.save(Draft("늦은 배송", "배송 AND 늦다"), mina)
    become(("늦은 배송", 1, 1))
    wider = Draft("배송", "배송", "더 넓게", saved.tracker_id, 1)
    assert kept.save(wider, mina).outcome == "saved"
    become(("배송", 2, 2))
    assert kept.save(wider, mina).outcome == "overtaken"
    assert kept.save(Draft("배송", "포장"), mina).outcome == "named_twice"
    assert kept.retire(saved.tracker_id, 2, mina).version == 3
    become()
    assert kept.restore(saved.tracker_id, 1, 3, mina).version == 4
    become(("늦은 배송", 4, 1))
    house.warehouse.close()
    print(json.dumps({
        "may": [kept.may_save(mina), kept.may_save(junho)],
        "versions": [each.act for each in kept.versions(saved.tracker_id)],
        "named": [each.name for each in kept.trackers(False)],
    }))
"""


def test_a_tracker_has_its_hits_as_soon_as_it_is_saved(read_instance: Instance) -> None:
    told = json.loads(play(read_instance.environment, SAVED)[-1])
    assert told["may"] == [True, False]
    assert told["versions"] == ["restored", "retired", "edited", "created"]
    assert told["named"] == ["늦은 배송"]
