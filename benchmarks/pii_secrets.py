"""Personal data drawn by the laws that govern it, in the ways people write it down."""

from collections.abc import Callable
from typing import Final

from benchmarks.pii_places import (
    english_plate,
    flat_alone,
    lot,
    plate,
    road,
    road_without_region,
    street,
)
from benchmarks.pii_writing import Dice, Made, digits, joined, sometimes_wide
from nlp.pii import passes_luhn

# ---- Telephone


def mobile(dice: Dice) -> Made:
    head = dice.choices(["010", "011", "016", "019"], [20, 1, 1, 1])[0]
    middle = digits(dice, 4) if head == "010" else digits(dice, 3)
    parts = [head, str(dice.randint(2, 9)) + middle[1:], digits(dice, 4)]
    way = dice.random()
    if way < 0.7:
        return "", sometimes_wide(dice, joined(dice, *parts)), "[phone]"
    if way < 0.78:
        return "", " ".join("".join(parts)), "[phone]"
    if way < 0.86:
        words = str.maketrans(
            "0123456789", dice.choice(["공일이삼사오육칠팔구", "영일이삼사오육칠팔구"])
        )
        some = [parts[0], *(part.translate(words) for part in parts[1:])]
        spoken = [part.translate(words) for part in parts]
        return "", joined(dice, *dice.choice([some, spoken]), by="-| |"), "[phone]"
    if way < 0.93:
        return "", joined(dice, "+82 " + parts[0][1:], *parts[1:], by="-| |"), "[phone]"
    return (
        "",
        dice.choice(["({}){}-{}", "({}) {}-{}", "{}){}-{}", "{}/{}/{}"]).format(*parts),
        "[phone]",
    )


def landline(dice: Dice) -> Made:
    areas = [
        "02",
        "031",
        "032",
        "033",
        "041",
        "042",
        "043",
        "044",
        "051",
        "052",
        "053",
        "054",
        "055",
        "061",
        "062",
        "063",
        "064",
        "070",
        "0502",
        "0507",
    ]
    area = dice.choice(areas)
    middle = digits(dice, 4) if area[:2] in {"07", "05"} else digits(dice, dice.choice([3, 4]))
    parts = [area, str(dice.randint(2, 9)) + middle[1:], digits(dice, 4)]
    form = dice.choice(
        [
            "{}-{}-{}",
            "{}-{}-{}",
            "({}) {}-{}",
            "({}){}-{}",
            "{}){}-{}",
            "{}.{}.{}",
            "{} {} {}",
            "{} - {} - {}",
            "+82-{}-{}-{}",
        ]
    )
    if form.startswith("+"):
        parts[0] = parts[0][1:]
    return "", sometimes_wide(dice, form.format(*parts)), "[phone]"


def american(dice: Dice) -> Made:
    area = dice.choice(["212", "415", "646", "718", "312", "206", "503", "917", "305", "702"])
    parts = [area, str(dice.randint(2, 9)) + digits(dice, 2), digits(dice, 4)]
    form = dice.choice(
        [
            "({}) {}-{}",
            "{}-{}-{}",
            "{}.{}.{}",
            "+1 {} {} {}",
            "+1-{}-{}-{}",
            "1-{}-{}-{}",
            "+1 ({}) {}-{}",
        ]
    )
    return "", form.format(*parts), "[phone]"


def british(dice: Dice) -> Made:
    rest = digits(dice, 6)
    forms = [
        f"07{dice.randint(1, 9)}{digits(dice, 2)} {rest}",
        f"07{dice.randint(1, 9)}{digits(dice, 2)} {rest[:3]} {rest[3:]}",
        f"+44 7{dice.randint(1, 9)}{digits(dice, 2)} {rest}",
        f"020 7{digits(dice, 3)} {digits(dice, 4)}",
        f"+44 20 7{digits(dice, 3)} {digits(dice, 4)}",
        f"0161 {digits(dice, 3)} {digits(dice, 4)}",
        f"01865 {digits(dice, 6)}",
    ]
    return "", dice.choice(forms), "[phone]"


# ---- E-mail

