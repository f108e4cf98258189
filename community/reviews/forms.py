"""What is typed about a product."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community.catalogue.queries import ProductChoice
from community.yard.forms import text_field, title_field

STARS = (
    ("1", _("1: bad")),
    ("2", _("2: not good")),
    ("3", _("3: all right")),
    ("4", _("4: good")),
    ("5", _("5: very good")),
)


class ReviewForm(forms.Form):
    """Stars, a title if one likes, and the text."""

    rating = forms.TypedChoiceField(
        label=_("Stars"),
        choices=STARS,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), _("Choose one to five stars.")
        ),
    )
    title = title_field(_("Title"), required=False)
    text = text_field(
        _("What was it like?"),
        help_text=_(
            "E-mail addresses, phone and card numbers are covered up before anyone reads them."
        ),
    )


class NewReviewForm(ReviewForm):
    """A review, and of which product; the products are those that can be chosen now."""

    product = forms.TypedChoiceField(
        label=_("Product"),
        coerce=int,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), _("Choose a product from the list.")
        ),
    )
    field_order = ("product", "rating", "title", "text")

    def __init__(self, products: tuple[ProductChoice, ...], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Choose a product")), *((str(one.id), one.name) for one in products)]
        self.fields["product"].choices = choices  # type: ignore[attr-defined]
