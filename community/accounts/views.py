"""The account's pages that anybody may open: join, confirm, sign in and out, a new password.

What they answer is the same for an address with an account and for one without: the difference is
said in a mail, to whom the address belongs.
"""

from typing import Final

from allauth.account.models import EmailConfirmationHMAC
from allauth.account.views import ConfirmEmailView
from django.contrib.auth import authenticate
from django.contrib.auth import logout as end_session
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from community.accounts import actions, limits
from community.accounts.answers import (
    account_page,
    address_of,
    form_page,
    language_of,
    page,
    too_often,
)
from community.accounts.forms import NewPasswordForm, ResetForm, SignUpForm
from community.accounts.wishes import read_leave_token, wish
from community.language import remember_language
from community.members.access import safe_next
from community.members.forms import SignInForm
from community.members.models import Member
from community.members.throttle import WINDOW, begin_attempt, forgive
from community.yard.answers import SeeOther

MAILED_TO: Final = "account_mailed_to"


@account_page
def sign_up(request: HttpRequest) -> HttpResponse:
    """Join with a name, an address and a password."""
    onward = safe_next(request, request.POST.get("next") or request.GET.get("next"))
    if _customer(request):
        return SeeOther(onward)
    if request.method != "POST":
        return form_page(request, "sign_up", SignUpForm(), next=onward)
    form = SignUpForm(request.POST)
    if not limits.SIGN_UP.allows(limits.network(address_of(request))):
        return too_often(request, "sign_up", form, limits.SIGN_UP.seconds)
    if not form.is_valid():
        return form_page(request, "sign_up", form, next=onward)
    actions.sign_up(request, form, onward)
    request.session[MAILED_TO] = form.cleaned_data["email"]
    return SeeOther(reverse("account_email_verification_sent"))


@account_page
def check_mail(request: HttpRequest) -> HttpResponse:
    """A link is on its way."""
    return page(request, "check_mail", {"email": request.session.get(MAILED_TO, "")})


@method_decorator(never_cache, name="dispatch")
class ConfirmEmail(ConfirmEmailView):  # type: ignore[misc]
    """Take an address as proved, by a press: programs that look into mail open every link.

    In the browser that signed up, the session begins; in any other, one signs in first.
    """

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        confirmation = EmailConfirmationHMAC.from_key(key)
        if confirmation is None:
            return page(request, "link_dead", status=404)
        return page(request, "confirm", {"email": confirmation.email_address.email})

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        try:
            with transaction.atomic():
                response: HttpResponse = super().post(request, key=key)
        except Http404:
            return page(request, "link_dead", status=404)
        location = response.headers.get("Location")
        return SeeOther(location) if location else response

    def respond(self, success: bool) -> HttpResponse:
        if not success:
            return page(self.request, "link_dead", status=409)
        response: HttpResponse = super().respond(success)
        return response


@account_page
def sign_in(request: HttpRequest) -> HttpResponse:
    """A right pair of address and password begins a session and goes on to `next`."""
    onward = safe_next(request, request.POST.get("next") or request.GET.get("next"))
    if request.method != "POST":
        if _customer(request):
            return SeeOther(onward)
        return form_page(request, "sign_in", SignInForm(), next=onward)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return form_page(request, "sign_in", form, next=onward)
    email, password = form.cleaned_data["email"], form.cleaned_data["password"]
    attempt = begin_attempt(address_of(request), email)
    if not attempt.allowed:
        return too_often(request, "sign_in", form, int(WINDOW.total_seconds()))
    # A password is hashed whether or not the address is known, so time tells nothing either.
    member = authenticate(request, username=email, password=password)
    if not isinstance(member, Member) or member.is_staff:
        form.add_error(None, gettext("E-mail or password is not right. Check both and try again."))
        return form_page(request, "sign_in", form, next=onward)
    forgive(attempt)
    response = SeeOther(actions.sign_in(request, member, onward))
    request.session[MAILED_TO] = member.email
    remember_language(response, member.language)
    return response


@account_page
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; a plain link shows the button first, for a link must not sign anyone out."""
    if request.method == "POST":
        end_session(request)
        return SeeOther("/")
    return page(request, "sign_out") if _customer(request) else SeeOther("/")


@account_page
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link to a new password."""
    if request.method != "POST":
        return form_page(request, "forgotten", ResetForm())
    form = ResetForm(request.POST)
    if not form.is_valid():
        return form_page(request, "forgotten", form)
    if not limits.RESET.allows(limits.network(address_of(request))):
        return too_often(request, "forgotten", form, limits.RESET.seconds)
    email = form.cleaned_data["email"]
    actions.ask_new_password(email, language_of(request))
    request.session[MAILED_TO] = email
    return SeeOther(reverse("account_email_verification_sent"))


@account_page
def new_password(request: HttpRequest, public_id: str, token: str) -> HttpResponse:
    """Choose a new password by a link from the mailbox; it works once."""
    member = actions.member_of_link(public_id, token)
    if member is None:
        return page(request, "link_dead", status=404)
    if request.method != "POST":
        return form_page(request, "new_password", NewPasswordForm(member))
    form = NewPasswordForm(member, request.POST.dict())
    if not limits.NEW_PASSWORD.allows(limits.network(address_of(request))):
        return too_often(request, "new_password", form, limits.NEW_PASSWORD.seconds)
    if not form.is_valid():
        return form_page(request, "new_password", form)
    actions.reset_password(request, member, form.cleaned_data["wanted"])
    end_session(request)
    return SeeOther(f"{reverse('account_login')}?did=password")


@csrf_exempt
@account_page
def stop_mail(request: HttpRequest, token: str) -> HttpResponse:
    """End mail of one kind. The link proves who asks, so mail programs may press it (RFC 8058)."""
    found = read_leave_token(token)
    if found is None:
        return page(request, "link_dead", status=404)
    if request.method == "POST":
        wish(found[0], **{found[1]: False})
    return page(request, "stop_mail", {"kind": found[1], "stopped": request.method == "POST"})


@account_page
def goodbye(request: HttpRequest) -> HttpResponse:
    """What is left after one has left: nothing."""
    return page(request, "goodbye")


def _customer(request: HttpRequest) -> bool:
    member = request.user
    return isinstance(member, Member) and not member.is_staff
