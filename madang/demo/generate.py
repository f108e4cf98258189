"""Writes the demo market as mentions, and beside them the truth that produced each one."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pyarrow as pa

from madang.demo import grammar
from madang.demo.market import DAYS, INCIDENTS, MENTIONS, PLACES, PRODUCTS, Incident, Place, Product
from warehouse.records import MENTION

TRUTH = pa.schema(
    [
        pa.field("source", pa.string()),
        pa.field("native_id", pa.string()),
        pa.field("sentiment", pa.string()),
        pa.field("aspects", pa.string()),  # JSON: [[aspect, polarity], …] in the order said
        pa.field("incident", pa.string()),
    ]
)
# When people write, in Korean local hours: little at night, most in the evening.
HOURS = [2, 1, 1, 1, 1, 2, 4, 7, 9, 9, 9, 10, 12, 10, 9, 9, 9, 10, 12, 14, 16, 17, 14, 8]
STARS = {"negative": (1, 1, 2), "neutral": (3,), "positive": (5, 5, 4)}
KOREA = timedelta(hours=9)


@dataclass(frozen=True)
class Generated:
    """`mentions` in the schema of the landing zone, and `truth`, row by row."""

    mentions: pa.Table
    truth: pa.Table


def generate(seed: int, last_day: datetime, mentions: int = MENTIONS) -> Generated:
    """The market of the `DAYS` days up to `last_day` (aware). The same arguments, the same rows."""
    rng = Random(seed)  # noqa: S311 (a simulation, not a secret)
    start = last_day.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    start -= timedelta(days=DAYS - 1) + KOREA
    spoken, truths = [], []
    for number, (day, product, incident) in enumerate(_occasions(rng, mentions)):
        row, truth = _mention(rng, number, start, day, product, incident)
        if row["created_at"] <= last_day:
            spoken.append(row)
            truths.append(truth)
    return Generated(
        pa.Table.from_pylist(spoken, schema=MENTION), pa.Table.from_pylist(truths, schema=TRUTH)
    )


def _occasions(rng: Random, mentions: int) -> Iterator[tuple[int, Product, Incident | None]]:
    weights = [product.weight for product in PRODUCTS]
    for _ in range(mentions):
        yield rng.randrange(DAYS), rng.choices(PRODUCTS, weights)[0], None
    by_name = {product.name: product for product in PRODUCTS}
    for incident in INCIDENTS:
        for _ in range(round(incident.mentions * mentions / MENTIONS)):
            # Talk of an incident rises at once and dies down.
            day = incident.start + min(int(rng.expovariate(1.2)), incident.days - 1)
            yield day, by_name[incident.product], incident


def _mention(
    rng: Random,
    number: int,
    start: datetime,
    day: int,
    product: Product,
    incident: Incident | None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    place = rng.choices(PLACES, [place.weight for place in PLACES])[0]
    sentiment = incident.sentiment if incident else _mood(rng, product)
    clauses = [] if sentiment == "neutral" else _clauses(rng, sentiment, incident)
    lang, text = _said(rng, place, product, sentiment, clauses)
    at = start + timedelta(
        days=day, hours=rng.choices(range(24), HOURS)[0], seconds=rng.randrange(3600)
    )
    native_id = f"demo-{number:05d}"
    stars = rng.choice(STARS[sentiment]) if place.rated else None
    row = {
        "source": place.name,
        "native_id": native_id,
        "kind": place.kind,
        "url": f"https://{place.name}.example/{native_id}",
        "author_handle": f"{rng.choice(HANDLES)}{rng.randrange(10, 100)}",
        "text": text,
        "lang": lang,
        "rating": None if stars is None else (stars - 1) / 4,
        "rating_raw": None if stars is None else str(stars),
        "product": product.name,
        "created_at": at,
        "collected_at": at + timedelta(minutes=rng.randrange(2, 30)),
        "likes": int(rng.expovariate(0.3)),
        "country": "KR",
    }
    truth = {
        "source": place.name,
        "native_id": native_id,
        "sentiment": sentiment,
        "aspects": json.dumps(clauses),
        "incident": incident.name if incident else None,
    }
    return row, truth


HANDLES = (
    "minji", "haru", "seoyeon", "jihoon", "dodam", "bomi", "taeyang", "sol", "yuna", "gaeul",
    "dong_ne", "kkomi", "areum", "nabi", "hyun", "jay", "mandu", "sora", "woobin", "eunbyul",
)  # fmt: skip


def _mood(rng: Random, product: Product) -> str:
    drawn = rng.random()
    if drawn < 0.18:
        return "neutral"
    return "positive" if rng.random() < product.delight else "negative"


def _clauses(rng: Random, sentiment: str, incident: Incident | None) -> list[tuple[str, str]]:
    """One to two aspects; the last word carries the mood, the first may concede the opposite."""
    first = incident.aspect if incident else rng.choice(grammar.ASPECTS)
    if rng.random() < 0.6:
        return [(first, sentiment)]
    second = rng.choice([aspect for aspect in grammar.ASPECTS if aspect != first])
    opposite = "negative" if sentiment == "positive" else "positive"
    if incident is None and rng.random() < 0.35:
        return [(second, opposite), (first, sentiment)]
    return [(first, sentiment), (second, sentiment)]


def _said(
    rng: Random, place: Place, product: Product, sentiment: str, clauses: list[tuple[str, str]]
) -> tuple[str, str]:
    if rng.random() < place.english:
        return "en", grammar.english(rng, product.english, sentiment, clauses)
    name = rng.choice(product.korean)
    return "ko", grammar.korean(rng, name, sentiment, clauses, place.casual)
