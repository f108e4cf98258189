"""What may be asked of an open house by name, from a command line or through the desk's API.

An answer travels as lines of JSON: any number of progress lines, then one result or one error. The
same lines serve both ways, so that a command does the same wherever it is carried out.
"""

import base64
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import date
from queue import SimpleQueue
from typing import Any

import pyarrow as pa

from collectors.base import CollectorError
from community.errors import CommunityError
from madang import belts, collecting, doctor, erasing, loop, meter
from madang.loop import House
from madang.progress import Progress
from madang.settings import MadangError, Settings
from madang.words import sought
from nlp.errors import NlpError
from warehouse import queries
from warehouse.errors import WarehouseError
from warehouse.meter import labelled_texts
from warehouse.sql import select

Arguments = dict[str, Any]
EXPECTED = (MadangError, CollectorError, WarehouseError, CommunityError, NlpError)


def _turn(house: House, arguments: Arguments, progress: Progress) -> Any:
    return loop.turn_until_read(house, progress, arguments.get("collect", True))


def _load(house: House, arguments: Arguments, progress: Progress) -> Any:
    return asdict(loop.load_landed(house, progress))


def _collect(house: House, arguments: Arguments, progress: Progress) -> Any:
    span = {side: str(arguments.get(side) or "") for side in ("since", "until")}
    return collecting.collect_source(house, arguments["source"], progress, **span)


def _look_again(house: House, arguments: Arguments, progress: Progress) -> Any:
    return collecting.look_again(house, arguments["source"], arguments["days"], progress)


def _rebuild(house: House, arguments: Arguments, progress: Progress) -> Any:
    return loop.rebuild(house, progress)


def _sql(house: House, arguments: Arguments, progress: Progress) -> Any:
    return select(house.warehouse, arguments["statement"], arguments.get("limit", 10_000))


def _query(house: House, arguments: Arguments, progress: Progress) -> Any:
    wanted = search_filter(house.settings, arguments)
    return {
        "count": queries.count_mentions(house.warehouse, wanted),
        "mentions": queries.newest_mentions(
            house.warehouse, wanted, limit=arguments.get("limit", 20)
        ),
    }


def _customer(house: House, arguments: Arguments, progress: Progress) -> Any:
    found = queries.find_customers(house.warehouse, arguments["who"], house.settings.identity_key)
    card = queries.customer(house.warehouse, found[0].customer_id) if len(found) == 1 else None
    return {
        "found": [asdict(line) for line in found],
        "customer": None if card is None else asdict(card),
    }


def _alerts(house: House, arguments: Arguments, progress: Progress) -> Any:
    return [
        asdict(alert) for alert in queries.alerts(house.warehouse, limit=arguments.get("limit", 20))
    ]


def _topics(house: House, arguments: Arguments, progress: Progress) -> Any:
    wanted = search_filter(house.settings, arguments)
    return {
        **asdict(queries.topics(house.warehouse, wanted)),
        "trending": [asdict(term) for term in queries.trending_terms(house.warehouse, wanted)],
    }


def _people(house: House, arguments: Arguments, progress: Progress) -> Any:
    return [asdict(person) for person in erasing.people_of(house, arguments["who"])]


def _erase(house: House, arguments: Arguments, progress: Progress) -> Any:
    with house.turning:
        return erasing.erase_people(house, erasing.people_of(house, arguments["who"]))


def _doctor(house: House, arguments: Arguments, progress: Progress) -> Any:
    return [asdict(check) for check in doctor.examined(house)]


def _meter_draw(house: House, arguments: Arguments, progress: Progress) -> Any:
    waiting = None if arguments.get("new") else meter.open_sample(house)
    if waiting is None:
        days = [
            date.fromisoformat(d) if d else None for d in map(arguments.get, ("since", "until"))
        ]
        meter.draw(house, None, arguments["size"], arguments["seed"], *days)
        waiting = meter.open_sample(house)
    return None if waiting is None else asdict(waiting)


