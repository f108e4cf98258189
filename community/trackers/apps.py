"""Names the app, so that its tables begin with `trackers_`."""

from django.apps import AppConfig


class TrackersConfig(AppConfig):
    name = "community.trackers"
    label = "trackers"
