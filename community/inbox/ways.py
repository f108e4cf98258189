"""How an answer to a post would travel, and whether it may: asked while it is being written."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from django.utils import timezone
from django.utils.translation import gettext

from community.channels import ChannelLimits, length
from community.configure import instance
from community.errors import CommunityError
from community.inbox.models import CaseMention, Reply
from community.yard import words

OURS: Final = "community"  # the source that carries an answer at once
NO_LIMITS: Final = ChannelLimits()


@dataclass(frozen=True)
class Way:
    """The way of an answer: it stands `home` at once, is `carried` by its source, or is `held`.

    `url` is the post's address, for whoever must answer by hand. `until`: when the source stops
    taking answers to this post. `replaces`: an answer of ours stands there, and another one takes
    its place.
    """

    kind: Literal["home", "carried", "held"]
    source: str
    url: str = ""
    limits: ChannelLimits = NO_LIMITS
    until: datetime | None = None
    replaces: bool = False

    @property
    def is_over(self) -> bool:
        """Whether the source takes no answer to this post any more."""
        return self.until is not None and self.until < timezone.now()


@dataclass(frozen=True)
class Measure:
    """How long a text is as its channel counts, and how long it may be."""

    used: int
    most: int
    weighted: bool

    @property
    def over(self) -> int:
        return max(0, self.used - self.most)


def way_of(mention: CaseMention) -> Way:
    """How an answer to this mention would travel."""
    if mention.source == OURS:
        return Way("home", OURS)
    limits = instance().channels.get(mention.source)
    if limits is None:
        return Way("held", mention.source, mention.url)
    standing = Reply.objects.filter(mention=mention).exclude(state=Reply.State.FAILED)
    return Way(
        "carried",
        mention.source,
        mention.url,
        limits,
        None if limits.window is None else mention.written_at + limits.window,
        limits.once and standing.exists(),
    )


def measured(way: Way, text: str) -> Measure | None:
    """The length of a text on its way; None where nobody counts."""
    most = way.limits.characters
    if most is None:
        return None
    counted = way.limits.counted
    return Measure(length(text.strip(), counted), most, counted == "weighted")


def check_way(way: Way, text: str, replace: bool) -> None:
    """Raises CommunityError, with a sentence for the writer, for an answer that would not arrive.

    `replace` says that the writer knows that an earlier answer goes for this one.
    """
    names = {"source": way.source}
    if way.is_over and way.until is not None:
        sentence = gettext(
            "%(source)s took answers to this post until %(when)s. Answer it where it stands."
        )
        raise CommunityError(sentence % {**names, "when": words.exact_time(way.until)})
    measure = measured(way, text)
    if measure is not None and measure.over:
        sentence = gettext(
            "For %(source)s the answer is too long: %(used)s of %(most)s characters. "
            "Shorten it by %(over)s."
        )
        counts = {"used": measure.used, "most": measure.most, "over": measure.over}
        raise CommunityError(sentence % {**names, **{k: f"{v:,}" for k, v in counts.items()}})
    if way.replaces and not replace:
        sentence = gettext(
            "%(source)s keeps one answer to a post, and yours stands there already. "
            "Tick the box to put this one in its place."
        )
        raise CommunityError(sentence % names)
