"""Korean words: lemmas for search and topics, and the particle that fits behind a word.

One Kiwi analyser serves a process: it takes seconds and some 300 MB to load and is safe to share
between threads, so it is made once, when first needed. `Morphology` alone touches it.
"""

import functools
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from nlp.errors import NlpError
from nlp.offsets import Readable, readable


class Term(NamedTuple):
    """A word in dictionary form with its part of speech in Kiwi's (Sejong) tag set.

    Verbs and adjectives end in 다; Latin words and model numbers are lower-case `SL`; laughter and
    tears are `IC`, however long they were typed (ㅋㅋ, ㅎㅎ, ㅠㅠ).
    """

    lemma: str
    tag: str


_NOUNS: Final = frozenset({"NNG", "NNP", "XR", "SH"})
_VERBS: Final = frozenset({"VV", "VA"})
_KEPT: Final = _NOUNS | _VERBS | {"VX", "VCN", "MAG", "IC", "SL", "SN", "W_HASHTAG", "W_EMOJI"}
_SEARCHED: Final = _NOUNS | _VERBS | {"SL", "SN", "W_HASHTAG", "W_EMOJI", "MAG", "IC"}
_WORD_MAKING: Final = frozenset({"하", "스럽", "롭", "답"})  # these make one word with their noun

LATIN: Final = re.compile(r"(?=[0-9]*[A-Za-z])[A-Za-z0-9]+(?:['’][A-Za-z]+)*")
_PLAIN_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_HANGUL: Final = re.compile(r"[ᄀ-ᇿㄱ-ㆎ가-힣]")
_SLANG: Final = re.compile(r"[ㅋㅎㅠㅜ]+|[ㄱ-ㅎㅏ-ㅣ]+")
_SLANG_RUN: Final = re.compile(r"ㅋ+|ㅎ+|[ㅠㅜ]+|[^ㅋㅎㅠㅜ]+")


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was read of one text, and Kiwi's tokens of it; None where it holds no Hangul."""

    read: Readable
    tokens: Sequence[Any] | None


class Morphology:
    """Kiwi, loaded when first asked, with `threads` workers for batches. Safe between threads.

    `names` are words of the brand's own (brands, products): particles split off behind them.
    """

    def __init__(self, threads: int = 2, names: Sequence[str] = ()) -> None:
        self._threads = threads
        self._names = tuple(names)
        self._kiwi: Any = None
        self._loading = threading.Lock()

    def load(self) -> Any:
        """The analyser itself; the first call takes some seconds."""
        with self._loading:
            if self._kiwi is None:
                from kiwipiepy import Kiwi

                # Without its 250,000 names of several words: they take two of the four seconds of a
                # start, and join what people search for apart.
                kiwi = Kiwi(num_workers=self._threads, load_multi_dict=False)
                for name in self._names:
                    if _HANGUL.search(name) and not re.search(r"\s", name):
                        kiwi.add_user_word(name, "NNP")
                self._kiwi = kiwi
            return self._kiwi

    def analyse(self, texts: Sequence[str]) -> list[Analysis]:
        """Each text of its first `LONGEST` characters, through Kiwi if it holds Hangul."""
        read = [readable(text) for text in texts]
        korean = [one.text for one in read if _HANGUL.search(one.text)]
        analysed = iter(self.load().tokenize(korean) if korean else ())
        return [Analysis(one, next(analysed) if _HANGUL.search(one.text) else None) for one in read]

    def terms(self, texts: Sequence[str]) -> list[list[Term]]:
        """Content words of each text, in order, of its first `LONGEST` characters."""
        return [terms_of(analysis) for analysis in self.analyse(texts)]

    def search_lemmas(self, words: str) -> list[str]:
        """The content lemmas of what a user typed, each once; its plain words if it has none."""
        return searched(words, self.terms([words])[0])


def searched(words: str, found: Sequence[Term]) -> list[str]:
    """What to look for when a user types `words`, of which `found` are the terms."""
    lemmas = [term.lemma for term in found if term.tag in _SEARCHED]
    return list(dict.fromkeys(lemmas or [w.lower() for w in _PLAIN_WORD.findall(words)]))


def terms_of(analysis: Analysis) -> list[Term]:
    """Content words of a text that has been analysed."""
    text = analysis.read.text
    if analysis.tokens is None:
        return [Term(word.lower(), _plain_tag(word)) for word in _PLAIN_WORD.findall(text)]
    return list(_terms(text, analysis.tokens))


@functools.cache
def morphology(threads: int = 2, names: tuple[str, ...] = ()) -> Morphology:
    """The analyser of this process for batches on so many threads; every caller gets the same."""
    return Morphology(threads, names)


def terms(texts: Sequence[str]) -> list[list[Term]]:
    """Content words of each text, in order: '배송이 늦어요' gives 배송/NNG and 늦다/VV."""
    return morphology().terms(texts)


