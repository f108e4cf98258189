"""Addresses of notices: members only, each their own."""

from django.urls import path

from community.notices import views

urlpatterns = [
    path("", views.notice_list, name="notices"),
    path("/read", views.read_all, name="read_notices"),
    path("/<post:notice_id>/open", views.open_notice, name="open_notice"),
]
