"""What a place makes of a text: a letter, a transcript, a short comment with somebody's number."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Final

from madang.demo.speech import named, phrases

if TYPE_CHECKING:
    from madang.demo.cast import Speaker
    from madang.demo.mentions import Said
    from madang.demo.occasions import Occasion

CONTACTS: Final = {"ticket": 0.05, "email": 0.06, "chat": 0.03, "call": 0.04}


def shape(rng: Random, occasion: Occasion, kind: str, speaker: Speaker, said: Said) -> Said:
    """The text as it reaches the place; English and copies stay as they are."""
    if said.english or said.copy_of is not None:
        return said
    wrappings, text = phrases()["wrappings"], said.text
    if rng.random() < CONTACTS.get(kind, 0):
        text += _contact(rng, speaker)
    if kind == "email":
        name = rng.choice(occasion.product.korean)
        text = _sentence(text)
        text = named(rng.choice(wrappings["email"]), name).replace("{text}", text)
    elif kind == "call":
        text = str(rng.choice(wrappings["call"])).replace("{text}", _sentence(text))
    return said if text == said.text else replace(said, text=text)


def title(rng: Random, occasion: Occasion, kind: str) -> str | None:
    """What stands above, where the place has titles."""
    wrappings = phrases()["wrappings"]
    if kind in ("ticket", "email"):
        return str(rng.choice(wrappings["ticket_titles"]))
    if occasion.place.name in ("blog", "cafe", "knowledge") and kind != "comment":
        templates = wrappings["blog_titles" if occasion.place.name == "blog" else "cafe_titles"]
        return named(rng.choice(templates), rng.choice(occasion.product.korean))
    return None


def _contact(rng: Random, speaker: Speaker) -> str:
    """What people leave so that they are called back; it is masked on its way in."""
    customer = speaker.person.customer
    phone = (customer.phone if customer else None) or "010-0000-0000"
    email = (customer.email if customer else None) or "somebody@example.com"
    template: str = rng.choice(phrases()["wrappings"]["contacts"])
    return template.replace("{phone}", phone).replace("{email}", email)


def _sentence(text: str) -> str:
    return text if text[-1] in ".!?~^ㅠㅜㅋㅎ" else f"{text}."
