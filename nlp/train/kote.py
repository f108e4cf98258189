"""KOTE's Korean comments with forty-four emotions (MIT, searle-j/KOTE), and the clear ones of them.

No sentiment model may train on them: they are the measure of how well other domains are read.
"""

from pathlib import Path
from typing import Final

from nlp.train.corpus import Corpus, sure

# In the order of their numbers.
LABELS: Final = (
    "불평/불만", "환영/호의", "감동/감탄", "지긋지긋", "고마움", "슬픔", "화남/분노", "존경",
    "기대감", "우쭐댐/무시함", "안타까움/실망", "비장함", "의심/불신", "뿌듯함", "편안/쾌적",
    "신기함/관심", "아껴주는", "부끄러움", "공포/무서움", "절망", "한심함", "역겨움/징그러움",
    "짜증", "어이없음", "없음", "패배/자기혐오", "귀찮음", "힘듦/지침", "즐거움/신남",
    "깨달음", "죄책감", "증오/혐오", "흐뭇함(귀여움/예쁨)", "당황/난처", "경악",
    "부담/안_내킴", "서러움", "재미없음", "불쌍함/연민", "놀람", "행복", "불안/걱정", "기쁨",
    "안심/신뢰",
)  # fmt: skip
POSITIVE: Final = frozenset((
    "환영/호의", "감동/감탄", "고마움", "존경", "기대감", "뿌듯함", "편안/쾌적", "아껴주는",
    "즐거움/신남", "흐뭇함(귀여움/예쁨)", "행복", "기쁨", "안심/신뢰",
))  # fmt: skip
NEGATIVE: Final = frozenset((
    "불평/불만", "지긋지긋", "슬픔", "화남/분노", "안타까움/실망", "의심/불신", "공포/무서움",
    "절망", "한심함", "역겨움/징그러움", "짜증", "어이없음", "패배/자기혐오", "귀찮음",
    "힘듦/지침", "증오/혐오", "당황/난처", "경악", "부담/안_내킴", "서러움", "재미없음",
    "불안/걱정",
))  # fmt: skip


def comments(data: Path) -> list[tuple[str, frozenset[int]]]:
    """Each comment with the numbers of its emotions."""
    lines = (data / "kote" / "val.tsv").read_text("utf-8").split("\n")
    rows = (line.split("\t") for line in lines if line)
    return [(text, frozenset(map(int, found.split(",")))) for _, text, found in rows]


def clear_comments(data: Path) -> Corpus:
    """Those whose emotions are all positive, or all negative; the other emotions are neither."""
    named = [(text, {LABELS[number] for number in found}) for text, found in comments(data)]
    return sure(
        [
            (text, "positive" if found <= POSITIVE else "negative")
            for text, found in named
            if found <= POSITIVE or found <= NEGATIVE
        ]
    )
