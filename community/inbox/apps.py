"""Names the app, so that its tables begin with `inbox_`."""

from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "community.inbox"
    label = "inbox"
