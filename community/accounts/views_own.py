"""The pages of one's own account: their addresses name no member, for it is the session's."""

from django.contrib.auth import logout as end_session
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from community.accounts import actions, limits
from community.accounts import phone as numbers
from community.accounts.answers import (
    address_of,
    form_page,
    own_page,
    too_often,
    wrong_password,
)
from community.accounts.download import archive
from community.accounts.forms import CodeForm, EmailForm, LeaveForm, PhoneForm, ProfileForm
from community.accounts.privacy import erase_member, what_will_be_lost
from community.accounts.queries import account
from community.decisions.actions import Actor
from community.language import remember_language
from community.members.forms import PasswordForm
from community.members.models import Member
from community.yard.answers import SeeOther


@own_page
def home(request: HttpRequest, member: Member) -> HttpResponse:
    """Name, language and wishes, with the doors to all the rest."""
    shown = account(member)
    if request.method != "POST":
        fields = ("name", "language", "idea_mail", "answer_mail")
        initial = {field: getattr(shown, field) for field in fields}
        return form_page(request, "home", ProfileForm(initial=initial), account=shown)
    form = ProfileForm(request.POST)
    if not form.is_valid():
        return form_page(request, "home", form, account=shown)
    if not limits.SETTINGS.allows(str(member.pk)):
        return too_often(request, "home", form, limits.SETTINGS.seconds, account=shown)
    actions.change_profile(member, **form.cleaned_data)
    response = SeeOther(f"{reverse('account_home')}?did=saved")
    remember_language(response, form.cleaned_data["language"])
    return response


@own_page
def password(request: HttpRequest, member: Member) -> HttpResponse:
    """Change the password; other sessions of the account end, this one goes on under a new key."""
    if request.method != "POST":
        return form_page(request, "password", PasswordForm(member))
    form = PasswordForm(member, request.POST.dict())
    wrong = wrong_password(request, member, "password", form, "present")
    if wrong is not None:
        return wrong
    actions.change_password(member, form.cleaned_data["wanted"])
    member.refresh_from_db()
    update_session_auth_hash(request, member)
    return SeeOther(f"{reverse('account_home')}?did=password")


@own_page
def email(request: HttpRequest, member: Member) -> HttpResponse:
    """Ask for another address; it counts once its own mailbox has confirmed it."""
    if request.method != "POST":
        return form_page(request, "email", EmailForm(member))
    form = EmailForm(member, request.POST.dict())
    wrong = wrong_password(request, member, "email", form)
    if wrong is not None:
        return wrong
    if not limits.CHANGE_EMAIL.allows(str(member.pk)):
        return too_often(request, "email", form, limits.CHANGE_EMAIL.seconds)
    actions.change_email(request, member, form.cleaned_data["email"])
    return SeeOther(f"{reverse('account_home')}?did=email")


@own_page
def phone(request: HttpRequest, member: Member) -> HttpResponse:
    """Give a number; a code comes to it, whoever had it before."""
    digits = account(member).phone_digits
    if request.method != "POST":
        return form_page(request, "phone", PhoneForm(), digits=digits)
    form = PhoneForm(request.POST)
    if not form.is_valid():
        return form_page(request, "phone", form, digits=digits)
    number = form.cleaned_data["number"]
    network = limits.network(address_of(request))
    allowed = (
        limits.PHONE_MEMBER.allows(str(member.pk))
        and limits.PHONE_NETWORK.allows(network)
        and limits.PHONE_NUMBER.allows(number)
    )
    if not allowed:
        return too_often(request, "phone", form, limits.PHONE_NUMBER.seconds, digits=digits)
    numbers.send_code(member, number, timezone.now())
    return SeeOther(reverse("account_phone_code"))


@own_page
def phone_code(request: HttpRequest, member: Member) -> HttpResponse:
    """Type the code that came; five tries, then another code is needed."""
    now = timezone.now()
    digits = numbers.waiting_code(member, now)
    if digits is None:
        return SeeOther(reverse("account_phone"))
    if request.method != "POST":
        return form_page(request, "phone_code", CodeForm(), digits=digits)
    form = CodeForm(request.POST)
    if not form.is_valid():
        return form_page(request, "phone_code", form, digits=digits)
    if not limits.PHONE_TRY.allows(str(member.pk)):
        return too_often(request, "phone_code", form, limits.PHONE_TRY.seconds, digits=digits)
    if numbers.check_code(member, form.cleaned_data["code"], now):
        return SeeOther(f"{reverse('account_home')}?did=phone")
    form.add_error("code", gettext("This is not the code. After five tries a new one is needed."))
    return form_page(request, "phone_code", form, digits=digits)


@own_page
def phone_forget(request: HttpRequest, member: Member) -> HttpResponse:
    """Take the number back."""
    if request.method != "POST":
        return SeeOther(reverse("account_phone"))
    numbers.forget_phone(member)
    return SeeOther(f"{reverse('account_home')}?did=phone_forgotten")


@own_page
def download(request: HttpRequest, member: Member) -> HttpResponse:
    """Everything that is kept about the member, as one file."""
    if request.method != "POST":
        return SeeOther(reverse("account_home"))
    if not limits.DOWNLOAD.allows(str(member.pk)):
        lost = what_will_be_lost(member)
        form = LeaveForm({"password": ""})
        return too_often(request, "leave", form, limits.DOWNLOAD.seconds, lost=lost)
    response = HttpResponse(archive(member), content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="madang.zip"'
    return response


@own_page
def leave(request: HttpRequest, member: Member) -> HttpResponse:
    """End the account: the page names what will be lost, the password says that it is meant."""
    lost = what_will_be_lost(member)
    if request.method != "POST":
        return form_page(request, "leave", LeaveForm(), lost=lost)
    form = LeaveForm(request.POST)
    wrong = wrong_password(request, member, "leave", form, lost=lost)
    if wrong is not None:
        return wrong
    erase_member(member.pk, Actor(member.pk))
    end_session(request)
    return SeeOther(reverse("account_goodbye"))
