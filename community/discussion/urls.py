"""Addresses of comments, ordered by who may enter."""

from django.urls import path

from community.discussion import views

urlpatterns = [
    # Members
    path(
        "reviews/<post:number>/comments",
        views.write,
        {"kind": "review"},
        name="comment_on_review",
    ),
    path("ideas/<post:number>/comments", views.write, {"kind": "idea"}, name="comment_on_idea"),
    # The author of the post that was answered
    path("comments/<post:comment_id>/thanks", views.thank, name="thank"),
    # Its author
    path("comments/<post:comment_id>/edit", views.edit, name="edit_comment"),
    path("comments/<post:comment_id>/remove", views.remove, name="remove_comment"),
]
