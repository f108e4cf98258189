"""Learn how good or bad a word sounds, from ratings: nlp/models/aspects/words.tsv.

    nice -n 19 python -m nlp.train.polarity --data DATA --out nlp/models/aspects/words.tsv

Korean: log-odds of an adjective in reviews of 9-10 against 1-4 stars, without what is denied (안,
못, -지 않다); verbs and nouns tell what films are about (울다, 배우). English: the same of words in
pros against cons and in praise against blame of films.
Words that people wrote down outrank these (nlp/lexicons/words.toml).
"""

import argparse
import math
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from nlp import english
from nlp.korean import Morphology, Term, terms_of

EACH = 40_000  # reviews of each class
LEAST = 25  # a word seen less often says nothing
PRIOR = 10.0  # pseudo-counts: what is rare is drawn to neither side
FULL = 2.0  # log-odds that count as wholly good or bad
WEAKEST = 0.2  # weaker polarities are not kept
COUNTED_TAGS = {"VV", "VA", "NNG", "XR", "IC", "MAG"}
_DENIES = re.compile(r"안|못|않다|못하다|말다|없다|아니다")

Counts = tuple[Counter[str], Counter[str]]


def polarities(good: Counter[str], bad: Counter[str]) -> Iterator[tuple[str, float]]:
    """Log-odds of each word with a prior, cut at `FULL` and scaled to -1..1."""
    ratio = sum(good.values()) / sum(bad.values())
    for word in good.keys() | bad.keys():
        if good[word] + bad[word] >= LEAST:
            odds = math.log((good[word] + PRIOR * ratio) / ((bad[word] + PRIOR) * ratio))
            yield word, max(-1.0, min(1.0, odds / FULL))


def korean(data: Path) -> Counts:
    """How many good and how many bad reviews hold each lemma that is not denied there."""
    table = pq.read_table(data / "naver_movie_reviews.parquet", columns=["review", "rating"])
    morphemes = Morphology(threads=1)
    counts: Counts = (Counter(), Counter())
    for side, rows in enumerate((pc.field("rating") >= 9, pc.field("rating") <= 4)):
        texts = table.filter(rows)["review"]
        step = max(1, len(texts) // EACH)
        taken = [text for text in texts.take(list(range(0, len(texts), step))).to_pylist() if text]
        for at in range(0, len(taken), 2000):
            for analysis in morphemes.analyse(taken[at : at + 2000]):
                counts[side].update(set(_plain(terms_of(analysis))))
    return counts


def _plain(terms: Sequence[Term]) -> Iterator[str]:
    """Lemmas that no word of denial stands beside; those that are no adjectives with their tag."""
    for at, (lemma, tag) in enumerate(terms):
        around = [*terms[max(0, at - 1) : at], *terms[at + 1 : at + 2]]
        if tag in COUNTED_TAGS and not any(_DENIES.fullmatch(near.lemma) for near in around):
            yield lemma if tag == "VA" else f"{lemma}/{tag}"


def english_words(data: Path) -> Counts:
    """Words in praise and in blame; those of films count as much as those of products."""
    counts: Counts = (Counter(), Counter())
    for side, (products, films) in enumerate((("Pros", "pos"), ("Cons", "neg"))):
        counts[side].update(_lemmas(lines(data / "english/pros_cons.zip", products)))
        counts[side].update(_lemmas(lines(data / "english/sentence_polarity.zip", films)))
    return counts


def lines(archive: Path, part: str) -> list[str]:
    """The lines of the one file in an archive whose name holds `part`, without markup."""
    with zipfile.ZipFile(archive) as files:
        (name,) = [name for name in files.namelist() if part in Path(name).name]
        text = files.read(name).decode("latin-1")
    return [re.sub(r"</?\w+>|&#?\w+;", " ", line).strip() for line in text.splitlines()]


def _lemmas(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        words = {english.lemma(word) for word in english.words(text.lower())}
        yield from (word for word in words if word.isalpha())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    found = [
        *polarities(*korean(options.data)),
        *polarities(*english_words(options.data)),
    ]
    kept = sorted(
        (word, score) for word, score in found if abs(score) >= WEAKEST and "/" not in word
    )
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text("".join(f"{word}\t{score:.2f}\n" for word, score in kept), "utf-8")
    print(f"{len(kept)} words")


if __name__ == "__main__":
    main()
