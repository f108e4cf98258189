"""Settings written down: each file as a whole, comments where they were, credentials apart.

Settings go to madang.toml, credentials to var/secrets.toml, which is its owner's alone. What a file
would say after a change is compared with what it should say before it takes the old one's place.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Final

import tomlkit
from tomlkit.container import Container
from tomlkit.items import AoT, InlineTable, Item, SingleKey, Table

from collectors.base import SourceKind
from madang.adding import Values, sections_of
from madang.settings import MadangError, Settings
from warehouse.durable import published

_OWNERS_ALONE: Final = 0o600
_Section = tuple[str, ...]  # the names of a section, from the outside in


def write(kind: SourceKind, settings: Settings, values: Values) -> list[Path]:
    """Write the values down; the files that were written. A source that is named without its
    credential says so, so the credentials come last.

    Raises MadangError for a file that has a section in a form that cannot be changed from here.
    """
    plain: dict[_Section, Values] = {}
    secret: dict[_Section, Values] = {}
    for section, entry, said in _sections((kind.name,), kind.settings, values):
        kept = {key.name for key in fields(entry) if key.metadata.get("secret")}
        plain[section] = {name: _plain(each) for name, each in said.items() if name not in kept}
        if hidden := {name: _plain(each) for name, each in said.items() if name in kept}:
            secret[section] = hidden
    changed = [_changed(settings.home / "madang.toml", plain)]
    if secret:
        path, text, _ = _changed(settings.var / "secrets.toml", secret)
        changed.append((path, text, _OWNERS_ALONE))
    for path, text, mode in changed:
        with published(path.resolve()) as file:
            file.write(text.encode())
        path.chmod(mode)
    return [path for path, *_ in changed]


def _sections(
    section: _Section, kind: type[Any], values: Values
) -> Iterator[tuple[_Section, type[Any], Values]]:
    """Each section that the values stand in, what it is made of, and what is said in it."""
    inner = {name: each for name, each in sections_of(kind).items() if name in values}
    flat = {name: value for name, value in values.items() if name not in inner}
    if flat or not inner:
        yield section, kind, flat
    for name, entry in inner.items():
        for called, said in values[name].items():
            yield from _sections((*section, name, called), entry, said)


def _changed(path: Path, chosen: dict[_Section, Values]) -> tuple[Path, str, int]:
    """A TOML file with the values in their sections, every other line as it is; and its mode."""
    text, mode = "", 0o644
    if path.exists():
        text, mode = path.read_text("utf-8"), path.stat().st_mode & 0o777
    wanted = tomllib.loads(text)
    for section, values in chosen.items():
        _merge(wanted, _nested(section, values))
        text = _with(text, section, values)
    try:
        sound = tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        sound = False
    if not sound:
        names = ", ".join(f"[{'.'.join(section)}]" for section in chosen)
        raise MadangError(
            f"{path} has {names} in a form that cannot be added to from here, as an inline table. "
            "Write it as a section of its own and try again."
        )
    return path, text, mode


def _with(text: str, section: _Section, values: Values) -> str:
    """The text of a TOML file with these values in that section.

    A section that is new, and an entry of a list of sections, stands at the end: so comments stay
    with what they are about.
    """
    text = text if text.endswith("\n") or not text else f"{text}\n"
    known, document = tomllib.loads(text), tomlkit.parse(text)
    for name in section:
        known = known.get(name, {})
    own = _own(document, section)
    added, entries = {}, ""
    for name, value in values.items():
        if _is_entries(value) and (own is None or name not in own or isinstance(own[name], AoT)):
            header = f"\n[[{_header((*section, name))}]]\n"
            entries += "".join(header + _lines(new) for new in value[len(known.get(name, ())) :])
        elif own is None:
            added[name] = value
        else:
            _put(own, name, value)
    if own is None and (added or not entries):
        entries = f"\n[{_header(section)}]\n{_lines(added)}{entries}"
    text = tomlkit.dumps(document)
    return text + (entries if text else entries.lstrip("\n"))


def _own(container: Container, section: _Section) -> Table | None:
    """The table under the section's own header; None where it has none."""
    for key, item in container.body:
        if key is None or key.key != section[0] or not isinstance(item, Table):
            continue
        inner = section[1:]
        found = _own(item.value, inner) if inner else None if item.is_super_table() else item
        if found is not None:
            return found
    return None


def _put(table: Table, name: str, value: Any) -> None:
    """Set a value in a table; a new one stands below its last, above comments on what follows."""
    stands = table.get(name)
    if isinstance(value, dict) and isinstance(stands, Table):
        for inner, each in value.items():
            _put(stands, inner, each)
    elif stands is not None:
        whole = stands.unwrap() | value if isinstance(stands, InlineTable) else value
        if stands != whole:
            table[name] = _item(whole)
    else:
        body = table.value.body
        simple = [
            place for place, (key, item) in enumerate(body)
            if key is not None and not isinstance(item, Table | AoT)
        ]  # fmt: skip
        body.insert(simple[-1] + 1 if simple else 0, (SingleKey(name), _item(value)))


def _item(value: Any) -> Item:
    """A value as it stands behind an equals sign."""
    if not isinstance(value, dict):
        item: Item = tomlkit.item(value)
        return item
    inline = tomlkit.inline_table()
    inline.update(value)
    return inline


def _lines(values: Values) -> str:
    document = tomlkit.document()
    for name, value in values.items():
        document.add(name, _item(value))
    return tomlkit.dumps(document)


def _header(section: _Section) -> str:
    return ".".join(SingleKey(name).as_string() for name in section)


def _nested(section: _Section, values: Values) -> Values:
    for name in reversed(section):
        values = {name: values}
    return values


def _merge(into: Values, values: Values) -> None:
    """What a file says with the values set: sections grow, lists and single values are replaced."""
    for name, value in values.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = value


def _is_entries(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _plain(value: Any) -> Any:
    """A value as TOML has it: entries without what is at its default."""
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        said = {key.name: getattr(value, key.name) for key in fields(value)}
        kept = {k.name: said[k.name] for k in fields(value) if said[k.name] != k.default}
        return {name: _plain(each) for name, each in kept.items()}
    return value
