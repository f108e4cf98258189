"""Addresses of ideas, ordered by who may enter."""

from django.urls import path

from community.ideas import views

urlpatterns = [
    # Everyone
    path("", views.idea_list, name="ideas"),
    path("/similar", views.similar, name="similar_ideas"),
    path("/<post:idea_id>", views.idea_page, name="idea"),
    # Members
    path("/new", views.propose, name="propose_idea"),
    path("/<post:idea_id>/vote", views.vote, name="vote"),
    # Its author
    path("/<post:idea_id>/edit", views.edit, name="edit_idea"),
    path("/<post:idea_id>/remove", views.remove, name="remove_idea"),
]
