"""What is said, as mentions and beside each one the truth that it came from."""

from collections import defaultdict, deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from madang.demo.buyers import Enrolment
from madang.demo.cast import Cast, Speaker
from madang.demo.chance import drawn, stream
from madang.demo.market import PRODUCTS, Place, Product
from madang.demo.occasions import Occasion
from madang.demo.shape import shape
from madang.demo.speech import Clause, Voice, aspects, loosened, named, opinion, phrases, remark

Shares = tuple[tuple[str, float], ...]
PUBLIC_INTENTS: Final[Shares] = (
    ("opinion", 0.70), ("question", 0.08), ("purchase_intent", 0.06), ("comparison", 0.06),
    ("life_event", 0.035), ("leaving", 0.035), ("idea", 0.03),
)  # fmt: skip
_SERVICE: Final[Shares] = (
    ("opinion", 0.58), ("question", 0.32), ("leaving", 0.06), ("idea", 0.04),
)  # fmt: skip
INTENTS: Final[dict[str, Shares]] = {
    "review": (("opinion", 0.94), ("comparison", 0.03), ("idea", 0.02), ("leaving", 0.01)),
    "survey": (("opinion", 0.96), ("idea", 0.03), ("leaving", 0.01)),
    "question": (("question", 0.77), ("purchase_intent", 0.12), ("life_event", 0.11)),
    "ticket": _SERVICE,
    "email": _SERVICE,
    "call": _SERVICE,
    "chat": _SERVICE,
}
SENTIMENT_OF: Final = {
    "question": "neutral", "purchase_intent": "neutral", "idea": "neutral",
    "leaving": "negative", "news": "neutral",
}  # fmt: skip
COMPARED: Final[Shares] = (("positive", 0.4), ("negative", 0.3), ("neutral", 0.3))
TROUBLED: Final = 0.3  # of the usual share of praise, where people turn with their troubles
SPONSORED: Final = {"blog": 0.18, "youtube": 0.025, "cafe": 0.015}
BOTTED: Final = {"x": 0.03, "youtube": 0.015, "cafe": 0.01}
COPIED: Final = {"x": 0.04, "cafe": 0.02, "youtube": 0.02, "shop": 0.015, "news": 0.25}
COPIED_IN_A_STIR: Final = 3.0  # times as often
CONCEDED: Final = 0.3  # of opinions of several clauses, one says the opposite of what it comes to
REMEMBERED: Final = 150  # newest texts of a place that may be copied or answered


