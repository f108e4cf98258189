"""Names the app, so that its tables begin with `catalogue_`."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "community.catalogue"
    label = "catalogue"
