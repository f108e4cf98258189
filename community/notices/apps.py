"""Names the app, so that its tables begin with `notices_`."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "community.notices"
    label = "notices"
