"""Names the app, so that its tables begin with `corrections_`."""

from django.apps import AppConfig


class CorrectionsConfig(AppConfig):
    name = "community.corrections"
    label = "corrections"
