"""The brand's customers and what they buy, by a known process that value models can be held to.

A customer's orders come as BG/NBD has it (Fader, Hardie and Lee 2005): at a Poisson rate of their
own, gamma among customers, and after each order they leave for good with a chance of their own,
beta among customers. The first order is a device at its price; the value of each later order is
gamma around a mean of the customer's own, inverse gamma among customers (Gamma-Gamma, Fader and
Hardie 2013). Programmes multiply the rate of those treated for a while.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from madang.demo.chance import drawn, stream
from madang.demo.market import CUSTOMER_EMAIL, OWN, PROGRAMMES, SUPPLIES, Product, Programme, Size
from madang.demo.speech import phrases
from madang.demo.times import Calendar

HISTORY: Final = 730  # days before the end in which customers joined
RATE: Final = (1.2, 110.0)  # gamma: shape, days
DROPOUT: Final = (0.8, 4.0)  # beta
VALUE: Final = (6.0, 4.0, 21_000.0)  # p, q, gamma of Gamma-Gamma, won
DOMAINS: Final = ("example.com", "example.net", "example.org", "mail.example", "post.example")
CHANNELS: Final = (("web", 0.5), ("app", 0.32), ("store", 0.13), ("phone", 0.05))


@dataclass(slots=True)
class Customer:
    """Somebody who bought, with what only the simulation knows: `rate` (orders a day), `dropout`,
    `spend` (mean won of a later order), and when they left, if they did.
    """

    customer_id: str
    name: str
    email: str | None
    phone: str | None
    city: str
    address: str
    gender: str
    birth: date
    joined: datetime
    device: Product
    rate: float
    dropout: float
    spend: float
    left: datetime | None = None


@dataclass(frozen=True, slots=True)
class Order:
    customer: Customer
    product: str
    quantity: int
    amount: int
    channel: str
    at: datetime
    programme: str | None = None  # the programme without which there would be no such order


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One of those whom a programme could have reached, and whether the lot fell on them."""

    programme: Programme
    customer: Customer
    treated: bool
    at: datetime


@dataclass
class Buyers:
    customers: list[Customer]
    orders: list[Order]
    enrolments: list[Enrolment] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.orders.sort(key=lambda order: (order.at, order.customer.customer_id))


def simulate(seed: int, size: Size, calendar: Calendar) -> Buyers:
    """Customers, their orders up to the calendar's end, and who was in which programme."""
    customers = _customers(stream(seed, "customers"), size, calendar)
    rng = stream(seed, "orders")
    orders = [order for customer in customers for order in _orders(rng, customer, calendar)]
    chosen = stream(seed, "programmes")
    enrolments = [
        enrolment
        for programme in PROGRAMMES
        for enrolment in _enrolments(chosen, programme, customers, calendar)
    ]
    for enrolment in enrolments:
        if enrolment.treated:
            orders += _brought(chosen, enrolment, calendar)
    return Buyers(customers, orders, enrolments)


def _customers(rng: Random, size: Size, calendar: Calendar) -> list[Customer]:
    made: list[Customer] = []
    for number in range(size.customers):
        # More join from year to year, hence the root.
        before = HISTORY * (1 - rng.random() ** 0.7)
        joined = calendar.hours_before(before * 24 + rng.random())
        made.append(_customer(rng, number, joined, before))
        if number and rng.random() < 0.03:  # a couple with one number
            made[-1].phone, made[-1].address = made[-2].phone, made[-2].address
    shown = made[0]
    shown.name, shown.email, shown.device = "한지우", CUSTOMER_EMAIL, OWN[0]
    shown.phone = "010-0100-0001"
    shown.joined, shown.dropout = calendar.hours_before(41 * 24), 0.0
    return made


def _customer(rng: Random, number: int, joined: datetime, before: float) -> Customer:
    people = phrases()["people"]
    given = rng.choice(people["given"])
    city = rng.choices(people["cities"], people["city_weights"])[0]
    sold = [each for each in OWN if each.launched is None or before < each.launched]
    roman = rng.choice(people["roman"])
    email = f"{roman}{rng.choice(('', '.', '_'))}{number:04d}@{rng.choice(DOMAINS)}"
    # 010-0000-0000 to 010-1999-9999 were never given to anybody.
    phone = f"010-{rng.randrange(200, 2000):04d}-{rng.randrange(10_000):04d}"
    rate = rng.gammavariate(RATE[0], 1 / RATE[1])
    shape, spread, scale = VALUE
    return Customer(
        customer_id=f"C{number:06d}",
        name=rng.choices(people["family"], people["family_weights"])[0] + given,
        email=email if rng.random() > 0.06 else None,
        phone=phone if rng.random() > 0.08 else None,
        city=city,
        address=f"{city} 마당로 {rng.randrange(1, 400)}, {rng.randrange(101, 130)}동 "
        f"{rng.randrange(1, 25)}0{rng.randrange(1, 5)}호",
        gender=rng.choice("fm"),
        birth=date(rng.randrange(1950, 2004), rng.randrange(1, 13), rng.randrange(1, 29)),
        joined=joined,
        device=rng.choices(sold, [each.weight for each in sold])[0],
        rate=max(rate, 1e-5),
        dropout=rng.betavariate(*DROPOUT),
        spend=shape / rng.gammavariate(spread, 1 / scale),
    )


def _orders(rng: Random, customer: Customer, calendar: Calendar) -> list[Order]:
    device = customer.device
    at = customer.joined
    made = [Order(customer, device.name, 1, device.price, _channel(rng), at)]
    while True:
        if rng.random() < customer.dropout:
            customer.left = at
            return made
        at += timedelta(days=rng.expovariate(customer.rate))
        if at > calendar.until:
            return made
        made.append(_supply(rng, customer, at, None))


def _supply(rng: Random, customer: Customer, at: datetime, programme: str | None) -> Order:
    supply = next(each for each in SUPPLIES if each.category == customer.device.category)
    shape = VALUE[0]
    value = rng.gammavariate(shape, customer.spend / shape)
    amount = max(1_000, round(value / 100) * 100)
    quantity = max(1, round(amount / supply.price))
    return Order(customer, supply.name, quantity, amount, _channel(rng), at, programme)


def _channel(rng: Random) -> str:
    return drawn(rng, CHANNELS)


def _enrolments(
    rng: Random, programme: Programme, customers: list[Customer], calendar: Calendar
) -> list[Enrolment]:
    at = calendar.hours_before(programme.before * 24)
    return [
        Enrolment(programme, customer, rng.random() < programme.share, at)
        for customer in customers
        if customer.joined < at and programme.product in (None, customer.device.name)
    ]


def _brought(rng: Random, enrolment: Enrolment, calendar: Calendar) -> list[Order]:
    """The orders that the programme adds: superposed at (reorders - 1) times the own rate."""
    customer, programme = enrolment.customer, enrolment.programme
    if customer.left is not None and customer.left < enrolment.at:
        return []
    rate = customer.rate * (programme.reorders - 1)
    made: list[Order] = []
    at = enrolment.at
    while rate > 0:
        at += timedelta(days=rng.expovariate(rate))
        if at > enrolment.at + timedelta(days=programme.days) or at > calendar.until:
            break
        made.append(_supply(rng, customer, at, programme.name))
    return made
