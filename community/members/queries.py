"""Questions about members."""

from dataclasses import dataclass

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils.crypto import constant_time_compare

from community.members.models import Member


@dataclass(frozen=True)
class Staff:
    """A member of staff; `role` is brand_manager, community_manager or engineer."""

    member_id: int
    email: str
    name: str
    role: str
    language: str
    is_active: bool = True


def staff_of_session(session_key: str) -> Staff | None:
    """Who is signed in under this session key, if they are active staff.

    None for an unknown or expired session, and for one from before the password was changed.
    """
    session = SessionStore(session_key).load() if session_key else {}
    if SESSION_KEY not in session or BACKEND_SESSION_KEY not in session:
        return None
    member = Member.objects.filter(pk=session[SESSION_KEY], is_active=True, is_staff=True).first()
    if member is None or not constant_time_compare(
        session.get(HASH_SESSION_KEY, ""), member.get_session_auth_hash()
    ):
        return None
    return staff_of(member)


def public_id_of_number(member_id: int | None) -> str | None:
    """How facts name the member with this number; None for the command line and the erased."""
    if member_id is None:
        return None
    return Member.objects.filter(pk=member_id).values_list("public_id", flat=True).first()


def staff_list() -> tuple[Staff, ...]:
    """All staff, by name; those who left too."""
    members = Member.objects.filter(is_staff=True).order_by("name", "id")
    return tuple(staff_of(member) for member in members)


def staff_of(member: Member) -> Staff:
    return Staff(
        member.pk, member.email, member.name, member.role, member.language, member.is_active
    )
