"""Files that are dropped into folders: tables of mentions, or transcripts of calls and chats.

A file is taken once, by its content. One that is still being written waits; one that is done goes
to `done/` beside it, one that cannot be read to `failed/` with the reason, and nothing is deleted.
"""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

import pyarrow as pa

from collectors import transcripts
from collectors.base import CollectorError, Cursor, SourceKind, SourceUnavailable, covered
from collectors.rows.arrow import pc
from collectors.rows.fields import Unmapped
from collectors.rows.mentions import failed_page, mentions_of
from collectors.rows.reject import BadRow, quarantine
from warehouse.landing import Batch

NAME: Final = "folder"
DONE: Final = "done"
FAILED: Final = "failed"
_UNFINISHED: Final = (".part", ".tmp", ".partial", ".crdownload", ".filepart", ".download")
_LARGEST_JSON: Final = 200_000_000  # bytes of a file of transcripts, which is read whole
_AT_ONCE: Final = 500  # transcripts a batch
_REMEMBERED: Final = 500  # files of transcripts in the cursor
_SAID_EVERY: Final = timedelta(minutes=10)  # that nothing came is worth a line


@dataclass(frozen=True)
class Drop:
    """The section `[folder.drops.NAME]`: a folder, and what the files in it are."""

    path: str = field(
        default="",
        metadata={"help": "The folder that files are dropped into.", "ask": True, "folder": True},
    )
    profile: Literal["table", "transcript"] = field(
        default="table",
        metadata={"help": "Tables (CSV, Excel, JSON Lines, Parquet), or transcripts (JSON).",
                  "ask": True},
    )  # fmt: skip
    mapping: dict[str, str] = field(
        default_factory=dict,
        metadata={"help": "Columns of the files and their fields, as in 내용 = text.", "ask": True},
    )
    rating_scale: tuple[float, float] | None = field(
        default=None,
        metadata={"help": "The worst and the best rating, as in [1, 5].", "ask": True},
    )
    zone: str = field(
        default="Asia/Seoul", metadata={"help": "The zone of times that do not say theirs."}
    )
    kind: str | None = field(
        default=None, metadata={"help": "What they are: review, survey, call or chat."}
    )
    product: str | None = field(
        default=None, metadata={"help": "The product, where a row names none."}
    )
    extra: bool = field(
        default=False, metadata={"help": "Whether the other columns are kept as JSON."}
    )


@dataclass(frozen=True)
class FolderSettings:
    """The section `[folder]` of madang.toml."""

    drops: dict[str, Drop] = field(
        default_factory=dict,
        metadata={"help": "The folders that are watched, by name.", "ask": True},
    )
    settle_seconds: float = field(
        default=30.0,
        metadata={"help": "How long a file must have been left alone before it is taken."},
    )


def open_folder(settings: FolderSettings) -> "Folder":
    """Raises SourceUnavailable when no folder is set, or one is not there."""
    if not settings.drops:
        raise SourceUnavailable(
            "No folder is set. Add a section [folder.drops.NAME] with its path."
        )
    for name, drop in settings.drops.items():
        if not drop.path or not Path(drop.path).is_dir():
            raise SourceUnavailable(
                f"folder.drops.{name}.path is {drop.path or 'empty'}, which is no folder. "
                "Make it, or write another path."
            )
    return Folder(settings)


KIND: Final = SourceKind(
    name="folder",
    summary="Files dropped into folders: tables of mentions, transcripts of calls.",
    settings=FolderSettings,
    open=open_folder,
    verified="local server",
)


