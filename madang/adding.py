"""`madang add`: what a source must be told, asked and checked, before it is tried and written down.

A setting is named by its name, one in a section of its own by all names on the way to it, as in
`hooks.shop.secret` for `secret` in the section `[webhook.hooks.shop]`.
"""

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from collectors import SOURCES
from collectors.base import SourceKind
from madang.settings import PREFIX, MadangError, Settings

# What an address of the yard takes, its store keeps, and TOML needs no quotes for.
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
Values = dict[str, Any]  # settings by name, typed as the source has them; sections as such by name
Given = Mapping[str, Sequence[Any]]  # one or more values of each setting, as they were written


@dataclass(frozen=True)
class Question:
    """One setting to ask for.

    `many`: it takes several values, which are added to those there are. `pairs`: each of them is a
    name and a value. `inner` are the questions of each entry where it holds entries of their own;
    with `named` these are sections, and `sections` are the names of those that stand. `now` says
    what it has already. `make` makes a value for whoever has none.
    """

    name: str
    help: str
    where: str = ""
    secret: bool = False
    many: bool = False
    pairs: bool = False
    named: bool = False
    now: str = ""
    choices: tuple[str, ...] = ()
    inner: tuple["Question", ...] = ()
    sections: tuple[str, ...] = ()
    make: Callable[[], str] | None = None


def kind_of(name: str) -> SourceKind:
    """The source of that name; raises MadangError with the names there are."""
    if name not in SOURCES:
        raise MadangError(f"No source is called {name!r}. There are: {', '.join(SOURCES)}.")
    return SOURCES[name]


def questions(kind: SourceKind, settings: Settings) -> list[Question]:
    """What to ask for, what it cannot do without first; a credential that the environment gives is
    not asked for."""
    return _questions(kind.settings, _base(kind, settings), kind.name)


def questions_of_section(
    kind: SourceKind, settings: Settings, setting: str, name: str
) -> list[Question]:
    """What to ask for in the section of that name, as in `hooks` and `shop`; raises MadangError
    for a name that a section cannot have."""
    check_name(f"{kind.name}.{setting}", name)
    entry = sections_of(kind.settings)[setting]
    known = getattr(_base(kind, settings), setting).get(name)
    return _questions(entry, known or entry(), f"{kind.name}__{setting}__{name}")


def check_name(where: str, name: str) -> None:
    """Raises MadangError for what cannot be the name of a section."""
    if not _NAME.fullmatch(name):
        raise MadangError(
            f"{where}: {name!r} cannot be a name. Take letters from a to z, digits, - and _, 64 at "
            "most, as in helpdesk."
        )


def sections_of(kind: type[Any]) -> dict[str, type[Any]]:
    """The settings that hold sections by name, and of what each section is made."""
    found = {}
    for name, hint in get_type_hints(kind).items():
        entry = _entries(hint)
        if entry is not None and get_origin(hint) is dict:
            found[name] = entry
    return found


def typed(kind: SourceKind, settings: Settings, given: Given) -> Values:
    """The given values as the source has them; raises MadangError for what does not fit.

    Lists and entries may be written as JSON. Of a named section only what is given is in the
    answer.
    """
    return _typed_section(kind.name, kind.settings, _base(kind, settings), given)


def chosen(kind: SourceKind, settings: Settings, values: Values) -> Any:
    """The settings of the source with these values."""
    base, whole = _base(kind, settings), dict(values)
    for setting, entry in sections_of(kind.settings).items():
        if setting in values:
            known = getattr(base, setting)
            said = values[setting].items()
            new = {name: replace(known.get(name) or entry(), **each) for name, each in said}
            whole[setting] = known | new
    return replace(base, **whole)


def _base(kind: SourceKind, settings: Settings) -> Any:
    """The settings of the source as they are."""
    return settings.sources.get(kind.name) or kind.settings()


def _questions(kind: type[Any], base: Any, path: str) -> list[Question]:
    hints, sections, asked = get_type_hints(kind), sections_of(kind), []
    # What has no default that works comes first, then credentials for more than listening.
    for key in sorted(fields(kind), key=lambda key: not key.metadata.get("ask")):
        said, hint = key.metadata, hints[key.name]
        is_wanted = said.get("ask", said.get("secret") or "where" in said)
        is_secret = bool(said.get("secret"))
        is_given = is_secret and f"{PREFIX}{path}__{key.name}".upper() in os.environ
        if is_given or not is_wanted:
            continue
        entries, value = _entries(hint), getattr(base, key.name, None)
        asked.append(
            Question(
                key.name,
                said["help"],
                said.get("where", ""),
                secret=is_secret and "from_file" not in said,  # a path is typed in sight
                many=_is_many(hint) or _is_pairs(hint),
                pairs=_is_pairs(hint),
                named=key.name in sections,
                now=_shown(value, is_secret),
                choices=get_args(hint) if get_origin(hint) is Literal else (),
                inner=tuple(_questions(entries, None, path)) if entries else (),
                sections=tuple(value or ()) if key.name in sections else (),
                make=said.get("make"),
            )
        )
    return asked


