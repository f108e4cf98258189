"""Who sells what in the demo market, where people talk, and what goes wrong or right in it."""

from dataclasses import dataclass

BRAND = "해담"


@dataclass(frozen=True)
class Product:
    name: str  # as the warehouse has it
    brand: str
    korean: tuple[str, ...]  # as customers write it
    english: str
    weight: float  # its share of all talk
    delight: float  # how often a mention of it is praise, without incidents


@dataclass(frozen=True)
class Place:
    """A source: what is posted there, how often it carries stars, and how people write there."""

    name: str
    kind: str
    weight: float
    rated: bool
    english: float  # the share of English texts
    casual: float  # how likely slang, dropped spaces and typing errors are


@dataclass(frozen=True)
class Incident:
    """Extra talk of one product about one aspect, from `start` days into the market."""

    name: str
    product: str
    aspect: str
    sentiment: str
    start: int
    days: int
    mentions: int


PRODUCTS = (
    Product("해담 숨", "해담", ("해담 숨", "해담 청정기"), "Haedam Soom", 0.24, 0.62),
    Product("해담 길", "해담", ("해담 길", "해담 로봇청소기"), "Haedam Gil", 0.22, 0.55),
    Product("해담 밥상", "해담", ("해담 밥상", "해담 밥솥"), "Haedam Bapsang", 0.14, 0.68),
    Product("누리홈 에어", "누리홈", ("누리홈 에어", "누리홈 청정기"), "Nurihome Air", 0.17, 0.56),
    Product("누리홈 클린", "누리홈", ("누리홈 클린", "누리홈 로청"), "Nurihome Clean", 0.12, 0.50),
    Product("윈드온 프로", "윈드온", ("윈드온 프로", "윈드온"), "Windon Pro", 0.11, 0.58),
)

PLACES = (
    Place("shop", "review", 0.34, True, 0.05, 0.25),
    Place("cafe", "post", 0.22, False, 0.00, 0.45),
    Place("blog", "post", 0.12, False, 0.04, 0.10),
    Place("x", "post", 0.16, False, 0.25, 0.55),
    Place("youtube", "comment", 0.16, False, 0.22, 0.50),
)

INCIDENTS = (
    Incident("late-deliveries", "해담 길", "delivery", "negative", 66, 4, 150),
    Incident("loved-update", "해담 숨", "design", "positive", 40, 6, 90),
)

DAYS = 90
MENTIONS = 3_000
