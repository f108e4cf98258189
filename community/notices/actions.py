"""Telling members something: many at once, in the transaction of what they are told about."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from community.errors import CommunityError
from community.members.models import Member
from community.notices.models import Notice

# What members are told, and what `data` of each holds.
KINDS: Final = {
    "comment": "somebody commented on your post: comment (its number)",
    "official_answer": "the company answered your post: comment (its number)",
    "idea_status": "an idea that you proposed or voted for moved on: change (its number), status",
    "thanks": "a customer gave thanks for your official answer: comment (its number)",
    "removed": "staff removed your post: reason",
}


def notify(member_ids: Sequence[int], kind: str, subject: str, data: Mapping[str, Any]) -> None:
    """Tell these members, each once; `subject` is the native id of the post that it is about."""
    _check(kind)
    rows = [
        Notice(member_id=member_id, kind=kind, subject=subject, data=dict(data))
        for member_id in dict.fromkeys(member_ids)
    ]
    Notice.objects.bulk_create(rows, batch_size=1000)


def notify_all(
    members: QuerySet[Any, Any], kind: str, subject: str, data: Mapping[str, Any]
) -> int:
    """Tell everyone whom a query of member numbers names, in one statement; how many they are."""
    _check(kind)
    try:
        chosen, values = members.order_by().query.sql_with_params()
    except EmptyResultSet:  # Django sees without asking that nobody fits
        return 0
    table, now = Notice._meta.db_table, timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            # The table is ours and the query Django's own; all values are parameters.
            f"INSERT INTO {table} (kind, subject, data, created_at, member_id) "  # noqa: S608
            f"SELECT %s, %s, %s, %s, chosen.* FROM ({chosen}) AS chosen",
            [
                kind,
                subject,
                json.dumps(dict(data)),
                connection.ops.adapt_datetimefield_value(now),
                *values,
            ],
        )
        return int(cursor.rowcount)


@transaction.atomic
def mark_read(member: Member, notice_ids: Sequence[int] | None = None) -> int:
    """Remember that the member has seen these of their notices, or all; how many were new."""
    unread = Notice.objects.filter(member_id=member.pk, read_at__isnull=True)
    if notice_ids is not None:
        unread = unread.filter(pk__in=notice_ids)
    return unread.update(read_at=timezone.now())


def _check(kind: str) -> None:
    if kind not in KINDS:
        raise CommunityError(f"No notice is called {kind!r}. Known: {', '.join(KINDS)}.")
