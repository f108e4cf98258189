"""Who sells what in the demo market, where people talk, and what goes wrong or right in it.

Days are counted backwards from the last one, so that the market always ends now.
"""

from dataclasses import dataclass
from typing import Final, Literal

BRAND: Final = "해담"
RIVALS: Final = ("누리홈", "윈드온")
DAYS: Final = 180

Sentiment = Literal["negative", "neutral", "positive"]


@dataclass(frozen=True)
class Size:
    """How much of everything there is."""

    name: str
    mentions: int
    customers: int
    strangers: int  # people who talk and never bought
    members: int
    reviews: int
    ideas: int


SIZES: Final = {
    size.name: size
    for size in (
        Size("small", 3_000, 400, 600, 20, 30, 12),
        Size("full", 40_000, 5_000, 7_000, 120, 150, 60),
    )
}


@dataclass(frozen=True)
class Product:
    """A device. `name` is how the warehouse has it, `korean` how customers write it.

    `weight` is its share of all talk, `delight` how often an opinion of it is praise when nothing
    happens; a device launched in these days has `launched` days left until the last one.
    """

    name: str
    brand: str
    category: Literal["air", "robot", "cooker", "water"]
    korean: tuple[str, ...]
    english: str
    weight: float
    delight: float
    price: int = 0  # won; 0 for rivals, whose customers the brand does not know
    launched: int | None = None


@dataclass(frozen=True)
class Supply:
    """What the owners of a device buy again; `price` is only where it is listed."""

    name: str
    category: str
    price: int


@dataclass(frozen=True)
class Place:
    """A source: what is posted there and how people write there.

    `weight` is its share of all mentions; `casual` how likely slang, lost spaces and slips are;
    `own` says that only the brand's own customers speak there, and in office hours.
    """

    name: str
    kinds: tuple[tuple[str, float], ...]  # kind and its share
    weight: float
    english: float
    casual: float
    longest: int  # clauses of one text
    scale: tuple[int, int] | None = None  # of its ratings
    own: bool = False
    authors: bool = True  # whether the source tells an author's id


@dataclass(frozen=True)
class Incident:
    """Extra talk of one product, from `began` hours before the end until `ended` hours before.

    `mentions` is what the full market gets; a smaller one gets its share, but never fewer than
    `least`, so that the incident can still be seen.
    """

    name: str
    product: str
    aspect: str
    sentiment: Sentiment
    began: int
    ended: int
    mentions: int
    least: int = 20


PRODUCTS: Final = (
    Product("해담 숨", BRAND, "air", ("해담 숨", "해담 청정기", "해담숨"), "Haedam Soom",
            0.20, 0.66, 289_000),
    Product("해담 길", BRAND, "robot", ("해담 길", "해담 로봇청소기", "해담 로청"), "Haedam Gil",
            0.17, 0.58, 459_000),
    Product("해담 밥상", BRAND, "cooker", ("해담 밥상", "해담 밥솥"), "Haedam Bapsang",
            0.12, 0.68, 219_000),
    Product("해담 샘", BRAND, "water", ("해담 샘", "해담 정수기"), "Haedam Saem",
            0.11, 0.74, 389_000, launched=118),
    Product("누리홈 에어", "누리홈", "air", ("누리홈 에어", "누리홈 청정기"), "Nurihome Air",
            0.13, 0.60),
    Product("누리홈 클린", "누리홈", "robot", ("누리홈 클린", "누리홈 로청"), "Nurihome Clean",
            0.09, 0.54),
    Product("누리홈 쿡", "누리홈", "cooker", ("누리홈 쿡", "누리홈 밥솥"), "Nurihome Cook",
            0.05, 0.60),
    Product("윈드온 프로", "윈드온", "air", ("윈드온 프로", "윈드온"), "Windon Pro", 0.08, 0.62),
    Product("윈드온 아쿠아", "윈드온", "water", ("윈드온 아쿠아", "윈드온 정수기"), "Windon Aqua",
            0.05, 0.57),
)  # fmt: skip
NAMED: Final = {product.name: product for product in PRODUCTS}
OWN: Final = tuple(product for product in PRODUCTS if product.brand == BRAND)

SUPPLIES: Final = (
    Supply("해담 숨 필터", "air", 32_000),
    Supply("해담 길 소모품 세트", "robot", 28_000),
    Supply("해담 밥상 패킹", "cooker", 15_000),
    Supply("해담 샘 필터", "water", 36_000),
)

PLACES: Final = (
    Place("shop", (("review", 1.0),), 0.27, 0.03, 0.25, 3, scale=(1, 5)),
    Place("cafe", (("post", 0.5), ("comment", 0.35), ("question", 0.15)), 0.16, 0.0, 0.45, 3),
    Place("x", (("post", 0.85), ("comment", 0.15)), 0.13, 0.24, 0.55, 2),
    Place("youtube", (("comment", 1.0),), 0.13, 0.20, 0.50, 2),
    Place("appstore", (("review", 1.0),), 0.06, 0.16, 0.40, 2, scale=(1, 5)),
    Place("blog", (("post", 1.0),), 0.06, 0.04, 0.10, 5),
    Place("knowledge", (("question", 1.0),), 0.03, 0.0, 0.20, 2),
    Place("news", (("post", 1.0),), 0.02, 0.08, 0.0, 1, authors=False),
    Place("tickets", (("ticket", 1.0),), 0.04, 0.02, 0.05, 3, own=True),
    Place("mail", (("email", 1.0),), 0.02, 0.04, 0.02, 3, own=True),
    Place("calls", (("call", 1.0),), 0.03, 0.0, 0.0, 2, own=True),
    Place("chat", (("chat", 1.0),), 0.03, 0.02, 0.40, 1, own=True),
    Place("survey", (("survey", 1.0),), 0.02, 0.01, 0.15, 2, scale=(0, 10), own=True),
)
SPOKEN_OF_APPS: Final = frozenset({"air", "robot"})  # the categories that have an app

INCIDENTS: Final = (
    Incident("loved-update", "해담 숨", "app", "positive", 146 * 24, 140 * 24, 260),
    Incident("loved-launch", "해담 샘", "taste", "positive", 118 * 24, 104 * 24, 640),
    Incident("rival-battery", "누리홈 클린", "safety", "negative", 96 * 24, 89 * 24, 300),
    Incident("late-deliveries", "해담 길", "delivery", "negative", 67 * 24, 59 * 24, 420),
    Incident("recall", "해담 밥상", "safety", "negative", 31 * 24, 24 * 24, 520),
    Incident("app-outage", "해담 숨", "app", "negative", 15, 0, 180, least=36),
)


@dataclass(frozen=True)
class Programme:
    """Something done for some of the customers whom it could have been done for, by lot.

    `reorders` multiplies the rate of orders of those treated for `days` days; `calmed` is the
    chance that what would have been a complaint of theirs becomes praise in that time.
    """

    name: str
    title: str
    before: int  # days before the end
    days: int
    share: float  # of the eligible, treated
    reorders: float
    calmed: float
    product: str | None = None  # only owners of it are eligible


PROGRAMMES: Final = (
    Programme("autumn-coupon", "가을맞이 15% 쿠폰", 90, 45, 0.5, 1.8, 0.0),
    Programme("late-apology", "배송 지연 사과 전화와 적립금", 58, 50, 0.6, 1.25, 0.45, "해담 길"),
    Programme("free-filter", "필터 무상 교체", 40, 40, 0.5, 1.0, 0.35, "해담 숨"),
)

STAFF_EMAIL: Final = "demo@madang.example"
CUSTOMER_EMAIL: Final = "customer@madang.example"
