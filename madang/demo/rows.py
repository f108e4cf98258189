"""Rows of mentions as a collector would have brought them, made from what was said."""

import json
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

import pyarrow as pa

from madang.demo.buyers import DOMAINS
from madang.demo.chance import stream
from madang.demo.market import Place
from madang.demo.mentions import Spoken
from madang.demo.shape import title
from madang.demo.speech import phrases
from nlp.identifiers import email_key, phone_key
from warehouse.records import MENTION

STARS: Final = {
    "negative": (1, 1, 2), "neutral": (3, 3, 4), "positive": (5, 5, 5, 4),
}  # fmt: skip
SCORES: Final = {  # 0 to 10, as likely to recommend
    "negative": (0, 1, 2, 3, 4, 5, 6), "neutral": (7, 8), "positive": (9, 9, 10, 10, 8),
}  # fmt: skip
# How likely a desk knows the address and the number of who writes or calls.
KNOWN_BY: Final = {
    "tickets": (0.9, 0.4), "mail": (1.0, 0.0), "calls": (0.0, 1.0), "chat": (0.6, 0.0),
    "survey": (0.85, 0.0),
}  # fmt: skip
OTHER_ADDRESS: Final = 0.12  # of customers write from an address that the shop does not know


def mention_table(seed: int, spoken: list[Spoken], until: datetime, key: bytes) -> pa.Table:
    """All that was said, in the schema MENTION; `key` hashes addresses and numbers."""
    rng = stream(seed, "rows")
    return pa.Table.from_pylist([_row(rng, each, until, key) for each in spoken], schema=MENTION)


def _row(rng: Random, spoken: Spoken, until: datetime, key: bytes) -> dict[str, Any]:
    occasion, speaker, said = spoken.occasion, spoken.speaker, spoken.said
    place, at = occasion.place, occasion.at
    news = not place.authors
    score = _score(rng, place, said.sentiment)
    return {
        "source": place.name,
        "native_id": spoken.native_id,
        "kind": spoken.kind,
        "url": None if place.own else f"https://{place.name}.example/{spoken.native_id}",
        "author_id": None if news else speaker.author_id,
        "author_handle": None if news else speaker.handle,
        "author_name": rng.choice(phrases()["people"]["outlets"]) if news else None,
        "author_followers": None if news else speaker.followers,
        "text": said.text,
        "title": title(rng, occasion, spoken.kind),
        "lang": "en" if said.english else "ko",
        "product": occasion.product.name,
        "created_at": at,
        "collected_at": min(at + timedelta(minutes=rng.randrange(2, 30)), until),
        "country": None if place.own else "KR",
        "extra": _extra(rng, spoken, key),
        **_rating(place, score),
        **_thread(spoken),
        **_reactions(rng, spoken),
        "city": speaker.person.city if place.name == "x" and rng.random() < 0.2 else None,
    }


def _score(rng: Random, place: Place, sentiment: str) -> int | None:
    if place.scale is None:
        return None
    return rng.choice((SCORES if place.scale[1] == 10 else STARS)[sentiment])


def _rating(place: Place, score: int | None) -> dict[str, Any]:
    if place.scale is None or score is None:
        return {}
    low, high = place.scale
    return {"rating": (score - low) / (high - low), "rating_raw": str(score)}


def _thread(spoken: Spoken) -> dict[str, Any]:
    if spoken.occasion.place.name == "youtube":
        return {"thread_id": f"video-{spoken.number // 90}"}
    if spoken.answers is None:
        return {}
    return {"thread_id": spoken.answers.native_id, "parent_id": spoken.answers.native_id}


def _reactions(rng: Random, spoken: Spoken) -> dict[str, Any]:
    """Heavy-tailed, as likes are; a stir is liked and shared more."""
    place = spoken.occasion.place
    if place.own:
        return {}
    stir = 2.5 if spoken.occasion.incident else 1.0
    likes = int(rng.paretovariate(1.1) * stir) - 1
    shared = {"shares": int(rng.paretovariate(1.4) * stir) - 1} if place.name == "x" else {}
    seen = {}
    if place.name in ("blog", "cafe", "x", "news"):
        seen["views"] = likes * rng.randrange(20, 60) + rng.randrange(5, 200)
    return {"likes": likes, "replies": int(rng.expovariate(0.6)), **shared, **seen}


def _extra(rng: Random, spoken: Spoken, key: bytes) -> str | None:
    """What a desk knows of who writes: keyed hashes of the address and the number."""
    by_email, by_phone = KNOWN_BY.get(spoken.occasion.place.name, (0.0, 0.0))
    customer = spoken.speaker.person.customer
    email, phone = (customer.email, customer.phone) if customer else (None, None)
    if customer is None or rng.random() < OTHER_ADDRESS:
        email = f"{spoken.speaker.author_id}@{DOMAINS[0]}"
    known = {
        "email_key": email_key(email, key) if email and rng.random() < by_email else None,
        "phone_key": phone_key(phone, key) if phone and rng.random() < by_phone else None,
    }
    found = {name: value for name, value in known.items() if value}
    return json.dumps(found) if found else None
