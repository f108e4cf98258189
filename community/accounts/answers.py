"""How the account's pages answer: what does not fit keeps what was typed, and nothing is cached."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from community.members.models import Member
from community.members.throttle import WINDOW, begin_attempt, forgive
from community.yard.access import members_only
from community.yard.answers import ANY_FORM

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponse]
MemberView = Callable[Concatenate[HttpRequest, Member, Rest], HttpResponse]
_hidden: Final = sensitive_post_parameters()

# What a page says was done; the address names it, and nothing else is shown.
DONE: Final = {
    "confirmed": lambda: gettext("Your e-mail is confirmed."),
    "password": lambda: gettext("Your new password counts. All other sessions have ended."),
    "saved": lambda: gettext("Saved."),
    "email": lambda: gettext("Look into the new mailbox: the link there makes the change."),
    "phone": lambda: gettext("Your number is confirmed. Your purchases can be recognised by it."),
    "phone_forgotten": lambda: gettext("Your number is forgotten."),
}


def account_page(view: View[Rest]) -> Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]:
    """A page with a form that anybody may open: not cached, its secrets in no error report."""
    return never_cache(_hidden(ANY_FORM(view)))


def own_page(view: MemberView[Rest]) -> Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]:
    """A page of one's own account. Staff have theirs on the desk and are sent to sign in here."""

    @wraps(view)
    def customers(
        request: HttpRequest, member: Member, /, *args: Rest.args, **kwargs: Rest.kwargs
    ) -> HttpResponse:
        if member.is_staff:
            return refused(request)
        return view(request, member, *args, **kwargs)

    return account_page(members_only(customers))


def page(
    request: HttpRequest, name: str, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """One of the pages in `community/templates/account/`."""
    did = DONE.get(request.GET.get("did", ""))
    told = {"did": did() if did else "", **(context or {})}
    return render(request, f"account/{name}.html", told, status=status)


def form_page(
    request: HttpRequest, name: str, form: forms.Form, status: int = 0, **context: Any
) -> HttpResponse:
    """A form's page: 422 when what was sent did not fit, with all that was typed but passwords."""
    default = 422 if form.is_bound and form.errors else 200
    return page(request, name, {"form": form, **context}, status or default)


def too_often(
    request: HttpRequest, name: str, form: forms.Form, seconds: int, **context: Any
) -> HttpResponse:
    """429, with what was typed."""
    form.errors.clear()  # what does not fit is not the matter now
    form.add_error(None, gettext("That was too often. Wait a while and try again."))
    response = form_page(request, name, form, 429, **context)
    response["Retry-After"] = str(seconds)
    return response


def refused(request: HttpRequest) -> HttpResponse:
    """403 for staff, whose accounts are made and closed on the desk."""
    return page(request, "staff", status=403)


def wrong_password(
    request: HttpRequest,
    member: Member,
    name: str,
    form: forms.Form,
    field: str = "password",
    **context: Any,
) -> HttpResponse | None:
    """None for a form that fits and holds the member's password; else the page that says why not.

    The try is counted before the password is looked at, as when signing in.
    """
    attempt = begin_attempt(address_of(request), member.email)
    if not attempt.allowed:
        return too_often(request, name, form, int(WINDOW.total_seconds()), **context)
    if form.is_valid() and not member.check_password(form.cleaned_data[field]):
        form.add_error(field, gettext("This is not your password."))
    if form.errors:
        return form_page(request, name, form, **context)
    forgive(attempt)
    return None


def address_of(request: HttpRequest) -> str:
    """The network address that a request comes from."""
    return str(request.META.get("REMOTE_ADDR", ""))


def language_of(request: HttpRequest) -> str:
    """The language that the page is in."""
    return str(getattr(request, "LANGUAGE_CODE", "ko"))
