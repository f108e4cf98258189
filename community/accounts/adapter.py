"""Where django-allauth meets this house: our mail, our addresses, and customers only.

Mail goes into the outbox in the transaction of what it is about. Links name the yard as the
settings do and never as the request does, for a request's Host header is anybody's to write.
"""

from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from community.accounts.limits import EXISTS_MAIL, VERIFY_MAIL
from community.accounts.mail import queue_mail, yard_address
from community.accounts.membership import address_is_free, address_proved
from community.members.access import HOME, is_own_path
from community.members.models import Member, normal_address

SIGNED_IN_SECONDS: Final = 30 * 24 * 3600
# allauth's name of a mail, and ours. What is not here is not sent.
MAILS: Final = {
    "account/email/email_confirmation_signup": "confirm_sign_up",
    "account/email/email_confirmation": "confirm_email",
    "account/email/account_already_exists": "account_exists",
    "account/email/email_changed": "email_changed",
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """What allauth asks us while somebody signs up, proves an address, or signs in."""

    def clean_email(self, email: str) -> str:
        return normal_address(email)

    def save_user(
        self, request: HttpRequest, user: Member, form: Any, commit: bool = True
    ) -> Member:
        """The new member; the password was hashed by the form, before the store was held."""
        user.email = form.cleaned_data["email"]
        user.name = form.cleaned_data["name"]
        user.language = getattr(request, "LANGUAGE_CODE", user.language)
        user.password = form.hashed_password
        user.save()
        return user

    def is_safe_url(self, url: str | None) -> bool:
        return is_own_path(url)

    def login(self, request: HttpRequest, user: Member) -> None:
        """Begin a session under a new key, for as long as customers stay signed in."""
        super().login(request, user)
        request.session.set_expiry(SIGNED_IN_SECONDS)

    def is_ajax(self, request: HttpRequest) -> bool:
        """Every answer is a page, whatever headers ask for."""
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Pages say by themselves what was done."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return HOME

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        page = "account_home" if self.request.user.is_authenticated else "account_login"
        return f"{reverse(page)}?did=confirmed"

    def respond_user_inactive(self, request: HttpRequest, user: Member) -> HttpResponse:
        return HttpResponseRedirect(reverse("account_login"))

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Take the address as proved, in one transaction with the fact that says so."""
        return address_proved(request, email_address, super().confirm_email)

    def send_confirmation_mail(self, request: HttpRequest, confirmation: Any, signup: bool) -> None:
        """The link that proves an address; whose it is already is told so, and gets no link."""
        address = confirmation.email_address
        if not VERIFY_MAIL.allows(address.email):
            return
        if address_is_free(address.email, address.user_id):
            path = reverse("account_confirm_email", args=[confirmation.key])
            template = "confirm_sign_up" if signup else "confirm_email"
            context = {"name": address.user.name, "url": yard_address(path)}
            queue_mail(template, address.email, address.user.language, context)
        else:
            self.send_account_already_exists_mail(address.email)

    def send_account_already_exists_mail(self, email: str) -> None:
        if EXISTS_MAIL.allows(email):
            self.send_mail("account/email/account_already_exists", email, {})

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put a mail of allauth's into the outbox, in our words and in the reader's language."""
        template = MAILS.get(template_prefix)
        if template is None:
            return
        owner = Member.objects.filter(email=normal_address(email)).first() or context.get("user")
        language = owner.language if owner else getattr(self.request, "LANGUAGE_CODE", "ko")
        pages = {
            "sign_in": yard_address(reverse("account_login")),
            "reset": yard_address(reverse("account_reset_password")),
        }
        told: dict[str, Any] = {
            name: context[name] for name in ("from_email", "to_email") if name in context
        }
        queue_mail(template, email, language, {**pages, **told})

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Member,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """A change to the account is told to the address that it had."""
        self.send_mail(template_prefix, email or user.email, {"user": user, **(context or {})})
