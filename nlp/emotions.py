"""Emotions of a text, several or none: a small set that stands for KOTE's 44 labels.

Korean is read by a linear model over hashed n-grams, the sentiment and a few telling words, fitted
by `nlp.train.emotions` to KOTE's comments. KOTE is Korean only: English, and texts of emoji alone,
are read by a short list of words, held against the sentiment. What the emotions learned never
flows back into the sentiment models.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from nlp.errors import NlpError
from nlp.ngrams import Grams
from nlp.sentiment import read_json
from nlp.texts import column

# The stubs refuse plain numbers and strings beside arrays, which Arrow takes.
pc: Final[Any] = pyarrow.compute

Floats = npt.NDArray[np.float32]

# The labels of KOTE (Jeon, Lee and Kim 2022, "User Guide for KOTE") by their numbers. Those in no
# row stand for no emotion here: 0 불평/불만 is the intent complaint, 24 없음 is none, and others,
# such as 11 비장함 and 30 죄책감, are rare among customers.
KOTE: Final[dict[str, dict[int, str]]] = {
    "joy": {28: "즐거움/신남", 40: "행복", 42: "기쁨"},
    "gratitude": {4: "고마움"},
    "admiration": {2: "감동/감탄", 7: "존경"},
    "affection": {16: "아껴주는", 32: "흐뭇함(귀여움/예쁨)"},
    "trust": {14: "편안/쾌적", 43: "안심/신뢰"},
    "anticipation": {8: "기대감", 15: "신기함/관심"},
    "surprise": {39: "놀람"},
    "sadness": {5: "슬픔", 19: "절망", 36: "서러움"},
    "disappointment": {10: "안타까움/실망", 37: "재미없음"},
    "anger": {6: "화남/분노", 22: "짜증"},
    "disgust": {20: "한심함", 21: "역겨움/징그러움", 31: "증오/혐오"},
    "anxiety": {18: "공포/무서움", 41: "불안/걱정"},
    "distrust": {12: "의심/불신"},
    "embarrassment": {33: "당황/난처"},
}
EMOTIONS: Final = tuple(KOTE)
# KOTE's annotators could also say that there is none; an emotion must be likelier than that.
NONE: Final = {24: "없음"}
OUTPUTS: Final = (*EMOTIONS, "none")

# Words, letters and emoji that tell an emotion in few examples: a feature each, beside the n-grams.
SEEDS: Final = (
    r"[ㅠㅜ]{2}|[ㅠㅜ]",
    r"ㅋㅋ|😂|🤣|😄|😆|😁",
    r"ㅎㅎ|\^\^|☺|😊|🙂",
    r"감사|고맙|고마[워운웠]|땡큐|ㄱㅅ|🙏",
    r"무섭|무서|소름|오싹|후덜|😱|😨",
    r"화나|화가|열받|빡[쳐치침]|분노|짜증|😡|🤬|💢",
    r"걱정|불안|염려|조마조마|두렵|두려",
    r"귀엽|귀여|깜찍|사랑스|이쁘|이뻐|예쁘|예뻐|🥰|😍|❤|♡|♥|💕",
    r"대박|헐|깜짝|놀[라랐람]|세상에|ㄷㄷ|충격|😮|😲|어머",
    r"실망|아쉽|아쉬|안타깝|안타까|기대 ?이하",
    r"기대|궁금|설레|설렌|두근|기다려[지졌]|신기",
    r"슬프|슬픈|슬퍼|눈물|울[었컥]|우울|서럽|서러|😢|😭|💔",
    r"역겹|역겨|토 ?나[와온오]|징그|더럽|더러[워운]|혐오|극혐|한심|🤮",
    r"다행|안심|믿[고음을]|든든|편안|편하|신뢰",
    r"행복|즐겁|즐거|신[나난남]|기쁘|기쁨|기뻐|좋아요|재밌|재미있|🎉|🥳",
    r"감동|감탄|존경|대단|멋지|멋져|멋있|최고|훌륭|👍|👏",
    r"의심|거짓|조작|사기|못 ?믿|수상|의혹|진짜 ?맞|알바",
    r"당황|황당|난감|민망|곤란|어이|어쩌[죠지라]",
    r"재미 ?없|노잼|지루|별로",
    r"\?",
    r"!",
    r"힘내|응원|화이팅|파이팅|사랑[해합]|건강",
)  # fmt: skip

# English and emoji, and which side of the sentiment must not be clearly the other one.
ENGLISH: Final[dict[str, tuple[str, int]]] = {
    "joy": (r"\b(?:happy|happily|joy\w*|fun|delight\w*|enjoy\w*|glad|yay|excited|cheer\w*|"
            r"smil\w+|lol|haha\w*|thrilled)\b"
            r"|[😂🤣😄😆😁😊🎉🥳]", 1),
    "gratitude": (r"\b(?:thank\w*|thx|grateful|appreciate\w*)\b|🙏", 1),
    "admiration": (r"\b(?:amazing|awesome|brilliant|impress\w*|incredible|stunning|outstanding|"
                   r"superb|masterpiece|wow|fantastic|"
                   r"magnificent|excellent)\b|[👏👍]", 1),
    "affection": (r"\b(?:love|loved|loves|adore\w*|cute|adorable|sweet|lovely|beautiful)\b|"
                  r"[🥰😍❤♥💕]", 1),
    "trust": (r"\b(?:trust\w*|reliabl[ey]|dependable|safe|comfortable|comfy|peace of mind|"
              r"count on|confident|relieved?)\b", 1),
    "anticipation": (r"\b(?:can'?t wait|look(?:ing)? forward|excited (?:to|for|about)|hop(?:e|"
                     r"ing) (?:to|for|it)|curious|eager\w*|"
                     r"wait(?:ing)? for)\b", 1),
    "surprise": (r"\b(?:surpris\w+|shock\w*|wow|omg|unexpected\w*|unbelievabl[ey]|astonish\w+|"
                 r"no way)\b|[😮😲😱]", 0),
    "sadness": (r"\b(?:sad|sadly|cry\w*|cried|heartbroken|tears?|depress\w+|miserable|grief|"
                r"miss (?:you|him|her|it))\b|[😢😭💔]", -1),
    "disappointment": (r"\b(?:disappoint\w*|let ?down|expected (?:more|better)|underwhelm\w*|"
                       r"boring|bored|regret\w*|unfortunately|"
                       r"waste of|meh|not worth)\b", -1),
    "anger": (r"\b(?:angry|anger|furious|mad at|outrag\w+|annoy\w*|frustrat\w*|irritat\w*|"
              r"pissed|fed up|ridiculous|unacceptable|"
              r"hate|hated)\b|[😡🤬💢]", -1),
    "disgust": (r"\b(?:disgust\w*|gross|nasty|vile|revolting|pathetic|filthy|repuls\w+|sick of|"
                r"stink\w*)\b|🤮", -1),
    "anxiety": (r"\b(?:worr(?:y|ied|ying|ies)|anxious|anxiety|nervous|afraid|scar(?:ed|y)|"
                r"terrif\w+|concerned|fear\w*|panic\w*)\b|😨", -1),
    "distrust": (r"\b(?:scam\w*|fake|liars?|lying|lied|fraud\w*|suspicious|sketchy|shady|"
                 r"don'?t trust|doubt\w*|misleading|rip-?off)\b", -1),
    "embarrassment": (r"\b(?:embarrass\w*|awkward|confus(?:ed|ing)|cringe\w*|baffl\w+|puzzled|"
                      r"perplexed)\b", -1),
}  # fmt: skip
AGAINST: Final = 0.6  # a chance of the other sentiment from which an English word is not believed


class EmotionReader:
    """The model of a folder: `config.json` and `weights.safetensors`. Safe between threads.

    The weights hold `ngrams` (2 ** bits, k) as int8 with `scale` (k), `dense` (d, k) for what
    `dense_features` gives, and `bias` (k), for the k `OUTPUTS`. `config.json` names the emotions
    and the chance from which each holds.
    Raises NlpError where the folder does not fit this version.
    """

    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file

        config = read_json(folder / "config.json")
        if tuple(config.get("emotions", ())) != EMOTIONS or config.get("seeds") != len(SEEDS):
            raise NlpError(f"{folder} names other emotions than this version; train it anew")
        path = folder / "weights.safetensors"
        if not path.exists():
            raise NlpError(f"the model file {path} is missing; check the folder in the settings")
        weights = load_file(path)
        self._ngrams = weights["ngrams"].astype(np.float32) * weights["scale"]
        self._dense = weights["dense"].astype(np.float32)
        self._bias = weights["bias"].astype(np.float32)
        self._cuts = np.array([config["thresholds"][name] for name in EMOTIONS], np.float32)

    def emotions(self, grams: Grams, chances: Floats, texts: Sequence[str]) -> list[list[str]]:
        """The emotions of each text in the order of `EMOTIONS`; none is an answer.

        grams: `nlp.ngrams.grams(texts)`. chances: sentiment, shape (n, 3), nan where unknown.
        """
        held = np.zeros((len(texts), len(EMOTIONS)), bool)
        if len(texts):
            lowered = pc.utf8_lower(column(list(texts)))
            korean = pc.match_substring_regex(lowered, "[가-힣ㄱ-ㅎㅏ-ㅣ]").to_numpy(
                zero_copy_only=False
            )
            other = np.flatnonzero(~korean)
            likely = self._chances(grams, chances, lowered)
            held = (likely[:, :-1] >= self._cuts) & (likely[:, :-1] >= likely[:, -1:])
            held[other] = _english(lowered.take(other), chances[other])
        result: list[list[str]] = [[] for _ in texts]
        for row, at in zip(*np.nonzero(held), strict=True):
            result[row].append(EMOTIONS[at])
        return result

    def probabilities(self, grams: Grams, chances: Floats, texts: Sequence[str]) -> Floats:
        """The chance of each of `OUTPUTS` in Korean texts, shape (n, k)."""
        return self._chances(grams, chances, pc.utf8_lower(column(list(texts))))

    def _chances(self, grams: Grams, chances: Floats, lowered: "pa.Array[Any]") -> Floats:
        sums = grams.sums(self._ngrams) / grams.roots[:, None]
        logits = sums + dense_features(chances, lowered) @ self._dense + self._bias
        return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


def dense_features(chances: Floats, lowered: "pa.Array[Any]") -> Floats:
    """Sentiment (3), its logarithms (3) and one column for each of `SEEDS`, shape (n, d)."""
    known = np.nan_to_num(chances, nan=1 / 3)
    logs = np.log(np.clip(known, 1e-3, 1)) / 5
    seeds = [pc.match_substring_regex(lowered, seed) for seed in SEEDS]
    told = [found.to_numpy(zero_copy_only=False)[:, None] for found in seeds]
    return np.concatenate([known, logs, *told], axis=1).astype(np.float32)


def _english(lowered: "pa.Array[Any]", chances: Floats) -> npt.NDArray[np.bool_]:
    """Words and emoji, where the sentiment is not clearly against them; a negation undoes them."""
    text = pc.replace_substring_regex(
        lowered,
        r"\b(?:not|no|never|isn'?t|wasn'?t|don'?t|didn'?t|doesn'?t|aren'?t|without|hardly)"
        r"(?: (?:very|really|so|a|an|the|any|at|all|be|feel|too|that|to))* [a-z]+",
        " ",
    )
    known = np.nan_to_num(chances, nan=1 / 3)
    held = np.zeros((len(text), len(EMOTIONS)), bool)
    for at, name in enumerate(EMOTIONS):
        pattern, side = ENGLISH[name]
        # "don't trust", "not worth", "can't wait" are negations themselves.
        source = lowered if name in ("distrust", "disappointment", "anticipation") else text
        found = pc.match_substring_regex(source, pattern).to_numpy(zero_copy_only=False)
        held[:, at] = found & (known[:, 0 if side > 0 else 2] < AGAINST) if side else found
    return held
