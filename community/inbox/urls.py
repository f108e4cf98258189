"""The inbox's pages: those that all staff may read, and the acts of those who may answer."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from community.inbox import ideas, views

View = Callable[..., HttpResponse]


def by_method(act: View, back: View) -> View:
    """An act, and where its address leads when it is opened as a page."""

    def either(request: HttpRequest, **subject: int) -> HttpResponse:
        return (act if request.method == "POST" else back)(request, **subject)

    return either


def of_case(verb: str, act: View) -> URLPattern:
    """An act on one conversation."""
    view = by_method(act, views.back_to_case)
    return path(f"<int:conversation_id>/{verb}", view, name=f"inbox_{verb}")


urlpatterns = [
    # Staff
    path("", views.inbox, name="inbox"),
    path("list", views.rows, name="inbox_list"),
    path("<int:conversation_id>", views.case, name="inbox_case"),
    path("ideas", ideas.idea_list, name="inbox_ideas"),
    path("ideas/<int:idea_id>", ideas.idea_page, name="inbox_idea"),
    # Those who may answer
    of_case("draft", views.save_draft),
    of_case("reply", views.reply),
    of_case("retry", views.retry),
    of_case("assign", views.assign),
    of_case("close", views.close),
    of_case("reopen", views.reopen),
    path("alerts/acknowledge", views.acknowledge, name="inbox_acknowledge"),
    path("alerts/reopen", views.unacknowledge, name="inbox_unacknowledge"),
    path(
        "ideas/<int:idea_id>/status",
        by_method(ideas.change_status, ideas.back_to_idea),
        name="inbox_idea_status",
    ),
]
