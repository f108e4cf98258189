"""The demo market is the same for the same seed, and its truth speaks of exactly its mentions."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

from madang.demo.generate import TRUTH, generate
from madang.demo.market import DAYS, INCIDENTS, PRODUCTS
from tests.instance import Instance
from warehouse.records import MENTION

LAST_DAY = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_the_same_seed_makes_the_same_market() -> None:
    assert generate(7, LAST_DAY).mentions.equals(generate(7, LAST_DAY).mentions)
    assert not generate(7, LAST_DAY).mentions.equals(generate(8, LAST_DAY).mentions)


def test_mentions_and_truth_agree_row_by_row() -> None:
    made = generate(7, LAST_DAY)
    assert made.mentions.schema.equals(MENTION) and made.truth.schema.equals(TRUTH)
    for column in ("source", "native_id"):
        assert made.mentions[column].equals(made.truth[column])
    assert len(set(made.mentions["native_id"].to_pylist())) == made.mentions.num_rows


def test_texts_are_finished_sentences_about_known_products() -> None:
    made = generate(7, LAST_DAY)
    for text in made.mentions["text"].to_pylist():
        assert text == text.strip() and "{" not in text and "  " not in text
    assert set(made.mentions["product"].to_pylist()) == {product.name for product in PRODUCTS}
    assert set(made.mentions["lang"].to_pylist()) == {"ko", "en"}


def test_nothing_is_said_before_the_market_begins_or_after_now() -> None:
    times = generate(7, LAST_DAY).mentions["created_at"].to_pylist()
    assert max(times) <= LAST_DAY
    assert min(times) >= LAST_DAY - timedelta(days=DAYS)


def test_incidents_stand_out_on_their_days() -> None:
    truth = generate(7, LAST_DAY).truth.to_pylist()
    counted = Counter(row["incident"] for row in truth)
    for incident in INCIDENTS:
        assert counted[incident.name] == incident.mentions
        spoken = [row for row in truth if row["incident"] == incident.name]
        assert all(row["sentiment"] == incident.sentiment for row in spoken)
        assert all(json.loads(row["aspects"])[0][0] == incident.aspect for row in spoken)


def test_the_demo_is_filled_once(instance: Instance) -> None:
    first = instance.run("demo", "--no-up", "--seed", "3")
    mentions = instance.answer("sql", "SELECT count(*) AS n FROM mentions")
    second = instance.run("demo", "--no-up", "--seed", "3")
    assert instance.answer("sql", "SELECT count(*) AS n FROM mentions") == mentions
    assert "Read 0 texts that were new." in second
    sign_in = "Sign in at the desk as demo@madang.example with the password "
    assert first.partition(sign_in)[2] == second.partition(sign_in)[2] != ""
