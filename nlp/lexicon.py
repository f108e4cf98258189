"""The aspects a brand looks for and the words that judge them, as the files of nlp/lexicons say.

One file an industry, in Korean and English, made to be edited: docs/aspects.md says how.
"""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nlp.errors import NlpError

FOLDER: Final = Path(__file__).parent / "lexicons"
LEARNED: Final = Path(__file__).parent / "models" / "aspects" / "words.tsv"
GENERAL: Final = "general"
# Ratings of films know less of goods than a person does who writes a word down.
TRUST: Final = 0.6
LEAST: Final = 0.45  # learned words weaker than this are left out: they follow the subject


@dataclass(frozen=True)
class AspectEntry:
    """One aspect: its id and names, the words that name it, and what is said of it alone.

    implied: words that speak of it without naming it. polarity: -1..1 of a word said of this
    aspect. bad: words of it that are blame by themselves (냄새, 하자).
    """

    id: str
    names: Mapping[str, str]
    words: tuple[str, ...]
    implied: Mapping[str, float]
    polarity: Mapping[str, float]
    bad: frozenset[str]


@dataclass(frozen=True)
class Words:
    """Polarities of words of any subject, and how much a word strengthens what it stands before."""

    polarity: Mapping[str, float]
    strength: Mapping[str, float]


def aspects(industries: tuple[str, ...], files: tuple[Path, ...]) -> dict[str, AspectEntry]:
    """The general aspects, those of the industries (none named: all), then the brand's own files.

    A later file adds to an aspect of the same id. Raises NlpError for a file that cannot be read.
    """
    shipped = {path.stem: path for path in sorted(FOLDER.glob("*.toml")) if path.stem != "words"}
    unknown = [name for name in industries if name not in shipped]
    if unknown:
        raise NlpError(f"no lexicon {unknown[0]!r}; there are {', '.join(shipped)}")
    chosen = [GENERAL, *(industries or [name for name in shipped if name != GENERAL])]
    found: dict[str, AspectEntry] = {}
    for path in [*(shipped[name] for name in dict.fromkeys(chosen)), *files]:
        for name, entry in _read(path).items():
            found[name] = _joined(found[name], entry) if name in found else entry
    return found


@functools.cache
def words() -> Words:
    """What people wrote down of words, and under it what was learned from ratings."""
    written = tomllib.loads((FOLDER / "words.toml").read_text("utf-8"))
    polarity: dict[str, float] = {}
    if LEARNED.exists():
        for line in LEARNED.read_text("utf-8").splitlines():
            word, _, score = line.partition("\t")
            # Learned Korean nouns are mostly of the screen: only what is predicated is taken.
            if abs(float(score)) >= LEAST and (word.isascii() or word.endswith("다")):
                polarity[word] = TRUST * float(score)
    return Words({**polarity, **written["ko"], **written["en"]}, written["strength"])


def _read(path: Path) -> dict[str, AspectEntry]:
    try:
        written = tomllib.loads(path.read_text("utf-8"))
        return {name: _entry(name, said) for name, said in written["aspects"].items()}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise NlpError(f"the lexicon {path} cannot be read: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NlpError(
            f"the lexicon {path} is not [aspects.ID] with ko = [...] and en = [...]: {error!r}"
        ) from error


def _entry(name: str, said: dict[str, Any]) -> AspectEntry:
    return AspectEntry(
        id=name,
        names=dict(said.get("name", {})),
        words=tuple(map(str, (*said.get("ko", ()), *said.get("en", ())))),
        implied={word: float(score) for word, score in said.get("implied", {}).items()},
        polarity={word: float(score) for word, score in said.get("polarity", {}).items()},
        bad=frozenset(said.get("bad", ())),
    )


def _joined(first: AspectEntry, second: AspectEntry) -> AspectEntry:
    return AspectEntry(
        id=first.id,
        names={**first.names, **second.names},
        words=tuple(dict.fromkeys((*first.words, *second.words))),
        implied={**first.implied, **second.implied},
        polarity={**first.polarity, **second.polarity},
        bad=first.bad | second.bad,
    )
