"""A small last layer for the brand's own domain, learned from what people said of its texts.

It starts from the shipped model and learns a bias and small deviations: multinomial logistic
regression with the shipped log-probabilities as offset, drawn towards them by a quadratic penalty.
A hundred labels teach it in a second. Fitting and measuring stand in `nlp.head_fit`.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nlp.errors import NlpError
from nlp.sentiment import CLASSES, Floats, log_softmax, read_json

FORMAT: Final = 1
FEATURES: Final = 6  # three of the fast student, three of the transformer
_SCALE: Final = 3.0  # brings centred log-probabilities to about one
_LEAST: Final = 1e-6  # probabilities below are as good as none
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Readings:
    """What the shipped models say of n texts, before any head.

    `shipped` are probabilities of shape (n, 3), nan where the sentiment is unknown; `student` and
    `transformer` log-probabilities of that shape, `transformer` nan where it was not asked; `langs`
    the language codes.
    """

    shipped: Floats
    student: Floats
    transformer: Floats
    langs: Sequence[str]


@dataclass(frozen=True)
class Head:
    """log p = log p_shipped + bias + deviations · features, normalised.

    `bias` has the shape (3,), `weight` (FEATURES, 3). Texts in other languages than `languages`,
    for which there were labels, keep the shipped probabilities. `models` is the digest of the
    shipped models it was learned over: over others it means nothing. `figures` is what was measured
    before it was switched on.
    """

    bias: Doubles
    weight: Doubles
    languages: tuple[str, ...]
    models: str
    on: bool = False
    figures: dict[str, Any] = field(default_factory=dict)

    def apply(self, readings: Readings) -> Floats:
        """Probabilities of shape (n, 3); nan where the shipped model has none."""
        result: Floats = readings.shipped.astype(np.float32, copy=True)
        known = np.isin(np.asarray(readings.langs, object), self.languages)
        rows = np.flatnonzero(known & ~np.isnan(readings.shipped[:, 0]))
        if len(rows):
            offset, features = inputs(readings, rows)
            result[rows] = np.exp(log_softmax(offset + self.bias + features @ self.weight))
        return result

    @classmethod
    def read(cls, path: Path) -> "Head":
        """From the JSON file that `write` wrote; NlpError where it is another thing."""
        given = read_json(path)
        try:
            head = cls(
                np.array(given["bias"], np.float64),
                np.array(given["weight"], np.float64),
                tuple(str(code) for code in given["languages"]),
                str(given["models"]),
                given["on"] is True,
                dict(given["figures"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise _no_head(path, repr(error)) from error
        shapes = (given.get("format"), head.bias.shape, head.weight.shape)
        if shapes != (FORMAT, (3,), (FEATURES, 3)):
            raise _no_head(path, f"format and shapes {shapes}")
        return head

    def write(self, path: Path) -> None:
        """Write it as JSON, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        told = {
            "format": FORMAT,
            "classes": CLASSES,
            "on": self.on,
            "models": self.models,
            "languages": self.languages,
            "bias": self.bias.tolist(),
            "weight": self.weight.tolist(),
            "figures": self.figures,
        }
        temporary = path.with_suffix(".part")
        temporary.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
        temporary.replace(path)


def digest_of(places: Iterable[Path | None]) -> str:
    """A name that changes with the models in these folders and files; loads none."""
    digest = hashlib.blake2b(digest_size=8)
    for place in places:
        if place is not None:
            files = sorted(place.rglob("*")) if place.is_dir() else [place]
            for path in files:
                if path.is_file():
                    digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def head_in_use(path: Path, models: str) -> Path | None:
    """`path` where a head is there, switched on, and learned over the models of this digest."""
    if not path.exists():
        return None
    head = Head.read(path)
    return path if head.on and head.models == models else None


def inputs(readings: Readings, rows: npt.NDArray[np.int64]) -> tuple[Doubles, Doubles]:
    """Offset (n, 3) and features (n, FEATURES) of some rows. Where the transformer was not asked
    the student stands in its place, in fitting as in use."""
    student = readings.student[rows].astype(np.float64)
    transformer = readings.transformer[rows].astype(np.float64)
    transformer = np.where(np.isnan(transformer), student, transformer)
    offset = np.log(np.maximum(readings.shipped[rows].astype(np.float64), _LEAST))
    parts = [part - part.mean(1, keepdims=True) for part in (student, transformer)]
    return offset, np.concatenate(parts, axis=1) / _SCALE


def _no_head(path: Path, found: str) -> NlpError:
    return NlpError(f"{path} is no head of this version ({found}); run: madang head fit")
