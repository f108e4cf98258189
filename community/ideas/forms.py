"""What is typed when something is asked for."""

from typing import Any

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


class NewIdeaForm(IdeaForm):
    """A new idea; what is similar appears below its title while it is typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].widget.attrs |= {
            "hx-get": "/ideas/similar",
            "hx-trigger": "input changed delay:350ms",
            "hx-target": "#similar",
            "hx-sync": "this:replace",
        }