def _meter_sheet(house: House, arguments: Arguments, progress: Progress) -> Any:
    return meter.sheet(house, arguments["sample"])


def _meter_labels(house: House, arguments: Arguments, progress: Progress) -> Any:
    return meter.take_labels(house, arguments["rows"])


def _meter_report(house: House, arguments: Arguments, progress: Progress) -> Any:
    return meter.report(house)


def _labelled(house: House, arguments: Arguments, progress: Progress) -> Any:
    belts.facts_up(house)
    return labelled_texts(house.warehouse)


CALLS: dict[str, Callable[[House, Arguments, Progress], Any]] = {
    "turn": _turn,
    "load": _load,
    "collect": _collect,
    "look_again": _look_again,
    "rebuild": _rebuild,
    "sql": _sql,
    "query": _query,
    "customer": _customer,
    "alerts": _alerts,
    "topics": _topics,
    "people": _people,
    "erase": _erase,
    "doctor": _doctor,
    "meter_draw": _meter_draw,
    "meter_sheet": _meter_sheet,
    "meter_labels": _meter_labels,
    "meter_report": _meter_report,
    "labelled": _labelled,
}


def search_filter(settings: Settings, arguments: Arguments) -> queries.Filter:
    """A filter from what a person typed: a query, days, and narrowing lists."""
    words = str(arguments.get("words", ""))
    days = {
        side: date.fromisoformat(arguments[side]) if arguments.get(side) else None
        for side in ("since", "until")
    }
    return queries.Filter(
        since=days["since"],
        until=days["until"],
        sources=tuple(arguments.get("sources", ())),
        products=tuple(arguments.get("products", ())),
        langs=tuple(arguments.get("langs", ())),
        sentiments=tuple(arguments.get("sentiments", ())),
        aspects=tuple(arguments.get("aspects", ())),
        intents=tuple(arguments.get("intents", ())),
        emotions=tuple(arguments.get("emotions", ())),
        query=sought(settings, words) if words.strip() else None,
    )


def answered(house: House, name: str, arguments: Arguments) -> Iterator[bytes]:
    """Carry out one call and yield its answer's lines; never raises for an expected error.

    The work goes on in a thread of its own: a client that goes away does not stop it half-way.
    """
    lines: SimpleQueue[dict[str, Any] | None] = SimpleQueue()

    def work() -> None:
        def progress(step: str, done: int, total: int) -> None:
            lines.put({"step": step, "done": done, "total": total})

        try:
            lines.put({"result": _encoded(CALLS[name](house, arguments, progress))})
        except EXPECTED as error:
            lines.put({"error": str(error)})
        except Exception as error:
            loop.log.exception("call_failed", call=name)
            lines.put({"error": f"{name} failed: {type(error).__name__}: {error}"})
        finally:
            lines.put(None)

    threading.Thread(target=work, name=f"call-{name}", daemon=True).start()
    while (line := lines.get()) is not None:
        yield json.dumps(line, ensure_ascii=False, default=str).encode() + b"\n"


def result_of(lines: Iterable[bytes | str], progress: Progress) -> Any:
    """The result that the lines end in, telling progress on the way; raises MadangError."""
    for line in lines:
        message = json.loads(line)
        if "step" in message:
            progress(message["step"], message["done"], message["total"])
        elif "error" in message:
            raise MadangError(message["error"])
        else:
            return _decoded(message["result"])
    raise MadangError("The desk ended before it had answered. Run the command again.")


def _encoded(value: Any) -> Any:
    """Arrow tables become base64 of their IPC stream, so that types survive the way."""
    if isinstance(value, pa.Table):
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, value.schema) as writer:
            writer.write_table(value)
        return {"arrow": base64.b64encode(sink.getvalue().to_pybytes()).decode()}
    if isinstance(value, dict):
        return {key: _encoded(inner) for key, inner in value.items()}
    return value


def _decoded(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"arrow"}:
            return pa.ipc.open_stream(base64.b64decode(value["arrow"])).read_all()
        return {key: _decoded(inner) for key, inner in value.items()}
    return value
