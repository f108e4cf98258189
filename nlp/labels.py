"""What the outputs of a sentiment classifier mean, whoever made it: the three classes, or stars.

Models name their outputs in `id2label`. Two classes leave no room for neutral: what they are unsure
of is taken for it. Stars from one to five are summed: 1 and 2, 3, 4 and 5.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nlp.errors import NlpError

CLASSES: Final = ("negative", "neutral", "positive")
Floats = npt.NDArray[np.float32]

_NAMES: Final[dict[str, int]] = {
    "negative": 0, "neg": 0, "부정": 0, "neutral": 1, "neu": 1, "중립": 1,
    "positive": 2, "pos": 2, "긍정": 2,
}  # fmt: skip
_STARS: Final = re.compile(r"([1-5])[ _]?(?:stars?|점)")
_FLOOR: Final = 1e-6


@dataclass(frozen=True)
class Meaning:
    """Which class each output counts for; `two` when none of them is neutral."""

    columns: tuple[int, ...]
    two: bool

    def log_probabilities(self, outputs: Floats) -> Floats:
        """Log-probabilities of the outputs (n, k) as those of `CLASSES` (n, 3)."""
        chances = np.zeros((len(outputs), 3), np.float32)
        for output, label in enumerate(self.columns):
            chances[:, label] += np.exp(outputs[:, output])
        if self.two:
            # As sure as a fair coin is neutral; as sure as can be leaves nothing for it.
            unsure = 2 * np.minimum(chances[:, 0], chances[:, 2])
            chances *= (1 - unsure / 2)[:, None]
            chances[:, 1] = unsure / 2
        found: Floats = np.log(np.maximum(chances, _FLOOR))
        return found


def meaning_of(config: Mapping[str, Any], folder: Path) -> Meaning:
    """Read `id2label` of a model's `config.json`; NlpError where it names no sentiment."""
    named = {int(output): str(name) for output, name in config.get("id2label", {}).items()}
    classes = [_class_of(named[output]) for output in sorted(named)]
    known = {label for label in classes if label is not None}
    if None in classes or not {0, 2} <= known:
        raise NlpError(
            f"{folder / 'config.json'}: id2label names {sorted(named.values())}; name the model's "
            f"outputs {', '.join(CLASSES)} there, or 1 star to 5 stars"
        )
    return Meaning(tuple(label for label in classes if label is not None), 1 not in known)


def _class_of(name: str) -> int | None:
    name = name.strip().lower()
    stars = _STARS.fullmatch(name)
    if stars:
        return int(np.digitize(int(stars[1]), [3, 4]))
    return _NAMES.get(name)
