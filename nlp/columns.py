"""The columns of an annotation, and how what the readers found becomes Arrow."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from nlp.korean import Term

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from nlp.aspects import Aspect

TERM: Final = pa.struct([("lemma", pa.string()), ("tag", pa.string())])
# Offsets are code points of the title, a line break and the text, or of the text where there is no
# title, as stored; the end is exclusive.
ASPECT: Final = pa.struct(
    [
        ("aspect", pa.string()),  # a key of the lexicon, or the lemma itself where it was found new
        ("lemma", pa.string()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("polarity", pa.string()),  # negative, neutral, positive
        ("score", pa.float32()),  # -1..1
    ]
)
ENTITY: Final = pa.struct(
    [
        ("label", pa.string()),  # brand, product, person, place, organisation
        ("name", pa.string()),  # the name it is an alias of
        ("start", pa.int32()),
        ("end", pa.int32()),
    ]
)
_FIELDS: Final[list["pa.Field[Any]"]] = [
    pa.field("version", pa.string(), nullable=False),
    pa.field("lang", pa.string(), nullable=False),  # ISO 639; und: undetermined
    pa.field("p_negative", pa.float32()),  # null where sentiment is unknown
    pa.field("p_neutral", pa.float32()),
    pa.field("p_positive", pa.float32()),
    pa.field("sentiment", pa.string(), nullable=False),
    pa.field("score", pa.float32()),  # p_positive - p_negative
    pa.field("fingerprint", pa.uint64()),  # null for a text too short to be a copy
    pa.field("terms", pa.list_(TERM), nullable=False),
    pa.field("aspects", pa.list_(ASPECT), nullable=False),
    pa.field("entities", pa.list_(ENTITY), nullable=False),
    pa.field("intents", pa.list_(pa.string()), nullable=False),
    pa.field("emotions", pa.list_(pa.string()), nullable=False),
    pa.field("toxicity", pa.float32()),  # 0..1; null where it cannot be read
    pa.field("spam", pa.float32()),  # 0..1
    pa.field("sponsored", pa.bool_()),
]
SCHEMA: Final = pa.schema(_FIELDS)


def as_lists(found: Sequence[Sequence[str]]) -> "pa.ListArray[Any]":
    """Labels of each text."""
    flat = pa.array([label for row in found for label in row], pa.string())
    return _listed(found, flat)


def as_terms(found: Sequence[Sequence[Term]]) -> "pa.ListArray[Any]":
    """Terms of each text, an array of lists of `TERM`."""
    flat = [term for row in found for term in row]
    return _listed(found, _structs(TERM, zip(*flat, strict=True) if flat else ((), ())))


def as_aspects(found: "Sequence[Sequence[Aspect]]") -> "pa.ListArray[Any]":
    """Aspects of each text, an array of lists of `ASPECT`."""
    flat = [one for row in found for one in row]
    fields = [[getattr(one, field.name) for one in flat] for field in ASPECT]
    return _listed(found, _structs(ASPECT, fields))


def as_entities(docs: "Sequence[Doc]") -> "pa.ListArray[Any]":
    """Entities of each Doc, an array of lists of `ENTITY`; a name without an id is its own."""
    found = [
        [(e.label_, e.ent_id_ or e.text, e.start_char, e.end_char) for e in doc.ents]
        for doc in docs
    ]
    flat = [one for row in found for one in row]
    return _listed(found, _structs(ENTITY, zip(*flat, strict=True) if flat else ((),) * 4))


def _structs(kind: "pa.StructType", columns: Iterable[Sequence[Any]]) -> "pa.StructArray":
    fields = list(kind)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, fields, strict=True)]
    return pa.StructArray.from_arrays(arrays, fields=fields)


def _listed(found: Sequence[Sequence[Any]], flat: "pa.Array[Any]") -> "pa.ListArray[Any]":
    ends = np.cumsum([0, *map(len, found)])
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), flat)
