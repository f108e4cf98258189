"""The pages of reviews: list, one review, write, edit, remove, and "this helped"."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from community.catalogue.queries import products
from community.discussion.pages import thread_context
from community.errors import CommunityError
from community.members.models import Member
from community.reviews import actions
from community.reviews.forms import NewReviewForm, ReviewForm
from community.reviews.picture import picture_of
from community.reviews.queries import (
    ORDERS,
    ReviewLine,
    my_review,
    product_summary,
    review,
    reviews_page,
)
from community.yard import limits
from community.yard.access import members_only, viewer_of
from community.yard.answers import ANY_FORM, by_htmx, done, form_page
from community.yard.errors import refused
from community.yard.forms import carried_out
from community.yard.numbers import number_in, word_in
from community.yard.pager import next_page
from community.yard.throttle import limited
from community.yard.writing import holds_personal_data


@require_safe
def review_list(request: HttpRequest) -> HttpResponse:
    """Reviews, of one product or all, with so many stars or any."""
    chosen, stars = number_in(request, "product"), number_in(request, "stars")
    stars = stars if stars in range(1, 6) else None
    order = word_in(request, "order", tuple(ORDERS)) or "newest"
    summary = product_summary(chosen) if chosen else None
    if chosen and summary is None:
        raise Http404
    page = reviews_page(chosen, stars, order, request.GET.get("after"), viewer_of(request))
    context = {
        "page": page,
        "products": products(),
        "summary": summary,
        "stars": stars,
        "order": order,
        "five": (5, 4, 3, 2, 1),
        "picture": picture_of(summary, order) if summary else None,
        "next_page": next_page(request, page.after),
    }
    return render(request, "reviews/list.html", context)


@require_safe
def review_page(request: HttpRequest, review_id: int) -> HttpResponse:
    """One review, and what was said below it."""
    viewer = viewer_of(request)
    found = review(review_id, viewer)
    if found is None:
        raise Http404
    context = {"review": found.review, "removal": found.removal}
    if found.removal is not None:
        return render(request, "reviews/removed.html", context, status=410)
    context |= thread_context(request, found.review.native_id)
    return render(request, "reviews/page.html", context)


@ANY_FORM
@members_only
@limited(limits.WRITE_REVIEW)
def write(request: HttpRequest, member: Member) -> HttpResponse:
    """Write a review; who has reviewed the product already goes on to edit that one."""
    choices = products()
    if request.method != "POST":
        chosen = number_in(request, "product")
        standing = my_review(member.pk, chosen) if chosen else None
        if standing is not None:
            return done(f"/reviews/{standing}/edit")
        typed = {"product": chosen, "text": request.GET.get("text", "")[:500]}
        form = NewReviewForm(choices, initial=typed)
        return form_page(request, "reviews/write.html", {"form": form, "products": choices})
    form = NewReviewForm(choices, request.POST)

    def order() -> int:
        typed = form.cleaned_data
        return actions.write_review(
            member, typed["product"], typed["rating"], typed["text"], typed["title"]
        )

    written = carried_out(form, order)
    if written is None:
        return form_page(request, "reviews/write.html", {"form": form, "products": choices})
    return done(f"/reviews/{written}", _said(form, "review"))


@ANY_FORM
@members_only
@limited(limits.EDIT)
def edit(request: HttpRequest, member: Member, review_id: int) -> HttpResponse:
    """Change one's own review."""
    line = _own_review(member, review_id)
    typed = {"rating": line.rating, "title": line.title, "text": line.text}
    form = ReviewForm(request.POST) if request.method == "POST" else ReviewForm(initial=typed)
    if request.method == "POST":

        def order() -> bool:
            typed = form.cleaned_data
            actions.edit_review(member, review_id, typed["rating"], typed["text"], typed["title"])
            return True

        if carried_out(form, order):
            return done(f"/reviews/{review_id}", _said(form, "review_edited"))
    return form_page(request, "reviews/edit.html", {"form": form, "review": line})


@ANY_FORM
@members_only
@limited(limits.EDIT)
def remove(request: HttpRequest, member: Member, review_id: int) -> HttpResponse:
    """Name what will be lost, and then take one's own review away."""
    line = _own_review(member, review_id)
    if request.method == "POST":
        actions.remove_review(member, review_id)
        return done("/reviews", "review_removed")
    return render(request, "reviews/remove.html", {"review": line})


@require_POST
@members_only
@limited(limits.VOTE)
def helpful(request: HttpRequest, member: Member, review_id: int) -> HttpResponse:
    """Say that a review helped, or take it back; htmx gets the button alone."""
    order = actions.unmark_helpful if request.POST.get("back") else actions.mark_helpful
    try:
        order(member, review_id)
    except CommunityError as refusal:
        return refused(request, refusal)
    if by_htmx(request):
        found = review(review_id, member.pk)
        return render(request, "reviews/helpful.html", {"review": found and found.review})
    return done(f"/reviews/{review_id}", place="helpful")


def _own_review(member: Member, review_id: int) -> ReviewLine:
    """The member's own review; 404 where there is none, 403 where it is somebody else's."""
    found = review(review_id, member.pk)
    if found is None or found.removal is not None:
        raise Http404
    if not found.review.is_mine:
        raise PermissionDenied
    return found.review


def _said(form: ReviewForm, said: str) -> str:
    """What the page says next; whoever typed something personal is told that it was covered."""
    typed = form.cleaned_data
    return "masked" if holds_personal_data(typed["title"], typed["text"]) else said
