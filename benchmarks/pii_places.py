"""Addresses and number plates as people write them, drawn at random."""

from benchmarks.pii_writing import Dice, Made, digits, sometimes_wide

REGIONS = (
    "서울시 강남구", "서울특별시 마포구", "서울 송파구", "부산광역시 해운대구", "부산 수영구",
    "경기도 성남시 분당구", "경기 수원시 영통구", "대전 유성구", "인천광역시 연수구",
    "광주 북구", "대구 수성구", "세종시", "전북 전주시 완산구", "제주특별자치도 제주시",
    "강원도 춘천시", "충남 천안시 서북구", "경남 창원시 의창구", "울산 남구",
)  # fmt: skip
ROADS = (
    "테헤란로", "월드컵북로", "올림픽로", "센텀중앙로", "판교역로", "광교중앙로", "대학로",
    "송도과학로", "무등로", "달구벌대로", "한누리대로", "전주천동로", "연북로", "소양강로",
    "불당대로", "창이대로", "삼산로", "강남대로94길", "봉은사로4길", "양재대로71길",
    "도산대로 45길", "중앙로 12번길", "가산디지털1로", "서빙고로", "은행나무길", "새싹길",
)  # fmt: skip
QUARTERS = (
    "역삼동", "서교동", "잠실동", "우동", "정자동", "매탄동", "봉명동", "송도동", "용봉동",
    "범어동", "나성동", "효자동", "노형동",
)  # fmt: skip
BUILDINGS = (
    "래미안아파트", "푸르지오", "자이", "한빛빌라", "현대아파트", "힐스테이트", "그린오피스텔",
)  # fmt: skip


def flat(dice: Dice) -> str:
    return dice.choice(["{}동 {}호", "{}동{}호", "{}동, {}호"]).format(
        dice.randint(101, 120), dice.randint(1, 25) * 100 + dice.randint(1, 8)
    )


def house(dice: Dice) -> str:
    number = str(dice.randint(1, 500))
    return number + (f"-{dice.randint(1, 40)}" if dice.random() < 0.3 else "")


def road(dice: Dice) -> Made:
    door = f"{dice.choice(ROADS)} {house(dice)}"
    if dice.random() < 0.1:
        door = door.replace(" ", "")
    tail = dice.choice(
        [
            "",
            "",
            f", {flat(dice)}",
            f" {flat(dice)}",
            f", {dice.choice(BUILDINGS)} {flat(dice)}",
            f" ({dice.choice(QUARTERS)})",
            f", {dice.randint(2, 9)}층",
            f" {dice.randint(101, 909)}호",
            f" {dice.randint(2, 9)}층 {dice.randint(201, 909)}호",
        ]
    )
    return dice.choice(REGIONS) + " ", sometimes_wide(dice, door + tail), "[address]"


def road_without_region(dice: Dice) -> Made:
    return "", f"{dice.choice(ROADS)} {house(dice)}, {flat(dice)}", "[address]"


def lot(dice: Dice) -> Made:
    number = f"{dice.randint(1, 990)}-{dice.randint(1, 60)}"
    where = dice.choice(REGIONS) + " " if dice.random() < 0.7 else ""
    quarter = dice.choice(QUARTERS)
    tail = dice.choice(
        ["", "", "번지", f" {flat(dice)}", f" {dice.choice(BUILDINGS)} {flat(dice)}"]
    )
    if not where and len(quarter) < 3:
        tail = "번지"
    return where, f"{quarter} {number}{tail}", "[address]"


def flat_alone(dice: Dice) -> Made:
    return (
        "",
        dice.choice(["", "한빛빌라 ", "현대아파트 ", "그린오피스텔 "]) + flat(dice),
        "[address]",
    )


def street(dice: Dice) -> Made:
    name = dice.choice(
        [
            "Baker",
            "Maple",
            "Oak Hill",
            "Main",
            "Park",
            "Pennsylvania",
            "King William",
            "5th",
            "Elm",
            "Washington",
            "Church",
        ]
    )
    kind = dice.choice(
        ["Street", "Avenue", "Road", "Lane", "Drive", "Boulevard", "St", "Ave", "St.", "Rd"]
    )
    number = str(dice.randint(1, 9999)) + dice.choice(["", "", "", "B", "A"])
    unit = dice.choice(["", "", ", Apt 4B", " Apt 12", ", Unit 7", ", Suite 300", " #5"])
    return "", f"{number} {name} {kind}{unit}", "[address]"


def plate(dice: Dice) -> Made:
    syllable = dice.choice(
        "가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주하허호바사아자"
    )
    serial = f"{dice.randint(1000, 9999)}"
    number = dice.choice([str(dice.randint(10, 99)), str(dice.randint(100, 799))])
    form = dice.choice(["{}{} {}", "{}{} {}", "{}{}{}"])
    region = dice.choice(["", "", "", "서울 ", "경기 ", "부산"]) if len(number) == 2 else ""
    cue = dice.choice(["차량번호 ", "차 번호가 ", ""])
    if syllable in "도로조주호부구수서사자오고보모소" and form != "{}{}{}":
        cue = cue or "차량 "
    return cue, region + form.format(number, syllable, serial), "[plate]"


def english_plate(dice: Dice) -> Made:
    cue = dice.choice(
        ["license plate ", "number plate ", "licence plate number ", "plate number: "]
    )
    numbers = [
        f"AB{digits(dice, 2)} CDE",
        f"{dice.randint(1, 9)}ABC{digits(dice, 3)}",
        f"XYZ {digits(dice, 4)}",
    ]
    return cue, dice.choice(numbers), "[plate]"
