"""How toxic a text is, from 0 to 1: profanity, insults to people, hate against groups.

A lexicon that knows how Koreans dodge filters (시1발, ㅂㅅ, 씨.발) and what only looks alike
(시발점, 새끼손가락, 병신년). Coarse praise is not toxic: 존맛, 개맛있다, "fucking amazing".
Chances of several findings add up as 1 - Π(1 - chance); from `TOXIC` on a text is toxic.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from nlp.texts import column, shortened

# The stubs refuse plain numbers and strings beside arrays, which Arrow takes.
pc: Final[Any] = pyarrow.compute

TOXIC: Final = 0.5

_GAP: Final = r"[.,~!@#^*_\-0-9;:/|'`+=ㆍ·…]{0,3}"  # what is put between syllables to pass a filter
_WIDE: Final = r"[ .,~!@#^*_\-0-9;:/|]{0,6}"
_EDGE: Final = r"(?:$|[^가-힣]|놈|년|새|아|진짜|개|것|람|롬|련|존)"
_ALONE: Final = r"(?:^|[^가-힣0-9])"

# What looks like it and is not; taken out first.
HARMLESS: Final = (
    r"시발(?:점|역|지[^가-힣]|지로|지인|지는|택시|자동차|차|라)|씨발라 ?[먹내]|(?:아저|날|글|솜|"
    r"말|불|마음|맵|홍|김|이|박)씨 ?발[가-힣]*",
    r"새끼 ?(?:손|발|줄|치|고양이|강아지|돼지|양|곰|사자|오리|토끼|거북|물고기|판다|호랑이|조기|"
    r"꽃게|전복)[가-힣]*",
    r"(?:강아지|고양이|냥이|길냥이|곰|양|염소|사자|호랑이|토끼|물고기|거북이|고래|오리|제비|"
    r"원숭이|판다|햄스터|동물|짐승|어미|말|소)"
    r"(?:의|들)? ?새끼(?:들)?[가-힣]*|새끼(?:를|가|들)? ?(?:낳|[네세두한] ?마리|[0-9]+ ?마리)",
    r"(?:내|우리|울|귀여운|이쁜|예쁜|사랑스런|사랑스러운) ?새끼",
    r"병신년(?:에|생|은|도|이 ?밝|[^가-힣]|$)|등신대[가-힣]*|빠가사리|한남(?:동|대|점|역|오거리|"
    r"뉴타운|더힐)[가-힣]*",
    r"[그이저]놈의|놈놈놈|닥치고 ?(?:사|구매|추천|보|먹|질러)[가-힣]*|씹(?:는|을|어|다|고 ?있|"
    r"히|던|으|기|지)[가-힣]*",
    r"(?:이|그|저|[0-9일이삼사오육칠팔구십몇]) ?년 ?(?:동안|전|후|째|차|간|만|반|뒤|여|넘|안|"
    r"은 ?쓴|째)[가-힣]*|지랄 ?같은 ?날",
    r"미친 ?(?:맛|가격|가성비|비주얼|연기|퀄|디자인|성능|몰입|존재감|속도|조합|할인)[가-힣]*|"
    r"18 ?(?:k|금|개월|년|일|시|세|살|인치|리터|만|원)",
)  # fmt: skip

KOREAN: Final[tuple[tuple[float, str], ...]] = (
    # Oaths.
    (0.7, rf"씨{_GAP}[발팔빨벌]|(?:{_ALONE}|아|에|개|야|이런|진짜)(?:시|쉬|쒸|슈|싀){_GAP}(?:발|"
          rf"팔|빨|벌)(?:[^가-힣]|놈|년|새|것|아|같|진|개|$|럼|련)"
          rf"|{_ALONE}[시씨쉬]{_WIDE}발{_EDGE}|{_ALONE}(?:c|씨|시|쉬)[ ]?(?:8|발|"
          rf"바)(?:[^가-힣a-z0-9]|놈|년|새|$)|시[0-9^*.!]+발"),
    (0.7, r"[ㅅㅆ][ .^*~0-9_-]{0,3}[ㅂ](?:[^ㅅㅈ]|$)|ㅆㅃ|씨부[럴랄]|시부[럴랄]|씨파|쓰벌|슈발|"
          r"시이+발|씨바|쉬바[^라견]|쉬발"),
    (0.8, r"[좆좇졷]|ㅈ ?같|ㅈ ?까|ㅈ밥|존만[한이]|씹(?:새|년|놈|할|창|치|덕|선비|팔)|니미(?:럴|"
          r"$|[^가-힣])|엿 ?(?:같|먹어|먹이|처먹)"),
    (0.6, r"지랄|ㅈㄹ|쥐랄|개 ?같은|개소리|아가리|꼴값|(?:^|[^전])염병"),
    (0.35, r"처먹|쳐먹|쳐 ?자|주둥이|(?:나쁜|도둑) ?(?:놈|넘)|닥치고"),
    # Insults to people.
    (0.8, rf"[병븅빙뵹]{_GAP}[신싄](?:[^설경원체상용기제문]|$)|"
          rf"ㅂ[ .^*~0-9_-]{{0,2}}ㅅ(?:[^ㄱ-ㅎ]|$)|ㅄ|[등]신(?:아|들|같|이|새|[^가-힣]|$)"),
    (0.8, rf"[새쌔세섀]{_GAP}[끼키뀌](?:야|들|가|는|놈|년|아|한|를|의|들아|[^가-힣]|$)|"
          rf"새{_GAP}끼|(?:개|이|저|그|니|씨|좆)[ ]?[새쌔섀세색샠쉐]{_GAP}[끼키뀌히기]|색[ ]?히|"
          rf"쉐끼|쉑[ ]?[키히끼]"
          r"|새 끼(?:야|들|가|는|[^가-힣]|$)"),
    (0.75, r"(?:미친|썅|쌍|망할|돼지|개|씨발|시발|저런|이런|더러운|못된|늙은|상담원|직원|점원|"
           r"알바|여자|그|저|이) ?년(?:이 |아|들|은|놈|같|의|[^가-힣]|$)"
           r"|ㅁㅊ[ ]?(?:놈|년|새|ㄴ)|미친 ?(?:놈|새|것들|자식|인간|ㄴ|넘)|또라이|돌+아이|썅|"
           r"쌍놈|잡놈|잡것"),
    (0.6, r"(?:이런|저런|그런|미친|사기꾼|같은|파는|만든|하는|죽일|망할|"
          r"더러운) ?(?:놈|넘)(?:들|이|아|은|의|도|같|[^가-힣]|$)|놈들|(?:^|\s)(?:이|저|"
          r"그) ?놈(?:들|아)"),
    (0.75, r"느금|(?:^|[^가-힣])니 ?[애에] ?[미비]|느그 ?[애에][미비]|엠창|애[미비](?: ?뒤|없|"
           r"터)|ㄴㄱㅁ|"
           r"니 ?엄마|니 ?애비"),
    (0.7, r"빡대가리|[돌새닭]대가리|대가리[가에를는]? ?(?:비|깨|빈|박|총|나쁘|텅)|골빈|저능아|"
          r"지능이? ?(?:낮|딸)|빠가(?:냐|야|임|새|들)|찐따|모지리|얼간이|벌레(?:만도|같은|"
          r"보다 ?못)|인간 ?쓰레기"
          r"|쓰레기(?:같은 ?(?:놈|년|인간|것)|들아|새|야|년|놈|인간)|(?:너|니|"
          r"네놈) ?(?:같은)? ?쓰레기|인간 ?말종|기레기|기래기|사기꾼들?아"),
    (0.8, r"뒤져(?:라|버려|야|[^가-힣]|$)|뒈[져지]|나가 ?(?:죽|뒤)|죽어야 ?(?:돼|되|한|함|해|"
          r"지)|죽어 ?버려|죽여 ?(?:버|라)|죽이고 ?싶|자살해(?:라|버려)|칼로 ?찔|목을? ?(?:따|"
          r"매달)"),
    (0.55, r"꺼져(?:라|버려|$|[!~ㅋ])|꺼지라|닥쳐|닥치(?:라|세)|입 ?닥|눈깔|와꾸|면상|낯짝|"
           r"쪼다|멍청한 ?(?:놈|것|새|인간|년)|무뇌|역겨운 ?(?:놈|년|것|인간)"),
    (0.3, r"멍청|바보 ?같은|한심한 ?(?:놈|것|인간)|무식한|개돼지|병맛|똥멍청"),
    # Hate against groups.
    (0.8, r"한남(?:들|충|새|놈|유충|[^가-힣]|이 |은 |$)|김치[녀년]|된장[녀년]|한녀|맘충|틀딱|"
          r"급식충|꼰대충|애비충|진지충|[^가-힣]충들|짱[깨개께]|떼놈|쪽[바발][리이]|왜놈|"
          r"전라디언|홍어(?:새|들|족|냄새|놈)"
          r"|개독|똥꼬충|깜둥이|동남아 ?(?:놈|새)|조선족 ?(?:놈|새|들 ?꺼)|(?:게이|호모|"
          r"레즈|트젠|장애인|외노자|탈북자) ?(?:새|놈|년|충|들 ?(?:다 ?)?(?:꺼|죽))|꼴페미|"
          r"메갈년|페미년|좌빨|수꼴|빨갱이|토착 ?왜구|장애냐"),
    (0.15, r"존나|졸라|ㅈㄴ|개빡|ㅁㅊ|미친|ㅗ"),
)  # fmt: skip
ENGLISH: Final[tuple[tuple[float, str], ...]] = (
    (0.85, r"\b(?:f[u*@#]+c?k|fuk|fck|screw|damn)\s+(?:you|u|off|this|that|them|these|your|"
           r"their|the (?:staff|company|owner))\b|\bgo f[u*]ck\b"),
    (0.75, r"\bb[i!1*]+t?ch(?:es|y)?\b|\b(?:a|@)[s*$]{2}[- ]?h[o0*]les?\b|\bcunts?\b|\b(?:whore|"
           r"slut)s?\b|\bbastards?\b|\bmother ?f\w*|\bdumb ?ass\w*|\bdouche\w*|\bprick\b|"
           r"\bd[i1]ckheads?\b"),
    (0.65, r"\b(?:idiots?|morons?|imbeciles?|scum|scumbags?|losers|trash people|brain ?dead|"
           r"subhuman)\b|\bstupid (?:\w+ )?(?:people|staff|woman|man|company|idiot|girl|guy|"
           r"bitch|f\w+)\b"),
    (0.9, r"\bn[i1]gg\w+|\bf[a@]gg?[o0]ts?\b|\bretard(?:s|ed)?\b|\btrann(?:y|ies)\b|\bchinks?\b|"
          r"\bkikes?\b|\bspics?\b"),
    (0.9, r"\bkill (?:your|him|her|them)sel(?:f|ves)\b|\bkys\b|\bgo (?:and )?die\b|"
          r"\bhope you (?:all )?die\b|\b(?:should|deserve to) (?:all )?(?:die|be shot)\b"),
    (0.7, r"\b(?:piece|sack|load|bunch)s? of (?:sh[i1!*]+t|crap)\b|\bsh[1!*]+t\b|"
          r"\bfull of shit\b|\bshit(?:ty)? (?:staff|support|people|company)\b|\bbullsh\w+"),
    (0.35, r"\bf[u*@#]+c?k\w*|\bsh[i]t\w*|\bcrap\b|\bwtf\b|\bass\b|\bdamn\b"),
)  # fmt: skip


def toxicity(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """How toxic each text is, 0..1, shape (n,); of long texts both ends are read."""
    result = np.zeros(len(texts), np.float32)
    if not len(texts):
        return result
    lowered = pc.utf8_lower(shortened(column(list(texts))))
    every = "|".join(f"(?:{pattern})" for _, pattern in (*KOREAN, *ENGLISH))
    rows = _rows(lowered, every)
    if not len(rows):
        return result
    suspects = pc.replace_substring_regex(lowered.take(rows), "|".join(HARMLESS), " ")
    clean = np.ones(len(rows))
    for weight, pattern in (*KOREAN, *ENGLISH):
        clean[_rows(suspects, pattern)] *= 1 - weight
    result[rows] = 1 - clean
    return result


def _rows(texts: "pa.Array[Any]", pattern: str) -> npt.NDArray[np.int64]:
    found = pc.match_substring_regex(texts, pattern)
    return np.flatnonzero(found.to_numpy(zero_copy_only=False))
