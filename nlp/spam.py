"""Spam from 0 to 1, and whether a text says that it was paid for (협찬, 원고료, 체험단, #ad).

The two are apart: a sponsored review is a review, and the law has its writer say so (Korea Fair
Trade Commission, guidelines on recommendations and endorsements); spam is what no customer says.
내돈내산 and "협찬 아님" say the contrary of sponsored. Links and hashtags are counted in the raw
text, for cleaning takes links out. Chances add up as 1 - Π(1 - chance); from `SPAM` on it is spam.
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

Floats = npt.NDArray[np.float32]

SPAM: Final = 0.5

OFFERS: Final[tuple[tuple[float, str], ...]] = (
    # Gambling, loans, shares, adult: offers, not talk about them.
    (0.8, r"먹튀 ?(?:없|검증|사이트|보증|제로)|안전 ?(?:놀이터|공원|토토)|(?:토토|카지노|바카라|"
          r"슬롯|홀덤|파워볼|배팅|베팅) ?(?:사이트|추천|총판|가입|쿠폰|커뮤니티|꽁|주소|도메인)"
          r"|사설 ?토토|첫충|매충|꽁 ?머니|꽁포|롤링 ?[0-9]+%|바카라 ?카지노"),
    (0.75, r"(?:무직자|신용 ?불량|당일|급전|저신용|연체자|무서류|무방문|개인|작업|비상금|"
           r"사업자)[^.?!]{0,4}대출 ?(?:가능|ok|문의|상담|전문|승인|환영|됩)|"
           r"소액 ?결제 ?(?:현금|미납)|현금화 ?[0-9]+ ?%|개인돈|돈 ?필요하신 ?분"
           r"|상품권 ?(?:매입|현금화)|ㅂ ?대출|대 ?출 ?(?:전문|상담) ?(?:환영|문의|카톡|010)|"
           r"신용 ?불량자?도 ?(?:ok|가능|오케이)"),
    (0.75, r"리딩 ?(?:방|무료)|(?:코인|주식|선물|해외선물) ?(?:리딩|추천방|급등|단톡|"
           r"무료 ?(?:추천|체험|교육))|급등주|추천 ?주 ?(?:방|무료|공개)|수익(?:률|"
           r"금)? ?(?:보장|인증방|[0-9]+% ?(?:보장|확정))|고수익 ?(?:알바|보장|재택|부업)"
           r"|(?:월|일|주|하루) ?[0-9]{2,}(?:만 ?원?)? ?(?:이상 ?)?(?:버는|벌어|수익|보장|"
           r"가능한)[^.?!]{0,14}(?:알려|문의|부업|비법|방법|상담|클릭)|부업 ?(?:알려|문의|"
           r"하실 ?분|모집|소개해)|재택 ?(?:부업|알바) ?(?:문의|모집|하실|구해)"),
    (0.8, r"조건 ?만남|출장 ?(?:안마|마사지|샵|만남)[^.?!]{0,10}(?:가능|전국|24|문의|할인|코스|"
          r"라인|카톡)|오피 ?(?:사이트|걸)|야동 ?(?:사이트|주소|다운|링크|모음|공유)|"
          r"비아그라 ?(?:정품|구매|판매|최저|당일)|시알리스|"
          r"성인 ?용품 ?(?:야동|최저|당일|할인|사이트|쇼핑몰 ?추천)"
          r"|(?:19금|성인) ?(?:사이트|방송|웹툰 ?무료)|유흥 ?(?:사이트|알바)|애인 ?대행|"
          r"키스방|휴게텔"),
    (0.8, r"맞 ?팔|선 ?팔|좋아요 ?반사|\bf4f\b|\bl4l\b|\bfollow ?(?:4|for) ?follow\b|"
          r"\bi follow back\b|\bfollow ?back\b|(?:팔로워|좋아요|조회수|구독자|"
          r"리뷰) ?(?:늘려 ?드|늘리기|구매 ?대행|판매|작업)|서이추|서로 ?이웃 ?(?:추가|"
          r"신청) ?(?:부탁|해요|환영)"),
    (0.6, r"(?:무료 ?)?(?:다시 ?보기|다운로드|스트리밍|토렌트) ?(?:사이트|링크|주소)|(?:주소|"
          r"링크) ?(?:모음|찾기)|무료 ?다시 ?보기"),
    (0.7, r"(?:당첨|선정)(?:되셨|되었습|을 ?축하)[^.?!]{0,30}(?:링크|클릭|접속|확인 ?하|입금)|"
          r"(?:아래|하단) ?(?:의 ?)?링크 ?(?:를|로)? ?(?:클릭|눌러|접속|들어)|"
          r"프로필 ?링크 ?(?:클릭|확인|타고)"),
    # Contact elsewhere.
    (0.5, r"(?:카톡|카카오톡|ㅋr톡|까톡|라인|텔레그램|텔레|위챗|톡)(?: ?(?:아이디|id|친추|추가|"
          r"문의|상담))?(?: ?[:：=@▶→]+ ?| )(?:@?[a-z][a-z0-9_.]{3,}|"
          r"[a-z0-9_]*[0-9][a-z0-9_]*[a-z][a-z0-9_]*)|(?:카톡|톡|텔레)(?: ?(?:아이디|"
          r"id))? ?(?:친추|추가 ?(?:후|하세|해 ?주|하시))"
          r"|오픈 ?(?:채팅|톡)(?:방)?(?:에|으로)? ?(?:들어오|입장|참여|링크|문의)|추천방 ?입장|"
          r"입장 ?하세요"),
    (0.35, r"선착순 ?[0-9]+ ?명|지금 ?바로 ?(?:확인|클릭|신청)|사은품 ?증정|"
           r"포인트 ?[0-9]+점 ?받기"),
    (0.35, r"▶|◀|►|☞|(?:당일|즉시) ?(?:현금|입금|지급|출금)"),
    (0.6, r"톡방[^.?!]{0,6}입장|단톡방[^.?!]{0,6}(?:입장|초대|참여 ?하)"),
    (0.3, r"24시간 ?(?:상담|문의|연락|운영)|문의 ?(?:주세요|환영|바랍|010|카톡|텔)|(?:상담|"
          r"연락) ?(?:환영|문의|바랍|주세요)|☎|"
          r"친추 ?후|무료로 ?해 ?드|최저가 ?당일"),
    (0.75, r"\b(?:online|best|live|crypto) casinos?\b|\bfree spins?\b|\bcasino bonus\b|\b(?:buy|"
           r"cheap|order|generic) (?:\w+ )?(?:viagra|cialis)\b|\bviagra cialis\b|"
           r"\bno prescription\b"),
    (0.75, r"\b(?:make|earn)\b[^.?!]{0,12}(?:\$ ?[0-9,]+|money|cash)[^.?!]{0,12}(?:fast|"
           r"from home|a (?:day|week|month)|per (?:day|week|month)|daily|online)\b|"
           r"\bguaranteed (?:\w+ )?(?:profit|return|income)s?\b|\b(?:10|50|100)x (?:profit|"
           r"gain)s?\b"
           r"|\bcrypto ?(?:pump|signal)\w*|\b(?:hot|sexy) (?:singles|girls)\b"),
    (0.5, r"\b(?:whatsapp|telegram|dm|text) (?:me|us)\b|\bjoin (?:our|my) (?:telegram|whatsapp|"
          r"discord|channel)\b|\btelegram ?@|\bclick (?:here|(?:on )?the link (?:in|below))\b|"
          r"\blink in (?:my )?bio\b"),
)  # fmt: skip
# Counted in the raw text: pattern, how many, what they weigh.
COUNTS: Final[tuple[tuple[str, int, float], ...]] = (
    (r"https?://|www\.", 3, 0.6),
    (r"https?://|www\.", 6, 0.4),
    (r"(?:bit\.ly|t\.me|open\.kakao|han\.gl|me2\.do|url\.kr|tinyurl|\.top/|\.xyz|\.bet\b|"
     r"\.click/)", 1, 0.4),
    (r"#[^\s#]+", 12, 0.4),
    (r"#[^\s#]+", 16, 0.35),
)  # fmt: skip
REPEATED: Final = 0.6  # a phrase over and over
_OFTEN: Final = 8  # times a phrase must come
_LAGS: Final = range(2, 13)

SPONSORED: Final = (
    r"(?:원고료|고료|수수료|제작비|활동비|대가)(?:를|을|와|과)? ?[^.!?]{0,12}(?:지급|제공|"
    r"받)(?: ?받| ?되|아|았|은|고|하)",
    r"(?:제품|상품|식사|음식|서비스|숙박|이용권|체험권|샘플|물품|식사권)(?:만|을|를|과|은|"
    r"와)? ?(?:무상|무료)?(?:으로|로)? ?(?:제공|협찬|지원|증정)(?:을)? ?받|(?:제공|지원|"
    r"협찬)(?:을|를)? ?받(?:아|고|은|았)|무상(?:으로)? ?(?:제공|지원) ?[받된되해]",
    r"협찬 ?(?:입니다|이에요|후기|포스팅|글|품|리뷰)|#(?:협찬|광고|유료광고|체험단|제품제공|"
    r"제품협찬|서포터즈|기자단|앰버서더|파트너스)|[\[(【<] ?(?:광고|협찬|ad|유료 ?광고|"
    r"제품 ?(?:제공|협찬)|체험단)[^\])】>]{0,8}[\])】>]|유료 ?광고",
    r"업체(?:로부터|에서|의|측에서)? ?[^.!?]{0,10}(?:제공|지원|협찬)[^.!?]{0,6}받|(?:업체|"
    r"브랜드|사장님) ?초대(?:로|를 ?받)|초대(?:로|받아)[^.!?]{0,8}무상",
    r"#(?:ad|ads|sponsored|gifted|prsample|affiliate|paidpartnership|adv)\b|\bsponsored (?:by|"
    r"post|video|content|review)\b|\bsponsoring (?:this|the|today)\b|\baffiliate links?\b|"
    r"\bpaid (?:partnership|promotion|advertisement)\b",
    r"\bgifted (?:by|from|to me by)\b|\bin exchange for (?:my|an|a|"
    r"this)\b[^.!?]{0,20}\b(?:review|opinion|feedback)\b|\b(?:received|got|"
    r"given)\b[^.!?]{0,40}\b(?:for free|free of charge|complimentary)\b[^.!?]{0,30}\b(?:review|"
    r"from the (?:brand|company|seller))\b"
    r"|\bearn a (?:small )?commission\b|\bbrand ambassador for\b|\bpr (?:package|"
    r"sample) (?:from|by)\b",
)
# Says so unless it also says 내돈내산: who once tried a thing for nothing may have bought the next.
INVITED: Final = (
    r"체험단(?:에|으로|을)? ?(?:당첨|선정|참여|통해|활동|자격|되어|뽑)|(?:서포터즈|기자단|"
    r"앰버서더|엠버서더)[^.?!]{0,6}(?:활동|기로|으로|로 ?선정|입니다)|서포터즈 ?[0-9]+ ?기|"
    r"파트너스 ?활동|(?:쿠팡|제휴) ?(?:파트너스|마케팅) ?(?:활동|의 ?일환|링크)|(?:레뷰|"
    r"리뷰노트|디너의여왕|강남맛집|미블)(?:를|을|에서)? ?통해",
)
# Says the contrary, or speaks of advertising as such.
NOT_SPONSORED: Final = (
    r"(?:협찬|광고|체험단|원고료|고료|제공|대가|뒷광고|ppl|유료 ?광고)(?:이|은|는|도|을|를|"
    r"가)? ?(?:(?:받은|받고|쓴|한) ?)?(?:거|것|건|글|후기|리뷰|쓴 ?글)?(?:은|이|가|"
    r"는)? ?(?:절대 ?|전혀 ?|하나도 ?|일절 ?|1도 ?)?(?:아님|아니|아닙|아닌|안 ?받|받지 ?않|없|x|"
    r"노노)[가-힣]*",
    r"(?:협찬|광고)(?:이|이었으|였)?(?:면|다면)[가-힣 ]{0,10}|(?:받고|받은|받아) ?(?:쓴|"
    r"작성한) ?[^.!?]{0,8}(?:같|처럼|티|느낌|듯|의심|아닌가)[가-힣]*|(?:받고|"
    r"받아서?) ?쓴 ?(?:글|후기|리뷰) ?(?:많|뿐|투성|천지)[가-힣]*",
    r"\b(?:not|isn'?t|never|no) (?:an? |being |been |a )?(?:ad|ads|sponsored|sponsor|paid|"
    r"affiliate|gifted)\b",
)
OWN_MONEY: Final = "|".join(
    (
        r"내 ?돈 ?내 ?산(?:이|은|으로|입|임|후|[^가-힣]|$)",
        r"(?:내|제) ?돈 ?(?:을 ?)?주고|\bmy own money\b",
    )
)


def spam(texts: Sequence[str], raw_texts: Sequence[str]) -> Floats:
    """How surely each text is spam, 0..1, shape (n,).

    texts: as `nlp.texts.readable` gives them; raw_texts: as they were stored, with their links.
    """
    result = np.ones(len(texts), np.float64)
    if not len(texts):
        return result.astype(np.float32)
    lowered = pc.utf8_lower(shortened(column(list(texts))))
    rows = _rows(lowered, "|".join(f"(?:{pattern})" for _, pattern in OFFERS))
    few = lowered.take(rows)
    for weight, pattern in OFFERS:
        result[rows[_rows(few, pattern)]] *= 1 - weight
    raw = pc.utf8_lower(shortened(column(list(raw_texts))))
    rows = _rows(raw, r"https?://|www\.|#|\.ly|t\.me|open\.kakao")
    few = raw.take(rows)
    for pattern, least, weight in COUNTS:
        counts = pc.count_substring_regex(few, pattern).to_numpy(zero_copy_only=False)
        result[rows[counts >= least]] *= 1 - weight
    result[_repeats(lowered.to_pylist())] *= 1 - REPEATED
    return (1 - result).astype(np.float32)


def sponsored(texts: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Whether each text discloses that its writer was paid, given goods or earns by its links.

    Who writes 내돈내산 and yet says what was given is sponsored: no one owns up to that in vain.
    """
    held = np.zeros(len(texts), bool)
    if not len(texts):
        return held
    lowered = pc.utf8_lower(shortened(column(list(texts))))
    rows = _rows(lowered, "|".join((*SPONSORED, *INVITED)))
    few = pc.replace_substring_regex(lowered.take(rows), "|".join(NOT_SPONSORED), " ")
    held[rows[_rows(few, "|".join(SPONSORED))]] = True
    invited = np.setdiff1d(_rows(few, "|".join(INVITED)), _rows(few, OWN_MONEY))
    held[rows[invited]] = True
    return held


