"""Kiwi inside spaCy: one pass of the analyser gives a Doc that terms, aspects and intents share.

spaCy wants words that tile the text; Kiwi's morphemes overlap where they are contracted (했 is
하 + 았). So a Doc's tokens are pieces of surface, and what Kiwi found stays beside them.
"""

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from nlp import english, lexicon
from nlp.errors import NlpError
from nlp.korean import LATIN, Analysis, Morphology, Term, morphology
from nlp.korean import terms_of as terms_of_analysis
from nlp.lexicon import AspectEntry
from nlp.offsets import Readable

if TYPE_CHECKING:
    from spacy.tokens import Doc

ANALYSIS: Final = "analysis"  # Doc.user_data: the `Analysis` that the tokens were made of
MORPHEMES: Final = "morphemes"  # Doc.user_data: of each token its first morpheme, or -1
ASPECTS: Final = "aspects"  # Doc.spans: words that name an aspect, its id as their label
IMPLIED: Final = "implied"  # Doc.spans: words that speak of an aspect without naming it
MARKER: Final = "madang_aspect_words"  # the component's name for spaCy
SPACE: Final = "_SP"
MOST_STRINGS: Final = 400_000  # a vocabulary only grows: it is begun anew at about 100 MB

# Start, end, tag, lemma, whether it begins a sentence, place among Kiwi's tokens or -1.
Piece: TypeAlias = tuple[int, int, str, str, bool, int]


