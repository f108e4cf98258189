"""Numbers and names that are nobody's, and look like personal data."""

from collections.abc import Callable
from uuid import UUID

from benchmarks.pii_writing import Dice, digits

COMPANIES = ("1588", "1544", "1577", "1599", "1600", "1661", "1670", "1800", "1899")


def barcode(dice: Dice) -> str:
    head = dice.choice(["880", "880", "490", "690"]) + digits(dice, 9)
    return head + str((10 - sum(int(d) * (3 if p % 2 else 1) for p, d in enumerate(head))) % 10)


def day(dice: Dice) -> str:
    return dice.choice(
        ["{}-{:02}-{:02}", "{}.{:02}.{:02}", "{}/{:02}/{:02}", "{}년 {}월 {}일", "{}{:02}{:02}"]
    ).format(dice.randint(1990, 2027), dice.randint(1, 12), dice.randint(1, 28))


def hexed(dice: Dice, length: int) -> str:
    return "".join(dice.choices("0123456789abcdef", k=length))


def announced(dice: Dice) -> str:
    cue = dice.choice(
        [
            "주문번호 ",
            "주문번호: ",
            "주문번호는 ",
            "운송장 번호 ",
            "송장번호 ",
            "운송장번호: ",
            "order number ",
            "Order #",
            "tracking number ",
            "접수번호 ",
            "예약번호 ",
            "결제번호 ",
            "시리얼 번호 ",
            "상품번호 ",
            "승인번호 ",
        ]
    )
    body = dice.choice(
        [
            digits(dice, dice.choice([8, 9, 10, 11, 12, 13, 14, 16])),
            f"{day(dice).replace(' ', '')[:8]}",
            f"{digits(dice, 4)}-{digits(dice, 4)}-{digits(dice, 4)}",
            f"20261122-{digits(dice, 7)}",
            f"2026112214{digits(dice, 6)}",
            f"A{digits(dice, 10)}",
            f"{digits(dice, 6)}-{digits(dice, 7)}",
        ]
    )
    return cue + body


MODELS = (
    "SM-S928N", "WF-1000XM5", "RF85C9001AP", "KQ65QND95AFXKR", "OLED55C4KNA", "15Z90S-GA5PK",
    "MLA-0123456", "VS-9000-12", "AF19B7938WZRS", "B07XYZ1234", "RTX 4090", "i7-14700K",
    "A3108", "DS-3E0105P-E", "NT960XGK-KC51G", "WD140GF2000", "T-5050-1234", "XR-77A80L",
    "EOS R6 Mark II", "N123A4567",
)  # fmt: skip
WORDS = (
    "별로 10점", "무료로 3개", "택배로 2일 걸림", "바로 1층", "서로 2번씩",
    "카드로 12만원 결제", "현금으로 100만원", "100배 1000배 낫다", "12월 2024년 제품",
    "운동 30분씩 10-20회", "자동 3단 조절", "진동 2단계", "이동 10분", "행동 1-2가지",
    "강남역 3번 출구", "역삼동 맛집 10곳", "서울 2호선", "강남구 1호점",
    "홍대입구역 2-3번 출구", "종로3가역 5번 출구", "서울시 강남구", "부산 해운대구",
    "테헤란로 가는 길", "골뱅이무침 15,000원", "을지로 골뱅이 골목", "공일공 광고", "1004명",
    "911 테러", "3대 1", "2:1로 이김", "16:9 화면", "3840x2160 해상도", "120Hz 1ms",
    "5,000mAh 45W", "1,234,000원", "39,900원", "990000원", "₩12,000", "$1,299.99",
    "10만 2000원", "1+1 행사", "50% 할인", "평점 4.8/5.0", "버전 1.2.3.4567", "iOS 17.5.1",
    "빌드 22621.3155", "192.168.0.1", "10.0.12.255", "255.255.255.0", "37.5665, 126.9780",
    "오전 10:30~11:20", "14시 30분 00초", "2024-11-22T10:11:12Z", "2024.11.22~2024.12.31",
    "1588-1234", "1544-0000", "1899-1234", "1661-2345", "080-123-4567",
    "사업자등록번호 123-45-67890", "사업자번호 214-87-12345", "법인등록번호 110111-0123456",
    "통신판매업 제2024-서울강남-01234호", "조회수 1234567회", "팔로워 12345678명",
    "좋아요 9999999개", "A/S 2년", "제1234호", "KE 1234편", "472번 버스", "005930 종목",
    "특허 10-1234567", "C6H12O6", "2023-2024 시즌", "30도 1200W", "12주 2000명 참가",
    "3조 1234억", "100도 1000시간", "9월 10일 3시", "101동", "1203호", "2동 3층", "우리 100명",
    "하나 1000원", "국민 5000만", "기업 2000곳", "신한카드 1234원", "토스 5000원 받기",
    "농협 1599-2100", "우체국 3일", "국민은행 1588-9999", "메시지 @minji_kim",
    "#갤럭시S24 @samsung", "look at apple.com", "I got it at amazon.com",
    "looked at the dot com bubble", "10 minutes down the road", "Top 10 Street Foods",
    "Route 66", "a 5 star way to cook", "iPhone 15 Pro Max 256GB", "2 blocks from Main Street",
    "1-800-555-0199", "chapter 12-34", "Section 230", "ratio 3-2-1", "ISO 9001:2015",
    "100-200-300 workout", "version 2024.1.1234", "24/7 support", "ver 10.0.19045.3448",
    "포트 8080", "USB 3.2 Gen 2", "5-6-7월", "010 시리즈", "02년생", "070 영화",
    "1234-5678 조합", "1호선 2호선 3호선", "새로 10% 적립", "그대로 3년", "제대로 2번",
    "앞으로 5년", "1인분 12000원", "가로 120 세로 60", "가로 1200 세로 600", "길이 30-40cm",
    "세로 2000mm", "해상도 7680x4320", "총 12,345,678원", "합계 1,000,000",
)  # fmt: skip


