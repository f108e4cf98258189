"""The staff's own pages: sign in, sign out, language, account, password."""

from django.contrib.auth import authenticate, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from community.decisions.actions import Actor
from community.language import known_language, remember_language
from community.members import actions
from community.members.access import HOME, safe_next, signed_in_staff, staff_only
from community.members.forms import PasswordForm, SignInForm
from community.members.models import Member
from community.members.throttle import WINDOW, begin_attempt, forgive


class SeeOther(HttpResponseRedirect):
    """Go there with GET, whatever brought you here."""

    status_code = 303


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for address and password; a right pair begins a session and goes on to `next`."""
    onward = safe_next(request, request.POST.get("next") or request.GET.get("next"))
    if request.method != "POST":
        if signed_in_staff(request) is not None:
            return SeeOther(onward)
        return _sign_in_page(request, SignInForm(), onward)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _sign_in_page(request, form, onward, status=422)
    email, password = form.cleaned_data["email"], form.cleaned_data["password"]
    attempt = begin_attempt(request.META.get("REMOTE_ADDR", ""), email)
    if not attempt.allowed:
        form.add_error(None, gettext("Too many attempts. Wait 15 minutes and try again."))
        response = _sign_in_page(request, form, onward, status=429)
        response["Retry-After"] = str(int(WINDOW.total_seconds()))
        return response
    # A password is hashed whether or not the address is known, so time tells nothing either.
    member = authenticate(request, username=email, password=password)
    if not isinstance(member, Member) or not member.is_staff:
        form.add_error(None, gettext("E-mail or password is not right. Check both and try again."))
        return _sign_in_page(request, form, onward, status=422)
    forgive(attempt)
    actions.sign_in(request, member)
    response = SeeOther(onward)
    remember_language(response, member.language)
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; a plain link shows the button first, for a link must not sign anyone out."""
    member = signed_in_staff(request)
    if request.method == "POST":
        actions.sign_out(request)
        return SeeOther(reverse("sign_in"))
    if member is None:
        return SeeOther(reverse("sign_in"))
    return render(request, "members/sign_out.html", {"member": member})


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the language chosen, for this browser and for the account that is signed in."""
    response = SeeOther(safe_next(request, request.POST.get("next")))
    language = known_language(request.POST.get("language"))
    if language is not None:
        member = signed_in_staff(request)
        if member is not None:
            actions.change_language(member.pk, language, by=Actor(member.pk))
        remember_language(response, language)
    return response


@never_cache
@require_http_methods(["GET", "HEAD"])
@staff_only
def threshold(request: HttpRequest, member: Member) -> HttpResponse:
    """The bare address leads to the account page, or for strangers to the sign-in."""
    return SeeOther(reverse("account"))


@never_cache
@require_http_methods(["GET", "HEAD"])
@staff_only
def account(request: HttpRequest, member: Member) -> HttpResponse:
    """Who is signed in, with the doors to password and sign-out."""
    return render(
        request,
        "members/account.html",
        {"member": member, "role": role_name(member.role), "changed": "changed" in request.GET},
    )


@never_cache
@sensitive_post_parameters("present", "wanted", "again")
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def change_password(request: HttpRequest, member: Member) -> HttpResponse:
    """Change one's own password; other sessions of the account end, this one goes on."""
    form = PasswordForm(member, request.POST.dict() if request.method == "POST" else None)
    if request.method != "POST":
        return render(request, "members/password.html", {"form": form})
    attempt = begin_attempt(request.META.get("REMOTE_ADDR", ""), member.email)
    if not attempt.allowed:
        form.add_error(None, gettext("Too many attempts. Wait 15 minutes and try again."))
        return render(request, "members/password.html", {"form": form}, status=429)
    if not form.is_valid():
        return render(request, "members/password.html", {"form": form}, status=422)
    forgive(attempt)
    actions.change_password(member.pk, form.cleaned_data["wanted"], by=Actor(member.pk))
    member.refresh_from_db()
    update_session_auth_hash(request, member)
    return SeeOther(f"{reverse('account')}?changed=1")


def role_name(role: str) -> str:
    """The role as the page names it."""
    names = {
        "brand_manager": gettext("Brand manager"),
        "community_manager": gettext("Community manager"),
        "engineer": gettext("Engineer"),
    }
    return names.get(role, role)


def _sign_in_page(
    request: HttpRequest, form: SignInForm, onward: str, status: int = 200
) -> HttpResponse:
    context = {"form": form, "next": onward, "home": HOME}
    return render(request, "members/sign_in.html", context, status=status)
