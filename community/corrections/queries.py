"""Questions about what people said of texts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q

from community.corrections.models import Correction, Sample, SampleItem


@dataclass(frozen=True)
class CorrectionLine:
    """One correction: `by` is the colleague's name, empty for the command line; `at` is UTC."""

    mention_id: str
    text_hash: str
    sentiment: str
    by: str
    at: datetime
    why: str


@dataclass(frozen=True)
class SampleLine:
    """One sample and how far it is labelled."""

    sample_id: str
    drawn_at: datetime
    version: str
    population: int
    size: int
    labelled: int


@dataclass(frozen=True)
class SampleItemLine:
    """One mention of a sample in its place; `label` is empty until a person gave one."""

    mention_id: str
    text_hash: str
    source: str
    lang: str
    week: date
    predicted: str
    probability: float
    label: str


def corrections_of(mention_ids: Iterable[str]) -> dict[str, CorrectionLine]:
    """The corrections of these mentions, by mention; one query."""
    ids = [UUID(mention_id) for mention_id in mention_ids]
    rows = Correction.objects.filter(mention_id__in=ids).select_related("by")
    return {
        str(row.mention_id): CorrectionLine(
            str(row.mention_id), row.text_hash, row.sentiment, row.by.name if row.by else "",
            row.at, row.why,
        )
        for row in rows
    }  # fmt: skip


def samples(limit: int = 20) -> tuple[SampleLine, ...]:
    """The newest samples first."""
    rows = Sample.objects.annotate(
        size=Count("items"), labelled=Count("items", filter=~Q(items__label=""))
    ).order_by("-drawn_at", "-pk")
    return tuple(
        SampleLine(row.sample_id, row.drawn_at, row.version, row.population, row.size, row.labelled)
        for row in rows[:limit]
    )


def newest_sample() -> SampleLine | None:
    """The sample that is being labelled; None before the first was drawn."""
    return next(iter(samples(1)), None)


def sample_items(sample_id: str) -> tuple[SampleItemLine, ...]:
    """The mentions of a sample in their places; none where there is no such sample."""
    rows = SampleItem.objects.filter(sample__sample_id=sample_id).order_by("place")
    return tuple(
        SampleItemLine(
            str(row.mention_id), row.text_hash, row.source, row.lang, row.week, row.predicted,
            row.probability, row.label,
        )
        for row in rows
    )  # fmt: skip
