"""Names the app, so that its tables begin with `ideas_`."""

from django.apps import AppConfig


class IdeasConfig(AppConfig):
    name = "community.ideas"
    label = "ideas"
