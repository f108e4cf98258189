"""What the company decided about ideas, as an Atom feed for readers and other machines."""

from datetime import datetime
from typing import Any

from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from community.configure import instance
from community.yard.front import Step, month_of, steps


class ChangesFeed(Feed):  # type: ignore[type-arg]  # generic for the type checker alone
    """The newest steps forward, each under the idea's title."""

    feed_type = Atom1Feed
    link = "/ideas"

    def title(self) -> str:
        """The yard's name."""
        return f"{instance().brand} {gettext('Madang')}".strip()

    def items(self) -> tuple[Step, ...]:
        """Steps since the month began."""
        return steps(month_of(timezone.now()), size=30)

    def item_title(self, item: Step) -> SafeString:
        """'완료: …'"""
        return SafeString(f"{item.status_name}: {item.title}")

    def item_description(self, item: Step) -> str:
        """The reason that voters were told."""
        return item.reason

    def item_link(self, item: Step) -> str:
        """The idea's page."""
        return f"/ideas/{item.idea_id}"

    def item_guid(self, item: Step) -> str:
        """One entry a step, not one an idea."""
        return f"/ideas/{item.idea_id}#{item.at.isoformat()}"

    def item_updateddate(self, item: Step) -> datetime:
        """When it moved on."""
        return item.at


@require_safe
def changes(request: HttpRequest) -> Any:
    """The feed; a link to it stands in the footer."""
    return ChangesFeed()(request)
