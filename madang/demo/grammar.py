"""How customers put things: clauses by aspect and polarity, joined, with particles that agree.

Clauses are whole predicates with a topic slot, so that every sentence is one a person could have
written; slang, lost spaces and slips of the finger are laid over it afterwards.
"""

from random import Random

from nlp.korean import with_particle

ASPECTS = ("delivery", "price", "quality", "noise", "service", "design")

KOREAN: dict[tuple[str, str], tuple[str, ...]] = {
    ("delivery", "positive"): (
        "배송이 하루 만에 왔어요",
        "배송도 빠르고 포장도 꼼꼼했어요",
        "어제 주문했는데 오늘 아침에 도착했네요",
        "기사님이 설치까지 친절하게 해 주셨어요",
    ),
    ("delivery", "negative"): (
        "배송이 일주일째 안 와요",
        "배송 예정일이 세 번이나 바뀌었어요",
        "배송은 늦고 연락도 없네요",
        "박스가 다 찌그러져서 왔어요",
        "주문한 지 열흘인데 아직도 배송 준비 중이래요",
    ),
    ("price", "positive"): (
        "이 가격에 이 성능이면 가성비 최고예요",
        "할인할 때 사서 가격이 정말 착했어요",
        "가격 대비 만족합니다",
    ),
    ("price", "negative"): (
        "가격이 너무 비싸요",
        "사고 나서 일주일 만에 가격이 3만 원이나 내렸네요",
        "이 돈이면 다른 걸 사겠어요",
        "필터값이 본체값보다 더 들어요",
    ),
    ("quality", "positive"): (
        "성능이 기대 이상이에요",
        "쓴 지 두 달 됐는데 고장 한 번 없어요",
        "먼지가 확실히 줄었어요",
        "엄마도 써 보시더니 하나 더 사자고 하시네요",
    ),
    ("quality", "negative"): (
        "한 달 만에 고장 났어요",
        "센서가 엉망이에요",
        "마감이 허술해서 모서리가 들떠 있어요",
        "버튼이 세 번은 눌러야 먹혀요",
        "성능이 광고랑 너무 달라요",
    ),
    ("noise", "positive"): (
        "소음이 거의 없어서 밤에도 켜 놔요",
        "조용해서 아기 방에 두기 좋아요",
    ),
    ("noise", "negative"): (
        "소음이 너무 커서 잠을 못 자요",
        "새벽에 웅웅거리는 소리가 나요",
    ),
    ("service", "positive"): (
        "상담원분이 정말 친절하셨어요",
        "AS 접수하니 다음 날 바로 와 주셨어요",
        "교환도 바로 해 주셔서 감동했어요",
    ),
    ("service", "negative"): (
        "고객센터는 한 시간째 연결이 안 돼요",
        "환불해 달라니까 서로 미루기만 하네요",
        "AS 맡긴 지 2주째 감감무소식이에요",
        "상담원 말이 매번 달라요",
    ),
    ("design", "positive"): (
        "디자인이 예뻐서 거실에 두니 분위기가 살아요",
        "색감이 사진보다 더 고급스러워요",
        "앱 업데이트되고 화면이 훨씬 보기 편해졌어요",
    ),
    ("design", "negative"): (
        "생각보다 너무 크고 투박해요",
        "색이 사진이랑 달라요",
    ),
}

ENGLISH: dict[tuple[str, str], tuple[str, ...]] = {
    ("delivery", "positive"): (
        "it arrived the very next day",
        "delivery was quick and well packed",
    ),
    ("delivery", "negative"): (
        "it has been stuck in delivery for ten days",
        "the box arrived crushed and nobody answers",
    ),
    ("price", "positive"): ("great value for the money", "got it on sale and it was a steal"),
    ("price", "negative"): ("way too expensive for what it does", "the filters cost a fortune"),
    ("quality", "positive"): (
        "it works better than I expected",
        "still going strong after two months",
    ),
    ("quality", "negative"): ("it broke after a month", "the sensor is useless"),
    ("noise", "positive"): ("so quiet that I sleep next to it",),
    ("noise", "negative"): ("the noise keeps me awake at night",),
    ("service", "positive"): ("support was friendly and fixed it the same day",),
    ("service", "negative"): ("customer service keeps passing me around", "still no refund"),
    ("design", "positive"): (
        "it looks lovely in the living room",
        "the new app screen is beautiful",
    ),
    ("design", "negative"): ("it is much bulkier than in the pictures",),
}

