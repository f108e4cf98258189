"""Names the app, so that its tables begin with `reviews_`."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "community.reviews"
    label = "reviews"
