"""The brand's own records: customers, their orders, and what was done for and with them."""

import json
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any, Final

import pyarrow as pa

from madang.demo.buyers import Buyers, Order
from madang.demo.chance import stream
from madang.demo.market import INCIDENTS, OWN
from madang.demo.occasions import window
from madang.demo.times import Calendar
from warehouse.records import CUSTOMER, INTERACTION, ORDER

DEVICES: Final = frozenset(product.name for product in OWN)
REPAIRED: Final = 0.07  # of devices
RETURNED: Final = 0.025
DELAYED: Final = (6, 14)  # days, while deliveries are late


def customer_table(buyers: Buyers) -> pa.Table:
    rows = [
        {
            "customer_id": each.customer_id,
            "name": each.name,
            "email": each.email,
            "phone": each.phone,
            "address": each.address,
            "city": each.city,
            "country": "KR",
            "birth_date": each.birth,
            "gender": each.gender,
            "joined_at": each.joined,
        }
        for each in buyers.customers
    ]
    return pa.Table.from_pylist(rows, schema=CUSTOMER)


def order_table(buyers: Buyers) -> pa.Table:
    rows = [
        {
            "order_id": f"O{number:07d}",
            "customer_id": order.customer.customer_id,
            "product": order.product,
            "quantity": order.quantity,
            "amount": order.amount,
            "currency": "KRW",
            "channel": order.channel,
            "ordered_at": order.at,
        }
        for number, order in enumerate(buyers.orders)
    ]
    return pa.Table.from_pylist(rows, schema=ORDER)


def interaction_table(seed: int, buyers: Buyers, calendar: Calendar) -> pa.Table:
    """Deliveries, repairs and returns of devices; and programmes, with those kept out of them."""
    rng = stream(seed, "interactions")
    rows = [row for number, order in enumerate(buyers.orders)
            for row in _of_order(rng, number, order, calendar)]  # fmt: skip
    for enrolment in buyers.enrolments:
        programme = enrolment.programme
        rows.append(
            {
                "interaction_id": f"P-{programme.name}-{enrolment.customer.customer_id}",
                "customer_id": enrolment.customer.customer_id,
                "kind": "programme" if enrolment.treated else "holdout",
                "product": programme.product,
                "note": programme.title,
                "happened_at": enrolment.at,
                "extra": json.dumps({"programme": programme.name}),
            }
        )
    kept = [row for row in rows if row["happened_at"] <= calendar.until]
    return pa.Table.from_pylist(kept, schema=INTERACTION)


def _of_order(
    rng: Random, number: int, order: Order, calendar: Calendar
) -> Iterator[dict[str, Any]]:
    if order.product not in DEVICES:
        return
    late = next(each for each in INCIDENTS if each.name == "late-deliveries")
    began, ended = window(late, calendar)
    days = rng.randrange(1, 4)
    if order.product == late.product and began - timedelta(days=3) <= order.at <= ended:
        days = rng.randrange(*DELAYED)
    arrived = order.at + timedelta(days=days, hours=rng.randrange(-6, 7))
    common = {"customer_id": order.customer.customer_id, "product": order.product}
    yield {
        **common,
        "interaction_id": f"D{number:07d}",
        "kind": "delivery",
        "happened_at": arrived,
        "extra": json.dumps({"days": days}),
    }
    if rng.random() < REPAIRED:
        at = arrived + timedelta(days=rng.expovariate(1 / 120))
        yield {**common, "interaction_id": f"R{number:07d}", "kind": "repair",
               "note": "점검 후 부품 교체", "happened_at": at}  # fmt: skip
    elif rng.random() < RETURNED:
        at = arrived + timedelta(days=rng.randrange(1, 14))
        yield {**common, "interaction_id": f"T{number:07d}", "kind": "return",
               "note": "단순 변심", "happened_at": at}  # fmt: skip