@dataclass(frozen=True)
class Folder:
    """The source `folder`. Its cursor: {"imports": …, "transcripts": {digest: …}, "heard": when}.

    A row's identity begins with the name of its folder, as two may number theirs alike.
    """

    settings: FolderSettings
    name: str = NAME

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        now = datetime.now(UTC)
        kept = dict(cursor)
        for name, drop in self.settings.drops.items():
            for path in self._ready(drop):
                for batch in self._taken(name, drop, path, kept):
                    kept = dict(batch.cursor)
                    yield batch
        heard = datetime.fromisoformat(cursor["heard"]) if "heard" in cursor else now
        if now - heard >= _SAID_EVERY or "heard" not in cursor:
            table, rejected = mentions_of([], source=self.name, now=now)
            told = covered(self.name, "collected", heard, now)
            yield Batch(table, {**kept, "heard": now.isoformat()}, rejected, covered=told)

    def _ready(self, drop: Drop) -> list[Path]:
        """The files that nobody is writing any more, the oldest first."""
        folder = Path(drop.path)
        if not folder.is_dir():
            raise CollectorError(f"The folder {folder} is gone. Make it again, or mend [folder].")
        ready: list[tuple[int, str, Path]] = []
        for path in folder.iterdir():
            if path.name.startswith((".", "~$")) or path.suffix.lower() in _UNFINISHED:
                continue
            if path.is_symlink() or not path.is_file():
                continue
            status = path.stat()
            if time.time() - status.st_mtime >= self.settings.settle_seconds:
                ready.append((status.st_mtime_ns, path.name, path))
        return [path for *_, path in sorted(ready)]

    def _taken(self, name: str, drop: Drop, path: Path, cursor: Cursor) -> Iterator[Batch]:
        """What a file holds, in batches; then it is moved away. What was yielded has landed."""
        before = path.stat()
        read = self._tables if drop.profile == "table" else self._transcripts
        try:
            for batch in read(name, drop, path, cursor):
                cursor = batch.cursor
                yield batch
        except (CollectorError, OSError) as error:
            now = datetime.now(UTC)
            table, _ = mentions_of([], source=self.name, now=now)
            refused = failed_page(path.name, str(error), source=self.name, now=now)
            yield Batch(table, cursor, refused)
            _move(path, FAILED, str(error))
            return
        after = path.stat()
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
            _move(path, DONE)
        # Otherwise it was written to meanwhile: what is new in it is taken the next time.

    def _tables(self, name: str, drop: Drop, path: Path, cursor: Cursor) -> Iterator[Batch]:
        # It brings the readers of all kinds of files with it, and they much else.
        from collectors.imports.files import open_import

        file = open_import(
            path, "mentions", source=self.name, mapping=drop.mapping, zone=drop.zone,
            rating_scale=drop.rating_scale, kind=drop.kind, extra=drop.extra,
        )  # fmt: skip
        if file.reached(cursor).whole:
            return
        for batch, _ in file.batches(cursor):
            yield replace(batch, table=_named(batch.table, name, drop.product))

    def _transcripts(self, name: str, drop: Drop, path: Path, cursor: Cursor) -> Iterator[Batch]:
        if path.stat().st_size > _LARGEST_JSON:
            raise CollectorError(
                f"{path.name} is larger than {_LARGEST_JSON // 1_000_000} MB. Cut it into several."
            )
        content = path.read_bytes()
        digest = hashlib.blake2b(content, digest_size=16).hexdigest()
        done: dict[str, int] = dict(cursor.get("transcripts", {}))
        found = _parsed(content, path.name)
        for start in range(done.get(digest, 0), len(found), _AT_ONCE):
            part = list(enumerate(found[start : start + _AT_ONCE], start=start + 1))
            done.pop(digest, None)
            done[digest] = start + len(part)
            kept = dict(list(done.items())[-_REMEMBERED:])
            batch = self._spoken(drop, path.name, part, digest)
            table = _named(batch.table, name, None)
            yield replace(batch, table=table, cursor={**cursor, "transcripts": kept})

    def _spoken(self, drop: Drop, origin: str, part: list[tuple[int, Any]], digest: str) -> Batch:
        now = datetime.now(UTC)
        rows, bad = [], []
        for number, said in part:
            try:
                rows.append(
                    transcripts.mention_of(
                        said, f"{digest}-{number}", now, zone=drop.zone, product=drop.product,
                        kind=drop.kind if drop.kind in ("call", "chat") else "call",
                    )
                )  # fmt: skip
            except Unmapped as error:
                bad.append(BadRow(number, str(error), None))
        table, rejected = mentions_of(rows, source=self.name, now=now)
        refused = quarantine(bad, record="mentions", source=self.name, origin=origin, now=now)
        return Batch(table, {}, pa.concat_tables([rejected, refused]))


def _parsed(content: bytes, name: str) -> list[Any]:
    """The transcripts in a file of JSON, or of JSON Lines. Raises CollectorError for neither."""
    try:
        text = content.decode("utf-8-sig")
        try:
            return transcripts.transcripts_of(json.loads(text))
        except ValueError:
            return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError) as error:
        raise CollectorError(
            f"{name} is no JSON in UTF-8 ({error}). Export the transcripts as JSON."
        ) from error


def _named(table: pa.Table, drop: str, product: str | None) -> pa.Table:
    """Identities under the folder's name, and the product where a row names none."""
    ids = pc.binary_join_element_wise(
        pa.scalar(drop), table.column("native_id").combine_chunks(), "-"
    )
    place = table.schema.get_field_index("native_id")
    table = table.set_column(place, table.schema.field(place), ids)
    if product is not None:
        place = table.schema.get_field_index("product")
        filled = table.column("product").combine_chunks().fill_null(product)
        table = table.set_column(place, table.schema.field(place), filled)
    return table


def _move(path: Path, folder: str, reason: str | None = None) -> None:
    """Move a file aside, under a name that nothing has there, with the reason beside it."""
    target = path.parent / folder
    target.mkdir(exist_ok=True)
    place, number = target / path.name, 1
    while place.exists():
        number += 1
        place = target / f"{path.stem}-{number}{path.suffix}"
    path.rename(place)
    if reason is not None:
        place.with_name(f"{place.name}.reason.txt").write_text(f"{reason}\n", encoding="utf-8")
