"""`madang demo`: lands the demo market once, moves its community in, reads it all, gives sign-ins.

Each step is finished or does not count, and the market's last moment is written down first: a
second run, also one after a kill, adds only what is missing and adds the same.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from collectors.run import checked
from community.configure import configure
from madang.access import open_door
from madang.console import progress_bars
from madang.demo.buyers import simulate
from madang.demo.generate import generate
from madang.demo.market import BRAND, CUSTOMER_EMAIL, DAYS, PLACES, SIZES, STAFF_EMAIL, Size
from madang.demo.times import Calendar
from madang.demo.truth import write_truth
from madang.demo.yard import plan
from madang.people import community_settings, ensure_staff
from madang.progress import Progress
from madang.settings import MadangError, Settings, load_settings
from warehouse.landing import Batch, Landing

Say = Callable[[str], None]


@dataclass(frozen=True)
class Filled:
    """The sign-ins of the demo: a member of staff's at the desk, a customer's in the yard."""

    email: str
    password: str
    customer_email: str
    customer_password: str


@dataclass(frozen=True)
class Begun:
    """Which market this instance holds, up to when, and the steps that are finished."""

    path: Path
    seed: int
    size: Size
    until: datetime
    done: tuple[str, ...] = ()

    def finish(self, step: str) -> "Begun":
        now = replace(self, done=(*self.done, step))
        now.save()
        return now

    def save(self) -> None:
        part = self.path.with_suffix(".part")
        until = self.until.isoformat()
        note = {"seed": self.seed, "size": self.size.name, "until": until, "done": self.done}
        part.write_text(json.dumps(note) + "\n")
        part.replace(self.path)


def fill(settings: Settings, seed: int, say: Say, size: str = "full") -> Filled:
    """Set the market up and turn the loop; what stands already is left alone.

    Raises MadangError for an unknown size, and where another market is here already.
    """
    settings = _branded(settings, say)
    with progress_bars() as told:
        filled = set_up(settings, seed, say, size, told)
        say("Reading what is new; 10,000 texts take about 40 seconds on two cores …")
        with open_door(settings, say) as door:
            turned = door.call("turn", told, collect=False)
    say(f"Read {turned['annotated']:,} texts that were new.")
    return filled


def set_up(settings: Settings, seed: int, say: Say, size: str, told: Progress) -> Filled:
    """Land the market and move its community in: all that `fill` does before anything is read."""
    folder = settings.var / "demo"
    folder.mkdir(exist_ok=True)
    begun = _begin(folder / "market.json", seed, size)
    password, customer_password = _password(folder / "password"), _password(folder / "customer")
    if "landed" in begun.done:
        say("The demo market is here already.")
    else:
        _land(settings, begun, told, say)
        begun = begun.finish("landed")
    ensure_staff(settings, STAFF_EMAIL, "데모 담당자", password, "brand_manager")
    if "community" not in begun.done:
        _move_in(settings, begun, customer_password, say)
        begun.finish("community")
    return Filled(STAFF_EMAIL, password, CUSTOMER_EMAIL, customer_password)


def _branded(settings: Settings, say: Say) -> Settings:
    """The demo is about its brand: say so in madang.toml, unless the owner wrote one."""
    path = settings.home / "madang.toml"
    if settings.brand or path.exists():
        if settings.brand != BRAND:
            say(f'The demo is about the brand {BRAND}. Write brand = "{BRAND}" into {path}.')
        return settings
    path.write_text(f'# Written by madang demo.\nbrand = "{BRAND}"\n', "utf-8")
    return load_settings(settings.home)


def _begin(path: Path, seed: int, size: str) -> Begun:
    """The market of this instance: the one begun before, or a new one that ends now."""
    if size not in SIZES:
        raise MadangError(f"No demo market has the size {size!r}. Use {' or '.join(SIZES)}.")
    if not path.exists():
        begun = Begun(path, seed, SIZES[size], datetime.now(UTC))
        begun.save()
        return begun
    note = json.loads(path.read_text())
    if (note["seed"], note["size"]) != (seed, size):
        raise MadangError(
            f"This instance holds the {note['size']} demo market of seed {note['seed']}. "
            f"Run: madang demo --size {note['size']} --seed {note['seed']} "
            "(or set MADANG_HOME to an empty folder for another market)."
        )
    until = datetime.fromisoformat(note["until"])
    return Begun(path, seed, SIZES[size], until, tuple(note["done"]))


def _land(settings: Settings, begun: Begun, told: Progress, say: Say) -> None:
    """Write the truth, then land records and mentions, one batch a source."""
    say(f"Making up {begun.size.mentions:,} mentions and {begun.size.customers:,} customers …")
    market = generate(begun.seed, begun.until, begun.size, settings.identity_key)
    write_truth(_truth_folder(settings, begun), market.truth)
    tables = [
        ("customers", "crm", market.customers),
        ("orders", "shop", market.orders),
        ("interactions", "crm", market.interactions),
    ]
    sources = pc.field("source")
    tables += [
        ("mentions", place.name, market.mentions.filter(sources == place.name)) for place in PLACES
    ]
    landing = Landing(settings.landing, settings.identity_key)
    for number, (record, source, table) in enumerate(tables, start=1):
        _land_once(landing, record, source, table, begun)
        told("land", number, len(tables))
    counts = ", ".join(f"{table.num_rows:,} {record}" for record, _, table in tables[:3])
    say(f"Landed {market.mentions.num_rows:,} mentions, {counts}.")


def _land_once(landing: Landing, record: str, source: str, table: pa.Table, begun: Begun) -> None:
    """Land a table unless a run before this one did: its batch carries the seed in its cursor."""
    with landing.open_source(record, source, wait=True) as writer:
        if writer.cursor.get("demo") == begun.seed:
            return
        batch = Batch(table, writer.cursor | {"demo": begun.seed})
        writer.write(checked(batch, source, begun.until) if record == "mentions" else batch)


def _move_in(settings: Settings, begun: Begun, password: str, say: Say) -> None:
    """Move the community in, in the name of the demo's member of staff."""
    calendar = Calendar(begun.until, DAYS)
    buyers = simulate(begun.seed, begun.size, calendar)
    yard = plan(begun.seed, begun.size, buyers, calendar, password)
    write_truth(_truth_folder(settings, begun), {"community": yard.truth})
    configure(community_settings(settings), "command")
    from community import actions, queries

    staff = next(each for each in queries.staff_list() if each.email == STAFF_EMAIL)
    moved = actions.move_in(yard.history, actions.Actor(staff.member_id))
    say(f"Moved in {moved.members:,} members, {moved.posts:,} posts and {moved.votes:,} votes.")


def _truth_folder(settings: Settings, begun: Begun) -> Path:
    return settings.var / "demo" / f"truth-{begun.seed}"


def _password(path: Path) -> str:
    """Made once for this instance and kept where only its owner reads."""
    if not path.exists():
        path.touch(mode=0o600)
    if not path.read_text().strip():
        path.write_text(secrets.token_urlsafe(9) + "\n")
    return path.read_text().strip()
