"""Names the app, so that its tables begin with `accounts_`."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "community.accounts"
    label = "accounts"
