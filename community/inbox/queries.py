"""Questions about conversations. A page costs the same few queries however many rows there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from community.configure import instance
from community.decisions.queries import AuditLine, audit_trail
from community.inbox.access import MAY_ANSWER, may_answer
from community.inbox.drafts import new_key
from community.inbox.models import CaseMention, Conversation, Draft, Reply, State
from community.inbox.reading import Place, Wanted, place
from community.members.models import Member
from community.outbox.queries import in_doubt

PAGE: Final = 30
LONGEST_CASE: Final = 100  # mentions, and replies, shown of one conversation: the newest
WRITING_NOW: Final = timedelta(minutes=10)  # a draft saved since then is being written
LINE: Final = 180  # characters of a mention in the list


@dataclass(frozen=True)
class Line:
    """One conversation in the list."""

    conversation_id: int
    who: str
    handle: str
    source: str
    product: str
    state: str
    excerpt: str
    mentions: int
    priority: int
    parts: dict[str, int]
    assignee_id: int | None
    assignee: str
    is_customer: bool
    due_at: datetime
    is_late: bool
    changed_at: datetime
    written_at: datetime | None
    version: int


@dataclass(frozen=True)
class ListPage:
    """A page of the list, the place of the next one, and how many there are in each state.

    `total` counts those of the state that was chosen."""

    lines: tuple[Line, ...]
    after: str
    counts: dict[str, int]
    total: int


@dataclass(frozen=True)
class Said:
    """A mention in the conversation."""

    mention_id: str
    at: datetime
    source: str
    native_id: str
    kind: str
    url: str
    text: str
    product: str
    sentiment: str
    is_ours: bool
    is_removed: bool
    turn: int


@dataclass(frozen=True)
class Answered:
    """An answer in the conversation.

    `state` is sent, waiting or failed (for `reason`), or doubtful where a failed one may have gone
    out all the same; `is_carried` says that its source takes answers; `url` is where it stands
    there.
    """

    reply_id: int
    mention_id: str
    at: datetime
    by: str
    text: str
    state: str
    reason: str
    source: str
    thanked_at: datetime | None
    turn: int
    is_carried: bool
    url: str
    post_url: str


@dataclass(frozen=True)
class Settled:
    """Somebody closed or reopened the conversation, or gave it to somebody."""

    action: str
    at: datetime
    by: str
    to: str
    turn: int


@dataclass(frozen=True)
class OwnDraft:
    """What the reader has typed; `key` is the one its answer will go under."""

    text: str
    key: str
    version: int
    saved_at: datetime | None


@dataclass(frozen=True)
class ConversationPage:
    """One conversation with all that was said and done in it, oldest first."""

    line: Line
    author_id: str
    opened_at: datetime
    said: tuple[Said, ...]
    answers: tuple[Answered, ...]
    settled: tuple[Settled, ...]
    draft: OwnDraft
    writing: tuple[str, ...]
    earlier: int

    @property
    def turns(self) -> tuple[Said | Answered | Settled, ...]:
        """Everything in the order in which it happened."""
        every: list[Said | Answered | Settled] = [*self.said, *self.answers, *self.settled]
        return tuple(sorted(every, key=lambda turn: turn.at))

    @property
    def answerable(self) -> tuple[Said, ...]:
        """The mentions that can be answered: those without an answer first, then newest first."""
        answered = {answer.mention_id for answer in self.answers}
        there = [said for said in reversed(self.said) if not said.is_removed]
        return tuple(sorted(there, key=lambda said: said.mention_id in answered))

    def since(self, version: int) -> tuple[Said | Answered | Settled, ...]:
        """What happened after the conversation had this version."""
        return tuple(turn for turn in self.turns if turn.turn > version)


@dataclass(frozen=True)
class Colleague:
    """Somebody who may be given a conversation."""

    member_id: int
    name: str


def conversations_page(
    choice: Wanted, reader_id: int, now: datetime | None = None, limit: int = PAGE
) -> ListPage:
    """The conversations of the choice: open ones by what presses most, others by what was last.

    Two queries. `now` (UTC) decides what is late.
    """
    rows = _chosen(choice, reader_id)
    counts = dict.fromkeys((str(state) for state in State), 0)
    states = rows.order_by().values_list("state").annotate(count=Count("pk"))
    counts.update(states)
    in_state = rows.filter(state=choice.state).select_related("last_mention", "assignee")
    begin = place(choice.after)
    if choice.state == State.OPEN:
        found = _pressing_after(in_state, begin)[: limit + 1]
    else:
        found = _settled_after(in_state, begin)[: limit + 1]
    page = list(found)
    after = str(_place_of(page[limit - 1])) if len(page) > limit else ""
    moment = now or timezone.now()
    lines = tuple(_line(row, moment) for row in page[:limit])
    return ListPage(lines, after, counts, counts[choice.state])


def conversation(
    conversation_id: int, reader_id: int, now: datetime | None = None
) -> ConversationPage | None:
    """One conversation as the reader may see it; None where there is none."""
    rows = Conversation.objects.select_related("last_mention", "assignee")
    row = rows.filter(pk=conversation_id).first()
    if row is None:
        return None
    moment = now or timezone.now()
    mentions = list(row.mentions.order_by("-written_at", "-pk")[:LONGEST_CASE])
    replies = row.replies.select_related("by", "mention").order_by("-pk")[:LONGEST_CASE]
    doubtful = in_doubt([reply.key for reply in replies if reply.state == Reply.State.FAILED])
    drafts = list(row.drafts.select_related("author").order_by("pk"))
    own = next((draft for draft in drafts if draft.author_id == reader_id), None)
    return ConversationPage(
        line=_line(row, moment),
        author_id=row.author_id,
        opened_at=row.opened_at,
        said=tuple(_said(mention) for mention in reversed(mentions)),
        answers=tuple(_answered(reply, reply.key in doubtful) for reply in reversed(replies)),
        settled=_settled(audit_trail("conversation", conversation_id)),
        draft=_own_draft(own),
        writing=_writing(drafts, reader_id, moment),
        earlier=row.mention_count - len(mentions),
    )


def conversation_version(conversation_id: int) -> int | None:
    """The version of one conversation, to see at little cost whether it has moved on."""
    rows = Conversation.objects.filter(pk=conversation_id)
    return rows.values_list("version", flat=True).first()


def colleagues() -> tuple[Colleague, ...]:
    """Who may answer, by name."""
    members = Member.objects.filter(is_staff=True, is_active=True, role__in=MAY_ANSWER)
    return tuple(Colleague(member.pk, member.name) for member in members.order_by("name", "pk"))


def open_conversations() -> int:
    """How many conversations wait for an answer."""
    return Conversation.objects.filter(state=State.OPEN).count()


def conversations_of_mentions(mention_ids: Sequence[str]) -> dict[str, int]:
    """The conversation in which each mention stands; mentions outside of any are left out."""
    rows = CaseMention.objects.filter(mention_id__in=mention_ids)
    return dict(rows.values_list("mention_id", "conversation_id"))


def _chosen(choice: Wanted, reader_id: int) -> QuerySet[Conversation]:
    rows = Conversation.objects.all()
    if choice.whose == "mine":
        rows = rows.filter(assignee_id=reader_id)
    elif choice.whose == "unassigned":
        rows = rows.filter(assignee=None)
    if choice.words:
        words = choice.words
        said = CaseMention.objects.filter(conversation=OuterRef("pk"), text__icontains=words)
        rows = rows.filter(
            Q(author_handle__icontains=words)
            | Q(author_name__icontains=words)
            | Q(product__icontains=words)
            | Exists(said)
        )
    return rows


def _pressing_after(rows: QuerySet[Conversation], begin: Place | None) -> QuerySet[Conversation]:
    ordered = rows.order_by("-priority", "due_at", "pk")
    if begin is None:
        return ordered
    later = Q(due_at__gt=begin.moment) | Q(due_at=begin.moment, pk__gt=begin.row)
    beyond = Q(priority__lt=begin.priority) | (Q(priority=begin.priority) & later)
    return ordered.filter(beyond, priority__lte=begin.priority)


def _settled_after(rows: QuerySet[Conversation], begin: Place | None) -> QuerySet[Conversation]:
    ordered = rows.order_by("-changed_at", "-pk")
    if begin is None:
        return ordered
    beyond = Q(changed_at__lt=begin.moment) | Q(changed_at=begin.moment, pk__lt=begin.row)
    return ordered.filter(beyond, changed_at__lte=begin.moment)


def _place_of(row: Conversation) -> Place:
    moment = row.due_at if row.state == State.OPEN else row.changed_at
    return Place(row.priority, moment, row.pk)


def _line(row: Conversation, now: datetime) -> Line:
    newest = row.last_mention
    return Line(
        conversation_id=row.pk,
        who=row.author_name or row.author_handle,
        handle=row.author_handle,
        source=row.source,
        product=row.product,
        state=row.state,
        excerpt=" ".join(newest.text[: 2 * LINE].split())[:LINE] if newest else "",
        mentions=row.mention_count,
        priority=row.priority,
        parts=row.priority_parts,
        assignee_id=row.assignee_id,
        assignee=row.assignee.name if row.assignee else "",
        is_customer=bool(row.customer_id),
        due_at=row.due_at,
        is_late=row.state == State.OPEN and row.due_at < now,
        changed_at=row.changed_at,
        written_at=newest.written_at if newest else None,
        version=row.version,
    )


def _said(row: CaseMention) -> Said:
    return Said(
        mention_id=row.mention_id,
        at=row.written_at,
        source=row.source,
        native_id=row.native_id,
        kind=row.kind,
        url=f"{instance().yard_url.rstrip('/')}{row.url}" if row.url.startswith("/") else row.url,
        text=row.text,
        product=row.product,
        sentiment=row.sentiment,
        is_ours=row.source == "community",
        is_removed=row.removed_at is not None,
        turn=row.turn,
    )


def _answered(row: Reply, is_doubtful: bool) -> Answered:
    return Answered(
        reply_id=row.pk,
        mention_id=row.mention.mention_id,
        at=row.written_at,
        by=row.by.name if row.by else "",
        text=row.text,
        state="doubtful" if is_doubtful else row.state,
        reason=row.reason,
        source=row.mention.source,
        thanked_at=row.thanked_at,
        turn=row.turn,
        is_carried=row.mention.source in instance().channels,
        url=row.receipt if row.receipt.startswith(("https://", "http://")) else "",
        post_url=row.mention.url,
    )


def _settled(trail: Sequence[AuditLine]) -> tuple[Settled, ...]:
    """What the audit knows of the case, with names in the place of numbers; oldest first."""
    kinds = ("close_conversation", "reopen_conversation", "assign_conversation")
    lines = [line for line in reversed(trail) if line.action in kinds]
    ids = {line.member_id for line in lines} | {_given_to(line) for line in lines}
    named = Member.objects.filter(pk__in=[number for number in ids if number is not None])
    names: dict[int | None, str] = dict(named.values_list("pk", "name"))
    return tuple(
        Settled(
            action=line.action,
            at=line.at,
            by=names.get(line.member_id, ""),
            to=names.get(_given_to(line), ""),
            turn=line.detail.get("version", 0),
        )
        for line in lines
    )


def _given_to(line: AuditLine) -> int | None:
    """The member to whom an act gave the conversation; closing names a state there instead."""
    to = line.detail.get("to")
    return to if isinstance(to, int) else None


def _own_draft(draft: Draft | None) -> OwnDraft:
    if draft is None:
        return OwnDraft("", new_key(), 0, None)
    return OwnDraft(draft.text, draft.key, draft.version, draft.saved_at)


def _writing(drafts: Sequence[Draft], reader_id: int, now: datetime) -> tuple[str, ...]:
    return tuple(
        draft.author.name
        for draft in drafts
        if draft.author_id != reader_id
        and draft.text.strip()
        and now - draft.saved_at < WRITING_NOW
        and may_answer(draft.author)
    )
