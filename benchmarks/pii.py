"""How much personal data is masked, and how much else, on sentences made from the standards.

    python benchmarks/pii.py [--sentences 6000] [--seed 1] [--final] [--misses 20]

Numbers are drawn by the laws that govern them (numbering plans, check digits, dates, forms of
banks), written in the ways people write them, and put into Korean and English sentences. Traps are
sentences of the same kind with numbers that are nobody's. `--final` takes the sentence frames that
the rules were not tuned on. A find is right when its label stands exactly in the place of the
secret: recall is over secrets, precision over labels. Speed is measured beside a plain scan for an
at sign in the same run.
"""

import argparse
import json
import random
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute

from benchmarks.pii_secrets import ENGLISH, KOREAN
from benchmarks.pii_traps import trap
from nlp.pii import LABELS, mask, mask_text

pc: Any = pyarrow.compute
Dice = random.Random

KOREAN_FRAMES = (
    "{}", "제 정보는 {} 입니다", "문의드려요. {} 확인 부탁드립니다.", "{}로 보내주세요",
    "배송이 안 와서 남깁니다. {} 이고 어제까지 온다고 했어요.",
    "판매자님 {} 여기로 연락 좀 주세요 ㅠㅠ", "후기 쓰면서 {} 남겨도 되나요?",
    "환불은 {} 으로 부탁드려요!", "({}) 확인해 주세요", "혹시 몰라서 적어요: {}",
    "작년 12월에 2개 샀고 {} 입니다. 가격은 39,900원이었어요.",
    "3번이나 말씀드렸는데 {}, 아직도 답이 없네요",
    "주문번호는 20261122-0012345 이고요 {} 입니다", "2026-11-22 14:30에 접수했습니다. {}",
    "{}\n감사합니다", "이름 김민지, {}, 수량 2", "별점 5점 드려요~ {} 고마워요",
    "[판매] {} 문의 환영", "모델은 SM-S928N 이고 {} 이에요.", "사장님~ {}ㅎㅎ",
    "안녕하세요 어제 통화한 사람인데 {} 맞는지 봐주세요",
    "반품 접수합니다 / {} / 빠른 처리 바랍니다", "정품 인증이 안 되네요. 참고로 {} 입니다",
    "{} 이거 제 거 맞고요 10일째 기다립니다", "상담원이 자꾸 물어봐서 다시 적습니다 → {}",
    "Q. {} 로 변경 가능한가요?", "구매 3일 만에 고장. {} , 교환 원합니다.",
    "ㅋㅋ 제 거 {} 인데 왜 안 되죠", "사은품 2종 못 받았어요 {}", "※ {} ※",
)  # fmt: skip
ENGLISH_FRAMES = (
    "{}", "Please contact me: {}", "My details are {}, thanks.",
    "Still waiting for my refund. {} is what you asked for.",
    "Order #A-20261122 never came, {}.", "I paid $1,299.00 on 2026-11-22 and gave them {}!",
    "Hi, {} — can you check?", "({})", "Bought 2 units in 2024. {} again, just in case.",
    "Support made me write {} in a review, seriously", "For the third time: {}",
    "rated 4.5/5, would have been 5 but they leaked {} to everyone",
    "Re: case 4471 / {} / urgent", "Why do you need {} to replace a $20 cable?",
    "{}. That is all I have.",
)  # fmt: skip
TRAP_FRAMES = (
    "{}", "{} 입니다", "이거 {} 맞나요?", "후기: {} 정말 좋아요", "{} 기준으로 봤어요",
    "어제 {} 보고 샀는데 만족합니다", "{} 때문에 실망했어요 ㅠㅠ", "{} / {}",
    "{} 그리고 {} 둘 다 봤습니다", "판매자가 {} 라고 했는데 아니네요",
    "This says {} on the box", "I saw {} yesterday.", "{}, 추천!", "배송 조회하니 {} 나오네요",
    "설명서에는 {} 라고 적혀 있음", "친구가 {} 얘기하길래 알아봤죠", "화면에 {} 뜨고 멈춰요",
    "it shows {} and nothing else", "요약하면 {}, {}, {}", "→ {} (참고)",
)  # fmt: skip
# Held back: no rule was changed after what these sentences showed.
KOREAN_FINAL = (
    "어제 택배 기사님께도 {} 알려드렸어요", "분실했어요. {} 보시면 꼭 돌려주세요!",
    "작성자: 김민지 | {} | 교환 신청", "혹시 {} 이거 지워 주실 수 있나요?",
    "동생 것은 아니고 {} 이 제 것입니다",
    "첫 구매인데 벌써 2번째 문의... {} 확인하고 답 주세요", "네 맞습니다. {}",
    "{} — 여기까지입니다", "사진 3장 첨부, {} 참고하세요",
    "(급해요) {} 오늘 안에 처리해 주세요",
)  # fmt: skip
ENGLISH_FINAL = (
    "You already have it: {}; why ask twice?", "I typed {} by mistake, please delete it",
    "Agent no. 12 read back {} wrong", "Size M, blue, {} and no gift wrap",
    "Is {} still right on my profile?",
)  # fmt: skip
TRAP_FINAL = (
    "박스 옆면에 {} 찍혀 있네요", "블로그에서 {} 검색해 보세요",
    "아이가 {} 물어보는데 모르겠어요", "Does anyone know what {} means?", "{}?",
    "비교: {} vs {}", "알림창에 {} 만 계속 떠요", "1) {} 2) {}",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A sentence, what it should become, and the kind of what is in it."""

    kind: str
    text: str
    masked: str


def cases(dice: Dice, count: int, final: bool) -> list[Case]:
    """Sentences with one secret each, the kinds in turn."""
    made: list[Case] = []
    kinds = [
        (name, make, KOREAN_FINAL if final else KOREAN_FRAMES) for name, make in KOREAN.items()
    ]
    kinds += [
        (name, make, ENGLISH_FINAL if final else ENGLISH_FRAMES) for name, make in ENGLISH.items()
    ]
    for place in range(count):
        kind, make, frames = kinds[place % len(kinds)]
        ahead, secret, label = make(dice)
        # A bracket within brackets would leave open which of them is the number's.
        frame = dice.choice([each for each in frames if ")" not in secret or "({}" not in each])
        made.append(Case(kind, frame.format(ahead + secret), frame.format(ahead + label)))
    return made


def traps(dice: Dice, count: int, final: bool) -> list[Case]:
    """Sentences without a secret."""
    frames = TRAP_FINAL if final else TRAP_FRAMES
    made: list[Case] = []
    for _ in range(count):
        frame = dice.choice(frames)
        text = frame.format(*(trap(dice) for _ in range(frame.count("{}"))))
        made.append(Case("trap", text, text))
    return made


def labels(text: str) -> Counter[str]:
    return Counter({label: text.count(label) for label in LABELS if label in text})


@dataclass
class Score:
    """Counts over sentences; `misses` are those that came out otherwise than they should."""

    secrets: int = 0
    found: int = 0
    given: int = 0
    right: int = 0

    def add(self, case: Case, came: str) -> bool:
        wanted, told = labels(case.masked), labels(came)
        right = sum(wanted.values()) if came == case.masked else 0
        self.secrets += sum(wanted.values())
        self.given += sum(told.values())
        self.found += right
        self.right += right
        return came == case.masked

    @property
    def told(self) -> dict[str, float]:
        return {
            "recall": round(self.found / max(1, self.secrets), 4),
            "precision": round(self.right / max(1, self.given), 4),
        }


def judged(told: list[Case]) -> tuple[Score, dict[str, list[tuple[str, str]]], Counter[str]]:
    """The score over all, and by kind what came out wrong and how many there were."""
    score, wrong, seen = Score(), {}, Counter[str]()
    for case in told:
        came = mask_text(case.text)
        seen[case.kind] += 1
        if not score.add(case, came):
            wrong.setdefault(case.kind, []).append((case.text, came))
    return score, wrong, seen


def speed(rows: int) -> dict[str, float]:
    """Short clean rows a second of processor time, and the ratio to a scan for one sign."""
    clean = pa.array(["배송이 빨라서 좋았어요 또 살게요"] * rows)
    spent = []
    for work in (lambda: mask(clean), lambda: pc.match_substring_regex(clean, "@")):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return {
        "clean_rows_per_second": round(rows / spent[0]),
        "ratio_to_one_scan": round(spent[0] / spent[1], 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--final", action="store_true")
    parser.add_argument("--misses", type=int, default=0)
    options = parser.parse_args()
    dice = Dice(options.seed)
    told = cases(dice, options.sentences, options.final) + traps(
        dice, options.sentences, options.final
    )
    score, wrong, seen = judged(told)
    report = {
        "sentences": len(told), **score.told,
        "wrong_by_kind": {kind: f"{len(wrong[kind])} of {seen[kind]}" for kind in sorted(wrong)},
        **speed(1_000_000),
    }  # fmt: skip
    print(json.dumps(report, indent=2, ensure_ascii=False))
    for kind, rows in wrong.items():
        for text, came in rows[: options.misses]:
            print(f"{kind}: {text!r} -> {came!r}")


if __name__ == "__main__":
    main()