def search_lemmas(words: str) -> list[str]:
    """What to look for when a user types `words`: '배송이 늦어요' gives 배송 and 늦다."""
    return morphology().search_lemmas(words)


def _plain_tag(word: str) -> str:
    return "SN" if word.isdecimal() else "SL"


def _terms(text: str, tokens: Sequence[Any]) -> Iterator[Term]:
    """Walk over Kiwi's tokens once; Latin words and slang are read from the text itself."""
    latin = {at: m for m in LATIN.finditer(text) for at in range(m.start(), m.end())}
    waiting: Term | None = None  # a noun that 하다 may still join
    done = -1
    for token in tokens:
        form, tag, start = token.form, token.tag, token.start
        word = latin.get(start)
        if word is not None and tag[0] in "SNW":
            if waiting:
                yield waiting
                waiting = None
            if word.start() > done:
                done = word.start()
                yield Term(word.group().lower().replace("’", "'"), "SL")
            continue
        base = tag.partition("-")[0]
        if waiting is not None and base in ("XSV", "XSA") and form in _WORD_MAKING:
            yield Term(f"{waiting.lemma}{form}다", "VV" if base == "XSV" else "VA")
            waiting = None
            continue
        if waiting:
            yield waiting
            waiting = None
        if base in _NOUNS:
            waiting = Term(form, base)
        elif base == "XSV":  # 환불받다 is 환불을 받다 written together
            yield Term(f"{form}다", "VV")
        elif base == "SW" and _SLANG.fullmatch(form):
            yield from (Term(_slang(run), "IC") for run in _SLANG_RUN.findall(form))
        elif base in _KEPT:
            yield Term(token.lemma if base[0] == "V" else form.lower(), base)
    if waiting:
        yield waiting


def _slang(run: str) -> str:
    if run[0] in "ㅋㅎ":
        return run[0] * 2
    return "ㅠㅠ" if run[0] in "ㅠㅜ" else run


_PARTICLES: Final = {
    "은/는": ("은", "는"),
    "이/가": ("이", "가"),
    "을/를": ("을", "를"),
    "과/와": ("과", "와"),
    "아/야": ("아", "야"),
    "으로/로": ("으로", "로"),
    "이나/나": ("이나", "나"),
    "이랑/랑": ("이랑", "랑"),
    "이라/라": ("이라", "라"),
    "이에요/예요": ("이에요", "예요"),
}
# The last sound of what is read aloud: "" a vowel, "ㄹ", or "ㅇ" for any other consonant.
_DIGITS: Final = dict(
    zip("0123456789", ("ㅇ", "ㄹ", "", "ㅇ", "", "", "ㅇ", "ㄹ", "ㄹ", ""), strict=True)
)
_LETTERS: Final = {"l": "ㄹ", "r": "ㄹ", "m": "ㅇ", "n": "ㅇ"}
_LATIN_ENDS: Final = (
    (re.compile(r"(?:l|le|lle)$"), "ㄹ"),
    (re.compile(r"(?:ng|m|n|[aeiouy](?:me|ne)|ck)$"), "ㅇ"),
    (re.compile(r"(?:[^aeiou]|^)[aeiou][kpt]$|oo[kpt]$|app$|mac$"), "ㅇ"),
)


def with_particle(word: str, particle: str) -> str:
    """`word` with the form of `particle` that its last sound asks for.

    `particle` is written consonant form first ('은/는', '으로/로'). Digits and Latin words go by
    how Koreans read them (3은, LG는, Apple은). Raises NlpError for an unknown particle.
    """
    if particle not in _PARTICLES:
        known = ", ".join(_PARTICLES)
        raise NlpError(f"no particle {particle!r}; write one of: {known}")
    closed, opened = _PARTICLES[particle]
    sound = _last_sound(word)
    if sound is None:
        return f"{word}{closed}({opened})"
    is_open = sound == "" or (sound == "ㄹ" and closed == "으로")
    return word + (opened if is_open else closed)


def _last_sound(word: str) -> str | None:
    spoken = re.sub(r"[^0-9A-Za-z가-힣]+$", "", word)
    if not spoken:
        return None
    last = spoken[-1]
    if "가" <= last <= "힣":
        final = (ord(last) - 0xAC00) % 28
        return "" if final == 0 else "ㄹ" if final == 8 else "ㅇ"
    if last in _DIGITS:
        zeros = re.search(r"0+$", spoken)
        is_trillion = zeros is not None and 12 <= len(zeros.group()) < 16
        return "" if is_trillion else _DIGITS[last]
    latin = re.search(r"[A-Za-z]+$", spoken)
    tail = latin.group() if latin else last
    if len(tail) == 1 or (tail.isupper() and len(tail) <= 4):
        return _LETTERS.get(tail[-1].lower(), "")
    for pattern, sound in _LATIN_ENDS:
        if pattern.search(tail.lower()):
            return sound
    return ""
