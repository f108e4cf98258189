"""Whether hostile texts take more than linear time: four times the length, how much more of it.

    python benchmarks/hostile.py [--length 25000] [--masking]

Each kind of text is read at one length and at four times that length; a ratio of processor time
near 4, or below it where only the ends of a text are read, is linear; 16 would be quadratic.
`--masking` measures nlp.pii alone. The baseline is an ordinary review repeated to the same lengths.
"""

import argparse
import json
import time
from collections.abc import Callable

import pyarrow as pa

from nlp.annotate import Annotator
from nlp.pii import mask_text

ORDINARY = "배송은 빨랐지만 포장이 엉망이라 환불했어요. "
UNITS = (
    "a", "가", "ㅋ", "🔥", "<", "(", "<a href=", "<!--", "&amp;", "01012345678",
    "4111-1111-1111-1111 ", "a@", "a.", "1", "1-", "-", '\'"', "\\", "https://example.com/ ",
    "#환불 ", "@a ", "\u200d", "é", "좋지만 ", "안 ", "네. ", "배송\n", "서울시 ", "가로1",
    "1 A ", "국민은행 ", "д", "大", "\u202e", "배송이너무늦어요",
)  # fmt: skip


def spent(work: Callable[[str], object], text: str) -> float:
    """Seconds of processor time; the better of two."""
    seconds = []
    for _ in range(2):
        began = time.process_time()
        work(text)
        seconds.append(time.process_time() - began)
    return min(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--length", type=int, default=25_000)
    parser.add_argument("--masking", action="store_true")
    options = parser.parse_args()
    work: Callable[[str], object] = mask_text
    if not options.masking:
        annotator = Annotator()

        def work(text: str) -> object:
            return annotator.annotate(pa.table({"text": [text]}))

    rows = {}
    for unit in (ORDINARY, *UNITS):
        text = unit * (4 * options.length // len(unit) + 1)
        short, long = (spent(work, text[: n * options.length]) for n in (1, 4))
        # Below five milliseconds the clock says little.
        rows[unit] = (round(long * 1000, 1), round(long / max(short, 0.005), 2))
    ratios = {unit: ratio for unit, (_, ratio) in rows.items()}
    worst = sorted(ratios, key=lambda unit: -ratios[unit])[:5]
    slowest = sorted(rows, key=lambda unit: -rows[unit][0])[:5]
    report = {
        "characters": 4 * options.length,
        "ordinary_ratio": ratios[ORDINARY],
        "worst_ratios": {repr(unit): ratios[unit] for unit in worst},
        "slowest_milliseconds": {repr(unit): rows[unit][0] for unit in slowest},
        "ordinary_milliseconds": rows[ORDINARY][0],
    }
    print(json.dumps(report, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
