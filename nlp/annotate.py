"""Text in, annotation out: language, sentiment, terms and copy fingerprint, one row a text.

Every stage works on a slice of texts at once and uses all threads it was given, one stage after the
other, so that stages never fight for cores. Equal texts in a slice are read once.
"""

import hashlib
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from nlp import fingerprint, language, texts
from nlp.errors import NlpError
from nlp.korean import Morphology, Term, morphology
from nlp.sentiment import CLASSES, Combination, Floats, LinearReader, TransformerReader

# The stubs refuse plain numbers and strings beside arrays, which Arrow takes.
pc: Final[Any] = pyarrow.compute

# Raised when this code answers differently for the same models.
CODE_VERSION: Final = 2
UNKNOWN: Final = "unknown"
READ_LANGUAGES: Final = ("ko", "en")  # what the shipped models were trained on

TERM: Final = pa.struct([("lemma", pa.string()), ("tag", pa.string())])
# Offsets are code points of `with_titles`: title and text with a line break between, or the text.
ASPECT: Final = pa.struct(
    [
        ("aspect", pa.string()),  # a category of the lexicon, or a discovered word's lemma
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
        ("name", pa.string()),
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

_MODELS: Final = Path(__file__).parent / "models"
_SLICE: Final = 2048


@dataclass(frozen=True)
class AnnotatorConfig:
    """Where the models are (None: the shipped ones) and how many threads a stage may use.

    `model` is a Hugging Face model directory with an ONNX file; `linear` a folder of the linear
    model; `combination` the JSON file that says how they are averaged. `languages` are those whose
    sentiment the models can read: texts in any other get `unknown`.
    """

    model: Path | None = None
    linear: Path | None = None
    combination: Path | None = None
    threads: int = 2
    languages: tuple[str, ...] = field(default=READ_LANGUAGES)

    @property
    def files(self) -> tuple[Path, Path, Path]:
        """Folder of the transformer, folder of the linear model, file of the combination."""
        return (
            self.model or _MODELS / "sentiment",
            self.linear or _MODELS / "linear",
            self.combination or _MODELS / "combination.json",
        )


def version_of(config: AnnotatorConfig) -> str:
    """A name that changes with code, analyser and models; reads the files, loads no model."""
    digest = hashlib.blake2b(digest_size=6)
    digest.update(f"{metadata.version('kiwipiepy_model')} {config.languages}".encode())
    for place in config.files:
        if not place.exists():
            raise NlpError(f"no model at {place}; name its folder in the annotator's settings")
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file():
                digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return f"{CODE_VERSION}-{digest.hexdigest()}"


class Annotator:
    """The models, loaded once; `annotate` may be called from any thread."""

    def __init__(self, config: AnnotatorConfig | None = None) -> None:
        self.config = config or AnnotatorConfig()
        self.version = version_of(self.config)
        model, linear, combination = self.config.files
        self._transformer = TransformerReader(model, self.config.threads)
        self._linear = LinearReader(linear)
        self._combination = Combination.read(combination)
        self._morphology: Morphology = morphology(self.config.threads)

    def annotate(self, table: pa.Table) -> pa.Table:
        """A table of `SCHEMA`, one row for each of `table`, which has `text` and maybe `title`.

        Sentiment and terms are of title and text together, the fingerprint of the text alone.
        """
        if "text" not in table.column_names:
            raise NlpError(f"no column text among {table.column_names}; rename the one that has it")
        parts = [
            self._annotated(table.slice(at, _SLICE)) for at in range(0, table.num_rows, _SLICE)
        ]
        return pa.concat_tables(parts) if parts else SCHEMA.empty_table()

    def probabilities(self, given: texts.Texts) -> Floats:
        """Class probabilities of shape (n, 3); nan for texts whose sentiment cannot be read."""
        clean = texts.readable(given)
        codes = language.of_readable(clean)
        parts = [
            self._sentiment(clean.slice(at, _SLICE), codes.slice(at, _SLICE))
            for at in range(0, len(clean), _SLICE)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, 3), np.float32)

    def _annotated(self, table: pa.Table) -> pa.Table:
        clean = texts.readable(texts.with_titles(table))
        codes = language.of_readable(clean)
        chances = self._sentiment(clean, codes)
        prints = fingerprint.fingerprints(table["text"])
        unread = np.isnan(chances[:, 0])
        names = np.array(CLASSES, object)[np.nan_to_num(chances).argmax(1)]
        columns = [
            pa.repeat(self.version, table.num_rows),
            codes,
            *(pa.array(chances[:, i], mask=unread) for i in range(3)),
            pa.array(np.where(unread, UNKNOWN, names), pa.string()),
            pa.array(chances[:, 2] - chances[:, 0], mask=unread),
            pa.array(prints, mask=prints == 0),
            self._terms(clean),
            *(_nothing(table.num_rows, field.type) for field in _FIELDS[9:]),
        ]
        return pa.Table.from_arrays(columns, schema=SCHEMA)

    def _sentiment(self, clean: pa.StringArray, codes: pa.StringArray) -> Floats:
        result = np.full((len(clean), 3), np.nan, np.float32)
        known = pc.is_in(codes, pa.array(self.config.languages, pa.string()))
        rows = np.flatnonzero(known.to_numpy(zero_copy_only=False))
        if len(rows):
            once = texts.shortened(clean.take(rows)).dictionary_encode()
            words = texts.strings(once.dictionary)
            chances = self._combination.probabilities(
                self._transformer.log_probabilities(words), self._linear.log_probabilities(words)
            )
            result[rows] = chances[once.indices.to_numpy()]
        return result

    def _terms(self, clean: pa.StringArray) -> "pa.ListArray[Any]":
        once = clean.dictionary_encode()
        lists = as_lists(self._morphology.terms(texts.strings(once.dictionary)))
        return lists.take(once.indices)


def _nothing(rows: int, kind: pa.DataType) -> "pa.Array[Any]":
    return pa.array([[] if pa.types.is_list(kind) else None] * rows, kind)


def as_lists(found: list[list[Term]]) -> "pa.ListArray[Any]":
    """Terms of each text as one Arrow array of lists of `TERM`."""
    ends: npt.NDArray[np.int64] = np.cumsum([0, *(len(row) for row in found)])
    flat = [term for row in found for term in row]
    structs = pa.StructArray.from_arrays(
        [
            pa.array([term.lemma for term in flat], pa.string()),
            pa.array([term.tag for term in flat], pa.string()),
        ],
        fields=list(TERM),
    )
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), structs)


def annotate(table: pa.Table, annotator: Annotator | None = None) -> pa.Table:
    """`Annotator.annotate` with the shipped models; hand in an annotator to load them only once."""
    return (annotator or Annotator()).annotate(table)
