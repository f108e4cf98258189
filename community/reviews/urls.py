"""Addresses of reviews, ordered by who may enter."""

from django.urls import path

from community.reviews import views

urlpatterns = [
    # Everyone
    path("", views.review_list, name="reviews"),
    path("/<post:review_id>", views.review_page, name="review"),
    # Members
    path("/new", views.write, name="write_review"),
    path("/<post:review_id>/helpful", views.helpful, name="review_helpful"),
    # Its author
    path("/<post:review_id>/edit", views.edit, name="edit_review"),
    path("/<post:review_id>/remove", views.remove, name="remove_review"),
]
