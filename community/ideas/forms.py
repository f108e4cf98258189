"""What is typed when something is asked for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from community.yard.forms import text_field, title_field


class IdeaForm(forms.Form):
    """A title that others understand in a list, and the text."""

    title = title_field(
        _("What would be better?"), help_text=_("One sentence, so that others find it.")
    )
    text = text_field(
        _("Why, and when do you miss it?"),
        help_text=_(
            "E-mail addresses, phone and card numbers are covered up before anyone reads them."
        ),
    )