def _repeats(texts: list[str]) -> npt.NDArray[np.bool_]:
    """Texts four fifths of which are one phrase of 2 to 12 letters, again and again.

    Every letter is held against the one that many places on, for all texts at once. Single
    letters (laughter) and one sign drawn out do not count.
    """
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    points = np.frombuffer("".join(texts).encode("utf-32-le", "replace"), np.uint32)
    owner = np.repeat(np.arange(len(texts)), sizes)
    found = np.zeros(len(texts), bool)
    drawn = np.zeros(len(points), bool)
    drawn[:-1] = points[:-1] == points[1:]
    drawn |= (points >= 0x3131) & (points <= 0x318E)  # ㅋㄱㅋㄱ
    for lag in _LAGS:
        if len(points) <= lag:
            break
        same = (points[:-lag] == points[lag:]) & ~drawn[:-lag] & (owner[:-lag] == owner[lag:])
        counts = np.bincount(owner[:-lag][same], minlength=len(texts))
        found |= (counts >= 0.8 * (sizes - lag)) & (sizes >= _OFTEN * lag)
    return found


def _rows(texts: "pa.Array[Any]", pattern: str) -> npt.NDArray[np.int64]:
    found = pc.match_substring_regex(texts, pattern)
    return np.flatnonzero(found.to_numpy(zero_copy_only=False))