def _shown(value: Any, is_secret: bool) -> str:
    if not value:
        return ""
    return value if isinstance(value, str) and not is_secret else "set"


def _is_many(hint: Any) -> bool:
    return get_origin(hint) is tuple


def _is_pairs(hint: Any) -> bool:
    return get_origin(hint) is dict and _entries(hint) is None


def _entries(hint: Any) -> type[Any] | None:
    """The dataclass of which a setting holds several, if it does."""
    return next((kind for kind in get_args(hint) if is_dataclass(kind)), None)  # type: ignore[return-value]


def _typed_section(where: str, kind: type[Any], base: Any, given: Given) -> Values:
    hints, sections = get_type_hints(kind), sections_of(kind)
    keys = {key.name: key for key in fields(kind)}
    parts: dict[str, dict[str, Sequence[Any]]] = {}
    for name, written in given.items():
        setting, _, rest = name.partition(".")
        has_parts = setting in sections or (setting in keys and _is_pairs(hints[setting]))
        if setting not in keys or (rest and not has_parts):
            raise MadangError(f"{where} has no setting {name!r}. Known: {', '.join(keys)}.")
        parts.setdefault(setting, {})[rest] = written
    values: Values = {}
    for setting, said in parts.items():
        at, known = f"{where}.{setting}", getattr(base, setting)
        key, hint = keys[setting], hints[setting]
        if setting in sections:
            values[setting] = _typed_sections(at, sections[setting], known, said)
        elif _is_pairs(hint):
            values[setting] = _fitting(at, key, hint, known | _pairs(at, said))
        else:
            values[setting] = _typed(at, key, hint, said[""], known)
    return values


def _typed_sections(where: str, entry: type[Any], known: Mapping[str, Any], given: Given) -> Values:
    """What is given of each section, by its name: `shop.secret`, or `shop` as a whole in JSON."""
    sections: dict[str, dict[str, Sequence[Any]]] = {}
    for path, written in given.items():
        name, _, setting = path.partition(".")
        whole = {} if setting else _parsed(written[-1], None)
        if not name or not isinstance(whole, dict):
            inner = " or ".join(key.name for key in fields(entry)[:2])
            raise MadangError(
                f"{where} has sections by name. Say which and what: {where.partition('.')[2]}."
                f"NAME.SETTING=VALUE, where SETTING is as {inner}."
            )
        check_name(where, name)
        said = {setting: written} if setting else {key: [value] for key, value in whole.items()}
        sections.setdefault(name, {}).update(said)
    return {
        name: _typed_section(f"{where}.{name}", entry, known.get(name) or entry(), said)
        for name, said in sections.items()
    }


def _pairs(where: str, given: Given) -> dict[str, Any]:
    """Names and values, each written as NAME=VALUE, under its name, or several in JSON."""
    pairs: dict[str, Any] = {}
    for name, written in given.items():
        for value in written:
            parsed = {name: value} if name else _parsed(value, None)
            if isinstance(parsed, str):
                left, equals, right = (part.strip() for part in parsed.partition("="))
                parsed = {left: right} if left and equals and right else None
            if not isinstance(parsed, dict):
                raise MadangError(f"{where} does not fit: {value!r} is not written as NAME=VALUE.")
            pairs |= parsed
    return pairs


def _typed(where: str, key: Field[Any], hint: Any, written: Sequence[Any], known: Any) -> Any:
    values = [_parsed(value, hint) for value in written]
    if not _is_many(hint):
        return _fitting(where, key, hint, values[-1])
    many = [v for value in values for v in (value if isinstance(value, list) else [value])]
    return tuple(dict.fromkeys((*known, *_fitting(where, key, hint, many))))


def _fitting(where: str, key: Field[Any], hint: Any, value: Any) -> Any:
    try:
        fits = TypeAdapter(hint).validate_python(value)
    except ValidationError as error:
        reason = "; ".join(problem["msg"] for problem in error.errors())
        said = key.metadata.get("help", "")
        raise MadangError(f"{where} does not fit: {reason}. {said}".rstrip()) from error
    if key.metadata.get("from_file") and fits:
        return _content(where, fits)
    if key.metadata.get("folder") and fits:
        return str(Path(fits).expanduser().absolute())  # the desk works in another folder
    return fits


def _content(where: str, given: str) -> str:
    """What is in the file that is named; a text of several lines is the content itself."""
    if "\n" in given.strip():
        return given
    path = Path(given.strip()).expanduser()
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise MadangError(f"{where} cannot be read from {path}. Name the file it is in.") from error


def _parsed(written: Any, hint: Any) -> Any:
    """A list or an entry may be written as JSON; all else is taken as it stands."""
    if not isinstance(written, str) or hint is str or written[:1] not in ("[", "{"):
        return written
    try:
        return json.loads(written)
    except ValueError:
        return written
