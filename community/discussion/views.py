"""Saying something below a review or an idea, changing it, taking it away, and giving thanks."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from community.discussion import actions
from community.discussion.forms import CommentForm
from community.discussion.queries import CommentLine, comment_line, thread_of
from community.errors import CommunityError
from community.members.models import Member
from community.yard import limits
from community.yard.access import members_only
from community.yard.answers import ANY_FORM, SeeOther, done, form_page
from community.yard.errors import refused
from community.yard.forms import carried_out
from community.yard.posts import PostId, post_id
from community.yard.throttle import limited
from community.yard.writing import holds_personal_data


@ANY_FORM
@members_only
@limited(limits.COMMENT)
def write(request: HttpRequest, member: Member, kind: str, number: int) -> HttpResponse:
    """Comment on a review or an idea; opened as a page, it leads to the form below the post."""
    post = PostId(kind, number)
    if request.method != "POST":
        return SeeOther(f"{post.path}#say")
    form = CommentForm(request.POST)
    written = carried_out(
        form, lambda: actions.comment(member, str(post), form.cleaned_data["text"])
    )
    if written is None:
        return form_page(request, "discussion/write.html", {"form": form, "path": post.path})
    said = "masked" if holds_personal_data(form.cleaned_data["text"]) else "comment"
    return done(post.path, said, f"comment-{written}")


@ANY_FORM
@members_only
@limited(limits.EDIT)
def edit(request: HttpRequest, member: Member, comment_id: int) -> HttpResponse:
    """Change one's own comment."""
    line, path = _own_comment(member, comment_id)
    form = CommentForm(request.POST or None, initial={"text": line.text})
    if request.method == "POST":

        def order() -> bool:
            actions.edit_comment(member, comment_id, form.cleaned_data["text"])
            return True

        if carried_out(form, order):
            return done(path, "comment_edited", line.native_id)
    return form_page(request, "discussion/edit.html", {"form": form, "path": path})


@ANY_FORM
@members_only
@limited(limits.EDIT)
def remove(request: HttpRequest, member: Member, comment_id: int) -> HttpResponse:
    """Show the comment once more, and then take it away."""
    line, path = _own_comment(member, comment_id)
    if request.method == "POST":
        actions.remove_comment(member, comment_id)
        return done(path, "comment_removed")
    return render(request, "discussion/remove.html", {"comment": line, "path": path})


@require_POST
@members_only
@limited(limits.THANK)
def thank(request: HttpRequest, member: Member, comment_id: int) -> HttpResponse:
    """Give thanks for an official answer to one's own post."""
    try:
        actions.give_thanks(member, comment_id)
    except CommunityError as refusal:
        return refused(request, refusal)
    return done(_path(comment_id), "thanks", f"comment-{comment_id}")


def _own_comment(member: Member, comment_id: int) -> tuple[CommentLine, str]:
    """The member's own comment and the page it stands on; 404 or 403 where it is not theirs."""
    line = comment_line(comment_id, member.pk)
    if line is None:
        raise Http404
    if not line.is_mine or line.is_official:
        raise PermissionDenied
    return line, _path(comment_id)


def _path(comment_id: int) -> str:
    thread = thread_of(comment_id)
    if thread is None:
        raise Http404
    return post_id(thread).path
