"""The public yard's pages. Each part is ordered by who may enter: everyone, members, authors."""

from django.urls import include, path, register_converter

from community.intake import events, hooks
from community.yard import errors, feeds, views
from community.yard.language import choose_language
from community.yard.numbers import PostNumber

register_converter(PostNumber, "post")

urlpatterns = [
    # Everyone
    path("", views.front, name="front"),
    path("write", views.write, name="write"),
    path("people/<slug:public_id>", views.person_page, name="person"),
    path("language", choose_language, name="choose_language"),
    # Machines
    path("feed", feeds.changes, name="feed"),
    path("healthz", views.health),
    path("robots.txt", views.robots),
    path("hooks/<slug:name>", hooks.take, name="hook"),
    path("events.js", events.script),
    path("events", events.take, name="events"),
    # Posts: everyone reads, members write, authors change what is theirs
    path("reviews", include("community.reviews.urls")),
    path("ideas", include("community.ideas.urls")),
    path("", include("community.discussion.urls")),
    # Members
    path("notices", include("community.notices.urls")),
    path("events/join", events.join, name="join_visits"),
    path("account/", include("community.accounts.urls")),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
