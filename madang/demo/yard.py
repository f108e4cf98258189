"""The demo's community: members (some of them customers), what they posted, and what became of it.

It is moved in as a past, with its own dates, so that nobody is sent a notice for it.
"""

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

import pyarrow as pa

from community.yard.history import (
    History,
    PastComment,
    PastIdea,
    PastMark,
    PastMember,
    PastReview,
    PastStep,
    PastVote,
)
from madang.demo.buyers import Buyers, Customer
from madang.demo.chance import stream
from madang.demo.market import CUSTOMER_EMAIL, OWN, Product, Size
from madang.demo.occasions import is_sold
from madang.demo.speech import Voice, aspects, filled, named, opinion
from madang.demo.times import Calendar

CUSTOMERS: Final = 0.6  # the share of members who are customers under the same address
NUMBERED: Final = 0.3  # of them, those who proved their number too
VOTES: Final = 9.0  # of a member, on average; a few vote for nearly everything
TAIL: Final = 1.1  # the exponent of Zipf's law that ideas' votes follow
DECIDED: Final = 0.3  # of ideas, those that the company has done something about
ANSWERED: Final = 0.35  # of complaints, those that got an official answer
PATH: Final = ("under_review", "planned", "in_progress", "done")
TRUTH: Final = pa.schema(
    [pa.field(name, pa.string()) for name in ("email", "customer_id")]
    + [pa.field("knows_phone", pa.bool_()), pa.field("reviews", pa.int64())]
)


@dataclass(frozen=True)
class Yard:
    """The past to be moved in, and the truth about its members."""

    history: History
    truth: pa.Table


@cache
def words() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "yard.toml").read_text("utf-8"))


def plan(seed: int, size: Size, buyers: Buyers, calendar: Calendar, password: str) -> Yard:
    """The community of the market; `password` is for the one customer whose sign-in is shown."""
    planned = _Plan(seed, size, buyers, calendar)
    planned.join(password)
    planned.review()
    planned.propose()
    planned.vote()
    planned.decide()
    planned.comment()
    history = History(
        key=f"demo-{seed}",
        members=planned.members,
        reviews=sorted(planned.reviews, key=lambda review: review.at),
        ideas=sorted(planned.ideas, key=lambda idea: idea.at),
        comments=sorted(planned.comments, key=lambda comment: comment.at),
        votes=planned.votes,
        marks=planned.marks,
        steps=planned.steps,
    )
    return Yard(history, planned.truth())


