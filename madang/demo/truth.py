"""What was simulated, kept apart from what Madang is shown, so that its findings can be checked."""

import json
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from madang.demo.buyers import Buyers
from madang.demo.cast import Cast
from madang.demo.market import INCIDENTS, Size
from madang.demo.mentions import Spoken
from madang.demo.occasions import talk_of, window
from madang.demo.times import Calendar

_TIME: Final = pa.timestamp("us", tz="UTC")


def _schema(**fields: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, kind) for name, kind in fields.items()])


MENTIONS: Final = _schema(
    source=pa.string(),
    native_id=pa.string(),
    person_id=pa.string(),
    customer_id=pa.string(),
    sentiment=pa.string(),
    intent=pa.string(),
    life_event=pa.string(),  # which, of those that nlp.life_events names
    aspects=pa.string(),  # JSON: [[aspect, polarity], …] in the order said
    incident=pa.string(),
    sponsored=pa.bool_(),
    bot=pa.bool_(),
    copy_of=pa.string(),  # the native id, in the same source, of what was taken over
)
PERSONS: Final = _schema(
    person_id=pa.string(),
    customer_id=pa.string(),
    source=pa.string(),
    author_id=pa.string(),
    author_handle=pa.string(),
    bot=pa.bool_(),
)
CUSTOMERS: Final = _schema(
    customer_id=pa.string(),
    rate=pa.float64(),  # orders a day while alive, without programmes
    dropout=pa.float64(),  # chance to leave after an order
    spend=pa.float64(),  # mean won of an order after the first
    left_at=_TIME,  # null for who is still a customer
    orders=pa.int64(),
    brought=pa.int64(),  # of them, those that only a programme brought
)
INCIDENT_TRUTH: Final = _schema(
    incident=pa.string(),
    product=pa.string(),
    aspect=pa.string(),
    sentiment=pa.string(),
    began_at=_TIME,
    ended_at=_TIME,
    mentions=pa.int64(),
)
PROGRAMME_TRUTH: Final = _schema(
    programme=pa.string(),
    customer_id=pa.string(),
    treated=pa.bool_(),
    at=_TIME,
    days=pa.int64(),
    reorders=pa.float64(),  # times the rate of those treated, in these days
    calmed=pa.float64(),  # chance that a complaint of theirs became praise, in these days
)


def truth_of_mentions(spoken: list[Spoken]) -> pa.Table:
    rows = []
    for each in spoken:
        person, said = each.speaker.person, each.said
        news = not each.occasion.place.authors
        rows.append(
            {
                "source": each.occasion.place.name,
                "native_id": each.native_id,
                "person_id": None if news else person.person_id,
                "customer_id": person.customer.customer_id
                if person.customer and not news
                else None,
                "sentiment": said.sentiment,
                "intent": said.intent,
                "life_event": said.life_event,
                "aspects": json.dumps(said.aspects),
                "incident": each.occasion.incident.name if each.occasion.incident else None,
                "sponsored": said.sponsored,
                "bot": said.bot,
                "copy_of": said.copy_of,
            }
        )
    return pa.Table.from_pylist(rows, schema=MENTIONS)


def truth_of_persons(cast: Cast) -> pa.Table:
    rows = [
        {
            "person_id": each.person.person_id,
            "customer_id": each.person.customer.customer_id if each.person.customer else None,
            "source": each.place,
            "author_id": each.author_id,
            "author_handle": each.handle,
            "bot": each.person.is_bot,
        }
        for each in cast.speakers
        if each.place != "news"
    ]
    return pa.Table.from_pylist(rows, schema=PERSONS)


def truth_of_customers(buyers: Buyers) -> pa.Table:
    counts = {each.customer_id: [0, 0] for each in buyers.customers}
    for order in buyers.orders:
        counts[order.customer.customer_id][0] += 1
        counts[order.customer.customer_id][1] += order.programme is not None
    rows = [
        {
            "customer_id": each.customer_id,
            "rate": each.rate,
            "dropout": each.dropout,
            "spend": each.spend,
            "left_at": each.left,
            "orders": counts[each.customer_id][0],
            "brought": counts[each.customer_id][1],
        }
        for each in buyers.customers
    ]
    return pa.Table.from_pylist(rows, schema=CUSTOMERS)


def truth_of_incidents(size: Size, calendar: Calendar) -> pa.Table:
    rows = []
    for incident in INCIDENTS:
        began, ended = window(incident, calendar)
        rows.append(
            {
                "incident": incident.name,
                "product": incident.product,
                "aspect": incident.aspect,
                "sentiment": incident.sentiment,
                "began_at": began,
                "ended_at": ended,
                "mentions": talk_of(incident, size),
            }
        )
    return pa.Table.from_pylist(rows, schema=INCIDENT_TRUTH)


def truth_of_programmes(buyers: Buyers) -> pa.Table:
    rows = [
        {
            "programme": each.programme.name,
            "customer_id": each.customer.customer_id,
            "treated": each.treated,
            "at": each.at,
            "days": each.programme.days,
            "reorders": each.programme.reorders,
            "calmed": each.programme.calmed,
        }
        for each in buyers.enrolments
    ]
    return pa.Table.from_pylist(rows, schema=PROGRAMME_TRUTH)


def write_truth(folder: Path, tables: dict[str, pa.Table]) -> None:
    """One Parquet file a table; a file appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        part = folder / f"{name}.part"
        pq.write_table(table, part)
        part.replace(folder / f"{name}.parquet")