USERS = (
    "minji.kim", "hong_gildong", "sunny92", "j.park88", "yuna-lee", "chulsoo", "abc1234",
    "dev.choi", "happy_mom", "k2026",
)  # fmt: skip
HOSTS = (
    "naver.com", "gmail.com", "daum.net", "hanmail.net", "nate.com", "kakao.com",
    "company.co.kr", "outlook.com", "snu.ac.kr", "example.org",
)  # fmt: skip


def mail(dice: Dice) -> Made:
    user, host = dice.choice(USERS) + digits(dice, dice.choice([0, 2])), dice.choice(HOSTS)
    name, _, top = host.partition(".")
    house = {"naver": "네이버", "gmail": "지메일", "daum": "다음", "hanmail": "한메일"}.get(name)
    forms = [f"{user}@{host}"] * 5 + [
        f"{user.upper()}@{host}",
        f"{user} @ {host}",
        f"{user}＠{host}",
        f"{user}(at){host}",
        f"{user}[at]{host}",
        f"{user} (at) {host}",
        f"{user}골뱅이{host}",
        f"{user} 골뱅이 {host}",
        f"{user}@{name}점{top}" if top in ("com", "net") else f"{user}@{host}",
        f"{user}[at]{host.replace('.', '[dot]')}",
    ]
    if "." not in user and "." not in top:
        forms.append(f"{user} at {name} dot {top}")
    if house:
        forms += (
            [f"{user}골뱅이{house}닷컴", f"{user} 골뱅이 {house} 점 컴"] if top == "com" else []
        )
    return "", dice.choice(forms), "[email]"


# ---- Papers


def birth(dice: Dice) -> tuple[int, int, int]:
    return dice.randint(1940, 2025), dice.randint(1, 12), dice.randint(1, 28)


def resident(dice: Dice) -> Made:
    year, month, day = birth(dice)
    gender = dice.choice("12" if year < 2000 else "34")
    if dice.random() < 0.2:
        gender = str(int(gender) + 4)
    first, second = f"{year % 100:02}{month:02}{day:02}", gender + digits(dice, 6)
    form = dice.choice(["{}-{}"] * 5 + ["{} - {}", "{} {}", "{}－{}", "주민{}{}", "{}-{}"])
    if form.startswith("주민"):
        cue = dice.choice(["주민번호 ", "주민등록번호: ", "외국인등록번호 ", "주민번호는 "])
        return cue, first + second, "[id]"
    if dice.random() < 0.1:
        return "", f"{first}-{second[0]}******", "[id]"
    return "", sometimes_wide(dice, form.format(first, second)), "[id]"


def resident_bare(dice: Dice) -> Made:
    """Thirteen digits and no word: of those given since 2020, whose last digits follow no rule, and
    of those given before, whose last digit checks the others."""
    year = dice.randint(1940, 2013)
    gender = dice.choice("12" if year < 2000 else "34")
    number = (
        f"{year % 100:02}{dice.randint(1, 12):02}{dice.randint(1, 28):02}{gender}{digits(dice, 5)}"
    )
    if dice.random() < 0.5:
        weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
        total = sum(w * int(d) for w, d in zip(weights, number, strict=True))
        return "", number + str((11 - total % 11) % 10), "[id]"
    total = sum(int(d) * (3 if place % 2 else 1) for place, d in enumerate(number))
    barcode = str((10 - total % 10) % 10)
    return "", number + dice.choice([d for d in "0123456789" if d != barcode]), "[id]"


def licence(dice: Dice) -> Made:
    number = f"{dice.randint(11, 26)}-{digits(dice, 2)}-{digits(dice, 6)}-{digits(dice, 2)}"
    cue = dice.choice(["", "", "면허번호 ", "운전면허 "])
    return cue, number, "[id]"


def passport(dice: Dice) -> Made:
    old = dice.choice("MSRGD") + digits(dice, 8)
    new = f"M{digits(dice, 3)}{dice.choice('ABCDEFGH')}{digits(dice, 4)}"
    american = digits(dice, 9)
    cue = dice.choice(
        ["여권번호 ", "여권번호는 ", "여권 ", "passport number ", "Passport No. ", "passport: "]
    )
    return cue, dice.choice([old, new, american]), "[id]"


