"""Names the app, so that its tables begin with `outbox_`."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "community.outbox"
    label = "outbox"
