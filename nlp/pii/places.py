"""What leads to a door: street and lot addresses, flats, English addresses, number plates.

A city, a district or a street alone stays, for it is where something is and not where somebody
lives. Many Korean words end like streets (별로, 무료로) and lots (운동), so a number behind them is
an address only with a region before it, a flat behind it, or a word that says so.
"""

import re
from typing import Final

from nlp.pii.regions import BEGINS_WITH_REGION, ENDS_WITH_REGION
from nlp.pii.rules import Rule, after, before, digits_of

# What is counted behind a number; then it is no house.
_COUNTED: Final = re.compile(
    r"\s?(?:개|일|번(?!지|길)|만|천|백|십|억|조|원(?!해|하|룸)|년|월|주(?![세시소십문고차택민변])|시(?![켰키장청내])|분|초|명"
    r"|인(?![데가지이])|점(?!심)|회(?![수사신])|차|위(?![치해로에])|배(?![송달])|등|가지|군데|곳|층|살|세(?![요대])|박|평"
    r"|대(?![로문])|잔|병(?!원)|달(?!라)|장|권|벌|켤|마리|박스|봉|팩|통(?!해)|입(?!니)|호[점선기차]|동(?!\s?[0-9])|편(?!의)|화"
    r"|부작|단(?!지)|여\s?[명개]|쯤|정도|프로|퍼|[~%℃$]|[kKmMgGlLwWvV](?![a-z]{3}))|[.,:][0-9]"
)
_FLAT: Final = r"(?:(?:[0-9]{1,4}|[A-Za-z가나다라마바사])동\s?,?\s?)(?:지하\s?|[Bb])?[0-9]{1,4}호"
_HOUSES: Final = r"(?:아파트|빌라|오피스텔|맨션|연립|주택|하이츠|타운|빌딩|타워|원룸|하우스|상가)"
_DETAIL: Final = (
    rf"(?:[,\s]{{0,2}}\([가-힣A-Za-z0-9 ,.]{{1,30}}\))?"
    rf"(?:[,\s]{{1,2}}(?:[가-힣A-Za-z0-9]{{1,12}}{_HOUSES}|[가-힣A-Za-z0-9]{{1,12}}(?=[,\s]{{1,2}}{_FLAT})))?"
    rf"(?:[,\s]{{0,2}}{_FLAT}|(?:[,\s]{{1,2}}(?:지하\s?|[Bb])?[0-9]{{1,3}}층)?(?:[,\s]{{1,2}}(?:지하\s?|[Bb])?[0-9]{{1,4}}호)?)"
)
_HOUSE: Final = r"(?:지하\s?)?[0-9]{1,4}(?:-[0-9]{1,4})?(?![0-9])"
_ROAD: Final = re.compile(
    r"(?<![가-힣A-Za-z0-9])((?P<name>[가-힣][가-힣0-9.]{0,15}(?:로|길))"
    rf"(?P<lane>\s?[0-9]{{1,4}}[가나다라]?(?:번?길|번안길))?\s?(?P<house>{_HOUSE})(?P<lot>번지)?"
    rf"(?P<detail>{_DETAIL}))"
)
_LOT: Final = re.compile(
    r"(?<![가-힣A-Za-z0-9])((?P<name>[가-힣]{1,7}[0-9]{0,2}(?:동|리|가|읍|면)|[가-힣]{1,4}\s?[1-9]가)\s?"
    rf"(?P<hill>산\s?)?(?P<house>{_HOUSE})(?P<lot>\s?번지)?(?P<detail>{_DETAIL}))"
)
_FLAT_ALONE: Final = re.compile(
    rf"(?<![0-9A-Za-z])((?:[가-힣A-Za-z0-9]{{1,12}}{_HOUSES}[,\s]{{0,2}})?{_FLAT}"
    rf"|(?:[가-힣A-Za-z0-9]{{0,12}}(?:아파트|빌라|오피스텔|맨션|연립|원룸)[,\s]{{1,2}}[0-9]{{1,4}}호))(?![점선기차0-9])"
)
_SAID: Final = re.compile(
    r"(?:주소|배송지|수령지|배달지|거주지|자택|본가|사는\s?곳|받는\s?곳|받을\s?곳|보낼\s?곳|집은|집이|우리\s?집|저희\s?집|사무실은"
    r"|이사\s?왔|address|반품지|회수지)[^0-9\n\[￼]{0,24}\Z"
)
_SENT: Final = re.compile(
    r"\s?(?:번지)?\s?(?:에|으로|로)\s?(?:다시\s?)?(?:좀\s?)?(?:보내|배송|배달|부쳐|발송|살고|살아|사는|삽니다|거주|이사|와\s?주|가져다|회수)"
)
_PLACED: Final = re.compile(
    r"(?:번지)?(?:에\s?(?:있|위치|살|사는|거주|보내)|에서|\s?(?:앞|옆|뒤편|근처|건너편|맞은편|인근|건물))"
)
# Words of daily life that end like a quarter.
_NO_QUARTER: Final = frozenset(
    (
        "운동", "활동", "자동", "행동", "이동", "작동", "감동", "진동", "전동", "수동", "변동",
        "노동", "아동", "공동", "냉동", "연동", "구동", "시동", "가동", "출동", "충동", "소동",
        "율동", "부동", "유동", "파동", "합동", "협동", "기동", "발동", "격동", "약동", "생동",
        "선동", "요동", "태동", "난동", "반동", "전자동", "반자동", "재작동", "오작동", "고동",
        "거동", "건동", "원동", "회동", "미동", "탈동", "한동", "추동", "능동", "피동", "별동",
        "제동", "급제동", "이중제동", "봉사활동", "야외활동",
    )
)  # fmt: skip
_STREET_WORDS: Final = (
    r"(?:Street|Avenue|Road|Boulevard|Lane|Drive|Court|Place|Square|Terrace|Way|Parkway|Highway|Close"
    r"|Crescent|Circle|Loop|Alley|Plaza|Trail|Mews|Grove|Gardens|Row|(?:St|Ave|Rd|Blvd|Ln|Dr|Ct|Pl|Sq|Ter|Pkwy|Hwy|Cres)\b\.?)"
)
_UNIT: Final = r"(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Room|Rm|#)\.?\s?#?[0-9A-Za-z]{1,5}"
_STREET: Final = re.compile(
    rf"(?<![0-9A-Za-z.,:$£€#-])((?:{_UNIT},\s)?[0-9]{{1,5}}[A-Za-z]?(?:-[0-9]{{1,4}})?\s(?:[NSEW]\.?\s|(?:North|South|East|West)\s)?"
    rf"(?:(?:[A-Z][a-z']{{1,15}}\.?|[A-Z]|[0-9]{{1,3}}(?:st|nd|rd|th))\s){{1,3}}{_STREET_WORDS}(?![A-Za-z])(?:\s(?:NW|NE|SW|SE|[NSEW])\b)?"
    rf"(?:,?\s{_UNIT})?)"
)
_STREET_SAID: Final = re.compile(
    r"(?:(?:live|living|lives|lived)\s(?:at|on)|address(?:\sis)?:?|(?:ship|sent|send|deliver(?:ed)?|mail|moved|move)\s(?:it\s)?(?:to|at))"
    r"\s((?:flat\s[0-9a-z]{1,4},\s)?[0-9]{1,5}[a-z]?\s(?:[a-z0-9']{1,15}\s){1,3}"
    r"(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|court|place|square|terrace|close|crescent)(?![a-z])"
    r"(?:,?\s(?:apt|unit|suite|flat|#)\.?\s?[0-9a-z]{1,5})?)",
    re.IGNORECASE,
)
_BOX: Final = re.compile(r"(?<![A-Za-z])(?:P\.?\s?O\.?\s?Box|사서함)\s[0-9]{1,6}호?", re.IGNORECASE)
# Names of things that are written like a street: "10 Best Street Foods", "3 Easy Way".
_THINGS_BEHIND: Final = re.compile(
    r"\.?\s(?:[Ff]oods?|[Ff]ighters?|[Ww]ear|[Ss]tyles?|[Ss]tocks?|[Tt]oys?|Gang|Art)"
)

