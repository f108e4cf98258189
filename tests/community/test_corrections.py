"""What people say of texts: kept with its author, told to the warehouse once, undone by a word."""

from datetime import date

import pytest

from community.actions import (
    COMMAND_LINE,
    Actor,
    DrawnMention,
    correct_label,
    draw_sample,
    label_sample,
    label_samples,
    withdraw_correction,
)
from community.errors import CommunityError
from community.members.models import Member
from community.queries import (
    Staff,
    audit_trail,
    corrections_of,
    facts_since,
    newest_sample,
    sample_items,
)

MENTION = "0e610280-e4b0-14c1-fad1-5db062d87c81"
OTHER = "11111111-2222-4333-8444-555555555555"
HASH = str(2**64 - 1)  # the largest there is: more than a database's whole numbers hold


def drawn(mention_id: str = MENTION, **changed: object) -> DrawnMention:
    told = {
        "mention_id": mention_id, "text_hash": HASH, "source": "shop", "lang": "ko",
        "week": date(2026, 11, 16), "predicted": "negative", "probability": 0.25,
    }  # fmt: skip
    return DrawnMention(**{**told, **changed})


def told() -> list[tuple[str, str, dict[str, object]]]:
    return [(fact.kind, fact.subject, fact.body) for fact in facts_since(0)]


def test_a_correction_is_kept_audited_and_told(mina: Staff) -> None:
    by = Actor(mina.member_id)
    public = Member.objects.get(pk=mina.member_id).public_id
    assert correct_label(MENTION, "positive", by, text_hash=HASH, why=" 반어법이에요 ")
    line = corrections_of([MENTION, OTHER])[MENTION]
    assert (line.sentiment, line.text_hash, line.by, line.why) == (
        "positive", HASH, "이미나", "반어법이에요",
    )  # fmt: skip
    assert told() == [
        ("label_corrected", MENTION, {"text_hash": HASH, "sentiment": "positive", "by": public})
    ]
    (entry,) = audit_trail("mention", MENTION)
    assert (entry.action, entry.why, entry.detail["before"]) == (
        "correct_label", "반어법이에요", None,
    )  # fmt: skip


def test_the_same_twice_is_told_once_and_another_verdict_takes_its_place(mina: Staff) -> None:
    by = Actor(mina.member_id)
    assert correct_label(MENTION, "positive", by, text_hash=HASH)
    assert not correct_label(MENTION, "positive", by, text_hash=HASH)
    assert correct_label(MENTION, "positive", by, text_hash="7"), "the text is another one now"
    assert correct_label(MENTION, "neutral", COMMAND_LINE, text_hash="7")
    assert corrections_of([MENTION])[MENTION].sentiment == "neutral"
    assert [kind for kind, _, _ in told()] == ["label_corrected"] * 3
    assert audit_trail("mention", MENTION)[0].detail == {
        "sentiment": "neutral", "before": "positive",
    }  # fmt: skip


def test_a_correction_can_be_withdrawn_once(mina: Staff) -> None:
    by = Actor(mina.member_id)
    correct_label(MENTION, "positive", by, text_hash=HASH)
    assert withdraw_correction(MENTION, by)
    assert not withdraw_correction(MENTION, by)
    assert corrections_of([MENTION]) == {}
    assert [kind for kind, _, _ in told()] == ["label_corrected", "correction_withdrawn"]


@pytest.mark.parametrize(
    ("mention", "sentiment", "text_hash", "says"),
    [
        (MENTION, "unclear", HASH, "is no sentiment"),
        ("r1'; DROP TABLE", "positive", HASH, "no mention's id"),
        (MENTION, "positive", "-7", "no hash of a text"),
        (MENTION, "positive", "９", "no hash of a text"),
        (MENTION, "positive", "", "no hash of a text"),
    ],
)
def test_what_makes_no_sense_is_refused(
    mention: str, sentiment: str, text_hash: str, says: str
) -> None:
    with pytest.raises(CommunityError, match=says):
        correct_label(mention, sentiment, COMMAND_LINE, text_hash=text_hash)
    assert told() == []


def test_a_sample_is_labelled_one_by_one_and_a_label_can_be_taken_back(mina: Staff) -> None:
    by = Actor(mina.member_id)
    sample = draw_sample(
        [drawn(), drawn(OTHER, probability=1.0)], by, version="2-a", seed=7, population=900
    )
    assert label_sample(sample, OTHER, "unclear", by)
    assert not label_sample(sample, OTHER, "unclear", by)
    assert label_sample(sample, MENTION, "positive", by)
    assert label_sample(sample, OTHER, None, by)
    line = newest_sample()
    assert line is not None
    assert (line.sample_id, line.version, line.population, line.size, line.labelled) == (
        sample, "2-a", 900, 2, 1,
    )  # fmt: skip
    assert [(item.mention_id, item.label) for item in sample_items(sample)] == [
        (MENTION, "positive"),
        (OTHER, ""),
    ]
    first, *rest = told()
    assert first[:2] == ("sample_drawn", sample)
    assert first[2]["items"] == [
        [MENTION, HASH, "shop", "ko", "2026-11-16", "negative", 0.25],
        [OTHER, HASH, "shop", "ko", "2026-11-16", "negative", 1.0],
    ]
    assert [(subject, body["label"]) for _, subject, body in rest] == [
        (f"{sample}|{OTHER}", "unclear"),
        (f"{sample}|{MENTION}", "positive"),
        (f"{sample}|{OTHER}", None),
    ]


def test_a_sample_of_nothing_or_of_nonsense_is_refused() -> None:
    for wrong, says in (
        ([], "measures nothing"),
        ([drawn(predicted="unknown")], "verdict 'unknown'"),
        ([drawn(probability=0.0)], "probability 0.0"),
    ):
        with pytest.raises(CommunityError, match=says):
            draw_sample(wrong, COMMAND_LINE, version="2-a", seed=7, population=9)
    assert newest_sample() is None and told() == []


def test_a_label_needs_a_mention_of_the_sample() -> None:
    sample = draw_sample([drawn()], COMMAND_LINE, version="2-a", seed=7, population=9)
    with pytest.raises(CommunityError, match="holds no mention"):
        label_sample(sample, OTHER, "positive", COMMAND_LINE)
    with pytest.raises(CommunityError, match="is no label"):
        label_sample(sample, MENTION, "great", COMMAND_LINE)
    with pytest.raises(CommunityError, match="holds no mention"):
        label_sample("nonesuch", MENTION, "positive", COMMAND_LINE)


def test_labels_of_a_file_are_taken_whole_or_not_at_all() -> None:
    sample = draw_sample([drawn(), drawn(OTHER)], COMMAND_LINE, version="2-a", seed=7, population=9)
    good = [(sample, MENTION, "positive"), (sample, OTHER, "neutral")]
    with pytest.raises(CommunityError, match="holds no mention"):
        label_samples([*good, ("nonesuch", OTHER, "neutral")], COMMAND_LINE)
    assert [item.label for item in sample_items(sample)] == ["", ""]
    assert label_samples(good, COMMAND_LINE) == 2
    assert label_samples(good, COMMAND_LINE) == 0
