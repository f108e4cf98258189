"""What is typed and pressed in the inbox."""

import re
from typing import Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from community.ideas.models import Status
from community.inbox.drafts import KEY, LONGEST_TEXT

OUT_OF_DATE: Final = _("This form is out of date. Open the conversation anew.")
LARGEST: Final = 2**31 - 1  # what every store can count to
LONGEST_REASON: Final = 2000  # characters


class DraftForm(forms.Form):
    """What has been typed so far, the key of the answer it may become, and the draft's version."""

    text = forms.CharField(required=False, strip=False)
    key = forms.RegexField(
        re.compile(rf"^{KEY.pattern}\Z"), error_messages={"invalid": OUT_OF_DATE}
    )
    draft_version = forms.IntegerField(required=False, min_value=0, max_value=LARGEST)


class ReplyForm(DraftForm):
    """An answer: to which mention, and which version of the conversation its writer has seen."""

    text = forms.CharField(
        label=_("Answer"),
        max_length=LONGEST_TEXT,
        strip=False,
        required=False,
        error_messages={"max_length": _("At most 4,000 characters. Shorten it and send it again.")},
    )
    mention = forms.CharField(max_length=36, error_messages={"required": OUT_OF_DATE})
    version = forms.IntegerField(
        min_value=1, max_value=LARGEST, error_messages={"required": OUT_OF_DATE}
    )
    replace = forms.BooleanField(required=False)

    def clean_text(self) -> str:
        """An answer of spaces is none."""
        text: str = self.cleaned_data["text"]
        if not text.strip():
            raise ValidationError(_("An answer needs words. Write what the customer should know."))
        return text


class RetryForm(forms.Form):
    """Which answer is to be tried again."""

    reply = forms.IntegerField(min_value=1, max_value=LARGEST)


class AssignForm(forms.Form):
    """To whom the conversation is given; empty: to nobody."""

    assignee = forms.IntegerField(required=False, min_value=1, max_value=LARGEST)


class CloseForm(forms.Form):
    """Why there is nothing left to answer, for whoever asks later."""

    why = forms.CharField(required=False, max_length=500)


class ReopenForm(forms.Form):
    """As what it is taken up again."""

    state = forms.ChoiceField(choices=[("open", "open"), ("answered", "answered")])


class AlertForm(forms.Form):
    """Which alert, and what there is to say about it."""

    alert_id = forms.CharField(max_length=96)
    note = forms.CharField(required=False, max_length=LONGEST_REASON)


class StatusForm(forms.Form):
    """What an idea has come to, and why: the reason is what its voters will read."""

    status = forms.ChoiceField(
        label=_("New status"),
        choices=Status.choices,
        error_messages={
            "invalid_choice": _("Choose one of the statuses."),
            "required": _("Choose one of the statuses."),
        },
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        error_messages={
            "required": _("Say why: it is what the voters will read."),
            "max_length": _("At most 2,000 characters. Shorten it and send it again."),
        },
        widget=forms.Textarea(attrs={"rows": 5}),
    )
