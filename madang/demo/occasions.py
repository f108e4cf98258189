"""When, where and of what something is said: the shape of the market before anybody speaks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Final

from madang.demo.chance import stream
from madang.demo.market import (
    BRAND,
    INCIDENTS,
    NAMED,
    OWN,
    PLACES,
    PRODUCTS,
    SIZES,
    SPOKEN_OF_APPS,
    Incident,
    Place,
    Product,
    Size,
)
from madang.demo.speech import phrases
from madang.demo.times import Calendar, Sampler

# Where people turn when something happens; reviews come later than posts and calls.
STIRRED: Final = {
    "x": 0.28, "cafe": 0.22, "youtube": 0.11, "shop": 0.10, "appstore": 0.08, "calls": 0.08,
    "tickets": 0.06, "chat": 0.05, "mail": 0.02, "blog": 0.01, "knowledge": 0.01, "news": 0.015,
}  # fmt: skip
SLOW: Final = timedelta(days=3)  # an incident as long as this has days and nights


@dataclass(frozen=True, slots=True)
class Occasion:
    at: datetime
    place: Place
    product: Product
    incident: Incident | None = None


def occasions(seed: int, size: Size, calendar: Calendar) -> list[Occasion]:
    """Exactly `size.mentions` of them, in the order of time."""
    rng = stream(seed, "occasions")
    public, office = calendar.sampler(rng, office=False), calendar.sampler(rng, office=True)
    made = [
        _stirred(rng, incident, calendar, public)
        for incident in INCIDENTS
        for _ in range(talk_of(incident, size))
    ]
    for place in rng.choices(
        PLACES, [place.weight for place in PLACES], k=size.mentions - len(made)
    ):
        at = (office if place.own else public).draw(rng)
        made.append(Occasion(at, place, _product(rng, place, at, calendar)))
    return sorted(made, key=lambda each: (each.at, each.place.name, each.product.name))


def talk_of(incident: Incident, size: Size) -> int:
    """How many mentions of an incident a market of this size has."""
    return max(incident.least, round(incident.mentions * size.mentions / SIZES["full"].mentions))


def window(incident: Incident, calendar: Calendar) -> tuple[datetime, datetime]:
    return calendar.hours_before(incident.began), calendar.hours_before(incident.ended)


def is_sold(product: Product, at: datetime, calendar: Calendar) -> bool:
    return product.launched is None or at >= calendar.hours_before(product.launched * 24)


@cache
def _choices(own: bool, apps: bool) -> tuple[Product, ...]:
    spoken_of = OWN if own else PRODUCTS
    return tuple(each for each in spoken_of if not apps or each.category in SPOKEN_OF_APPS)


def _product(rng: Random, place: Place, at: datetime, calendar: Calendar) -> Product:
    choices = _choices(place.own, place.name == "appstore")
    while True:
        product = rng.choices(choices, [each.weight for each in choices])[0]
        if is_sold(product, at, calendar):
            return product


def _stirred(rng: Random, incident: Incident, calendar: Calendar, sampler: Sampler) -> Occasion:
    """One mention of an incident. Talk rises at once and dies down, or is still rising now."""
    began, ended = window(incident, calendar)
    lasts = ended - began
    if incident.ended == 0:
        at = began + lasts * rng.random() ** 0.7
    else:
        while True:
            at = began + lasts * min(rng.expovariate(2.2), 0.999)
            if lasts >= SLOW:
                at = sampler.on(rng, (calendar.midnight - at) // timedelta(days=1) + 1)
            if began <= at <= ended:
                break
    return Occasion(at, _turned_to(rng, incident), NAMED[incident.product], incident)


def _turned_to(rng: Random, incident: Incident) -> Place:
    product = NAMED[incident.product]
    reports = "news" in phrases()["incident"][incident.name]
    places = [
        place
        for place in PLACES
        if place.name in STIRRED
        and (not place.own or (product.brand == BRAND and incident.sentiment == "negative"))
        and (place.name != "appstore" or incident.aspect == "app")
        and (place.name != "news" or reports)
    ]
    return rng.choices(places, [STIRRED[place.name] for place in places])[0]
