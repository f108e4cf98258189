"""Deliveries that stand for many: one job in the outbox becomes one delivery for each reader.

The job is worked off in portions. A portion's deliveries and how far the job has come are one
transaction, and every delivery's key names job and reader, so that a job that is cut short goes on
where it was and nobody is written to twice.
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from community.configure import instance
from community.members.models import Member
from community.outbox.models import Delivery

PORTION: Final = 500  # readers at a time
Clock = Callable[[], datetime]
Portion = tuple[list[tuple[str, dict[str, Any]]], int | None]  # keys and payloads; where to go on


def expand(job: Delivery, now: Clock) -> int | None:
    """Make the job's deliveries; how many are new; None for one that stands for itself."""
    portion = _portions().get((job.channel, str(job.payload.get("template", ""))))
    if portion is None or "to" in job.payload:
        return None
    made, after = 0, job.payload.get("after", 0)
    while after is not None:
        rows, after = portion(job, after)
        made += _add(job, rows, after, now)
    return made


def _portions() -> dict[tuple[str, str], Callable[[Delivery, int], Portion]]:
    return {
        ("mail", "idea_status"): _idea_status,
        ("mail", "official_answer"): _official_answer,
        ("alert", ""): _alert,
    }


def _add(
    job: Delivery, rows: Iterable[tuple[str, dict[str, Any]]], after: int | None, now: Clock
) -> int:
    """One portion: its deliveries, how far the job is, and a longer lease, all or nothing."""
    from community.outbox.actions import Retry, delivery_row, renew_lease

    new = [delivery_row(job.channel, key, payload) for key, payload in rows]
    with transaction.atomic():
        if not renew_lease(job, now()):
            raise Retry(f"Another worker goes on with {job.key}.")
        known = Delivery.objects.filter(key__in=[row.key for row in new])
        have = set(known.values_list("key", flat=True))
        Delivery.objects.bulk_create(
            [row for row in new if row.key not in have], batch_size=PORTION, ignore_conflicts=True
        )
        job.payload = {**job.payload, "after": after}
        Delivery.objects.filter(pk=job.pk).update(payload=job.payload)
    return len(new) - len(have)


def _idea_status(job: Delivery, after: int) -> Portion:
    """A mail for each voter, and the author, who want to hear of ideas."""
    from community.accounts.queries import mail_wanted
    from community.ideas.queries import people_told

    change = job.payload["change"]
    people = people_told(change, after, PORTION)
    wanted = mail_wanted([person.member_id for person in people], "idea_mail")
    rows = [
        (
            f"idea_status:{change}:{wanted[person.member_id]}",
            {
                "template": "idea_status",
                "to": person.email,
                "language": person.language,
                "context": {"name": person.name, "change": change, "idea": job.payload["idea"]},
                "member": wanted[person.member_id],
            },
        )
        for person in people
        if person.member_id in wanted
    ]
    return rows, people[-1].member_id if len(people) == PORTION else None


def _official_answer(job: Delivery, after: int) -> Portion:
    """A mail to whom the company has answered, if they want it."""
    from community.accounts.queries import mail_wanted

    number = job.payload["comment"]
    member = _answered(number)
    wanted = mail_wanted([member.pk] if member else [], "answer_mail")
    if member is None or member.pk not in wanted:
        return [], None
    payload = {
        "template": "official_answer",
        "to": member.email,
        "language": member.language,
        "context": {"name": member.name, "comment": number},
        "member": member.public_id,
    }
    return [(f"official_answer:{number}:{member.public_id}", payload)], None


def _answered(comment_id: int) -> Member | None:
    """Whose post an official answer answers, if they are still here."""
    from community.discussion.queries import comment_line
    from community.yard.posts import post_id

    line = comment_line(comment_id)
    if line is None:
        return None
    post = post_id(line.answers)
    return Member.objects.filter(**{f"{post.kind}s__pk": post.number}).first()


def _alert(job: Delivery, after: int) -> Portion:
    """One delivery for each address, so that one that fails is not a repeat for the others."""
    told = {key: value for key, value in job.payload.items() if key != "after"}
    rows = [
        (f"{job.key}:{name}"[:160], {**told, "to": name})
        for name in map(address_name, instance().alerts)
    ]
    return rows, None


def address_name(address: str) -> str:
    """A name for an address of the settings, which holds secrets and is kept nowhere else."""
    return hashlib.sha256(address.encode()).hexdigest()[:16]
