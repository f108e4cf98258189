"""What is wrong with a query, in the reader's language: the place with a caret, the reason, a hint.

The warehouse words its errors in English, for the command line. Here each is known by its sentence,
and a test holds this table to the sentences that the language can raise.
"""

import re
from typing import Final

from markupsafe import Markup

from dashboard import trackers
from dashboard.i18n import Words
from warehouse.trackers.fields import FIELDS, NAMES
from warehouse.trackers.tree import QueryError

# A message's first line says what is wrong, its second what to write.
_KNOWN: Final = {
    r"A query has at most (?P<most>[\d,]+) letters, .* has (?P<n>[\d,]+)\.": "mistake.long",
    r"A query has at most (?P<most>[\d,]+) words and conditions\.": "mistake.many",
    r"There is nothing to look for\.": "mistake.empty",
    r"This parenthesis closes none\.": "mistake.closes_none",
    r"The parenthesis that opens here is not closed\.": "mistake.unclosed",
    r"There is nothing in this parenthesis\.": "mistake.empty_parenthesis",
    r"More than (?P<most>\d+) parentheses are open here\.": "mistake.deep",
    r"This only says what is left out, .+": "mistake.only_without",
    r"The end comes where something to look for must stand\.": "mistake.ends_early",
    r"(?P<name>.+) comes where something to look for must stand\.": "mistake.operator_first",
    r"Nothing comes after (?P<name>.+)\.": "mistake.nothing_after",
    r"A wildcard needs a letter beside it\.": "mistake.wildcard",
    r"(?P<name>\w+): needs a letter beside a wildcard\.": "mistake.wildcard",
    r"This quotation has no word\.": "mistake.empty_quotation",
    r"The quotation that begins here does not end\.": "mistake.open_quotation",
    r"NEAR needs to know within how many words\.": "mistake.near_distance",
    r"NEAR stands between words and phrases alone\.": "mistake.near_between",
    r"(?P<name>.+) is no word\.": "mistake.near_between",
    r"raw: has no letters\.": "mistake.raw",
    r"In the values of (?P<name>\w+): stand values alone\.": "mistake.values",
    r"There is no value for (?P<name>\w+): here\.": "mistake.valueless",
    r"(?P<name>\w+): has no value right behind it\.": "mistake.valueless",
    r"An address is no word\.": "mistake.address",
    r"There is no field (?P<name>\w+):\.": "mistake.no_field",
    r"(?P<name>\w+): does not know (?P<value>.+)\.": "mistake.choice",
    r"(?P<name>\w+): needs a number, not (?P<value>.+)\.": "mistake.number",
    r"(?P<name>\w+): needs a day, not (?P<value>.+)\.": "mistake.day",
}
_MEANT: Final = re.compile(r"Did you mean (\w+)")


def shown(text: str, error: QueryError, say: Words) -> Markup:
    """The query with a caret below the letter that is wrong, why it is, and what to write."""
    reason, _, hint = in_words(error, say).partition("\n")
    return trackers.mistake(text, error.column, reason, hint)


def in_words(error: QueryError, say: Words) -> str:
    """The error as two lines: what is wrong, and what to write."""
    known, values = known_as(error.message)
    if known is None:
        return f"{error.message}\n{error.hint}"
    values["known"] = _known(values.get("name", ""))
    told = say(known, None, **values)
    meant = _MEANT.search(error.hint)
    return f"{told} {say('mistake.meant', word=meant[1])}" if meant else told


def known_as(message: str) -> tuple[str | None, dict[str, str]]:
    """The key of an error's sentence, with the values that stand in it; None for an unknown one."""
    for pattern, key in _KNOWN.items():
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return key, found.groupdict()
    return None, {}


def _known(field: str) -> str:
    """What may be written here: the values of a field that has a list of them, or the fields."""
    found = FIELDS.get(field)
    return ", ".join(found.choices if found and found.choices else NAMES)
