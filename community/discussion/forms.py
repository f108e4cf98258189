"""What is typed under a review or an idea."""

from django import forms
from django.utils.translation import gettext_lazy as _

from community.yard.forms import TextField
from community.yard.models import TEXT_LENGTH


class CommentForm(forms.Form):
    """A comment."""

    text = TextField(TEXT_LENGTH, short=True, label=_("Your comment"))
