"""Names the app, so that its tables begin with `belts_`."""

from django.apps import AppConfig


class BeltsConfig(AppConfig):
    name = "community.belts"
    label = "belts"