# The syllables of Korean plates since 1996 and 2006: private, commercial, delivery, hired.
_SYLLABLE: Final = (
    "[가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주바사아자배하허호]"
)
_PLATE_END: Final = (
    r"(?![0-9A-Za-z])(?![.,:][0-9])(?!\s?(?:원|년|개|명|점|만|천|억|시|분|초|회|%|도|세트|번|월|일|장|권|건"
    r"|위|배|대|편|킬로|그램|미터|km|kg|ml))"
)
_PLATE: Final = re.compile(
    rf"(?<![0-9A-Za-z])(?<![0-9][-.,])((?:(?:서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주)\s?)?"
    rf"[0-9]{{2,3}}\s?(?P<syllable>{_SYLLABLE})\s?(?P<serial>[0-9]{{4}})){_PLATE_END}"
)
_PLATE_SAID: Final = re.compile(
    r"차량|차\s?번호|번호판|자동차|plate|주차|차주|차가|택시|뺑소니|넘버", re.IGNORECASE
)
_PLATE_ENGLISH: Final = re.compile(
    r"(?:licen[cs]e\splates?|number\splates?|plates?\s(?:number|no\.?)|registration\s(?:number|plate)|plates?\s(?:is|was|reads?))"
    r"(?:\s?(?:number|no\.?|is|was|reads?|:|#|of)){0,3}\s?"
    r"((?=[A-Za-z -]{0,5}[0-9])[A-Z0-9]{1,4}[ -]?[A-Z0-9]{2,5})(?![A-Za-z0-9])",
    re.IGNORECASE,
)


