"""Text in, annotation out: sentiment and all else that a text says, one row a text.

Texts go through in slices, as many at once as there are threads: while one slice is in a library
that leaves Python's lock alone, another is in Python. Equal texts in a slice are read once.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute

from nlp import fingerprint, intents, language, spam, texts, toxicity
from nlp.aspects import Aspect, AspectReader, Candidate, discover
from nlp.cascade import Cascade, Pairing, read_pairings
from nlp.columns import SCHEMA, as_aspects, as_entities, as_lists, as_terms
from nlp.emotions import EmotionReader
from nlp.errors import NlpError
from nlp.head import Head, Readings
from nlp.ngrams import Grams, grams
from nlp.sentiment import CLASSES, Floats, folder_of, reader_of
from nlp.spacy_pipeline import Pipeline, PipelineConfig, terms_of

__all__ = ["SCHEMA", "Annotator", "AnnotatorConfig", "annotate", "version_of"]

# The stubs refuse plain numbers and strings beside arrays, which Arrow takes.
pc: Final[Any] = pyarrow.compute
T = TypeVar("T")

# Raised when this code answers differently for the same models.
CODE_VERSION: Final = 3
UNKNOWN: Final = "unknown"
READ_LANGUAGES: Final = ("ko", "en")  # what the shipped models were trained on

_HERE: Final = Path(__file__).parent
_MODELS: Final = _HERE / "models"
_SLICE: Final = 1024
_LEAST: Final = 64  # texts that are worth a slice of their own


@dataclass(frozen=True)
class AnnotatorConfig:
    """Which models read (None: the shipped ones), in which languages, on how many threads.

    `model` is the teacher that is asked in doubt: a Hugging Face model by folder or by name on the
    hub. `student` reads every text: a folder of a linear model, or such a model too. How the two
    are heard together stands in `cascade.json` in the teacher's folder or, for the shipped pair,
    beside it; without one the teacher's word stands alone. `head` is a file that was fitted to
    people's corrections. Texts in none of `languages` get `unknown`. `pipeline` is what the brand
    adds to the reading of words.
    """

    model: str | Path | None = None
    student: str | Path | None = None
    head: Path | None = None
    threads: int = 2
    languages: tuple[str, ...] = field(default=READ_LANGUAGES)
    pipeline: PipelineConfig = field(default=PipelineConfig())

    @property
    def teacher_folder(self) -> Path:
        return _MODELS / "sentiment" if self.model is None else folder_of(self.model)

    @property
    def student_folder(self) -> Path:
        return _MODELS / "linear" if self.student is None else folder_of(self.student)

    @property
    def cascade_file(self) -> Path | None:
        """Where the pairing of the two is written, if it is."""
        if self.model is None and self.student is None:
            return _MODELS / "cascade.json"
        own = self.teacher_folder / "cascade.json"
        return own if own.exists() else None

    @property
    def pairings(self) -> dict[str, Pairing]:
        return {} if self.cascade_file is None else read_pairings(self.cascade_file)


def version_of(config: AnnotatorConfig) -> str:
    """A name that changes with code, analyser, models and words; loads no model."""
    digest = hashlib.blake2b(digest_size=6)
    added = config.pipeline
    digest.update(
        f"{metadata.version('kiwipiepy_model')} {config.languages} {added.entities} "
        f"{added.industries} {added.spacy_model}".encode()
    )
    for place in _places(config):
        if not place.exists():
            raise NlpError(f"no model at {place}; name its folder in the annotator's settings")
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file():
                digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return f"{CODE_VERSION}-{digest.hexdigest()}"


def _places(config: AnnotatorConfig) -> Iterable[Path]:
    """Every folder and file that what is read depends on."""
    yield from (config.teacher_folder, config.student_folder)
    yield from (_MODELS / name for name in ("emotions", "aspects"))
    yield _HERE / "lexicons"
    yield from config.pipeline.lexicons
    yield from (path for path in (config.cascade_file, config.head) if path is not None)


class Annotator:
    """The models, loaded once; `annotate` may be called from any thread."""

    def __init__(self, config: AnnotatorConfig | None = None) -> None:
        self.config = config or AnnotatorConfig()
        self.version = version_of(self.config)
        self._cascade = Cascade(
            reader_of(self.config.student_folder, 1),
            reader_of(self.config.teacher_folder, 1),
            self.config.pairings,
        )
        self._head = None if self.config.head is None else Head.read(self.config.head)
        self._pipeline = Pipeline(self.config.pipeline, self.config.threads)
        self._aspects = AspectReader(self._pipeline.lexicon)
        self._emotions = EmotionReader(_MODELS / "emotions")

    def annotate(self, table: pa.Table) -> pa.Table:
        """A table of `SCHEMA`, one row for each of `table`, which has `text` and maybe `title`.

        Everything is read of title and text together, but the fingerprint of the text alone.
        """
        if "text" not in table.column_names:
            raise NlpError(f"no column text among {table.column_names}; rename the one that has it")
        parts = self._in_slices(self._annotated, table.num_rows, table.slice)
        return pa.concat_tables(parts) if parts else SCHEMA.empty_table()

    def probabilities(self, given: texts.Texts) -> Floats:
        """Class probabilities of shape (n, 3); nan for texts whose sentiment cannot be read."""
        column = texts.column(given)

        def read(part: pa.StringArray) -> Floats:
            return self._sentiment(_Slice.of(part))

        parts = self._in_slices(read, len(column), column.slice)
        return np.concatenate(parts) if parts else np.zeros((0, 3), np.float32)

    def readings(self, given: texts.Texts) -> Readings:
        """What the shipped models said of each text, for those who fit a head to corrections."""
        part = _Slice.of(texts.column(given))
        read = self._cascade.read(part.words, texts.strings(part.codes), part.grams)
        unknown = ~np.isin(np.array(read.langs, object), self.config.languages)
        read.shipped[unknown] = np.nan
        return read

    def aspects(self, given: texts.Texts) -> list[list[Aspect]]:
        """The aspects of each text, all read together: what a body keeps speaking of is told from
        the whole of it. Meant for the texts of one subject, some thousands at most."""
        stored = texts.column(given)
        docs = self._pipeline.docs(texts.strings(stored))
        return self._aspects.aspects(docs, self.probabilities(stored))

    def candidates(self, given: texts.Texts, least: int) -> list[Candidate]:
        """Words that opinions are said of in `least` texts and more, and that no lexicon lists."""
        return discover(self._pipeline.docs(texts.strings(texts.column(given))), least)

    def _in_slices(
        self, work: Callable[[Any], T], rows: int, cut: Callable[[int, int], Any]
    ) -> list[T]:
        """`work` over slices of `rows` rows, in order, some of them at the same time."""
        size = min(_SLICE, max(_LEAST, -(-rows // self.config.threads)))
        with ThreadPoolExecutor(self.config.threads) as pool:
            return list(pool.map(lambda at: work(cut(at, size)), range(0, rows, size)))

    def _annotated(self, table: pa.Table) -> pa.Table:
        once = texts.with_titles(table).dictionary_encode()
        stored = texts.column(once.dictionary)
        read = [column.take(once.indices) for column in self._read(stored)]
        prints = fingerprint.fingerprints(table["text"])
        read.insert(SCHEMA.get_field_index("fingerprint"), pa.array(prints, mask=prints == 0))
        return pa.Table.from_arrays(read, schema=SCHEMA)

    def _read(self, stored: pa.StringArray) -> "list[pa.Array[Any]]":
        """Every column of `SCHEMA` but the fingerprint, of texts that all differ."""
        part = _Slice.of(stored)
        chances = self._sentiment(part)
        docs = self._pipeline.docs(texts.strings(stored))
        unread = np.isnan(chances[:, 0])
        names = np.array(CLASSES, object)[np.nan_to_num(chances).argmax(1)]
        return [
            pa.repeat(self.version, len(stored)),
            part.codes,
            *(pa.array(chances[:, i], mask=unread) for i in range(3)),
            pa.array(np.where(unread, UNKNOWN, names), pa.string()),
            pa.array(chances[:, 2] - chances[:, 0], mask=unread),
            as_terms([terms_of(doc) for doc in docs]),
            as_aspects(self._aspects.aspects(docs, chances)),
            as_entities(docs),
            as_lists(intents.intents(docs, chances)),
            as_lists(self._emotions.emotions(part.grams, chances, part.words)),
            pa.array(toxicity.toxicity(part.words), pa.float32()),
            pa.array(spam.spam(part.words, texts.strings(stored)), pa.float32()),
            pa.array(spam.sponsored(texts.strings(stored)), pa.bool_()),
        ]

    def _sentiment(self, part: "_Slice") -> Floats:
        """Probabilities (n, 3) of texts that all differ; nan in languages that are not read."""
        result = np.full((len(part.words), 3), np.nan, np.float32)
        known = pc.is_in(part.codes, pa.array(self.config.languages, pa.string()))
        rows = np.flatnonzero(known.to_numpy(zero_copy_only=False))
        if len(rows):
            codes = texts.strings(pc.take(part.codes, pa.array(rows)))
            words = [part.words[i] for i in rows.tolist()]
            read = self._cascade.read(words, codes, part.grams.take(rows))
            result[rows] = read.shipped if self._head is None else self._head.apply(read)
        return result


@dataclass(frozen=True)
class _Slice:
    """Some texts as the models read them."""

    words: Sequence[str]
    codes: pa.StringArray
    grams: Grams

    @classmethod
    def of(cls, stored: pa.StringArray) -> "_Slice":
        clean = texts.readable(stored)
        words = texts.strings(texts.shortened(clean))
        return cls(words, language.of_readable(clean), grams(words))


def annotate(table: pa.Table, annotator: Annotator | None = None) -> pa.Table:
    """`Annotator.annotate` with the shipped models; hand in an annotator to load them only once."""
    return (annotator or Annotator()).annotate(table)
