"""Names the app, so that its tables begin with `discussion_`."""

from django.apps import AppConfig


class DiscussionConfig(AppConfig):
    name = "community.discussion"
    label = "discussion"
