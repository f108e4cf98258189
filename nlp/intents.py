"""What somebody wants who writes a text: several intents may hold, and life events are named.

Patterns of RE2 over a whole column, linear in any text: some in the text, some in its line of
dictionary forms, which is spaCy's tokens written out (" 이사/NNG 하/XSV "). Complaint and praise
also ask the sentiment of the text, for many of their words are said otherwise too.
"""

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from nlp import opinion_rules as opinion
from nlp.intent_rules import COMPARISON, LEAVING, PURCHASE, QUESTION, QUOTED, REQUEST, Rule
from nlp.life_events import CUT_LINE, CUT_TEXT, EVENTS, OWN, THIRD
from nlp.texts import column

if TYPE_CHECKING:
    from spacy.tokens import Doc

# The stubs refuse plain numbers and strings beside arrays, which Arrow takes.
pc: Final[Any] = pyarrow.compute

Floats = npt.NDArray[np.float32]
Truth = npt.NDArray[np.bool_]

INTENTS: Final = (
    "complaint",
    "question",
    "praise",
    "request",
    "purchase_intent",
    "leaving",
    "comparison",
    "life_event",
)
LIFE_EVENTS: Final = tuple(EVENTS)
RULES: Final[dict[str, Rule]] = {
    "question": QUESTION,
    "request": REQUEST,
    "purchase_intent": PURCHASE,
    "leaving": LEAVING,
    "comparison": COMPARISON,
}

# How sure the sentiment must be for words that are also said otherwise, and how sure of the
# contrary to overrule firm ones. Chosen on the half of the sentences that is for tuning.
LEANING: Final = 0.45
CONTRARY: Final = 0.85
# Below which chance of the contrary such words count where all of them lean one way.
DOUBTED: Final = 0.5
# So sure that no word is needed: of KOTE's comments with this chance of a negative sentiment 86
# in 100 carry its label 불평/불만 (of all that are found to complain 75), of those with this chance
# of a positive one 91 a label of pleasure (84). Only where no other intent explains the tone.
SURE: Final = 0.7


def intents(docs: "Sequence[Doc]", chances: Floats) -> list[list[str]]:
    """The intents of each text in the order of `INTENTS`, then its `life_event:<which>`.

    docs: of `nlp.spacy_pipeline.Pipeline`. chances: sentiment probabilities of shape (n, 3), nan
    where the sentiment cannot be read.
    """
    if not docs:
        return []
    text, line = _columns(docs)
    known = np.nan_to_num(chances, nan=1 / 3)
    spoken = _without(text, QUOTED)
    held = {name: _holds(rule, spoken, line) for name, rule in RULES.items()}
    events = _events(spoken, line)
    held["life_event"] = np.logical_or.reduce(list(events.values()))
    explained = _differs(text, spoken)
    for name in ("question", "request", "purchase_intent", "life_event"):
        explained |= held[name]
    held["complaint"], held["praise"] = _opinions(spoken, known, ~explained)
    names = [*INTENTS, *(f"life_event:{name}" for name in LIFE_EVENTS)]
    columns = [held[name] for name in INTENTS] + [events[name] for name in LIFE_EVENTS]
    return _named(names, np.stack(columns, 1))


def life_events(docs: "Sequence[Doc]") -> list[list[str]]:
    """Which of `LIFE_EVENTS` the writer of each text tells of themselves."""
    if not docs:
        return []
    text, line = _columns(docs)
    events = _events(_without(text, QUOTED), line)
    return _named(list(LIFE_EVENTS), np.stack([events[name] for name in LIFE_EVENTS], 1))


def _columns(docs: "Sequence[Doc]") -> "tuple[pa.Array[Any], pa.Array[Any]]":
    """Texts in lower case as the analyser read them, and their lines of dictionary forms."""
    texts, lines = [], []
    for doc in docs:
        analysis = doc.user_data.get("analysis")
        texts.append((doc.text if analysis is None else analysis.read.text).lower())
        lines.append(f" {' '.join([f'{token.lemma_}/{token.tag_}' for token in doc])} ")
    return column(texts), column(lines)