def trap(dice: Dice) -> str:
    made: list[Callable[[], str]] = [
        lambda: announced(dice),
        lambda: announced(dice),
        lambda: dice.choice(MODELS),
        lambda: f"{dice.choice('ABCXSRK')}Q-{digits(dice, 4)}{dice.choice('ABNK')}",
        lambda: day(dice),
        lambda: f"{day(dice)} {dice.randint(0, 23):02}:{dice.randint(0, 59):02}",
        lambda: f"{dice.randint(1, 999)},{digits(dice, 3)}원",
        lambda: f"{dice.randint(1, 9)},{digits(dice, 3)},{digits(dice, 3)}원",
        lambda: f"{dice.randint(1, 99)}만 {dice.randint(1, 9)}천원",
        lambda: f"${dice.randint(1, 9)},{digits(dice, 3)}.{digits(dice, 2)}",
        lambda: barcode(dice),
        lambda: f"바코드 {barcode(dice)}",
        lambda: str(dice.randint(1_420_000_000_000, 1_800_000_000_000)),
        lambda: str(dice.randint(1_420_000_000, 1_800_000_000)),
        lambda: f"{dice.randint(0, 20)}.{dice.randint(0, 99)}.{dice.randint(0, 9999)}",
        lambda: ".".join(str(dice.randint(0, 255)) for _ in range(4)),
        lambda: hexed(dice, 64),
        lambda: hexed(dice, 40),
        lambda: str(UUID(hex=hexed(dice, 32), version=4)),
        lambda: f"ISBN 978-89-{digits(dice, 4)}-{digits(dice, 3)}-{digits(dice, 1)}",
        lambda: f"97889{digits(dice, 8)}",
        lambda: f"{dice.choice(COMPANIES)}-{digits(dice, 4)}",
        lambda: f"https://shop.example.com/goods/{digits(dice, dice.choice([8, 11, 13, 16]))}",
        lambda: f"https://example.com/?id={digits(dice, 10)}&utm=12",
        lambda: f"사업자등록번호 {digits(dice, 3)}-{digits(dice, 2)}-{digits(dice, 5)}",
        lambda: f"CJ대한통운 운송장 {digits(dice, 12)}",
        lambda: f"우체국 등기번호 {digits(dice, 13)}",
        lambda: f"{digits(dice, 3)}:{digits(dice, 2)}",
        lambda: dice.choice(WORDS),
        lambda: dice.choice(WORDS),
        lambda: dice.choice(WORDS),
        lambda: dice.choice(WORDS),
    ]
    return dice.choice(made)()