@dataclass(frozen=True)
class PipelineConfig:
    """What a brand adds to the pipeline.

    entities: (label, name, aliases), as in ("product", "갤럭시 S24", ("S24", "갤S24")); labels are
    brand, product, person, place, organisation. industries: lexicons of `nlp/lexicons` to look for
    beside the general one; none means all. lexicons: files of the brand's own in the same form.
    spacy_model: name or folder of a pipeline for `spacy.load`, whose entities are added.
    """

    entities: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    industries: tuple[str, ...] = ()
    lexicons: tuple[Path, ...] = ()
    spacy_model: str | None = None
    threads: int = field(default=2, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name and alias, once, for the analyser's dictionary."""
        written = (name for _, first, aliases in self.entities for name in (first, *aliases))
        return tuple(dict.fromkeys(written))


class KiwiTokenizer:
    """spaCy's tokenizer interface over Kiwi: text in, Doc out, `"".join` of which is the text.

    Of each token: `text` and `idx` as in the text (of its first `offsets.LONGEST` characters, a
    lone surrogate written "?"); `tag_` Kiwi's part of speech without its irregularity (VV, NNG, SL
    for a Latin word or model number, `_SP` for further white space); `lemma_` the dictionary form
    (with 다 for verbs; Latin words in lower case and singular); `is_sent_start`. A contraction is
    one token with tag and lemma of its first morpheme. `doc.user_data["analysis"]` is the
    `nlp.korean.Analysis`; `terms_of(doc)` makes the terms of it.
    """

    def __init__(self, vocab: Any, morphemes: Morphology) -> None:
        self.vocab = vocab
        self._morphology = morphemes

    def __call__(self, text: str) -> "Doc":
        return self.docs([text])[0]

    def pipe(self, texts: Sequence[str], batch_size: int = 1000) -> "Iterator[Doc]":
        for at in range(0, len(texts), batch_size):
            yield from self.docs(texts[at : at + batch_size])

    def docs(self, texts: Sequence[str]) -> "list[Doc]":
        """A Doc for each text, with one batch through Kiwi."""
        return [made(self.vocab, analysis) for analysis in self._morphology.analyse(texts)]


class Pipeline:
    """Docs with entities and aspect words marked. May be called from several threads at once.

    `doc.spans["aspects"]` and `doc.spans["implied"]` hold words of the lexicons, `label_` the id of
    their aspect. `doc.ents` are the brand's names (`label_`, and in `ent_id_` the name that they
    are an alias of) and whatever the configured spaCy model found; none overlap.
    """

    def __init__(self, config: PipelineConfig | None = None, threads: int | None = None) -> None:
        self.config = config or PipelineConfig()
        self.lexicon = lexicon.aspects(self.config.industries, self.config.lexicons)
        self._morphology = morphology(threads or self.config.threads, self.config.names)
        self._other = _loaded(self.config.spacy_model) if self.config.spacy_model else None
        self._renewing = threading.Lock()
        self._language: Any = None

    def docs(self, texts: Sequence[str]) -> "list[Doc]":
        """A Doc for each text, in order. Linear in the length of the texts."""
        language = self._current()
        docs: list[Doc] = language.tokenizer.docs(texts)
        for doc in docs:
            for _, component in language.pipeline:
                component(doc)
        if self._other is not None:
            for doc in docs:
                _add_entities(doc, self._other(doc.text))
        return docs

    def _current(self) -> Any:
        """The spaCy pipeline, made anew when its vocabulary has grown too large."""
        with self._renewing:
            if self._language is None or len(self._language.vocab.strings) > MOST_STRINGS:
                self._language = _language(self.config, self._morphology)
            return self._language


def terms_of(doc: "Doc") -> list[Term]:
    """Content words of a Doc, as `nlp.korean.terms` gives them of its text."""
    return terms_of_analysis(doc.user_data[ANALYSIS])


def made(vocab: Any, analysis: Analysis) -> "Doc":
    """The Doc of an analysed text."""
    from spacy.tokens import Doc

    read = analysis.read
    found = _english(read) if analysis.tokens is None else _korean(read, analysis.tokens)
    words: list[str] = []
    spaces: list[bool] = []
    tags: list[str] = []
    lemmas: list[str] = []
    starts: list[bool | int | None] = []
    places: list[int] = []
    for start, end, tag, lemma, first, place in _tiled(read.stored, found):
        if tag == SPACE and end - start == 1 and words and not spaces[-1] and lemma == " ":
            spaces[-1] = True
            continue
        words.append(read.stored[start:end])
        spaces.append(False)
        tags.append(tag)
        lemmas.append(lemma)
        starts.append(first)
        places.append(place)
    doc = Doc(vocab, words, spaces, tags=tags, lemmas=lemmas, sent_starts=starts)
    doc.user_data[ANALYSIS] = analysis
    doc.user_data[MORPHEMES] = places
    return doc


def _tiled(stored: str, pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The pieces and what lies between them: every character of the text once, in order."""
    done = 0
    for piece in pieces:
        start, end, tag, lemma, first, place = piece
        if start > done:
            yield from _between(stored, done, start)
            first = first or "\n" in stored[done:start]
        yield max(start, done), end, tag, lemma, first, place
        done = end
    if done < len(stored):
        yield from _between(stored, done, len(stored))


def _between(stored: str, start: int, end: int) -> Iterator[Piece]:
    """White space, markup and characters that no analyser reads. One leading space is apart."""
    if stored[start] == " " and end - start > 1:
        yield start, start + 1, SPACE, " ", False, -1
        start += 1
    gap = stored[start:end]
    last = end - 1 if gap[-1] == " " and not gap.isspace() else end
    yield start, last, SPACE if gap.isspace() else "SW", stored[start:last], False, -1
    if last < end:
        yield last, end, SPACE, " ", False, -1


def _korean(read: Readable, tokens: Sequence[Any]) -> Iterator[Piece]:
    """Kiwi's tokens as pieces of surface: Latin words whole, contractions one piece."""
    latin = {found.start(): found for found in LATIN.finditer(read.text)}
    word_end = done = 0
    sentence = -1
    for place, token in enumerate(tokens):
        start, end = token.start, token.end
        word = latin.get(start)
        tag, lemma = token.tag, ""
        if start < word_end:
            continue
        if word is not None and tag[0] in "SNW":
            word_end = end = max(end, word.end())
            tag, lemma = "SL", english.lemma(word.group().lower())
        start = max(start, done)
        if end <= start:
            continue
        first = token.sent_position != sentence
        sentence = token.sent_position
        if not lemma:
            lemma = token.lemma if tag[0] == "V" or tag[:2] == "XS" else token.form
        done = end
        yield read.place(start), read.place(end), tag.partition("-")[0], lemma, first, place


def _english(read: Readable) -> Iterator[Piece]:
    """Words, numbers and marks of a text without Hangul."""
    first = True
    for found in english.TOKEN.finditer(read.text):
        word = found.group()
        tag = english.tag(word)
        start, end = read.place(found.start()), read.place(found.end())
        yield start, end, tag, english.lemma(word.lower()), first, -1
        first = tag == "SF"


def _language(config: PipelineConfig, morphemes: Morphology) -> Any:
    """A blank Korean pipeline with Kiwi as its tokenizer and what is to be looked for."""
    import spacy
    from spacy.language import Language

    blank = {"nlp": {"tokenizer": {"@tokenizers": "spacy.Tokenizer.v1"}}}
    language = spacy.blank("ko", config=blank)  # Korean's own tokenizer needs MeCab
    language.tokenizer = KiwiTokenizer(language.vocab, morphemes)
    if config.entities:
        ruler: Any = language.add_pipe("entity_ruler")
        ruler.add_patterns(_name_patterns(config, language.tokenizer))
    if not Language.has_factory(MARKER):
        Language.factory(MARKER, default_config={"industries": [], "lexicons": []}, func=_marker)
    files = [str(path) for path in config.lexicons]
    language.add_pipe(MARKER, config={"industries": [*config.industries], "lexicons": files})
    return language


def _marker(nlp: Any, name: str, industries: list[str], lexicons: list[str]) -> "AspectWords":
    """The component `madang_aspect_words`, as spaCy makes it from a configuration."""
    entries = lexicon.aspects(tuple(industries), tuple(map(Path, lexicons)))
    return AspectWords(nlp, entries)


def _name_patterns(config: PipelineConfig, tokenizer: KiwiTokenizer) -> list[dict[str, Any]]:
    """Token patterns for every name and alias, written with or without spaces and particles."""
    written = [
        (label, name, alias)
        for label, name, aliases in config.entities
        for alias in (name, *aliases)
    ]
    phrases = tokenizer.docs([alias for _, _, alias in written])
    return [
        {"label": label, "id": name, "pattern": [{"LEMMA": token.lemma_} for token in phrase]}
        for (label, name, _), phrase in zip(written, phrases, strict=True)
        if len(phrase)
    ]


class AspectWords:
    """spaCy component: marks the words of the lexicons, the longest where they overlap."""

    def __init__(self, language: Any, entries: dict[str, AspectEntry]) -> None:
        from spacy.matcher import PhraseMatcher

        self._order = {name: rank for rank, name in enumerate(entries)}
        self._matchers = {
            ASPECTS: PhraseMatcher(language.vocab, attr="LEMMA"),
            IMPLIED: PhraseMatcher(language.vocab, attr="LEMMA"),
        }
        for name, entry in entries.items():
            phrases = [doc for doc in language.tokenizer.docs(entry.words) if len(doc)]
            self._matchers[ASPECTS].add(name, phrases)
            self._matchers[IMPLIED].add(
                name, [doc for word in entry.implied for doc in _said(language.vocab, word)]
            )

    def __call__(self, doc: "Doc") -> "Doc":
        for key, matcher in self._matchers.items():
            spans = matcher(doc, as_spans=True)
            if spans:
                spans.sort(key=lambda s: (s.start - s.end, s.start, self._order[s.label_]))
                taken: set[int] = set()
                kept = []
                for span in spans:
                    if taken.isdisjoint(range(span.start, span.end)):
                        taken.update(range(span.start, span.end))
                        kept.append(span)
                doc.spans[key] = sorted(kept, key=lambda span: span.start)
        return doc


def _said(vocab: Any, word: str) -> "list[Doc]":
    """A predicate as one token, and as noun and 하다 or 스럽다, for Kiwi gives either."""
    from spacy.tokens import Doc

    split = re.fullmatch(r"(..+)((?:하|되|스럽|롭)다)", word)
    forms = [[word], list(split.groups())] if split else [[word]]
    return [Doc(vocab, form, lemmas=form) for form in forms]


def _loaded(name: str) -> Any:
    import spacy

    try:
        return spacy.load(name)
    except OSError as error:
        raise NlpError(
            f"no spaCy pipeline {name!r}: {error} Name an installed package or a folder."
        ) from error


def _add_entities(doc: "Doc", other: "Doc") -> None:
    """Entities of another pipeline where the brand's own names left room."""
    from spacy.util import filter_spans

    spans = [
        doc.char_span(ent.start_char, ent.end_char, label=ent.label_, alignment_mode="expand")
        for ent in other.ents
    ]
    taken = {token.i for ent in doc.ents for token in ent}
    free = [span for span in spans if span and not any(token.i in taken for token in span)]
    doc.ents = (*doc.ents, *filter_spans(free))
