"""Names the app, so that its tables begin with `intake_`."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "community.intake"
    label = "intake"
