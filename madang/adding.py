"""`madang add`: what a source must be told, whether it works so, and the files that say so.

Nothing is written before the source has been tried, and then each file as a whole: settings go to
madang.toml, where comments stay, and credentials to var/secrets.toml, which is its owner's alone.
"""

import json
import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final, get_args, get_type_hints

import tomlkit
from pydantic import TypeAdapter, ValidationError
from tomlkit.items import AoT

from collectors import SOURCES
from collectors.base import CollectorError, Source, SourceKind
from collectors.run import checked
from madang.settings import PREFIX, MadangError, Settings
from warehouse.durable import published

SHOWN: Final = 3  # mentions
PATIENCE: Final = 60.0  # seconds for the first mentions to come
Values = dict[str, Any]  # settings by name, typed as the source has them


@dataclass(frozen=True)
class Question:
    """One setting to ask for.

    `many`: it takes several values, which are added to those there are. `inner` are the questions
    of each entry where it holds entries of their own. `known`: it has a value already.
    """

    name: str
    help: str
    where: str = ""
    secret: bool = False
    many: bool = False
    known: bool = False
    inner: tuple["Question", ...] = ()


@dataclass(frozen=True)
class Tried:
    """What a trial brought: the first mentions, masked, and the pages that failed."""

    mentions: list[dict[str, Any]]
    failures: list[str] = field(default_factory=list)


def kind_of(name: str) -> SourceKind:
    """The source of that name; raises MadangError with the names there are."""
    if name not in SOURCES:
        raise MadangError(f"No source is called {name!r}. There are: {', '.join(SOURCES)}.")
    return SOURCES[name]


def questions(kind: SourceKind, settings: Settings) -> list[Question]:
    """What to ask for; a credential that the environment gives is not asked for."""
    asked = _questions(kind.settings, _base(kind, settings))
    return [q for q in asked if not (q.secret and _variable(kind, q.name) in os.environ)]


def typed(kind: SourceKind, settings: Settings, given: Mapping[str, Sequence[Any]]) -> Values:
    """The given values as the source has them; raises MadangError for what does not fit.

    Each name comes with one or more values as they were written; lists and entries may be JSON.
    """
    base, hints = _base(kind, settings), get_type_hints(kind.settings)
    unknown = [name for name in given if name not in hints]
    if unknown:
        known = ", ".join(hints)
        raise MadangError(f"{kind.name} has no setting {unknown[0]!r}. Known: {known}.")
    return {
        name: _typed(kind.name, name, hints[name], written, getattr(base, name))
        for name, written in given.items()
    }


def opened(kind: SourceKind, settings: Settings, values: Values) -> Source:
    """The source with these values; raises SourceUnavailable for what it lacks still."""
    return kind.open(replace(_base(kind, settings), **values))


def tried(source: Source, patience: float = PATIENCE) -> Tried:
    """Fetch the first mentions of `source` and land nothing; raises CollectorError as it does."""
    found, enough = Tried([]), threading.Event()
    batches: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_fetch, args=(source, batches, enough), daemon=True).start()
    deadline = time.monotonic() + patience
    while len(found.mentions) < SHOWN:
        try:
            batch = batches.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            break
        if batch is None:
            break
        if isinstance(batch, CollectorError):
            raise batch
        if isinstance(batch, Exception):
            raise CollectorError(f"It failed: {type(batch).__name__}: {batch}") from batch
        ready = checked(batch, source.name, datetime.now(UTC))
        found.mentions.extend(ready.table.slice(0, SHOWN - len(found.mentions)).to_pylist())
        refused = [] if ready.rejected is None else ready.rejected.to_pylist()
        found.failures.extend(f"{row['origin']}: {row['reason']}" for row in refused)
    enough.set()
    return found


