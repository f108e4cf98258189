"""`madang demo`: lands the demo market once, reads it, and gives a sign-in to look at it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from madang.access import open_door
from madang.console import progress_bars
from madang.demo.generate import generate
from madang.demo.market import PLACES
from madang.people import ensure_staff
from madang.settings import Settings
from warehouse.landing import Batch, Landing

EMAIL = "demo@madang.example"


@dataclass(frozen=True)
class Filled:
    """The sign-in of the demo's member of staff."""

    email: str
    password: str


def fill(settings: Settings, seed: int, say: Callable[[str], None]) -> Filled:
    """Land the market, turn the loop, add the demo's staff; what stands already is left alone."""
    folder = settings.var / "demo"
    folder.mkdir(exist_ok=True)
    truth = folder / f"truth-{seed}.parquet"
    if truth.exists():
        say("The demo market is here already.")
    else:
        generated = generate(seed, datetime.now(UTC))
        landing = Landing(settings.landing)
        for source in sorted({place.name for place in PLACES}):
            rows = generated.mentions.filter(
                pc.equal(generated.mentions["source"], pa.scalar(source))
            )
            with landing.open_source("mentions", source, wait=True) as writer:
                writer.write(Batch(rows, writer.cursor | {"demo": seed}))
        pq.write_table(generated.truth, truth)
        say(f"Landed {generated.mentions.num_rows:,} mentions of the demo market.")
    with open_door(settings, say) as door, progress_bars() as told:
        turned = door.call("turn", told, collect=False)
    say(f"Read {turned['annotated']:,} texts that were new.")
    return Filled(EMAIL, _staff(settings))


def _staff(settings: Settings) -> str:
    """The demo's password, made once for this instance and kept where only its owner reads."""
    path = settings.var / "demo" / "password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(9) + "\n")
    password = path.read_text().strip()
    ensure_staff(settings, EMAIL, "데모 담당자", password, "brand_manager")
    return password