@dataclass(frozen=True, slots=True)
class Said:
    """A text and the truth about it."""

    text: str
    sentiment: str
    intent: str
    aspects: tuple[Clause, ...] = ()
    english: bool = False
    sponsored: bool = False
    bot: bool = False
    copy_of: str | None = None
    life_event: str | None = None  # which, where the intent is one


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text with who said it and where: all that a row of mentions and its truth are made from."""

    number: int
    occasion: Occasion
    speaker: Speaker
    said: Said
    native_id: str
    kind: str
    answers: "Spoken | None" = None


@dataclass
class Conversation:
    """Goes through the occasions in order; what was said lately can be copied or answered."""

    seed: int
    cast: Cast
    calmed: dict[str, list[Enrolment]]  # by customer: programmes that soothe
    recent: dict[str, deque[Spoken]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=REMEMBERED))
    )
    counted: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        self.rng = stream(self.seed, "mentions")

    def speak(self, occasion: Occasion, number: int) -> Spoken:
        """What is said on this occasion, and by whom."""
        rng, place = self.rng, occasion.place
        kind = drawn(rng, place.kinds)
        english = rng.random() < place.english
        if occasion.incident is None and rng.random() < BOTTED.get(place.name, 0):
            speaker, said = self.cast.bot(rng, place), self._bot(occasion.product)
        else:
            speaker = self.cast.speaker(rng, place, occasion.product, english, occasion.at)
            said = self._copied(occasion, speaker) or self._said(occasion, kind, speaker, english)
        self.counted[place.name] += 1
        spoken = Spoken(
            number=number,
            occasion=occasion,
            speaker=speaker,
            said=shape(rng, occasion, kind, speaker, said),
            native_id=f"{place.name}-{self.counted[place.name]:06d}",
            kind=kind,
            answers=self._answered(occasion, kind),
        )
        self.recent[place.name].append(spoken)
        return spoken

    def _said(self, occasion: Occasion, kind: str, speaker: Speaker, english: bool) -> Said:
        rng, place, product = self.rng, occasion.place, occasion.product
        voice = Voice(speaker.person.voice.style, speaker.person.voice.casual * place.casual)
        if occasion.incident is not None:
            return self._of_incident(occasion, voice, english)
        if place.name == "news":
            return self._remark("news", "neutral", product, voice, english)
        if rng.random() < SPONSORED.get(place.name, 0):
            return self._sponsored(product, place, voice)
        intent = drawn(rng, INTENTS.get(kind, PUBLIC_INTENTS))
        if intent == "opinion":
            mood = self._mood(occasion, kind, speaker)
            clauses = self._clauses(product, mood, place.longest)
            return self._opinion(product, mood, clauses, voice, english)
        if intent == "life_event":
            return self._life_event(product, voice, english)
        sentiment = SENTIMENT_OF.get(intent) or drawn(rng, COMPARED)
        return self._remark(intent, sentiment, product, voice, english)

    def _of_incident(self, occasion: Occasion, voice: Voice, english: bool) -> Said:
        rng, incident = self.rng, occasion.incident
        assert incident is not None  # noqa: S101 - for the type checker
        product, sentiment = occasion.product, incident.sentiment
        templates = phrases()["incident"][incident.name]
        clauses: list[Clause] = [(incident.aspect, sentiment)]
        if occasion.place.name == "news":
            text = remark(
                rng,
                {"korean": templates["news"]},
                product,
                product,
                sentiment,
                voice,
                english=False,
            )
            return Said(text, sentiment, "news", tuple(clauses))
        if rng.random() < 0.3:
            return self._opinion(product, sentiment, clauses, voice, english)
        text = remark(rng, templates, product, product, sentiment, voice, english)
        intent = "praise" if sentiment == "positive" else "complaint"
        return Said(text, sentiment, intent, tuple(clauses), english)

    def _opinion(
        self, product: Product, mood: str, clauses: list[Clause], voice: Voice, english: bool
    ) -> Said:
        text = opinion(self.rng, product, clauses, mood, voice, english)
        intent = "praise" if mood == "positive" else "complaint"
        return Said(text, mood, intent, tuple(clauses), english)

    def _life_event(self, product: Product, voice: Voice, english: bool) -> Said:
        events = phrases()["life_event"]
        event = self.rng.choice(sorted(events))
        text = self._of_templates(events[event], "neutral", product, voice, english)
        return Said(text, "neutral", "life_event", (), english, life_event=event)

    def _remark(
        self, intent: str, sentiment: str, product: Product, voice: Voice, english: bool
    ) -> Said:
        text = self._of_templates(phrases()[intent], sentiment, product, voice, english)
        return Said(text, sentiment, intent, (), english)

    def _of_templates(
        self,
        templates: dict[str, Any],
        sentiment: str,
        product: Product,
        voice: Voice,
        english: bool,
    ) -> str:
        rivals = [
            each
            for each in PRODUCTS
            if each.category == product.category and each.brand != product.brand
        ]
        rival = self.rng.choice(rivals)
        return remark(self.rng, templates, product, rival, sentiment, voice, english)

    def _sponsored(self, product: Product, place: Place, voice: Voice) -> Said:
        rng, templates = self.rng, phrases()["sponsored"]
        clauses = [
            (aspect, "positive")
            for aspect in rng.sample(aspects(product.category), min(3, place.longest))
        ]
        text = named(rng.choice(templates["korean"]), product.korean[0], brand=product.brand)
        text += opinion(rng, product, clauses, "positive", Voice(voice.style, 0.0), english=False)
        return Said(
            text + rng.choice(templates["ends"]), "positive", "promotion", tuple(clauses),
            sponsored=True,
        )  # fmt: skip

    def _bot(self, product: Product) -> Said:
        text = named(self.rng.choice(phrases()["bot"]["texts"]), self.rng.choice(product.korean))
        count = str(self.rng.randrange(3, 90))
        return Said(text.replace("{count}", count), "neutral", "promotion", bot=True)

    def _copied(self, occasion: Occasion, speaker: Speaker) -> Said | None:
        """Now and then a text of a few days ago, taken over nearly unchanged."""
        rng, place = self.rng, occasion.place
        share = COPIED.get(place.name, 0) * (COPIED_IN_A_STIR if occasion.incident else 1)
        if rng.random() >= share:
            return None
        source = [
            spoken
            for spoken in self.recent[place.name]
            if spoken.occasion.product is occasion.product
            and spoken.occasion.incident is occasion.incident
            and spoken.speaker.person is not speaker.person
            and not spoken.said.bot
        ]
        if not source:
            return None
        first = rng.choice(source)
        text = first.said.text
        if place.name != "news":
            text = loosened(rng, text, first.said.sentiment, 0.6, first.said.english)
        return replace(first.said, text=text, copy_of=first.said.copy_of or first.native_id)

    def _answered(self, occasion: Occasion, kind: str) -> Spoken | None:
        """The post that a comment stands under."""
        if kind != "comment":
            return None
        posts = [
            spoken
            for spoken in self.recent[occasion.place.name]
            if spoken.kind != "comment" and spoken.occasion.product is occasion.product
        ]
        return self.rng.choice(posts) if posts else None

    def _mood(self, occasion: Occasion, kind: str, speaker: Speaker) -> str:
        delight = occasion.product.delight
        if kind in ("ticket", "email", "call", "chat"):
            delight *= TROUBLED
        if self.rng.random() < delight or self.rng.random() < self._calm(speaker, occasion.at):
            return "positive"
        return "negative"

    def _calm(self, speaker: Speaker, at: datetime) -> float:
        """The chance that a programme has soothed the speaker; 0 for those it did not treat."""
        customer = speaker.person.customer
        enrolled = self.calmed.get(customer.customer_id, ()) if customer else ()
        return max(
            (
                each.programme.calmed
                for each in enrolled
                if each.at <= at <= each.at + timedelta(days=each.programme.days)
            ),
            default=0.0,
        )

    def _clauses(self, product: Product, mood: str, longest: int) -> list[Clause]:
        """One to `longest` aspects; the last carries the mood, one before may concede.

        Nobody praises what throws sparks.
        """
        rng, known = self.rng, aspects(product.category)
        count = 1
        while count < longest and rng.random() < 0.45:
            count += 1
        clauses = [(aspect, mood) for aspect in rng.sample(known, count)]
        if count > 1 and rng.random() < CONCEDED:
            place = rng.randrange(count - 1)
            opposite = "negative" if mood == "positive" else "positive"
            if clauses[place][0] != "safety":
                clauses[place] = (clauses[place][0], opposite)
        return clauses


def soothing(enrolments: list[Enrolment]) -> dict[str, list[Enrolment]]:
    """By customer, the programmes that treated them and calm complaints."""
    found: dict[str, list[Enrolment]] = defaultdict(list)
    for enrolment in enrolments:
        if enrolment.treated and enrolment.programme.calmed > 0:
            found[enrolment.customer.customer_id].append(enrolment)
    return dict(found)


def speak_all(
    seed: int, cast: Cast, enrolments: list[Enrolment], heard: list[Occasion]
) -> list[Spoken]:
    """Everything that is said in the market, in the order of time."""
    conversation = Conversation(seed, cast, soothing(enrolments))
    return [conversation.speak(occasion, number) for number, occasion in enumerate(heard)]
