"""Names the app, so that its tables begin with `decisions_`."""

from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    name = "community.decisions"
    label = "decisions"