def _counted(match: re.Match[str]) -> bool:
    """Whether the number of the house is a number of something else."""
    if match.group("lot"):
        return False
    end = match.end("house")
    return _COUNTED.match(match.string[end : end + 8]) is not None


def _announced(match: re.Match[str]) -> bool:
    """Whether a region right before it, or words around it, say that it is an address."""
    ahead = before(match, 48)
    return bool(
        ENDS_WITH_REGION.search(ahead) or _SAID.search(ahead) or _SENT.match(after(match, 16))
    )


def _is_road(match: re.Match[str]) -> bool:
    name, house = match.group("name"), match.group("house")
    if _counted(match):
        return False
    if match.group("lane") or _announced(match) or BEGINS_WITH_REGION.match(name):
        return True
    if name.endswith("으로") or len(name) < 3:
        return False
    if match.group("detail").strip():
        return True
    number = int(digits_of(house.split("-")[0]))
    in_place = _PLACED.match(after(match, 8)) is not None
    return (in_place and number >= 10) or (
        number >= 10 and ("-" in house or bool(match.group("lot")))
    )


def _is_lot(match: re.Match[str]) -> bool:
    name, house = match.group("name").replace(" ", ""), match.group("house")
    if _counted(match) or name in _NO_QUARTER or name.endswith("운동"):
        return False
    if match.group("lot") or _announced(match) or BEGINS_WITH_REGION.match(name):
        in_village = bool(match.group("lot")) or before(match, 2).strip()[-1:] in {"읍", "면"}
        return in_village or name[-1] not in "리읍면" or "-" in house
    return len(name) >= 3 and "-" in house and (name[-1] == "동" or name[-2].isdigit())


def _is_street(match: re.Match[str]) -> bool:
    return _THINGS_BEHIND.match(after(match, 12)) is None


def _is_plate(match: re.Match[str]) -> bool:
    """Written together it is a plate; apart it may be "12주 3456" and needs a likelier syllable."""
    if match.group("serial") == "0000":
        return False
    likely = match.group("syllable") not in "도로조주호부구수서사자오고보모소"
    together = " " not in match.group(1)[-6:]
    return likely or together or _PLATE_SAID.search(before(match, 20)) is not None


RULES: Final = (
    Rule("[address]", _ROAD, _is_road, group=1),
    Rule("[address]", _LOT, _is_lot, group=1),
    Rule("[address]", _FLAT_ALONE, group=1),
    Rule("[address]", _STREET, _is_street, group=1),
    Rule("[address]", _STREET_SAID, group=1),
    Rule("[address]", _BOX),
    Rule("[plate]", _PLATE, _is_plate, group=1),
    Rule("[plate]", _PLATE_ENGLISH, group=1),
)
