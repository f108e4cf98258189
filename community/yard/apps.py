"""Names the app, so that its tables begin with `yard_`."""

from django.apps import AppConfig


class YardConfig(AppConfig):
    name = "community.yard"
    label = "yard"