def social(dice: Dice) -> Made:
    number = f"{dice.randint(1, 665):03}-{dice.randint(1, 99):02}-{dice.randint(1, 9999):04}"
    if dice.random() < 0.3:
        return dice.choice(["SSN ", "social security number is "]), number.replace("-", ""), "[id]"
    return "", number, "[id]"


# ---- Money


def card(dice: Dice) -> Made:
    issuer = dice.choice(["4", "51", "55", "2230", "94", "62", "37", "36", "356"])
    length = {"37": 15, "36": 14}.get(issuer, 16)
    head = issuer + digits(dice, length - len(issuer) - 1)
    number = next(head + last for last in "0123456789" if passes_luhn(head + last))
    cuts = {15: (4, 6, 5), 14: (4, 6, 4), 16: (4, 4, 4, 4)}[length]
    parts, at = [], 0
    for cut in cuts:
        parts.append(number[at : at + cut])
        at += cut
    return "", sometimes_wide(dice, joined(dice, *parts, by="-|-| | - ||.")), "[card]"


BANKS: Final = {
    "국민은행": (6, 2, 6),
    "KB국민": (6, 2, 6),
    "국민": (6, 2, 6),
    "신한은행": (3, 3, 6),
    "신한": (3, 3, 6),
    "우리은행": (4, 3, 6),
    "하나은행": (3, 6, 5),
    "하나": (3, 6, 5),
    "농협": (3, 4, 4, 2),
    "NH농협": (3, 4, 4, 2),
    "기업은행": (3, 6, 2, 3),
    "IBK기업은행": (3, 6, 2, 3),
    "카카오뱅크": (4, 2, 7),
    "카뱅": (4, 2, 7),
    "토스뱅크": (4, 4, 4),
    "토스": (4, 4, 4),
    "케이뱅크": (3, 3, 6),
    "새마을금고": (4, 4, 4, 1),
    "우체국": (6, 2, 6),
    "SC제일은행": (3, 2, 6),
    "부산은행": (3, 4, 4, 2),
    "대구은행": (3, 2, 6, 1),
    "수협": (3, 4, 4, 1),
    "신협": (5, 2, 6),
    "씨티은행": (3, 5, 3, 2),
}


def account(dice: Dice) -> Made:
    bank = dice.choice(list(BANKS))
    number = dice.choice(["-", "-", "-", "", " "]).join(digits(dice, cut) for cut in BANKS[bank])
    while number.startswith("0"):
        number = str(dice.randint(1, 9)) + number[1:]
    cue = dice.choice(
        ["{} ", "{} ", "{}: ", "{} 계좌번호 ", "{} 계좌 ", "{}(예금주 김민지) ", "계좌번호는 {} "]
    )
    return cue.format(bank), sometimes_wide(dice, number), "[account]"


def iban(dice: Dice) -> Made:
    country, body = dice.choice(
        [
            ("GB", "NWBK" + digits(dice, 14)),
            ("DE", digits(dice, 18)),
            ("FR", digits(dice, 23)),
            ("NL", "ABNA" + digits(dice, 10)),
            ("ES", digits(dice, 20)),
        ]
    )
    rest = int("".join(str(int(sign, 36)) for sign in body + country + "00")) % 97
    number = f"{country}{98 - rest:02}{body}"
    spaced = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    return dice.choice(["", "IBAN ", "iban: "]), dice.choice([number, spaced]), "[account]"


def american_account(dice: Dice) -> Made:
    cue = dice.choice(["account number ", "Account no. ", "acct ", "my account number is "])
    return cue, digits(dice, dice.choice([10, 12])), "[account]"


KOREAN: dict[str, Callable[[Dice], Made]] = {
    "mobile": mobile,
    "landline": landline,
    "mail": mail,
    "resident": resident,
    "resident_bare": resident_bare,
    "licence": licence,
    "passport": passport,
    "card": card,
    "account": account,
    "road": road,
    "road_without_region": road_without_region,
    "lot": lot,
    "flat": flat_alone,
    "plate": plate,
}
ENGLISH: dict[str, Callable[[Dice], Made]] = {
    "american": american,
    "british": british,
    "mail_en": mail,
    "social": social,
    "card_en": card,
    "iban": iban,
    "american_account": american_account,
    "street": street,
    "passport_en": passport,
    "plate_en": english_plate,
    "mobile_en": mobile,
}
