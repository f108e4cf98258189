"""Life events that customers tell of themselves: what changes what somebody needs.

The words alone are not enough: 이사회 is a board, 결혼 may be an actor's in the news, a friend's
wedding is the friend's. Nouns are looked for in the line of dictionary forms (see `nlp.intents`),
so that they stand alone; and texts that speak of third parties or pass on news do not count, unless
the writer speaks of themselves.
"""

from typing import Final

# "이사/NNG 하다/XSV", with or without particle, adverb or number between.
_J: Final = r"(?:[^ ]+/(?:J[A-Z]+|MAG) ){0,2}"
_DOES: Final = (
    r"(?:하다?|가다|오다|앞두다|준비|예정|계획|날|짐|기념|들어가다|마치다|끝내다|끝나다|성공|"
    r"선물|후|직후|때|확정|되다?|축하|을|받다?|직전|시키다|견적)"
    r"/[A-Z]+ "
)

EVENTS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    # name: patterns in the line of dictionary forms, patterns in the text
    "moving": (
        (rf" 이사/NNG {_J}{_DOES}", rf" 입주/NNG {_J}{_DOES}", r" 집들이/NNG "),
        (
            r"첫 ?자취|자취(?:라|생이)|새 ?집(?:으로|에)|이사 ?온 ?지|이삿짐|전입 ?신고|"
            r"자취(?:를|방|는)? ?(?:시작|하게|"
            r"구)|신축[^.?!]{0,8}입주|"
            r"(?:독립|분가)(?:해서|하면서|했|하게)[^.?!]{0,14}(?:집|살림|방|혼자|자취)",
            r"\b(?:i|i'm|we|we're|my|our|i've|just)\b[^.!?]{0,30}\b(?:mov(?:e|ed|ing) (?:in|"
            r"into|to|house|out|home|apartments)|"
            r"new (?:house|home|apartment|flat|place)|first (?:house|home|apartment))\b|"
            r"(?:^|[.!?] )moving (?:in|into|to a new|house|out)\b",
        ),
    ),
    "marriage": (
        (
            rf" 결혼/NNG {_J}(?:하다?|앞두다|준비|예정|날짜|선물|기념)/[A-Z]+ ",
            r" (?:신혼|혼수|예단|예물|상견례|청첩장|신혼부부|신혼집|신혼여행)/NNG ",
            r" (?:프러포즈|프로포즈|청혼)/NNG (?:[^ ]+/J[A-Z]+ )?(?:받다?|하다|성공)/[A-Z]+ ",
        ),
        (
            r"예비 ?(?:신부|신랑|부부)|식 ?올[려리릴립]|결혼식(?:을|이)? ?(?:앞두|준비|올리|"
            r"하는데|얼마)|웨딩 ?(?:촬영|준비)",
            r"(?:^|[.!?] |\b(?:i'?m|we'?re|i am|we are|just|i|we) )(?:getting (?:married|engaged)|"
            r"got (?:married|engaged)|engaged|newly ?weds?|newly married)\b[^.!?]{0,4}"
            r"(?:in|next|last|this|soon|to|and|on|so|\.|,|!|$)|\b(?:my|our) (?:own )?(?:wedding|"
            r"honeymoon|fianc[eé]e?)\b",
        ),
    ),
    "child": (
        (
            rf" 임신/NNG {_J}(?:하다?|되다?|중|초기|중기|말기|성공|준비|확인|[0-9]+|축하|"
            rf"이다)/[A-Z]+ ",
            rf" 출산/NNG {_J}(?:하다?|이다|앞두다|준비|예정|후|직후|휴가|선물|가방|예정일)/[A-Z]+ ",
            r" (?:만삭|태교|산후조리원|조리원|육아휴직|출산휴가|입덧|수유|돌잔치|백일상)/NNG ",
        ),
        (
            r"(?:임신|임산)[^.?!]{0,4}[0-9]+ ?(?:개월|주)|임산부(?:예|에|인데|입|라)|"
            r"예비 ?(?:맘|엄마|아빠)|산후 ?조리|육아 ?휴직",
            r"(?:아기|아가|애기|아이|둘째|셋째|첫째|첫 ?아이|딸|아들|손주|손자|손녀)(?:가|이|를|"
            r"을)?[^.?!]{0,8}(?:태어|나와|나옵|낳[았아은고]|"
            r"생겼|생겨|출산|탄생)|[0-9]+ ?개월 ?(?:된 ?|짜리 ?)?(?:아기|아가|애기|딸|아들|맘)|"
            r"신생아",
            r"\b(?:i'?m|i am|we'?re|my wife is|my wife'?s) (?:\w+ ){0,3}(?:pregnant|"
            r"expecting)\b|\b(?:our|my) (?:new ?born|new baby|baby "
            r"(?:was|is|arrive\w*|boy|girl))\b|\b(?:i|we|my wife|she) (?:just )?(?:gave birth|"
            r"had (?:a|our) baby)\b|\bmaternity leave\b|\bbaby(?: is)? due\b",
        ),
    ),
    "new_job": (
        (
            rf" (?:취업|취직|이직|입사)/NNG {_J}(?:하다?|성공|기념|선물|확정|되다?|준비|앞두다|"
            rf"축하)/[A-Z]+ ",
            r" 첫/MM (?:출근|월급|직장)/NNG ",
        ),
        (
            r"첫 ?(?:출근|월급|직장)|새 ?(?:직장|회사)(?:로|에|을)|신입 ?사원(?:이|인데|으로|"
            r"입)|최종 ?합격|사회 ?초년생",
            r"\b(?:i|i've|just|my|we)\b[^.!?]{0,20}\b(?:new job|first job|first day at work|"
            r"got (?:hired|the job|a job)|start(?:ed|ing) work)\b",
        ),
    ),
    "school": (
        (
            rf" 입학/NNG {_J}(?:하다?|앞두다|준비|선물|기념|축하|예정|시키다)/[A-Z]+ ",
            r" (?:고3|수험생|새내기|예비초등)/N[A-Z]+ ",
        ),
        (
            r"수능(?:을|이)? ?(?:끝|보|앞두|치|본|봤|준비)|고3(?:이|인데|맘|엄마| ?아들| ?딸|입|"
            r"들|라)|예비 ?(?:초등|중학|고등|중1|고1|초1)|"
            r"(?:초등학교|중학교|고등학교|대학교?|유치원|어린이집)(?:에|를|를)? ?(?:입학|들어가|"
            r"가게|가는|갑니다|붙)|수험생(?:이|인데|입|맘)|유학(?:을|길)? ?(?:가|와|오|준비|떠)",
            r"\b(?:i|i'm|my (?:son|daughter|kid|child|boy|girl))\b[^.!?]{0,20}\b(?:start(?:s|ed|"
            r"ing)?|enter(?:s|ed|ing)|going to|goes to|"
            r"go(?:es|ing)? off to|off to|got into|accepted to) (?:college|university|school|"
            r"kindergarten|grad school|first grade)\b",
        ),
    ),
    "retirement": (
        (
            rf" (?:은퇴|퇴직|정년퇴직|명예퇴직|희망퇴직|정년)/NNG {_J}(?:퇴직/NNG )?(?:하다?|"
            rf"앞두다|후|준비|예정|선물|기념|맞다|되다?)/[A-Z]+ ",
        ),
        (
            r"(?:정년|명예|희망) ?퇴직",
            r"\b(?:i|we|i'm|we're|my (?:husband|wife|dad|mom|father|"
            r"mother))\b[^.!?]{0,15}\b(?:retired|retiring|retirement)\b",
        ),
    ),
    "pet": (
        (
            r" (?:강아지|고양이|댕댕이|냥이|반려견|반려묘|반려동물|유기견|유기묘|냥|멍멍이|토끼|"
            r"햄스터|아이)/NNG (?:[^ ]+/J[A-Z]+ )?"
            r"(?:[^ ]+/(?:MAG|NNG|SN|NR|NNB|MM) ){0,2}(?:입양/NNG (?:[^ ]+/J[A-Z]+ )?하다|"
            r"분양/NNG (?:[^ ]+/J[A-Z]+ )?받다?|데려오다|데려오|키우다/VV 시작)",
        ),
        (
            r"(?:강아지|고양이|댕댕이|냥이|반려견|반려묘|반려동물|유기견|유기묘|아깽이|아기냥|"
            r"길냥이)(?:를|을|가|이)?[^.?!]{0,10}(?:입양했|입양하(?:고|게|면|기로|려)|입양한|"
            r"데려왔|데려온|데려오|분양받|키우게|새 ?식구|가족이 ?되)",
            r"집에 ?온 ?지[^.?!]{0,12}(?:강아지|고양이|냥|댕댕|멍멍)|(?:강아지|"
            r"고양이)[^.?!]{0,8}온 ?지|집사가 ?(?:됐|되)",
            r"\b(?:i|i've|we|we've|we're|just|my)\b[^.!?]{0,20}\b(?:adopt(?:ed|ing)?|got|"
            r"rescued) (?:\w+ ){0,3}(?:puppy|pup|kitten|dog|cat|bunny|rabbit)\b"
            r"|\b(?:our|my) new (?:puppy|kitten|dog|cat)\b",
        ),
    ),
    "bereavement": (
        (r" (?:부고|상주|발인|삼우제|유품)/NNG ",),
        (
            r"(?:^|\s)(?:부친|모친|빙부|빙모|조부|조모)상|(?:^|\s)상(?:을 ?(?:당|치[렀르])|"
            r" ?중(?:이라|인데|입))|장례(?:를|식을|식장|식 ?때)|무지개 ?다리",
            r"(?:아버지|어머니|아버님|어머님|할머니|할아버지|부모님|남편|아내|와이프|엄마|아빠|"
            r"시아버|시어머|장인|장모|가족|오빠|언니|형|동생)[^.?!]{0,14}"
            r"(?:돌아가(?:셔|셨|시고|신)|세상을 ?떠|별세|하늘나라|임종|떠나보)",
            r"\b(?:my|our)\b[^.!?]{0,25}\b(?:passed away|died|funeral|has passed)\b",
        ),
    ),
}  # fmt: skip

