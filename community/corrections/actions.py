"""Orders about what texts mean: correct the annotator, draw a sample, label it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from ulid import ULID

from community.belts.facts import write_fact
from community.corrections.models import Correction, Sample, SampleItem
from community.decisions.actions import Actor, record
from community.errors import CommunityError
from community.members.queries import public_id_of_number

SENTIMENTS: Final = ("negative", "neutral", "positive")
UNCLEAR: Final = "unclear"  # a person cannot tell either: kept, and counted apart
LABELS: Final = (*SENTIMENTS, UNCLEAR)
LONGEST_WHY: Final = 2000  # characters


@dataclass(frozen=True)
class DrawnMention:
    """A mention that chance chose, with the annotator's verdict at that moment; see SampleItem."""

    mention_id: str
    text_hash: str
    source: str
    lang: str
    week: date
    predicted: str
    probability: float


@transaction.atomic
def correct_label(
    mention_id: str, sentiment: str, by: Actor, *, text_hash: str, why: str = ""
) -> bool:
    """Say what a mention means; it outranks the annotator for as long as the text stays the same.

    `text_hash` is that of the text the person read. A verdict that agrees with the annotator is
    kept as well: it confirms. False, and nothing written, where the same was said before. Raises
    CommunityError for a sentiment, an id or a hash that is none.
    """
    known, hashed = _mention(mention_id), _hash(text_hash)
    if sentiment not in SENTIMENTS:
        raise CommunityError(f"{sentiment!r} is no sentiment. Say one of {', '.join(SENTIMENTS)}.")
    before = Correction.objects.select_for_update().filter(mention_id=known).first()
    if before and (before.sentiment, before.text_hash) == (sentiment, hashed):
        return False
    Correction.objects.update_or_create(
        mention_id=known,
        defaults={
            "text_hash": hashed, "sentiment": sentiment, "why": why.strip()[:LONGEST_WHY],
            "by_id": by.member_id, "at": timezone.now(),
        },
    )  # fmt: skip
    detail = {"sentiment": sentiment, "before": before.sentiment if before else None}
    record(by, "correct_label", "mention", known, why=why.strip()[:LONGEST_WHY], detail=detail)
    body = {"text_hash": hashed, "sentiment": sentiment, "by": public_id_of_number(by.member_id)}
    write_fact("label_corrected", known, body)
    return True


@transaction.atomic
def withdraw_correction(mention_id: str, by: Actor) -> bool:
    """Let the annotator's reading stand again; False where nobody had corrected it."""
    known = _mention(mention_id)
    withdrawn, _ = Correction.objects.filter(mention_id=known).delete()
    if not withdrawn:
        return False
    record(by, "withdraw_correction", "mention", known)
    write_fact("correction_withdrawn", known, {"by": public_id_of_number(by.member_id)})
    return True


@transaction.atomic
def draw_sample(
    drawn: Sequence[DrawnMention], by: Actor, *, version: str, seed: int, population: int
) -> str:
    """Keep a sample to be labelled, in the order given; returns its id.

    Raises CommunityError when it is empty, or holds what is no verdict or no probability.
    """
    _check(drawn)
    sample = Sample.objects.create(
        sample_id=str(ULID()), version=version, seed=seed, population=population,
        by_id=by.member_id,
    )  # fmt: skip
    SampleItem.objects.bulk_create(
        [
            SampleItem(
                sample=sample, place=place, mention_id=_mention(item.mention_id),
                text_hash=_hash(item.text_hash), source=item.source, lang=item.lang,
                week=item.week, predicted=item.predicted, probability=item.probability,
            )
            for place, item in enumerate(drawn)
        ],
        batch_size=500,
    )  # fmt: skip
    record(by, "draw_sample", "sample", sample.sample_id, detail={"size": len(drawn)})
    items = [
        [d.mention_id, d.text_hash, d.source, d.lang, d.week.isoformat(), d.predicted,
         d.probability]
        for d in drawn
    ]  # fmt: skip
    body = {"version": version, "seed": seed, "population": population, "items": items}
    write_fact("sample_drawn", sample.sample_id, body)
    return sample.sample_id


@transaction.atomic
def label_sample(sample_id: str, mention_id: str, label: str | None, by: Actor) -> bool:
    """Say what a mention of a sample means, or with None take that back; False if it stood so.

    Raises CommunityError for a label that is none and for what the sample does not hold.
    """
    if label is not None and label not in LABELS:
        raise CommunityError(f"{label!r} is no label. Say one of {', '.join(LABELS)}.")
    known = _mention(mention_id)
    item = (
        SampleItem.objects.select_for_update()
        .filter(sample__sample_id=sample_id, mention_id=known)
        .first()
    )
    if item is None:
        raise CommunityError(f"The sample {sample_id!r} holds no mention {mention_id}.")
    if item.label == (label or ""):
        return False
    item.label, item.by_id = label or "", by.member_id if label else None
    item.at = timezone.now() if label else None
    item.save(update_fields=["label", "by", "at"])
    record(by, "label_sample", "sample", sample_id, detail={"mention": str(known), "label": label})
    body = {"label": label, "by": public_id_of_number(by.member_id)}
    write_fact("sample_labelled", f"{sample_id}|{known}", body)
    return True


@transaction.atomic
def label_samples(labels: Sequence[tuple[str, str, str]], by: Actor) -> int:
    """Many labels at once, as (sample_id, mention_id, label): all of them, or none at all where one
    is refused; returns how many are new. Raises as `label_sample`."""
    return sum(label_sample(sample, mention, label, by) for sample, mention, label in labels)


def _check(drawn: Sequence[DrawnMention]) -> None:
    if not drawn:
        raise CommunityError("A sample of no mentions measures nothing. Import some and read them.")
    for item in drawn:
        if item.predicted not in SENTIMENTS or not 0 < item.probability <= 1:
            raise CommunityError(
                f"{item.mention_id} was drawn with the verdict {item.predicted!r} and the "
                f"probability {item.probability}. Draw the sample from what is annotated."
            )


def _mention(mention_id: str) -> UUID:
    try:
        return UUID(str(mention_id))
    except ValueError as error:
        raise CommunityError(f"{mention_id!r} is no mention's id.") from error


def _hash(text_hash: str) -> str:
    if not (text_hash.isascii() and text_hash.isdigit() and len(text_hash) <= 20):
        raise CommunityError(f"{text_hash!r} is no hash of a text. Give the number as a string.")
    return text_hash
