"""Names the app, so that its tables begin with `alerts_`."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "community.alerts"
    label = "alerts"
