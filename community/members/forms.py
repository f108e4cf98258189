"""What is typed on the sign-in and account pages."""

from django import forms
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.members.models import Member

# Longer than any password, short enough that hashing it costs nothing worth an attack.
LONGEST_PASSWORD = 1024


class SignInForm(forms.Form):
    """Address and password. Whether the address is known is never said."""

    email = forms.EmailField(
        label=_("E-mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PasswordForm(forms.Form):
    """The present password, and a new one twice."""

    present = forms.CharField(
        label=_("Present password"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    wanted = forms.CharField(
        label=_("New password"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("New password once more"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, member: Member, data: dict[str, str] | None = None) -> None:
        super().__init__(data)
        self._member = member
        self.fields["wanted"].help_text = " ".join(password_validators_help_texts())

    def clean_present(self) -> str:
        """Only who knows the present password may change it."""
        present: str = self.cleaned_data["present"]
        if not self._member.check_password(present):
            raise forms.ValidationError(gettext("This is not your present password."))
        return present

    def clean_wanted(self) -> str:
        """The new password must satisfy the rules that the page lists."""
        wanted: str = self.cleaned_data["wanted"]
        validate_password(wanted, self._member)
        return wanted

    def clean_again(self) -> str:
        """A typing mistake must not lock anyone out."""
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("wanted", again):
            raise forms.ValidationError(gettext("The two new passwords differ."))
        return again
