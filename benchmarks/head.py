"""What a head gains from a hundred labels of a domain that the shipped models never saw.

    python benchmarks/head.py [--labels 100] [--draws 20]

For each domain a hundred texts are drawn at random, a head is fitted on their labels, and all the
other texts are read with and without it; the figures are means over the draws. `switched` counts a
head only where its own cross-validation on the hundred switched it on, as `madang head fit` does.
`mistakes` fits on a hundred texts that the shipped models read wrongly, as people like to correct
them: such a head must stay off. The films are the models' own domain: there is nothing to gain.
KOTE's comments trained nothing; of the others the texts here were held back from training. Target:
1.5 points on a domain of one's own choice, for which KOTE stands. Needs the labelled texts, which
are not in the project.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nlp.annotate import Annotator
from nlp.errors import NlpError
from nlp.head import Readings
from nlp.head_fit import Labelled, fit_head
from nlp.train import corpus, kote
from nlp.train.corpus import Corpus
from nlp.train.measure import balanced, truth_of

DATA = Path(__file__).parents[2] / "shared" / "data"
Rows = npt.NDArray[np.int64]
Chances = npt.NDArray[np.float32]


@dataclass
class Found:
    """Gains in points, one a draw."""

    three: list[float] = field(default_factory=list)
    two: list[float] = field(default_factory=list)
    switched: list[float] = field(default_factory=list)
    on: int = 0
    wrongly_on: int = 0
    seconds: list[float] = field(default_factory=list)


def domains(data: Path) -> dict[str, Corpus]:
    return {
        "KOTE's clear comments": kote.clear_comments(data),
        "tweets": corpus.joined([corpus.tweets(data, "validation"), corpus.tweets(data, "test")]),
        "Amazon sentences": corpus.joined(
            [corpus.amazon_sentences(data, "validation"), corpus.amazon_sentences(data, "test")]
        ),
        "films (own domain)": balanced(corpus.korean(data, "test"), 2400),
    }


def of_rows(read: Readings, rows: Rows) -> Readings:
    langs: Sequence[str] = [read.langs[row] for row in rows]
    return Readings(read.shipped[rows], read.student[rows], read.transformer[rows], langs)


def labelled(read: Readings, truth: Rows, rows: Rows) -> Labelled:
    chosen = np.zeros(len(rows), bool)
    return Labelled(of_rows(read, rows), truth[rows], chosen, np.ones(len(rows)))


def three_classes(chances: Chances, truth: Rows) -> float:
    return 100 * float((chances.argmax(1) == truth).mean())


def two_classes(chances: Chances, truth: Rows) -> float:
    sure = truth != 1
    said = np.where(chances[:, 2] > chances[:, 0], 2, 0)
    return 100 * float((said == truth)[sure].mean())


def draw(read: Readings, truth: Rows, labels: int, seed: int, found: Found) -> None:
    order = np.random.default_rng(seed).permutation(len(truth))
    known, rest = order[:labels], order[labels:]
    began = time.perf_counter()
    head = fit_head(labelled(read, truth, known), "shipped")
    found.seconds.append(time.perf_counter() - began)
    before, after = read.shipped[rest], head.apply(of_rows(read, rest))
    found.three.append(three_classes(after, truth[rest]) - three_classes(before, truth[rest]))
    found.two.append(two_classes(after, truth[rest]) - two_classes(before, truth[rest]))
    found.on += head.on
    found.switched.append(found.three[-1] if head.on else 0.0)
    wrong = order[read.shipped[order].argmax(1) != truth[order]][:labels]
    found.wrongly_on += is_on(labelled(read, truth, wrong))


def is_on(given: Labelled) -> bool:
    """Whether these labels switch a head on; too few of them do not."""
    try:
        return fit_head(given, "shipped").on
    except NlpError:
        return False


def said(gains: Sequence[float]) -> str:
    return f"{np.mean(gains):+.2f} ({min(gains):+.2f} to {max(gains):+.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=int, default=100)
    parser.add_argument("--draws", type=int, default=20)
    options = parser.parse_args()
    if not DATA.exists():
        print(f"skipped: the labelled texts are not at {DATA.name}/ beside the project")
        return
    annotator = Annotator()
    for name, data in domains(DATA).items():
        read, truth = annotator.readings(data.texts), truth_of(data)
        known = np.flatnonzero(np.isin(np.array(read.langs, object), ("ko", "en")))
        read, truth = of_rows(read, known), truth[known]
        found = Found()
        for seed in range(options.draws):
            draw(read, truth, options.labels, seed, found)
        three, two = three_classes(read.shipped, truth), two_classes(read.shipped, truth)
        print(f"{name}, {len(truth)} texts: shipped {three:.1f} of three classes, {two:.1f} of two")
        print(f"  three classes {said(found.three)}; two classes {said(found.two)}")
        print(f"  switched on in {found.on} of {options.draws} draws: {said(found.switched)}")
        print(f"  of mistakes alone switched on in {found.wrongly_on} of {options.draws}")
        print(f"  {np.mean(found.seconds):.2f} s a head")


if __name__ == "__main__":
    main()
