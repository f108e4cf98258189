"""What is typed on the account's pages."""

from typing import Any

from allauth.account.forms import SignupForm
from django import forms
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import password_validators_help_texts
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.accounts.membership import address_is_free, make_way
from community.configure import LANGUAGES
from community.members.forms import LONGEST_PASSWORD, PasswordForm
from community.members.models import Member, normal_address
from nlp.identifiers import normal_phone

LONGEST_NAME = 40


def clean_name(value: str) -> str:
    """A name on one line, of characters that can be seen."""
    name = " ".join(value.split())
    if not name or not name.isprintable():
        raise forms.ValidationError(gettext("A name has letters, digits and spaces."))
    return name


def _name_field() -> forms.CharField:
    return forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        help_text=_("Stands beside what you write. It need not be your real name."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )


def _email_field(label: Any) -> forms.EmailField:
    return forms.EmailField(
        label=label, max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


def _password_field() -> forms.CharField:
    return forms.CharField(
        label=_("Password"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class SignUpForm(SignupForm):  # type: ignore[misc]
    """Name, address and password. That an address has an account is said by mail and never here."""

    hashed_password: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        password = forms.CharField(
            label=_("Password"),
            max_length=LONGEST_PASSWORD,
            strip=False,
            help_text=format_lazy("{}", " ".join(password_validators_help_texts())),
            widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        )
        self.fields = {
            "name": _name_field(),
            "email": _email_field(_("E-mail")),
            "password1": password,
        }

    def clean_name(self) -> str:
        return clean_name(self.cleaned_data["name"])

    def validate_unique_email(self, value: str) -> str:
        self.account_already_exists = not address_is_free(value, None)
        return value

    def hash_password(self) -> None:
        """Hash before the store is held, and for known addresses too: time must tell nothing."""
        self.hashed_password = make_password(self.cleaned_data["password1"])

    def try_save(self, request: HttpRequest) -> Any:
        """Make the account, or write to whom the address belongs; the same answer either way."""
        if not self.account_already_exists:
            make_way(self.cleaned_data["email"])
        return super().try_save(request)


class ResetForm(forms.Form):
    """The address to which a link is sent."""

    email = _email_field(_("E-mail"))


class NewPasswordForm(PasswordForm):
    """A new password twice, for somebody whose mailbox is the proof."""

    def __init__(self, member: Member, data: dict[str, str] | None = None) -> None:
        super().__init__(member, data)
        del self.fields["present"]


class ProfileForm(forms.Form):
    """What can be changed at will."""

    name = _name_field()
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    idea_mail = forms.BooleanField(
        label=_("Mail when an idea that I want moves on"), required=False
    )
    answer_mail = forms.BooleanField(label=_("Mail when I am answered"), required=False)

    def clean_name(self) -> str:
        return clean_name(self.cleaned_data["name"])


class EmailForm(forms.Form):
    """A new address, and the password of whoever asks for it."""

    email = _email_field(_("New e-mail"))
    password = _password_field()

    def __init__(self, member: Member, data: dict[str, str] | None = None) -> None:
        super().__init__(data)
        self._member = member

    def clean_email(self) -> str:
        email = normal_address(self.cleaned_data["email"])
        if email == self._member.email:
            raise forms.ValidationError(gettext("This is your e-mail already."))
        return email


class PhoneForm(forms.Form):
    """A number to which a code is sent."""

    number = forms.CharField(
        label=_("Mobile number"),
        max_length=32,
        help_text=_("For example 010-1234-5678. A text message with a code comes to it."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"}),
    )

    def clean_number(self) -> str:
        digits = normal_phone(self.cleaned_data["number"])
        if digits is None or len(digits) > 15:  # the longest there is (ITU-T E.164)
            raise forms.ValidationError(gettext("This is not a phone number."))
        return f"+{digits}"


class CodeForm(forms.Form):
    """The six digits of a text message."""

    code = forms.RegexField(
        r"^\s*[0-9]{3}\s?[0-9]{3}\s*$",
        label=_("Code from the message"),
        error_messages={"invalid": _("The code has six digits.")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def clean_code(self) -> str:
        return "".join(str(self.cleaned_data["code"]).split())


class LeaveForm(forms.Form):
    """The password, so that nobody else can end an account at an open screen."""

    password = _password_field()
