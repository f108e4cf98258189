"""Personal data masked before anything is stored.

A regular expression of linear time (RE2) looks over the whole column for rows that could hold any
of it; only those few are read one by one, by rules that find a form and then judge it by its digits
and by the words around it. What names a thing and not a person stays: model numbers, prices, dates,
order and tracking numbers, barcodes, and the public numbers of companies (1588-1234).
"""

from typing import Any, Final, TypeVar, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute

from nlp.pii.candidates import CANDIDATE
from nlp.pii.mail import RULES as MAIL
from nlp.pii.numbers import CARDS, passes_luhn
from nlp.pii.numbers import RULES as NUMBERS
from nlp.pii.phones import MOBILES, PHONES
from nlp.pii.places import RULES as PLACES
from nlp.pii.rules import TAKEN, Rule, plainly

__all__ = ["LABELS", "RULES", "mask", "mask_text", "passes_luhn"]

# The stubs refuse plain numbers and strings beside arrays, which Arrow takes.
pc: Final[Any] = pyarrow.compute

Column = TypeVar("Column", "pa.StringArray", "pa.ChunkedArray[Any]")

# In this order: what one rule takes, the later ones do not see.
RULES: Final[tuple[Rule, ...]] = (*MAIL, *CARDS, *MOBILES, *NUMBERS, *PHONES, *PLACES)
LABELS: Final = tuple(dict.fromkeys(rule.label for rule in RULES))
# A masked neighbour can make room for another find, so a text is read until nothing is found; the
# bound keeps texts made to mislead linear.
_ROUNDS: Final = 4


def mask(texts: Column) -> Column:
    """The same texts with labels such as `[email]` (see `LABELS`) in the place of personal data.

    Nulls stay null. Type and chunks are kept. Masking twice gives what masking once gave.
    """
    if isinstance(texts, pa.ChunkedArray):
        parts: list[Any] = [_masked(cast(pa.StringArray, part)) for part in texts.chunks]
        return pa.chunked_array(parts, texts.type)
    return _masked(texts)


def mask_text(text: str) -> str:
    """`mask` for one text."""
    for _ in range(_ROUNDS):
        found = _once(text)
        if found == text:
            break
        text = found
    return text


def _masked(texts: pa.StringArray) -> pa.StringArray:
    found = pc.match_substring_regex(texts, CANDIDATE).fill_null(False)
    rows = np.flatnonzero(found.to_numpy(zero_copy_only=False))
    if not len(rows):
        return texts
    before = cast(list[str], texts.take(rows).to_pylist())
    after = pa.array([mask_text(text) for text in before], texts.type)
    clean: pa.StringArray = pc.replace_with_mask(texts, found, after)
    return clean


def _once(text: str) -> str:
    plain, places = plainly(text)
    spans: list[tuple[int, int, str]] = []
    for rule in RULES:
        fresh = [found for match in rule.pattern.finditer(plain) if (found := rule.span(match))]
        for start, end in reversed(fresh):
            plain = plain[:start] + TAKEN * (end - start) + plain[end:]
            spans.append((start, end, rule.label))
    for start, end, label in sorted(spans, reverse=True):
        first, last = (start, end - 1) if places is None else (places[start], places[end - 1])
        text = text[:first] + label + text[last + 1 :]
    return text
