"""Orders about members. Each runs in one transaction with its audit row."""

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from community.decisions.actions import COMMAND_LINE, Actor, record
from community.errors import CommunityError
from community.members.models import Member, Role, normal_address
from community.members.queries import Staff, staff_of


def create_staff(
    email: str,
    name: str,
    password: str,
    role: str,
    *,
    language: str = "ko",
    by: Actor = COMMAND_LINE,
) -> Staff:
    """Make a staff account; raises CommunityError for what does not fit or an address in use."""
    address = normal_address(email)
    if role not in Role.values:
        raise CommunityError(f"No role is called {role!r}. Use one of {', '.join(Role.values)}.")
    _check_language(language)
    member = Member(email=address, name=name.strip(), language=language, is_staff=True, role=role)
    try:
        validate_email(address)
        validate_password(password, member)
        member.set_password(password)
        member.clean_fields()
    except ValidationError as error:
        raise CommunityError(f"No account for {email!r}: {' '.join(error.messages)}") from error
    try:
        with transaction.atomic():
            member.save(force_insert=True)
            record(by, "create_staff", "member", member.pk, detail={"role": role})
    except IntegrityError as error:
        raise CommunityError(
            f"There is an account for {address} already. Change its role or password instead."
        ) from error
    return staff_of(member)


def change_password(
    member_id: int, password: str, *, by: Actor = COMMAND_LINE, why: str = ""
) -> None:
    """Set a new password; every session of the account ends. Raises CommunityError."""
    with transaction.atomic():
        member = _locked(member_id)
        try:
            validate_password(password, member)
        except ValidationError as error:
            raise CommunityError(f"Password not changed: {' '.join(error.messages)}") from error
        member.set_password(password)
        member.save(update_fields=["password"])
        record(by, "change_password", "member", member_id, why=why)


def change_role(member_id: int, role: str, *, by: Actor = COMMAND_LINE, why: str = "") -> None:
    """Give a member of staff another role."""
    if role not in Role.values:
        raise CommunityError(f"No role is called {role!r}. Use one of {', '.join(Role.values)}.")
    with transaction.atomic():
        member = _locked(member_id)
        if not member.is_staff:
            raise CommunityError(f"Member {member_id} is not staff. Only staff have roles.")
        before, member.role = member.role, role
        member.save(update_fields=["role"])
        record(by, "change_role", "member", member_id, why=why, detail={"from": before, "to": role})


def deactivate_staff(member_id: int, *, by: Actor = COMMAND_LINE, why: str = "") -> None:
    """Close an account that has left; its sessions end, and what it did stays."""
    with transaction.atomic():
        member = _locked(member_id)
        member.is_active = False
        member.save(update_fields=["is_active"])
        record(by, "deactivate_staff", "member", member_id, why=why)


def change_language(member_id: int, language: str, *, by: Actor) -> None:
    """Set the language in which the desk speaks to this member."""
    _check_language(language)
    with transaction.atomic():
        member = _locked(member_id)
        if member.language != language:
            member.language = language
            member.save(update_fields=["language"])
            record(by, "change_language", "member", member_id, detail={"to": language})


def sign_in(request: HttpRequest, member: Member) -> None:
    """Begin a session for a member whose password was right, under a new key."""
    with transaction.atomic():
        login(request, member, backend="django.contrib.auth.backends.ModelBackend")
        request.session.save()
        record(Actor(member.pk), "sign_in", "member", member.pk)


def sign_out(request: HttpRequest) -> None:
    """End the session, here and in the store."""
    with transaction.atomic():
        if isinstance(request.user, Member):
            record(Actor(request.user.pk), "sign_out", "member", request.user.pk)
        logout(request)


def _locked(member_id: int) -> Member:
    member = Member.objects.select_for_update().filter(pk=member_id).first()
    if member is None:
        raise CommunityError(f"There is no member {member_id}. List staff to see who there is.")
    return member


def _check_language(language: str) -> None:
    known = dict(settings.LANGUAGES)
    if language not in known:
        raise CommunityError(f"Pages are not in {language!r}. Use one of {', '.join(known)}.")


@transaction.atomic
def look_at_customer(customer_id: str, by: Actor) -> None:
    """Write down that a member of staff looked at a customer's card, with names and contacts."""
    record(by, "look_at_customer", "customer", customer_id)