NEUTRAL_KOREAN = (
    "{name} 쓰시는 분 계신가요? 필터는 얼마나 자주 가세요?",
    "{name}{이랑} 누리홈 중에 고민 중인데 어떤 게 나을까요",
    "{name}{을} 오늘 주문했습니다. 써 보고 후기 남길게요",
    "{name} 매장에서 직접 볼 수 있는 곳 있나요?",
    "{name} 새 모델은 언제 나오나요",
)
NEUTRAL_ENGLISH = (
    "Does anyone know how often to change the filter on the {name}?",
    "Just ordered the {name}, will report back.",
    "Is there a store where I can see the {name}?",
)
OPENERS = (
    "{name} 샀는데 ",
    "{name}{은} ",
    "{name} 한 달 써 본 후기. ",
    "이번에 {name}{을} 들였는데 ",
    "",
    "",
)
JOINS = {True: (" 그리고 ", ", 게다가 ", ". "), False: (" 근데 ", ". 다만 ", ". 그래도 ")}
TAILS = {
    "positive": ("", "", ". 추천해요", ". 재구매 의사 있어요", ". 만족!"),
    "negative": ("", "", ". 비추예요", ". 다시는 안 사요", ". 실망이에요"),
}
SLANG = {"positive": ("ㅎㅎ", "👍", "ㅋㅋ", "^^"), "negative": ("ㅠㅠ", "ㅡㅡ", "ㅜㅜ", "하...")}
PARTICLES = {"{은}": "은/는", "{을}": "을/를", "{이랑}": "이랑/랑"}


def korean(
    rng: Random, name: str, sentiment: str, clauses: list[tuple[str, str]], casual: float
) -> str:
    """A Korean text about `name`; `clauses` are (aspect, polarity) in the order they are said."""
    if sentiment == "neutral":
        return _named(rng.choice(NEUTRAL_KOREAN), name)
    said = [rng.choice(KOREAN[clause]) for clause in clauses]
    text = _named(rng.choice(OPENERS), name) + said[0]
    for (_, before), (_, after), clause in zip(clauses, clauses[1:], said[1:], strict=False):
        text += rng.choice(JOINS[before == after]) + clause
    text += rng.choice(TAILS[sentiment])
    return _loosened(rng, text, sentiment, casual)


def english(rng: Random, name: str, sentiment: str, clauses: list[tuple[str, str]]) -> str:
    if sentiment == "neutral":
        return rng.choice(NEUTRAL_ENGLISH).format(name=name)
    said = [rng.choice(ENGLISH[clause]) for clause in clauses]
    text = f"{name}: {said[0]}"
    for (_, before), (_, after), clause in zip(clauses, clauses[1:], said[1:], strict=False):
        text += (", and " if before == after else ", but ") + clause
    return text + rng.choice((".", "!", ""))


def _named(template: str, name: str) -> str:
    text = template.replace("{name}", name)
    for slot, particle in PARTICLES.items():
        if slot in text:
            text = text.replace(name + slot, with_particle(name, particle))
    return text


def _loosened(rng: Random, text: str, sentiment: str, casual: float) -> str:
    """Slang at the end, spaces lost, a doubled or dropped ending: as thumbs write."""
    if rng.random() < casual:
        mark = rng.choice(SLANG[sentiment])
        text += (" " if mark[0] == "하" else rng.choice(("", " "))) + mark * rng.choice((1, 1, 2))
    if rng.random() < casual * 0.5:
        spaces = [index for index, letter in enumerate(text) if letter == " "]
        for index in sorted(rng.sample(spaces, min(len(spaces), 2)), reverse=True):
            text = text[:index] + text[index + 1 :]
    if rng.random() < casual * 0.4:
        ending, slurred = rng.choice((("어요", "어용"), ("네요", "넹")))
        text = text.replace(ending, slurred, 1)
    return text