class _Plan:
    def __init__(self, seed: int, size: Size, buyers: Buyers, calendar: Calendar) -> None:
        self.rng = stream(seed, "yard")
        self.size = size
        self.calendar = calendar
        self.customers = [each for each in buyers.customers if each.email is not None]
        self.known: dict[str, Customer] = {}
        self.members: list[PastMember] = []
        self.reviews: list[PastReview] = []
        self.moods: dict[str, str] = {}
        self.ideas: list[PastIdea] = []
        self.votes: list[PastVote] = []
        self.marks: list[PastMark] = []
        self.steps: list[PastStep] = []
        self.comments: list[PastComment] = []

    def join(self, password: str) -> None:
        rng = self.rng
        count = round(self.size.members * CUSTOMERS)
        shown = self.customers[0]
        chosen = [shown, *rng.sample(self.customers[1:], count - 1)]
        for customer in chosen:
            assert customer.email is not None  # noqa: S101 - chosen for having one
            self.known[customer.email] = customer
            earliest = max(customer.joined, self.calendar.hours_before(170 * 24))
            phone = customer.phone if rng.random() < NUMBERED else None
            name = customer.name if rng.random() < 0.5 else self._nick(customer.email)
            is_shown = customer is shown
            self.members.append(
                PastMember(
                    email=customer.email,
                    name=customer.name if is_shown else name,
                    joined_at=self._after(earliest, 60),
                    phone=None if is_shown else phone,
                    password=password if customer.email == CUSTOMER_EMAIL else None,
                )
            )
        for number in range(self.size.members - count):
            email = f"member{number:03d}@example.com"
            joined = self._after(self.calendar.hours_before(170 * 24), 100)
            self.members.append(PastMember(email, self._nick(email), joined))

    def review(self) -> None:
        """At most one review of a device by a member; customers mostly review what they bought.

        The customer whose sign-in is shown has not reviewed anything yet.
        """
        rng, seen = self.rng, set()
        while len(self.reviews) < self.size.reviews:
            member = rng.choice(self.members[1:])
            product = self._reviewed(member)
            at = self._after(member.joined_at, 120)
            if (member.email, product.name) in seen or not is_sold(product, at, self.calendar):
                continue
            seen.add((member.email, product.name))
            self._write(member, product, at)

    def _write(self, member: PastMember, product: Product, at: datetime) -> None:
        rng = self.rng
        mood = "positive" if rng.random() < product.delight else "negative"
        chosen = rng.sample(aspects(product.category), rng.choice((1, 2, 3)))
        said = [(each, mood) for each in chosen]
        if len(said) > 1 and rng.random() < 0.35:
            said[0] = (said[0][0], "negative" if mood == "positive" else "positive")
        ref = f"r{len(self.reviews)}"
        self.moods[ref] = mood
        voice = Voice(rng.choice(("polite", "polite", "formal", "plain")), 0.15)
        self.reviews.append(
            PastReview(
                ref=ref,
                member=member.email,
                product=product.name,
                rating=rng.choice((5, 5, 4) if mood == "positive" else (1, 2, 2)),
                text=opinion(rng, product, said, mood, voice, english=False),
                at=at,
            )
        )
        self.marks += [
            PastMark(reader.email, ref, self._after(max(at, reader.joined_at), 30))
            for reader in rng.sample(self.members, min(len(self.members), _zipf(rng, 14)))
            if reader.email != member.email
        ]

    def _reviewed(self, member: PastMember) -> Product:
        customer = self.known.get(member.email)
        if customer is not None and self.rng.random() < 0.8:
            return customer.device
        return self.rng.choices(OWN, [each.weight for each in OWN])[0]

    def propose(self) -> None:
        rng = self.rng
        choices = [
            (entry, product)
            for entry in words()["ideas"]
            for product in OWN
            if product.category in entry["of"]
        ]
        rng.shuffle(choices)
        for number, (entry, product) in enumerate(choices[: self.size.ideas]):
            member = rng.choice(self.members)
            self.ideas.append(
                PastIdea(
                    ref=f"i{number}",
                    member=member.email,
                    title=named(entry["title"], product.name),
                    text=named(entry["text"], product.name),
                    at=self._after(self._start(member, product), 150),
                )
            )

    def vote(self) -> None:
        """Ideas are liked by Zipf's law, and everybody votes for a few of the liked ones."""
        rng = self.rng
        weights = [1 / (rank + 1) ** TAIL for rank in range(len(self.ideas))]
        ranked = rng.sample(self.ideas, len(self.ideas))
        for member in self.members:
            wanted = min(len(ranked), round(rng.gammavariate(1.2, VOTES / 1.2)))
            chosen = {each.ref: each for each in rng.choices(ranked, weights, k=wanted)}
            self.votes += [
                PastVote(member.email, idea.ref, self._after(max(idea.at, member.joined_at), 45))
                for idea in chosen.values()
            ]

    def decide(self) -> None:
        """What is voted for most goes some steps of the way; a few ideas are declined."""
        rng, reasons = self.rng, words()["reasons"]
        counted = {idea.ref: 0 for idea in self.ideas}
        for vote in self.votes:
            counted[vote.idea] += 1
        ranked = sorted(self.ideas, key=lambda idea: -counted[idea.ref])
        for idea in ranked[: max(3, round(len(ranked) * DECIDED))]:
            declined = rng.random() < 0.2
            path = ("under_review", "declined") if declined else PATH[: rng.randrange(1, 5)]
            at = idea.at
            for status in path:
                at += (self.calendar.until - at) * rng.uniform(0.15, 0.45)
                self.steps.append(PastStep(idea.ref, status, rng.choice(reasons[status]), at))
        # Votes are no longer counted once an idea is decided.
        closed = {step.idea: step.at for step in self.steps if step.status in ("done", "declined")}
        self.votes = [
            vote for vote in self.votes if vote.idea not in closed or vote.at < closed[vote.idea]
        ]

    def comment(self) -> None:
        rng = self.rng
        for idea in self.ideas:
            for _ in range(_zipf(rng, 9) - 1):
                self._say(idea.ref, idea.at, "idea")
        for review in self.reviews:
            for _ in range(_zipf(rng, 5) - 1):
                self._say(review.ref, review.at, "review")
            mood = self.moods[review.ref]
            if rng.random() < (ANSWERED if mood == "negative" else ANSWERED / 5):
                text = rng.choice(words()["official"][mood])
                at = review.at + (self.calendar.until - review.at) * rng.uniform(0.01, 0.1)
                ref = f"c{len(self.comments)}"
                self.comments.append(PastComment(ref, None, review.ref, text, at))

    def _say(self, post: str, at: datetime, kind: str) -> None:
        rng, templates = self.rng, words()["comments"]
        member = rng.choice(self.members)
        ref = f"c{len(self.comments)}"
        said = self._after(max(at, member.joined_at), 20)
        text = filled(rng, rng.choice(templates[kind]))
        self.comments.append(PastComment(ref, member.email, post, text, said))
        if rng.random() < 0.15:
            other = rng.choice(self.members)
            later = self._after(max(said, other.joined_at), 5)
            answer = PastComment(f"c{len(self.comments)}", other.email, ref,
                                 rng.choice(templates["answer"]), later)  # fmt: skip
            self.comments.append(answer)

    def truth(self) -> pa.Table:
        written: dict[str, int] = {}
        for review in self.reviews:
            written[review.member] = written.get(review.member, 0) + 1
        rows = [
            {
                "email": each.email,
                "customer_id": self.known[each.email].customer_id
                if each.email in self.known
                else None,
                "knows_phone": each.phone is not None,
                "reviews": written.get(each.email, 0),
            }
            for each in self.members
        ]
        return pa.Table.from_pylist(rows, schema=TRUTH)

    def _start(self, member: PastMember, product: Product) -> datetime:
        if product.launched is None:
            return member.joined_at
        return max(member.joined_at, self.calendar.hours_before(product.launched * 24))

    def _after(self, at: datetime, days: int) -> datetime:
        """Some time within `days` after `at`, and before the end."""
        ends = min(at + timedelta(days=days), self.calendar.until - timedelta(minutes=5))
        return at + (ends - at) * self.rng.random() if ends > at else at

    def _nick(self, email: str) -> str:
        name = str(self.rng.choice(words()["names"]))
        return f"{name}{len(email) + len(self.members)}"


def _zipf(rng: Random, most: int) -> int:
    """1 to `most`, each as likely as one over its square root."""
    ranks = range(1, most + 1)
    return rng.choices(ranks, [rank**-1.2 for rank in ranks])[0]
