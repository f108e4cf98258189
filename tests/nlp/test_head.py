"""The head learns what a domain needs, stays near the shipped model, and is not fooled."""

import json
from pathlib import Path

import numpy as np
import pytest

from nlp.errors import NlpError
from nlp.head import Head, Readings, head_in_use
from nlp.head_fit import Labelled, fit_head
from nlp.sentiment import log_softmax


def domain(rows: int, neutral_bias: float, seed: int = 1) -> tuple[Readings, np.ndarray]:
    """Texts of three equal classes whose models know them well, but for a lean towards neutral."""
    chance = np.random.default_rng(seed)
    labels = chance.integers(0, 3, rows)
    # Normal evidence of this spread makes calibrated log odds with this slope.
    logits = (2.5 * np.eye(3)[labels] + chance.normal(0, 1.2, (rows, 3))) * 2.5 / 1.2**2
    student = log_softmax(logits + chance.normal(0, 0.5, (rows, 3)))
    transformer = log_softmax(logits)
    shipped = np.exp(log_softmax(logits + np.array([0, neutral_bias, 0])))
    transformer[::3] = np.nan  # a cascade does not ask it of every text
    return readings(shipped, student, transformer), labels


def readings(shipped: np.ndarray, student: np.ndarray, transformer: np.ndarray) -> Readings:
    as_float = (part.astype(np.float32) for part in (shipped, student, transformer))
    return Readings(*as_float, langs=["ko"] * len(shipped))


def labelled(
    read: Readings, labels: np.ndarray, rows: np.ndarray, by_chance: bool = False
) -> Labelled:
    part = Readings(
        read.shipped[rows], read.student[rows], read.transformer[rows], ["ko"] * len(rows)
    )
    return Labelled(part, labels[rows], np.full(len(rows), by_chance), np.ones(len(rows)))


def right(chances: np.ndarray, labels: np.ndarray) -> float:
    return float((chances.argmax(1) == labels).mean())


def test_a_hundred_labels_take_a_lean_away() -> None:
    read, labels = domain(3000, neutral_bias=3.0)
    head = fit_head(labelled(read, labels, np.arange(100)), "v")
    assert head.on and head.figures["why_not"] == ""
    before = right(read.shipped[100:], labels[100:])
    after = right(head.apply(read)[100:], labels[100:])
    assert after > before + 0.08
    assert head.figures["log_score_gain"]["low"] > 0
    assert np.allclose(head.apply(read).sum(1), 1, atol=1e-5)


def test_where_nothing_is_to_be_gained_it_stays_off_and_near_the_shipped_model() -> None:
    on, moved = 0, []
    for seed in range(10):
        read, labels = domain(100, neutral_bias=0.0, seed=seed)
        head = fit_head(labelled(read, labels, np.arange(100)), "v")
        on += head.on
        moved.append(np.abs(head.apply(read) - read.shipped).mean())
    assert on <= 1
    assert np.mean(moved) < 0.05


def test_a_list_of_mistakes_switches_nothing_on() -> None:
    """Only what was wrong is corrected: fitted naively, contradicting would seem to be the way."""
    read, labels = domain(4000, neutral_bias=0.0)
    wrong = np.flatnonzero(read.shipped.argmax(1) != labels)[:150]
    head = fit_head(labelled(read, labels, wrong), "v")
    assert not head.on and "list of its mistakes" in head.figures["why_not"]


def test_labels_by_chance_put_a_list_of_mistakes_right() -> None:
    read, labels = domain(6000, neutral_bias=0.0)
    wrong = np.flatnonzero(read.shipped.argmax(1) != labels)[:150]
    drawn = np.setdiff1d(np.arange(400), wrong)
    rows = np.concatenate([wrong, drawn])
    given = labelled(read, labels, rows)
    given = Labelled(given.readings, given.labels, np.isin(rows, drawn), given.weights)
    head = fit_head(given, "v")
    rest = np.setdiff1d(np.arange(6000), rows)
    assert head.figures["measured_on"] == len(drawn)
    assert (
        right(head.apply(read)[rest], labels[rest]) > right(read.shipped[rest], labels[rest]) - 0.02
    )


def test_a_language_without_labels_is_left_alone_and_so_is_the_unknown() -> None:
    read, labels = domain(300, neutral_bias=3.0)
    head = fit_head(labelled(read, labels, np.arange(100)), "v")
    shipped = read.shipped.copy()
    shipped[5] = np.nan
    mixed = Readings(shipped, read.student, read.transformer, ["en"] * 3 + ["ko"] * 297)
    found = head.apply(mixed)
    assert np.array_equal(found[:3], shipped[:3])
    assert np.isnan(found[5]).all() and not np.isnan(found[[4, 6]]).any()
    assert np.abs(found[6:] - shipped[6:]).max() > 0.1


def test_too_few_labels_say_how_many_it_takes() -> None:
    read, labels = domain(300, neutral_bias=3.0)
    with pytest.raises(NlpError, match=r"30 labels .* it takes 50"):
        fit_head(labelled(read, labels, np.arange(30)), "v")
    one_class = np.flatnonzero(labels == 2)[:80]
    with pytest.raises(NlpError, match="two classes"):
        fit_head(labelled(read, labels, one_class), "v")


def test_the_same_labels_make_the_same_head_and_a_file_keeps_it(tmp_path: Path) -> None:
    read, labels = domain(200, neutral_bias=3.0)
    head = fit_head(labelled(read, labels, np.arange(100)), "v")
    again = fit_head(labelled(read, labels, np.arange(100)), "v")
    assert np.array_equal(head.weight, again.weight) and head.figures == again.figures
    path = tmp_path / "models" / "head.json"
    head.write(path)
    kept = Head.read(path)
    assert np.array_equal(kept.apply(read), head.apply(read))
    assert (kept.on, kept.figures, kept.languages) == (True, head.figures, ("ko",))


def test_a_head_is_used_only_over_the_models_it_was_fitted_on(tmp_path: Path) -> None:
    path = tmp_path / "head.json"
    assert head_in_use(path, "v") is None
    read, labels = domain(200, neutral_bias=3.0)
    fit_head(labelled(read, labels, np.arange(100)), "v").write(path)
    assert head_in_use(path, "v") == path
    assert head_in_use(path, "another") is None
    told = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**told, "on": False}), "utf-8")
    assert head_in_use(path, "v") is None
    for broken in ({**told, "bias": [1]}, {**told, "format": 9}, {"on": True}):
        path.write_text(json.dumps(broken), "utf-8")
        with pytest.raises(NlpError, match="madang head fit"):
            head_in_use(path, "v")
