"""The belts between the two stores of a real instance: idempotent, and whole after SIGKILL."""

import json
import random
import time

import pytest

from tests.instance import Instance
from tests.working import play

ROUNDS = [pytest.param(5, id="5"), pytest.param(200, id="200", marks=pytest.mark.soak)]
# Twenty members, some of whom are customers; each wrote a review, and all voted for all ideas.
PAST = """
from datetime import UTC, datetime, timedelta
from madang.people import community_opened
from madang.settings import load_settings

with community_opened(load_settings()):
    from community.actions import move_in
    from community.yard.history import History, PastIdea, PastMember, PastReview, PastVote

    day = datetime.now(UTC) - timedelta(days=2)
    people = [f"ROUND.m{n}@example.kr" for n in range(20)]
    ideas = [f"i{n}" for n in range(5)]
    move_in(History(
        key="ROUND",
        members=[PastMember(email, f"회원 {n}", day) for n, email in enumerate(people)],
        reviews=[
            PastReview(f"r{n}", email, "해담 숨", 1, f"배송이 {n}일이나 늦고 환불도 안 돼요", day)
            for n, email in enumerate(people)
        ],
        ideas=[PastIdea(ref, people[0], f"아이디어 {ref}", "있었으면 해요", day) for ref in ideas],
        votes=[PastVote(email, ref, day) for email in people for ref in ideas],
    ))
"""
ABOVE = """
    SELECT (SELECT count(*) FROM members) AS members, (SELECT count(*) FROM votes) AS votes,
        (SELECT count(*) FROM mentions WHERE source = 'community') AS mentions,
        (SELECT count(DISTINCT native_id) FROM mentions) AS different
"""
BELOW = """
import json
from madang.people import community_opened
from madang.settings import load_settings

with community_opened(load_settings()):
    from community.belts.models import AppliedFinding, Fact
    from community.inbox.models import CaseMention, Conversation
    from community.reviews.models import Review
    print(json.dumps({
        "facts": Fact.objects.count(),
        "refused": AppliedFinding.objects.exclude(refused="").count(),
        "verified": Review.objects.filter(purchase_verified=True).count(),
        "conversations": Conversation.objects.count(),
        "cases": CaseMention.objects.count(),
    }))
"""


def customers(instance: Instance, rounds: int) -> None:
    """Of each round's members the first eight have bought what they review."""
    who = [(f"c{r}-{n}", f"{r}.M{n}@Example.kr") for r in range(rounds) for n in range(8)]
    people, orders = instance.home / "people.csv", instance.home / "orders.csv"
    people.write_text("id,mail\n" + "".join(f"{each},{mail}\n" for each, mail in who), "utf-8")
    rows = (f"o-{each},{each},해담 숨,189000,2026-03-01\n" for each, _ in who)
    orders.write_text("order,who,item,price,at\n" + "".join(rows), "utf-8")
    fields = {"id": "customer_id", "mail": "email"}
    instance.run("import", "customers", str(people), *mapped(fields))
    fields = {
        "order": "order_id", "who": "customer_id", "item": "product", "price": "amount",
        "at": "ordered_at",
    }  # fmt: skip
    instance.run("import", "orders", str(orders), *mapped(fields))


TAKEN_BACK = """
from madang.people import community_opened
from madang.settings import load_settings

with community_opened(load_settings()):
    from community.reviews.actions import remove_review
    from community.reviews.models import Review
    review = Review.objects.order_by("pk").first()
    remove_review(review.author, review.pk)
"""
WORDS_LEFT = """
from madang.people import community_opened
from madang.settings import load_settings

with community_opened(load_settings()):
    from community.inbox.models import CaseMention
    print(CaseMention.objects.exclude(text="").count())
"""


def mapped(fields: dict[str, str]) -> list[str]:
    return [word for column, field in fields.items() for word in ("--map", f"{column}={field}")]


def below(instance: Instance) -> dict[str, int]:
    return dict(json.loads(*play(instance.environment, BELOW)))


def test_what_people_did_goes_up_and_what_was_found_comes_down(instance: Instance) -> None:
    customers(instance, 1)
    play(instance.environment, PAST.replace("ROUND", "0"))
    turned = instance.answer("run")
    assert turned["sources"]["community"]["rows"] == 25
    assert turned["matched"] == {"matched": 8, "ambiguous": 0, "conflicting": 0}
    assert instance.answer("sql", ABOVE) == [
        {"members": 20, "votes": 100, "mentions": 25, "different": 25}
    ]
    found = below(instance)
    assert (found["verified"], found["refused"]) == (8, 0)
    assert found["cases"] == found["conversations"] == 20, "each complaint waits for an answer"
    checks = {check["name"]: check["state"] for check in instance.answer("doctor")}
    assert checks["outbox"] == "ready" and "finding refused" not in checks
    card = instance.answer("customer", "0.m3@example.kr")["customer"]
    assert card["accounts"][0]["reason"] == "email" and card["negative"] == 1
    instance.run("rebuild")
    again = instance.answer("run")
    assert (again["findings"]["applied"], again["annotated"]) == (0, 0)
    later = below(instance)
    assert later == found, "a warehouse made anew tells nothing twice"
    assert (
        instance.answer("customer", "0.m3@example.kr")["customer"]["accounts"] == card["accounts"]
    )
    words = int(*play(instance.environment, WORDS_LEFT))
    play(instance.environment, TAKEN_BACK)
    assert instance.answer("run")["loaded"]["removed"] == 1
    left = int(*play(instance.environment, WORDS_LEFT))
    assert left == words - 1, "the inbox forgets what its author took back"


@pytest.mark.parametrize("rounds", ROUNDS)
def test_the_belts_are_killed_and_turned_again(instance: Instance, rounds: int) -> None:
    rng = random.Random(20261122)
    customers(instance, rounds)
    for number in range(rounds):
        if number % 3 == 0:  # more happens between the kills, too
            news = range(number, min(number + 3, rounds))
            play(instance.environment, "".join(PAST.replace("ROUND", str(each)) for each in news))
        process = instance.start("run")
        time.sleep(rng.uniform(0.5, 4.0))
        process.kill()
        process.communicate()
    instance.run("run")
    posts = 25 * rounds
    assert instance.answer("sql", ABOVE) == [
        {"members": 20 * rounds, "votes": 100 * rounds, "mentions": posts, "different": posts}
    ]
    found = below(instance)
    assert (found["verified"], found["cases"], found["conversations"]) == (
        8 * rounds, 20 * rounds, 20 * rounds,
    )  # fmt: skip
    assert found["refused"] == 0