def write(kind: SourceKind, settings: Settings, values: Values) -> list[Path]:
    """Write the values down; the files that were written. A source that is named without its
    credential says so, so the credentials come last."""
    secret = {key.name for key in fields(kind.settings) if key.metadata.get("secret")}
    written = []
    for path, chosen in (
        (settings.home / "madang.toml", {k: v for k, v in values.items() if k not in secret}),
        (settings.var / "secrets.toml", {k: v for k, v in values.items() if k in secret}),
    ):
        if chosen or path.name == "madang.toml":
            _write(path.resolve(), kind.name, chosen)
            written.append(path)
    return written


def _base(kind: SourceKind, settings: Settings) -> Any:
    """The settings of the source as they are."""
    return settings.sources.get(kind.name) or kind.settings()


def _variable(kind: SourceKind, name: str) -> str:
    return f"{PREFIX}{kind.name}__{name}".upper()


def _questions(kind: type[Any], base: Any) -> list[Question]:
    hints = get_type_hints(kind)
    asked = []
    for key in fields(kind):
        said = key.metadata
        if not (said.get("ask") or said.get("secret")):
            continue
        entries = _entries(hints[key.name])
        asked.append(
            Question(
                key.name,
                said["help"],
                said.get("where", ""),
                secret=bool(said.get("secret")),
                many=_is_many(hints[key.name]),
                known=bool(getattr(base, key.name, None)),
                inner=tuple(_questions(entries, None)) if entries else (),
            )
        )
    return asked


def _is_many(hint: Any) -> bool:
    return getattr(hint, "__origin__", None) is tuple


def _entries(hint: Any) -> type[Any] | None:
    """The dataclass of which a setting holds several, if it does."""
    return next((kind for kind in get_args(hint) if is_dataclass(kind)), None)  # type: ignore[return-value]


def _typed(source: str, name: str, hint: Any, written: Sequence[Any], known: Any) -> Any:
    values = [_parsed(value, hint) for value in written]
    many = [v for value in values for v in (value if isinstance(value, list) else [value])]
    try:
        value = TypeAdapter(hint).validate_python(many if _is_many(hint) else values[-1])
    except ValidationError as error:
        reason = "; ".join(problem["msg"] for problem in error.errors())
        raise MadangError(f"{source}.{name} does not fit: {reason}.") from error
    return tuple(dict.fromkeys((*known, *value))) if _is_many(hint) else value


def _parsed(written: Any, hint: Any) -> Any:
    """A list or an entry may be written as JSON; all else is taken as it stands."""
    if not isinstance(written, str) or hint is str or written[:1] not in ("[", "{"):
        return written
    try:
        return json.loads(written)
    except ValueError:
        return written


def _fetch(source: Source, batches: "SimpleQueue[Any]", enough: threading.Event) -> None:
    """Hand over batches until there are enough; an error, or None for the end, comes last."""
    try:
        for batch in source.fetch({}):
            batches.put(batch)
            if enough.is_set():
                return
    except Exception as error:
        batches.put(error)  # raised by whoever waits
    else:
        batches.put(None)


def _write(path: Path, section: str, values: Values) -> None:
    """Set the values in a section of a TOML file; every other line of it stays as it is."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    document = tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
    if section not in document:
        document[section] = tomlkit.table()
    table: Any = document[section]
    for name, value in values.items():
        plain = _plain(value)
        if isinstance(plain, list) and plain and isinstance(plain[0], dict):
            known = table.get(name)
            entries = known if isinstance(known, AoT) else tomlkit.aot()
            for entry in plain[len(entries) :]:
                entries.append(tomlkit.item(entry))
            table[name] = entries
        else:
            table[name] = plain
    with published(path) as file:
        file.write(tomlkit.dumps(document).encode())
    path.chmod(mode)


def _plain(value: Any) -> Any:
    """A value as TOML has it: entries without what is at its default."""
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        said = {key.name: getattr(value, key.name) for key in fields(value)}
        kept = {k.name: said[k.name] for k in fields(value) if said[k.name] != k.default}
        return {name: _plain(each) for name, each in kept.items()}
    return value
