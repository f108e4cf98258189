"""Which mail a member wants, and the link in each such mail that ends it with one press."""

from typing import Final

from django.core import signing
from django.db import transaction

from community.accounts.models import Wishes
from community.decisions.actions import Actor, record
from community.members.models import Member

# A mail's template, and the wish that it depends on; other mail is needed by the account itself.
WISHES: Final = {"idea_status": "idea_mail", "official_answer": "answer_mail"}
_SALT: Final = "madang.accounts.wishes"


def leave_token(public_id: str, template: str) -> str | None:
    """What the link in a mail carries; None for mail that cannot be stopped."""
    wish = WISHES.get(template)
    return signing.dumps([public_id, wish], salt=_SALT) if wish else None


def read_leave_token(token: str) -> tuple[Member, str] | None:
    """The member and the wish of a link that we made; it does not grow old."""
    try:
        public_id, wish = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError):
        return None
    member = Member.objects.filter(public_id=public_id, is_staff=False).first()
    return (member, wish) if member and wish in WISHES.values() else None


@transaction.atomic
def wish(member: Member, **wishes: bool) -> None:
    """Keep what the member wishes: `idea_mail`, `answer_mail`."""
    Wishes.objects.update_or_create(member_id=member.pk, defaults=wishes)
    record(Actor(member.pk), "wish_mail", "member", member.pk, detail=wishes)
