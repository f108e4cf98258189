"""Which rows could hold personal data: one RE2 pattern over a whole column, wider than rules."""

from typing import Final

_D: Final = "[0-9０-９]"
_UNSEEN: Final = r"\x{00AD}\x{200B}-\x{200F}\x{2060}\x{FE0E}\x{FE0F}\x{FEFF}"
_ZERO, _ONE, _THIRD = "[0０공영OoＯ]", "[1１일lI]", "[016789０１６-９공영OoＯ일육륙칠팔구lI]"
# A number of people is seven digits and more, with no more than a few signs between them.
_NUMBERS: Final = (
    rf"[@＠﹫]|(?:{_D}[-–—‐‑‒―−ー－ㅡ_.．·・)(（）\s　/／~{_UNSEEN}]{{0,3}}){{6,}}[0-9０-９*＊xX●○]"
)
_DISGUISED: Final = (
    r"골뱅이|앳\s?[A-Za-z가-힣]|[(\[{<]\s?(?i:at)\s?[)\]}>]|\s(?i:at)\s[A-Za-z0-9-]{1,63}\s(?i:dot)\s"
    rf"|{_ZERO}\s?{_ONE}\s?{_THIRD}[-.\s]?\s?[0-9공영OoＯ일이삼사오육륙칠팔구lI에]\s?[0-9공영OoＯ일이삼사오육륙칠팔구lI]"
)
_PLACES: Final = (
    rf"{_D}\s?[가-호]\s?{_D}{{4}}|\bM[0-9]{{3}}[A-Z][0-9]{{4}}|[로길]\s?(?:지하\s?)?{_D}|[동리가읍면]\s?산?\s?{_D}{{1,4}}|{_D}호"
    r"|[0-9][A-Za-z]?(?:-[0-9]+)?\s(?:[A-Za-z0-9.']+\s){1,4}(?i:street|avenue|road|boulevard|lane|drive|court|place"
    r"|square|terrace|way|parkway|highway|close|crescent|circle|loop|alley|plaza|trail|mews|grove|gardens|row|st|ave|rd|blvd|ln|dr|ct|pl|sq"
    r"|ter|pkwy|hwy|cres)"
    r"|(?i:p\.?\s?o\.?\s?box)|사서함"
)
_CUED: Final = (
    "여권|보험증"
    "|(?i:passport|plate|licen[cs]e|registration n|nino|national insurance|sort code|iban)"
)
CANDIDATE: Final = "|".join((_NUMBERS, _DISGUISED, _PLACES, _CUED))
