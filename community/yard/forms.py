"""What all forms of the yard share: plain fields, and orders whose refusals stand in the form."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from community.errors import CommunityError
from community.yard.models import TEXT_LENGTH, TITLE_LENGTH

Answer = TypeVar("Answer")
# A text may hold signs that are dropped before it is counted, so the form lets more through than
# is stored; what is far too long is refused before anything looks at it.
SLACK = 4


class TextField(forms.CharField):
    """Text typed by a customer. The browser is not told the length: it cuts pasted text off."""

    def __init__(self, longest: int, *, lines: bool = True, short: bool = False, **kwargs: Any):
        attributes = {"rows": 4 if short else 10, "class": "short"} if short else {"rows": 10}
        widget = forms.Textarea(attrs=attributes) if lines else forms.TextInput()
        super().__init__(widget=widget, error_messages={"required": _("Fill this in.")}, **kwargs)
        said = _("This is far too long. At most %(longest)s characters fit.")
        self.validators.append(MaxLengthValidator(longest * SLACK, said % {"longest": longest}))


def title_field(label: Any, **kwargs: Any) -> TextField:
    """One line that says what a post is about."""
    return TextField(TITLE_LENGTH, lines=False, label=label, **kwargs)


def text_field(label: Any, **kwargs: Any) -> TextField:
    """The text of a post."""
    return TextField(TEXT_LENGTH, label=label, **kwargs)


def carried_out(form: forms.Form, order: Callable[[], Answer]) -> Answer | None:
    """Give an order if the form is valid; None if it is not, or where the order was refused.

    The reason of a refusal stands at the top of the form, above all that was typed.
    """
    if not form.is_valid():
        return None
    try:
        return order()
    except CommunityError as refusal:
        form.add_error(None, str(refusal))
        return None
