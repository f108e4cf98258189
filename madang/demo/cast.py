"""The people who talk: each with a voice of their own, under one handle in each place.

Most of what is said comes from simulated persons, some of whom are customers; who is who is told
only to the truth. A handful are bots.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Final

from madang.demo.buyers import Buyers, Customer
from madang.demo.chance import drawn, stream
from madang.demo.market import NAMED, PLACES, PRODUCTS, Place, Product, Size
from madang.demo.speech import Style, Voice, phrases

STYLES: Final[tuple[tuple[Style, float], ...]] = (
    ("polite", 0.5), ("plain", 0.17), ("formal", 0.16), ("clipped", 0.17),
)  # fmt: skip
PUBLIC: Final = tuple(place for place in PLACES if not place.own and place.authors)
SILENT: Final = 0.4  # the share of customers who say nothing in public
ENGLISH: Final = 0.12  # the share of strangers who write English
BOTS: Final = 9
KNOWN: Final = 0.75  # of reviews of the brand's devices in the shop, written by who bought one


@dataclass(slots=True, eq=False)
class Person:
    """`activity` is a heavy-tailed weight: a few people say much of what is said."""

    person_id: str
    name: str
    nick: str
    voice: Voice
    english: bool
    activity: float
    city: str
    products: tuple[Product, ...]
    customer: Customer | None = None
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Speaker:
    """A person as one place knows them."""

    person: Person
    place: str
    author_id: str
    handle: str | None
    followers: int | None


@dataclass
class _Pool:
    people: list[Person] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def add(self, person: Person) -> None:
        self.people.append(person)
        self.weights.append((self.weights[-1] if self.weights else 0.0) + person.activity)

    def draw(self, rng: Random) -> Person:
        return rng.choices(self.people, cum_weights=self.weights)[0]


class Cast:
    """Everybody, and who speaks when something is said."""

    def __init__(self, seed: int, size: Size, buyers: Buyers) -> None:
        self._seed = seed
        self._pools: dict[tuple[str, str, bool], _Pool] = {}
        self._owners: dict[str, _Pool] = {product.name: _Pool() for product in PRODUCTS}
        self._speakers: dict[tuple[str, str], Speaker] = {}
        rng = stream(seed, "cast")
        self.people = [_customer(rng, number, each) for number, each in enumerate(buyers.customers)]
        self.people += [_stranger(rng, number) for number in range(size.strangers)]
        self.bots = [_bot(rng, number) for number in range(BOTS)]
        for person in self.people:
            self._settle(rng, person)
        self._fill_gaps()

    @property
    def speakers(self) -> list[Speaker]:
        """Everybody who has spoken so far, place by place."""
        return list(self._speakers.values())

    def speaker(
        self, rng: Random, place: Place, product: Product, english: bool, at: datetime
    ) -> Speaker:
        """Somebody who could say this here and now: customers do not speak before they bought."""
        owned = place.own or (place.name == "shop" and rng.random() < KNOWN)
        pool = self._owners[product.name]
        if not owned or not pool.people:
            pool = self._pools[place.name, product.name, english and not place.own]
        for _ in range(8):
            person = pool.draw(rng)
            if person.customer is None or person.customer.joined <= at:
                return self.known_as(person, place.name)
        strangers = self._pools["cafe" if place.own else place.name, product.name, False]
        person = next(each for each in strangers.people if each.customer is None)
        return self.known_as(person, place.name)

    def bot(self, rng: Random, place: Place) -> Speaker:
        return self.known_as(rng.choice(self.bots), place.name)

    def known_as(self, person: Person, place: str) -> Speaker:
        """The person under the one id and handle that they have in this place."""
        key = person.person_id, place
        if key not in self._speakers:
            self._speakers[key] = self._speaker(person, place)
        return self._speakers[key]

    def _speaker(self, person: Person, place: str) -> Speaker:
        digest = hashlib.sha256(f"{self._seed}/{place}/{person.person_id}".encode()).digest()
        author_id = f"{place[:2]}{digest[:6].hex()}"
        chance = Random(digest)  # noqa: S311 - a simulation, not a secret
        followers = None
        if place in ("x", "youtube", "blog"):
            followers = int(chance.lognormvariate(3.5 if person.is_bot else 4.8, 1.6))
        return Speaker(person, place, author_id, _handle(chance, person, place), followers)

    def _settle(self, rng: Random, person: Person) -> None:
        """Choose where a person speaks, and of what they can."""
        if person.customer is not None:
            self._owners[person.customer.device.name].add(person)
            if rng.random() < SILENT:
                return
        places = [place.name for place in PUBLIC]
        shares = [place.weight for place in PUBLIC]
        for place in dict.fromkeys(rng.choices(places, shares, k=rng.choice((1, 2, 2, 3)))):
            for product in person.products:
                key = place, product.name, person.english
                self._pools.setdefault(key, _Pool()).add(person)

    def _fill_gaps(self) -> None:
        """Let the busiest of each language speak where nobody else does, as in a small market."""
        spare = {
            english: next(p for p in self.people if p.customer is None and p.english is english)
            for english in (False, True)
        }
        for place in PLACES:
            for product in PRODUCTS:
                for english in (False, True):
                    pool = self._pools.setdefault((place.name, product.name, english), _Pool())
                    if not any(person.customer is None for person in pool.people):
                        pool.add(spare[english])


def _customer(rng: Random, number: int, customer: Customer) -> Person:
    person = _person(rng, f"p{number:05d}", customer.name, (customer.device,))
    person.customer, person.city = customer, customer.city
    return person


def _stranger(rng: Random, number: int) -> Person:
    people = phrases()["people"]
    name = rng.choices(people["family"], people["family_weights"])[0] + rng.choice(people["given"])
    liked = rng.choices(PRODUCTS, [each.weight for each in PRODUCTS], k=2)
    person = _person(rng, f"s{number:05d}", name, tuple(dict.fromkeys(liked)))
    person.english = rng.random() < ENGLISH
    return person


def _bot(rng: Random, number: int) -> Person:
    person = _person(rng, f"b{number:05d}", "", (NAMED["해담 숨"],))
    person.nick, person.is_bot, person.voice = f"hotdeal_{number}", True, Voice("polite", 0.0)
    return person


def _person(rng: Random, person_id: str, name: str, products: tuple[Product, ...]) -> Person:
    people = phrases()["people"]
    nick = rng.choice(people["nick" if rng.random() < 0.4 else "roman"])
    return Person(
        person_id=person_id,
        name=name,
        nick=f"{nick}{rng.choice(('', rng.randrange(1, 100), rng.randrange(1960, 2010)))}",
        voice=Voice(drawn(rng, STYLES), rng.triangular(0.3, 1.8, 0.9)),
        english=False,
        activity=min(rng.paretovariate(1.3), 60.0),
        city=rng.choices(people["cities"], people["city_weights"])[0],
        products=products,
    )


def _handle(rng: Random, person: Person, place: str) -> str | None:
    """As the place shows them: often the same name everywhere, sometimes masked, sometimes none."""
    if place in ("tickets", "mail", "calls", "chat", "survey"):
        return None
    if place == "shop":
        return f"{person.nick[:3]}****"
    drawn = rng.random()
    if person.is_bot or drawn < 0.5:
        return person.nick
    if drawn < 0.75:
        return f"{person.nick}{rng.choice(('_', '.', ''))}{rng.randrange(10, 1000)}"
    return f"{rng.choice(phrases()['people']['roman'])}{rng.randrange(10, 10_000)}"
