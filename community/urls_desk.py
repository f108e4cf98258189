"""The staff's pages, ordered by who may enter; the desk serves them beside its own."""

from django.urls import include, path

urlpatterns = [
    path("staff/", include("community.members.urls")),
    path("inbox/", include("community.inbox.urls")),
]