def _opinions(text: "pa.Array[Any]", chances: Floats, plain: Truth) -> tuple[Truth, Truth]:
    """Complaint and praise; a contrast ("좋은데 비싸요") holds both whatever the sentiment.

    plain: texts in which nothing but an opinion explains a clear sentiment; what is denied in them
    ("환불 안 해도 돼요") may mislead it, too.
    """
    negative, positive = chances[:, 0], chances[:, 2]
    bad = _without(text, opinion.COMPLAINT_CUT)
    good = _without(text, opinion.PRAISE_CUT)
    both = _found(bad, (_behind(),))
    complaint = both | (_found(bad, opinion.COMPLAINT_FIRM) & (positive < CONTRARY))
    praise = both | (_found(good, opinion.PRAISE_FIRM) & (negative < CONTRARY))
    bad_words, good_words = _found(bad, opinion.COMPLAINT), _found(good, opinion.PRAISE)
    bad_only, good_only = bad_words & ~good_words & ~praise, good_words & ~bad_words & ~complaint
    leaning = (negative >= LEANING) & (negative > positive)
    complaint |= (bad_words & leaning) | (bad_only & (positive < DOUBTED))
    leaning = (positive >= LEANING) & (positive > negative)
    praise |= (good_words & leaning) | (good_only & (negative < DOUBTED))
    complaint |= plain & ~_differs(text, bad) & (negative >= SURE)
    return complaint, praise | (plain & ~_differs(text, good) & (positive >= SURE))


@functools.cache
def _behind() -> str:
    """What is good, a contrast, and behind it in the same sentence what is not."""
    bad = "|".join((*opinion.COMPLAINT_FIRM, *opinion.COMPLAINT))
    return f"(?:{'|'.join(opinion.CONTRAST)}){opinion.BEHIND}(?:{bad})"


def _events(text: "pa.Array[Any]", line: "pa.Array[Any]") -> dict[str, Truth]:
    found = {
        name: _found(line, in_line) | _found(text, in_text)
        for name, (in_line, in_text) in EVENTS.items()
    }
    rows = np.flatnonzero(np.logical_or.reduce(list(found.values())))
    if len(rows):
        few = text.take(rows)
        told, lined = _without(few, CUT_TEXT), _without(line.take(rows), CUT_LINE)
        for name, (in_line, in_text) in EVENTS.items():
            found[name][rows] = _found(lined, in_line) | _found(told, in_text)
        theirs = _found(few, (THIRD,)) & ~_found(few, (OWN,))
        for held in found.values():
            held[rows[theirs]] = False
    return found


def _holds(rule: Rule, text: "pa.Array[Any]", line: "pa.Array[Any]") -> Truth:
    """Texts in which the rule finds something, once what is to be cut is cut."""
    found = _found(text, rule.text)
    rows = np.flatnonzero(found)
    if len(rows) and rule.cut:
        found[rows] = _found(_without(text.take(rows), rule.cut), rule.text)
    return found | _found(line, rule.line) if rule.line else found


def _found(text: "pa.Array[Any]", patterns: Sequence[str]) -> Truth:
    found: Truth = pc.match_substring_regex(text, "|".join(patterns)).to_numpy(zero_copy_only=False)
    return found.astype(bool)


def _without(text: "pa.Array[Any]", patterns: Sequence[str]) -> "pa.Array[Any]":
    """The texts with a space in the place of what the patterns find."""
    pattern = "|".join(f"(?:{one})" for one in patterns)
    rows = np.flatnonzero(_found(text, (pattern,)))
    if not len(rows):
        return text
    mask = np.zeros(len(text), bool)
    mask[rows] = True
    few = pc.replace_substring_regex(text.take(rows), pattern, " ")
    cut: pa.Array[Any] = pc.replace_with_mask(text, pa.array(mask), few)
    return cut


def _differs(before: "pa.Array[Any]", after: "pa.Array[Any]") -> Truth:
    found: Truth = pc.not_equal(before, after).to_numpy(zero_copy_only=False)
    return found


def _named(names: Sequence[str], held: Truth) -> list[list[str]]:
    result: list[list[str]] = [[] for _ in held]
    for row, at in zip(*np.nonzero(held), strict=True):
        result[row].append(names[at])
    return result
