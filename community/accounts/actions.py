"""Orders about a customer's own account. Each is one transaction with its audit row."""

from allauth.account.models import EmailAddress
from allauth.account.utils import complete_signup, perform_login
from django.contrib.auth.tokens import default_token_generator
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.urls import reverse

from community.accounts.adapter import AccountAdapter
from community.accounts.forms import SignUpForm
from community.accounts.limits import RESET_MAIL
from community.accounts.mail import queue_mail, yard_address
from community.accounts.membership import customer_by_address
from community.accounts.wishes import wish
from community.decisions.actions import Actor, record
from community.members import actions as members
from community.members.models import Member, normal_address


def sign_up(request: HttpRequest, form: SignUpForm, onward: str) -> None:
    """Make the account and send the link that proves its address; or tell whose address it is."""
    form.hash_password()
    try:
        _sign_up(request, form, onward)
    except IntegrityError:
        # Somebody else signed up with the same address in the same moment.
        form.account_already_exists = True
        _sign_up(request, form, onward)


@transaction.atomic
def _sign_up(request: HttpRequest, form: SignUpForm, onward: str) -> None:
    member, answered = form.try_save(request)
    if answered is None:
        complete_signup(request, member, None, onward)


@transaction.atomic
def sign_in(request: HttpRequest, member: Member, onward: str) -> str:
    """Begin a session for a member whose password was right; returns where to go.

    With an address that was never proved, the link is sent once more and no session begins.
    """
    response = perform_login(request, member, redirect_url=onward, email=member.email)
    return str(response["Location"])


@transaction.atomic
def ask_new_password(email: str, language: str) -> None:
    """Send the link to a new password, or say by mail that there is no account."""
    if not RESET_MAIL.allows(normal_address(email)):
        return
    member = customer_by_address(email)
    if member is None:
        sign_up_page = yard_address(reverse("account_signup"))
        queue_mail("unknown_account", email, language, {"sign_up": sign_up_page})
        return
    token = default_token_generator.make_token(member)
    path = reverse("account_new_password", args=[member.public_id, token])
    context = {"name": member.name, "url": yard_address(path)}
    queue_mail("reset_password", member.email, member.language, context)


def member_of_link(public_id: str, token: str) -> Member | None:
    """Whose link to a new password this is; None once it was used, is too old, or not ours."""
    member = Member.objects.filter(public_id=public_id, is_staff=False, is_active=True).first()
    return member if member and default_token_generator.check_token(member, token) else None


@transaction.atomic
def reset_password(request: HttpRequest, member: Member, password: str) -> None:
    """Set the password by a link from the mailbox, which thereby proves its address too."""
    change_password(member, password, why="by mail")
    address = EmailAddress.objects.filter(user_id=member.pk, email=member.email).first()
    if address is not None and not address.verified:
        AccountAdapter(request).confirm_email(request, address)


@transaction.atomic
def change_password(member: Member, password: str, why: str = "") -> None:
    """Set a new password, end all sessions and tell the member by mail."""
    members.change_password(member.pk, password, by=Actor(member.pk), why=why)
    reset = yard_address(reverse("account_reset_password"))
    context = {"name": member.name, "reset": reset}
    queue_mail("password_changed", member.email, member.language, context)


@transaction.atomic
def change_profile(
    member: Member, name: str, language: str, *, idea_mail: bool, answer_mail: bool
) -> None:
    """Keep name, language and wishes; names are in no audit row."""
    if member.name != name:
        Member.objects.filter(pk=member.pk).update(name=name)
        record(Actor(member.pk), "change_name", "member", member.pk)
    members.change_language(member.pk, language, by=Actor(member.pk))
    wish(member, idea_mail=idea_mail, answer_mail=answer_mail)


@transaction.atomic
def change_email(request: HttpRequest, member: Member, email: str) -> None:
    """Send a link to the new address; the account keeps the old one until it is proved."""
    EmailAddress.objects.add_new_email(request, member, normal_address(email))
    record(Actor(member.pk), "ask_change_email", "member", member.pk)
