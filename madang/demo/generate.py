"""The whole demo market from a seed: what is to be landed, and the truth beside it."""

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from madang.demo import truth
from madang.demo.buyers import Buyers, simulate
from madang.demo.cast import Cast
from madang.demo.market import DAYS, Size
from madang.demo.mentions import speak_all
from madang.demo.occasions import occasions
from madang.demo.records import customer_table, interaction_table, order_table
from madang.demo.rows import mention_table
from madang.demo.times import Calendar


@dataclass(frozen=True)
class Market:
    """`mentions` and the records in the schemas of the landing zone; `truth` by name of table.

    Row n of `mentions` is what row n of `truth["mentions"]` is about.
    """

    mentions: pa.Table
    customers: pa.Table
    orders: pa.Table
    interactions: pa.Table
    truth: dict[str, pa.Table]
    buyers: Buyers
    cast: Cast
    calendar: Calendar


def generate(seed: int, until: datetime, size: Size, key: bytes) -> Market:
    """The market of the days up to `until` (aware); the same arguments, the same rows.

    `key` is the instance's, by which addresses and numbers of those who write in are hashed.
    """
    calendar = Calendar(until, DAYS)
    buyers = simulate(seed, size, calendar)
    cast = Cast(seed, size, buyers)
    spoken = speak_all(seed, cast, buyers.enrolments, occasions(seed, size, calendar))
    return Market(
        mentions=mention_table(seed, spoken, until, key),
        customers=customer_table(buyers),
        orders=order_table(buyers),
        interactions=interaction_table(seed, buyers, calendar),
        truth={
            "mentions": truth.truth_of_mentions(spoken),
            "persons": truth.truth_of_persons(cast),
            "customers": truth.truth_of_customers(buyers),
            "incidents": truth.truth_of_incidents(size, calendar),
            "programmes": truth.truth_of_programmes(buyers),
        },
        buyers=buyers,
        cast=cast,
        calendar=calendar,
    )
