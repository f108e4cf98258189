"""Names the app, so that its tables begin with `members_`."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "community.members"
    label = "members"
