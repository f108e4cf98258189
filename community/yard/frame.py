"""What stands around every page of the yard: who reads it, where they are, what waits for them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.configure import instance
from community.members.models import Member
from community.yard.words import short_count

# What a page may say after something was done; the address names it, and nothing else is shown.
SAID: Final = {
    "review": _("Your review is up. The people who make the product read it too."),
    "review_edited": _("Your review is changed."),
    "review_removed": _("Your review is gone."),
    "idea": _("Your idea is up. You will hear when its status changes."),
    "idea_edited": _("Your idea is changed."),
    "idea_removed": _("Your idea is gone."),
    "comment": _("Your comment is up."),
    "comment_edited": _("Your comment is changed."),
    "comment_removed": _("Your comment is gone."),
    "thanks": _("They know now that the answer helped."),
    "masked": _("It is up. What looked like a phone number or an address is covered up."),
    "read": _("All notices are read."),
}


@dataclass(frozen=True)
class Frame:
    """The frame of one page; what needs the store is asked for only where a template uses it."""

    request: HttpRequest

    @cached_property
    def name(self) -> str:
        """The yard's name, with the brand's before it."""
        return f"{instance().brand} {gettext('Madang')}".strip()

    @cached_property
    def member(self) -> Member | None:
        """Who is signed in."""
        return reader_of(self.request)

    @cached_property
    def unread(self) -> int:
        """How many notices the reader has not seen."""
        from community.notices.queries import unread_count

        return unread_count(self.member.pk) if self.member else 0

    @property
    def unread_short(self) -> str:
        """The number as it fits on the bell."""
        return "99+" if self.unread > 99 else short_count(self.unread)

    @property
    def room(self) -> str:
        """The first part of the address, by which the navigation knows where it is."""
        return self.request.path.split("/")[1]

    @property
    def here(self) -> str:
        """This page's address without what it just said, to come back to."""
        query = self.request.GET.copy()
        query.pop("said", None)
        return f"{self.request.path}{'?' if query else ''}{query.urlencode()}"

    @property
    def said(self) -> str:
        """What was just done, for the one who did it."""
        code = self.request.GET.get("said", "")
        return str(SAID[code]) if code in SAID and self.member else ""

    @property
    def other_languages(self) -> list[tuple[str, str]]:
        """The languages this page is not in, by code and own name."""
        present = translation.get_language()
        return [(code, name) for code, name in settings.LANGUAGES if code != present]

    @property
    def sign_in(self) -> str:
        """Where to sign in, and come back here."""
        return sign_in_address(self.here)

    @property
    def sign_up(self) -> str:
        """Where to join."""
        return reverse("account_signup")


def frame_of(request: HttpRequest) -> Frame:
    """The frame of the page that answers this request; one frame a request."""
    frame = getattr(request, "yard_frame", None)
    if not isinstance(frame, Frame):
        frame = Frame(request)
        request.yard_frame = frame  # type: ignore[attr-defined]
    return frame


def reader_of(request: HttpRequest) -> Member | None:
    """The member whose session this is; None on pages that break before sessions are read."""
    user = getattr(request, "user", None)
    return user if isinstance(user, Member) else None


def sign_in_address(onward: str) -> str:
    """The sign-in page, leading on to `onward`; not back into the account's own pages."""
    page = reverse("account_login")
    if onward in ("", "/") or onward.startswith("/account/"):
        return page
    return f"{page}?{urlencode({'next': onward})}"