# Somebody else's event, or news of it.
THIRD: Final = (
    r"배우|가수|아이돌|선수|의원|대통령|장관|연예|감독|작가|방송|(?:^|\s)[가-힣]{0,3} ?씨(?:가|"
    r"는|의|와|,|\s)|기사|뉴스|드라마|영화|소설|웹툰|주인공|장면|노래|"
    r"친구|지인|직장 ?동료|회사 ?동료|동료|이웃|후배|선배|상사|부장|팀장|과장님|홍보|대사|화제|"
    r"발표|밝혔|알려졌|전했다|보도|위촉|통계|정부|출산율|"
    r"(?:한다|했다|된다|됐다|린다|라)(?:고|는) ?(?:한다|합니다|해요|하더|하네|들었|말|보도|"
    r"소식)|행사|축제|박람회|세미나|"
    r"\b(?:movie|film|actor|actress|celebrity|singer|news|article|my friend|friend'?s|"
    r"coworker'?s?|neighbou?r'?s?|character|episode|novel)\b"
)
OWN: Final = (
    r"(?:^|[\s,.!?~])(?:저는|저도|저희|제가|전|나는|난|내가|우리|저한테|저의|제 )|\b(?:i'm|i am|"
    r"we're)\b"
)

# Not an event: what would be, what others are advised, and what has long been so (a fifth year of
# marriage, somebody who is married). In the line, then in the text.
CUT_LINE: Final = (
    r" (?:결혼|취업|취직|이직|입사|이사|임신|출산|은퇴|퇴직|"
    r"입학)/NNG (?:[^ ]+/J[A-Z]+ )?(?:(?:안|못)/MAG )?(?:하다?|되다?|가다)/[A-Z]+ "
    r"(?:었/EP )?(?:으?면|으?시|거나|으?려면|어야|어라|지|으?라|더라도|든|든지|냐|자)/E[A-Z]+ ",
    r" (?:결혼|은퇴|퇴직)/NNG (?:하다?)/XSV (?:ᆫ|은)/ETM ",
    r" (?:결혼|취업|이직|입사|임신|출산)/NNG (?:[^ ]+/J[A-Z]+ )?(?:안|못)/MAG ",
)
CUT_TEXT: Final = (
    r"결혼 ?[0-9]+ ?(?:년|주년)[가-힣]*|결혼(?:한 ?지|생활)[^.?!]{0,8}|"
    r"[0-9]+ ?년 ?전에? ?(?:결혼|이사|임신|출산|은퇴|퇴직|취업|입학)[가-힣]*|"
    r"(?:결혼|취업|이직|입사|임신|출산|은퇴|이사|입학)(?:을|를)? ?(?:하면|하시|했으면|하려면|"
    r"할 ?수|해야|하거나|하지|하라|하세|못 ?[가-힣]|안 ?[가-힣]|된다면)[가-힣]*",
)
