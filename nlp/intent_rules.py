"""The patterns by which intents are told, in Korean and English: tables, and nothing that runs.

A pattern is RE2 and is looked for in the text in lower case, or, where it says so, in its line of
dictionary forms (" 이사/NNG 하다/XSV "). Spaces between Korean words are optional throughout, for
people leave them out.
"""

from dataclasses import dataclass
from typing import Final

# Korean syllables that end in ㄴ, ㄹ and ㅂ: endings such as -ㄴ가요, -ㄹ까요, -ㅂ니까 join them.
_CLOSED: Final = {
    final: "[" + "".join(chr(code) for code in range(0xAC00 + offset, 0xD7A4, 28)) + "]"
    for final, offset in (("N", 4), ("L", 8), ("B", 17))
}
_N, _L, _B = _CLOSED["N"], _CLOSED["L"], _CLOSED["B"]
END: Final = r"[?!~.,;^…ㅋㅎㅠㅜ\s]*(?:$|[?!~.…\n]|\s)"


@dataclass(frozen=True)
class Rule:
    """When an intent holds.

    text: patterns in the text, each enough; line: patterns in the line of dictionary forms, each
    enough; cut: what is taken out of the text before (negations, other senses of the words).
    """

    text: tuple[str, ...]
    line: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()


# Words in quotation marks are somebody else's, and what was weighed and given up is not wanted.
QUOTED: Final = (
    r"[“‘「『《][^”’」』》]{1,80}[”’」』》]",
    r"(?:^|\s)'[^']{1,80}'(?:\s|$|라|이라|하|,)",
    r"\"[^\"]{1,80}\"",
    r"[가-힣](?:다|라|자|냐)고(?:들)? ?(?:하던데|하더라|하길래|해서|하는데|했는데|들었)",
    r"(?:환불|반품|해지|탈퇴|취소|교환)(?:이?나)? ?(?:할까|하려|하려고|할 ?뻔|할까 ?말까|"
    r"시킬까)[^.!?]{0,6}"
    r"(?:했|하다가|하다|다가|고민)[가-힣]{0,4}",
    r"(?:was|were) (?:going to|about to|gonna|thinking of|planning to) (?:return|cancel|refund)\w*"
    r"(?: it| them)?",
)

QUESTION: Final = Rule(
    text=(
        r"(?:는|은|던|나|" + _N + r")가(?:요|여|용|욤)" + END,
        r"나(?:요|여|용|욤)" + END,
        _L + r"까(?:요|여|용|욤)?[~ㅠㅜㅎ ]*\?",
        _L + r"까(?:요|여|용|욤)" + END,
        r"(?:습|" + _B + r")니까[~ㅠㅜ ]*(?:[?.]|$)",
        r"[가-힣](?:죠|지요|쥬|는지|" + _N + r"지|냐|니|려나|을려나|는가|을까|대요|"
        r"래요)[~ㅠㅜㅎㅋ ]*\?",
        r"[가-힣](?:요|여|용|나|가|지|데|까|을지|중|음|함|됨|임|가능|포함|무료)[~ㅠㅜㅎㅋ ]*\?",
        r"(?:으|" + _L + r"|하|되|오|가|보)려나" + END,
        r"(?:을|" + _L + r"|는|은)(?:런지|는지|지)요" + END,
        r"(?:언제|어디|얼마|어떻게|몇 ?시|몇 ?개)[^.!?]{0,14}(?:에요|예요|돼요|되요|해요|와요|"
        r"사요|가요|있어요)" + END,
        r"(?:어때|어떤가|어떻)(?:요|여|습니까|용)",
        r"(?:어떤|뭐|뭘|무슨|어디|언제|누가|얼마|몇|어떻게)[^.?!]{0,24}(?:나|을까|"
        + _L
        + r"까|는지|인지|냐|는가|던가)[.~ㅎㅋㅠㅜ ]*$",
        r"궁금(?:합|해|하|한|했|쓰)",
        r"(?:아시는|아는) ?(?:분|사람)",
        r"(?:알려|가르쳐|답변|답) ?(?:좀 ?)?(?:주(?:세|시|실|십|셨으)|부탁|바랍)",
        r"(?:여쭤|여쭙|질문 ?(?:있|드|이|하나|좀)|문의 ?(?:드립|드려요|드리|합니다|해요|하려))",
        r"추천 ?(?:좀 ?)?(?:부탁|해 ?주[세시실]|바랍|받|해줘|좀요)|추천 ?점",
        r"\b(?:do|does|did|is|are|can|could|will|would|should|has|have|how|what|what's|when|where|"
        r"which|who|why|any|anyone|anybody)\b[^.!?]{0,160}\?",
        r"^(?:when|where|how (?:do|does|can|long|much|many|big)|what (?:size|is|are|kind|colou?r)|"
        r"which|does|do (?:you|i|they)|is (?:it|there|this) |can (?:i|you|it|anyone)|any(?:one|"
        r"body) "
        r"know)\b[^.!?]*$",
        r"\b(?:does )?any(?:one|body) (?:know|tried|have)\b|\bi (?:was )?wonder(?:ing)?\b",
    ),
    cut=(
        # What smells, gets angry or breaks: -나요 is part of the verb, unless a mark asks.
        r"(?:냄새|향|소리|소음|맛|화|생각|짜증|신|티|윤|고장|끝|만|빛|일어|나타|떠|지|살아|잘|"
        r"자라|혼|땀|"
        r"열|불|탈|차이|김|어긋|늘어|뛰어|벗어|피어|병|겁|눈물|기억)(?:이|가|도)? ?(?:안|많이|"
        r"너무|확)? ?"
        r"나요[~ㅠㅜㅋㅎ.! ]*(?:[^?~ㅠㅜㅋㅎ.! ]|$)",
        r"(?:^|\s|내가|리가|티가|내음이|자꾸|계속) ?나요[~ㅠㅜㅋㅎ.! ]*(?:[^?~ㅠㅜㅋㅎ.! ]|$)|"
        r"도와 ?드릴까요\?*|끝(?:인가요|이에요|입니까)\?*|"
        r"여보세요\?*|면 ?어떨까(?:요|$|[ .])",
        r"(?:학교|집|회사|놀러|보러|사러|잘|오래|못|안|손이|정이|눈이|마음이) ?가요",
        # Rhetorical: nobody waits for an answer.
        r"말이 ?(?:나 ?)?(?:되|돼|됩)[가-힣]*|[이그저]럴 ?수가? ?있[가-힣]*|"
        r"어떻게 ?[이그저](?:런|럴|렇|따)[^.?!]{0,20}\?*",
        r"(?:이게|이걸|이건) ?(?:뭔|무슨|말|맞|정상|최선|사람|돈)[^.?!]{0,20}\?*",
        r"장난 ?(?:하|치|합|해)[가-힣]*\?*",
        r"(?:도대체|대체|아니)[^?.!]{0,40}(?:나요|까요|까|거죠|건가요|가요|는지|냐|거예요|거야|"
        r"거지)\?*",
        r"왜 ?(?:이제야|이제서야|진작)[^?.!]{0,25}\??|(?:건|게|것은|거는) ?어떨(?:까요|지요|"
        r"까)[?]*",
        r"(?:왜 ?(?:제가|내가|저희가|우리가|소비자가|고객이|손님이))[^?.!]{0,25}\??",
        r"왜[^?.!]{0,20}다는 ?(?:거|건)(?:죠|가요|지요|예요|야)\??",
        r"누가[^?.!]{0,15}(?:나요|까요|겠어요|겠습니까|냐|겠냐)\??",
        r"(?:거|것|건) ?아(?:닌가요|닙니까|니에요|니야|냐|님)\?*|[가-힣]지 ?않(?:나요|아요|"
        r"습니까|을까요)\?*",
        r"몇 ?번을?[^?.!]{0,20}(?:나요|까요|까|하나|는지)\?*|양심[^?.!]{0,15}(?:나요|까요|까|"
        r"는지)\?*",
        r"(?:제정신|개념|생각)(?:이|은|들)? ?(?:있|인)[^?.!]{0,6}\?*|(?:뭐|뭘|"
        r"무엇을?) ?(?:하자는|믿고|보고)[^?.!]{0,20}\?*",
        r"해도 ?해도[^?.!]{0,25}\?*",
        r"\bseriously\?|\breally\?|\bare you (?:kidding|serious|joking)[^?]*\?*|\bwho (?:does|"
        r"would|thinks|even)\b[^?]*\?*",
        r"\bwhat the (?:hell|heck|f\w*)[^?]*\?*|\bhow (?:hard|dare|is this (?:ok|legal|"
        r"acceptable))\b[^?]*\?*"
        r"|\bwhy would (?:any|you)\w*[^?]*\?*|\bwhy can'?t you\b[^?]*\?*",
        r"\b(?:you|they) (?:charge|call|expect|want)\b[^?.!]*\?",
        r"\bthat is,? |\bwhat(?:'s)? not to (?:like|love)\?*",
    ),
)

_ACTS: Final = (
    r"개선|수정|추가|검토|반영|확인|조치|시정|보완|도입|처리|재발급|발급|변경|취소|연락|교환|"
    r"환불|반품|수거|"
    r"회수|증설|지원|출시|입고|재입고|재발매|배려|관리|조절|보상|답신|해결|인하|확대|예약"
)
REQUEST: Final = Rule(
    text=(
        r"[아어해여려러워켜겨내게와춰꿔줘혀펴쳐려가져바꿔빼써셔놔둬라] ?주(?:세|셔요|시면|십시|"
        r"셨으면|시길|시기|시겠|실 ?수|"
        r"실래|시죠|시고요|쎄|떼)[가-힣]*",
        r"(?:[해혀려러워켜겨게와춰꿔빼]|만들어|넣어|보내|없애|늘려|줄여) ?(?:줬으면|주었으면|"
        r"줘요|줘라|달라|주라|주삼|주길|주기)",
        r"(?:으면|면) ?(?:더 ?|참 ?|정말 ?|진짜 ?|훨씬 ?)?(?:좋겠|좋을|조켔|조을|편하겠|"
        r"완벽하겠|바랄 ?게|하는 ?바람)",
        r"[었았였했겠셨렸]으면 ?(?:합|해요|하네|하는|싶|바래|\.\.|…|ㅠ|ㅜ|$)",
        r"(?:" + _ACTS + r")(?:을|를|이|가)? ?(?:좀 ?|꼭 ?|빨리 ?|빠른 ?)?(?:바랍|바라|바래|"
        r"부탁|요청|요망|필요|시급|원합|원해|희망|"
        r"해 ?주(?:세|시|십|실|셨으)|해줘)",
        r"(?:기능|옵션|버전|모드|사이즈|색상|메뉴|설정|버튼|용량)[이가도은는]? ?(?:꼭 ?|"
        r"더 ?)?(?:필요|있었으면|나왔으면|만들어|넣어)",
        r"부탁 ?(?:드|합|해|할게)",
        r"면 ?어떨까|(?:주시|해 ?주|팔아 ?주시)면 ?(?:합니다|해요|하는)|\bidea:|"
        r"\bwould be an idea\b|"
        r"(?:건|게|것이|는 ?거) ?어떨까|어떨지요|건의 ?(?:합|드|사항|해)|제안 ?(?:합|드|해)|"
        r"[았었]으면 ?하는",
        r"\b(?:please|pls|plz)\b,? (?:(?:do|just|also|kindly) )?(?:[a-z]+)",
        r"\b(?:would|it'd|that'd|'d) (?:really )?(?:be|love|like) (?:\w+ )?(?:nice|great|good|"
        r"cool|better|helpful|awesome|"
        r"perfect|to see|if you|if it|if there)\b",
        r"\bi (?:just |really )?(?:wish|hope) (?:it|you|there|they|this|that|the)\b",
        r"\b(?:could|can|would|will) you (?:please |guys |maybe )?(?:add|fix|make|bring|let|"
        r"send|resend|change|improve|"
        r"consider|give|help|offer|sell|release|update|refund|replace|cancel)\b",
        r"\b(?:you|they) (?:should|need to|ought to|could) (?:really |definitely |"
        r"at least )?(?:add|let|allow|make|have|"
        r"include|offer|fix|bring|sell|give|improve|update|change)\b",
        r"\bi (?:want|need|demand|would like|'?d like) (?:a |my |an )?(?:full )?(?:refund|"
        r"replacement|money|exchange)\b",
        r"\bneeds? (?:a |an |to have )(?:\w+ )?(?:option|mode|feature|button|setting|size)\b"
        r"|\bfeature request\b|\bmy suggestion\b|\bi'?d? suggest\b",
    ),
    cut=(
        r"추천 ?(?:좀 ?|도 ?|하나 ?)?(?:부탁|해 ?주[세시실십]|바랍)[가-힣]*",
        r"(?:알려|가르쳐|답변|답|대답)(?:을|를)? ?(?:좀 ?)?(?:주(?:세|시|실|십|셨으)|부탁|"
        r"바랍)[가-힣]*( ?수)?( ?있)?",
        r"면 ?(?:더 ?)?좋을까|뭐[^.?!]{0,10}좋을|앞으로도[^.?!]{0,12}부탁|(?:행복|건강|대박|"
        r"성공|화이팅|쾌유)[^.?!]{0,16}(?:으면|면 ?좋|길 ?바|시길)[가-힣]*",
        r"(?:잘|친절하게|빠르게|꼼꼼히|바로|항상)[^.?!]{0,10}주(?:시고|시네|시는|셨|"
        r"십니다)[가-힣]*",
        r"\bplease(?:d| note| be aware| don'?t (?:buy|waste))\b",
        r"\b(?:would|'d) (?:be (?:great|good|nice) (?:for|as)|(?:love|like) to (?:buy|get|own))\b",
    ),
)

LEAVING: Final = Rule(
    text=(
        r"탈퇴|탈회|해지|해약|구독 ?(?:을|를)? ?(?:취소|해지|끊|중단|그만)",
        r"(?:다시는?|두 ?번 ?다시는?|절대|앞으로는?|더 ?이상은?|다신|영원히)[^.!?]{0,14}(?:안|못) ?"
        r"(?:사|살|삽|산|삼|시켜|시킵|시킬|시킴|씁|쓸|쓴|써|쓰|가|갈|갑|감|간|이용|구매|구입|"
        r"주문|먹|찾|믿고)",
        r"(?:다시는?|두 ?번 ?다시는?|다신|더 ?이상은?|이제는?|앞으로)[^.!?]{0,16}(?:구매|이용|"
        r"주문|구입|사용|사|쓰|가|시키|방문|먹|"
        r"볼|살|쓸|갈)[가-힣]{0,4} ?(?:않|일[은이]? ?없|생각[은이]? ?없|말아|싶지|싶은 ?(?:맘|"
        r"마음|생각))",
        r"재(?:구매|주문|방문|이용)[은는를]? ?(?:의사|할|생각|하고|의향|"
        r"는)?[은는이가도]? ?(?:생각[은이]?|의사|일은?|싶지)? ?"
        r"(?:절대 ?|전혀 ?)?(?:없|안 ?(?:할|합|해|하)|않|노|x)",
        r"갈아 ?(?:탈|탑|타려|탔|탄|타야|타기|탈까|타는|타겠)",
        r"(?:환불 ?받고|환불하고|반품하고|버리고|당근에)[^.?!]{1,20}(?:샀|구매했|주문했|바꿨|"
        r"내놨|내놓|팔았)",
        r"손절|불매|거르겠|거를게|거릅니다|걸러야|안녕히 ?계세요",
        r"(?:앱|어플|계정|아이디|프로그램)(?:을|를|은|도)? ?(?:바로 ?|그냥 ?|당장 ?)?(?:지웠|"
        r"지움|지우겠|지워야|지웁|지울|삭제)",
        r"(?:결제|이용|멤버십|서비스|거래|정기 ?배송|단골)[을를은도]? ?(?:끊|중단|그만|접)",
        r"(?:통신사|업체|거래처|은행|쇼핑몰|보험사?|브랜드|다른 ?(?:데|곳|회사|브랜드|업체|"
        r"쇼핑몰|앱)|타사|경쟁사|딴 ?데)"
        r"(?:로|으로|을|를)? ?(?:옮|바꾸|바꿀|바꿔야|넘어가|이동하|변경하|갈래|갈게|갑니다|가야|"
        r"갑시다|알아보)",
        r"떠나(?:렵|려|겠|기로)|떠납니다|떠날래|이제 ?(?:그만|안) ?(?:쓸|쓰|씁|이용|살|사|갈|가)",
        r"(?:브랜드|회사|가게|업체|앱|여기)[는은]? ?(?:이제|이젠) ?(?:없|끝|안녕|바이)",
        r"\bcancel(?:l?ed|l?ing|s)?\b(?: \w+){0,5} (?:subscription|membership|account|plan|"
        r"contract|service|policy)\b",
        r"\bunsubscrib|\bswitch(?:ed|ing)? (?:over |back )?to [a-z0-9]|"
        r"\bmoving (?:on )?to (?:a |another )?"
        r"(?:competitor|different (?:provider|brand|bank|app))",
        r"\b(?:never|not|won'?t|no longer|don'?t plan to)\b(?: (?:be|ever|going|to|will|i|we|"
        r"am))* (?:buy|order|us|shop|"
        r"return|com|purchas|go|subscrib|renew)(?:e|ing|ing)?(?: \w+){0,4} (?:again|anymore|"
        r"any more|here|back|from them|"
        r"from you|this brand)\b|\bnever again\b",
        r"\b(?:delet|clos|deactivat|uninstall|remov|cancel)(?:e|ed|ing|l?ed|l?ing)?(?: (?:my|"
        r"the|this|your|our))? "
        r"(?:account|app)\b|\buninstall(?:ed|ing)\b",
        r"\blast time i\b|\blost a (?:loyal )?customer\b|\btaking my (?:business|money)\b|"
        r"\bdone with (?:this|you|them)\b"
        r"|\bleaving for (?:a|another|your)\b",
    ),
    cut=(
        r"(?:해지|탈퇴|손절|불매)[은는를을가이도]? ?(?:안|못|없|하지 ?(?:않|마|말)|할 ?(?:생각|"
        r"마음)[이은]? ?없)[가-힣]*",
        r"(?:해지|탈퇴)(?:할까|하려)[^.!?]{0,6}(?:했|다가|하다)[가-힣]*",
        r"(?:긴장|피로|갈증|규제|계약|제한|경보)(?:을|를|이|가)? ?해지",
        r"해지(?:고|는|다|면|네|도록|기|니|만)[^.!?]{0,4}",  # 강해지고: the ending of another verb
        r"(?:지하철|버스|[0-9]호선|역에서|비행기|기차|환승)[^.!?]{0,12}갈아 ?[가-힣]+",
        r"안 ?(?:사면|살 ?(?:수|이유)|쓸 ?수|갈 ?수|먹을 ?수)[가-힣 ]{0,4}(?:없|손해|바보|후회)",
        r"\bswitch(?:ed|ing)? to (?:the |a |an )?(?:dark|light|manual|auto\w*|landscape|silent|"
        r"full|next|previous)\b",
        r"\bnever (?:buy|use) anything else\b|\bnever go(?:ing)? back to\b",
    ),
)

PURCHASE: Final = Rule(
    text=(
        r"살까 ?말까|(?:살|지를|들일|구매할|구입할|주문할|장만할|바꿀)까[^.?!]{0,10}(?:고민|싶|"
        r"생각|합|하는|해요|중)",
        r"(?:사고|갖고|가지고|구매하고|구입하고|장만하고|지르고|주문하고) ?(?:싶|시퍼|시프|파)|"
        r"사고파|갖고파",
        r"(?:^|[^가-힣]|맞춰서 ?|기다렸다 ?)사려(?:고|는데|구|면)|(?:혼수|신혼|자취|선물|사무실|"
        r"이사)[^.?!]{0,24}보고 ?(?:있|왔|다니)",
        r"견적[^.?!]{0,8}(?:받|문의|부탁)|보고 ?올 ?(?:생각|예정|거)|[^기](?:으로|"
        r"로) ?(?:거의 ?)?결정했|(?:구매|구입|주문|장만|결제|교체)(?:를|을)? ?(?:하려|할려|"
        r"하고자|해볼까|해보려)",
        r"(?:하나|또|더|새로|바로|미리|선물로|월급|이번에|꼭|여기서|세트로)[^.?!]{0,8} ?(?:사|"
        r"들이|지르|쟁이)려",
        r"(?:구매|구입|주문|결제|장만)(?:를|을)? ?(?:할 ?)?(?:예정|계획|고민|고려|의사|의향|"
        r"희망|직전|대기|생각)",
        r"장바구니|찜해|찜 ?목록|위시리스트|위시템|쟁여|쟁일|눈독",
        r"(?:꼭|무조건|또|다음에도?|바로|당장|얼른|하나 ?더|더|계속) ?(?:살게|살 ?거|살거|사야|"
        r"살 ?듯|살래|삽니다|구매할|구매하겠|"
        r"구입할|주문할|주문하겠|시킬|시켜야|지를|질러야)",
        r"재(?:구매|주문)(?:를|는|도)? ?(?:의사|의향|할|하려|하겠|각|예정|합니다|해야|갑|확정|100)",
        r"(?:알아보|찾아보|보러 ?다니|고르|고민하)(?:는 ?(?:중|데|분)|고 ?(?:있|다니)|려)",
        r"(?:꼭|빨리|하나|언젠|나도|저도|이건|내일)[^.?!]{0,10}사야(?:지|겠|할)|살 ?(?:예정|"
        r"계획|생각)|사러 ?갑?",
        r"(?:세일|할인|쿠폰|월급|보너스)[^.?!]{0,14}(?:기다리|들어오면|나오면|뜨면|하면|할 ?때|"
        r"받으면)[^.?!]{0,14}(?:사려|사야|살 |살게|지르려|질러야|"
        r"들이|들일|구매|주문|중)",
        r"(?:뭐가|뭘로|어떤 ?(?:게|거|걸|것이|제품이?|모델이?)) ?(?:더 ?)?(?:좋을까|좋을지|"
        r"괜찮을까|나을까|나을지)|예약 ?구매|사전 ?예약|지르려|질러야|지를 ?(?:듯|예정|생각|거)|"
        r"뭐(?:로|를)? ?살지|살지 ?고민",
        r"(?:하나|새로|장만|선물)[^.?!]{0,6}(?:하려는데|하려고|하려는|할까 ?하|할까 ?싶|볼까)",
        r"(?:놓|쓰|들이|선물하|입|신|바르|먹이|타)(?:으)?려고 ?(?:하는데|합니다|해요|하거든|"
        r"생각|찾|보는|봅니다)",
        r"\bthink(?:ing)? (?:of|about) (?:buying|getting|ordering|upgrading|purchasing|trying)\b",
        r"\b(?:might|may|will|i'll|gonna|going to|want to|wanna|plan(?:ning)? to|about to|"
        r"can'?t wait to|would|i'd|"
        r"definitely|hoping to)(?: (?:just|definitely|probably|totally|love to|like to|be))* "
        r"(?:buy(?:ing)?|order(?:ing)?|purchas(?:e|ing)|get(?:ting)? (?:this|one|it when|"
        r"another|some|two|a new|a pair))\b",
        r"\bin (?:my|the) (?:cart|basket|wish ?list)\b|\bon my wish ?list\b|\badded to cart\b|"
        r"\btake my money\b",
        r"\b(?:looking|shopping|in the market|searching|hunting) for (?:a|an|some|new)\b|"
        r"\bsaving (?:up )?for\b",
        r"\b(?:buy|order|purchas)(?:e|ing)? (?:one |it |this )?(?:again|more|another|two more)\b",
        r"\bi (?:need|want) (?:one|this|these|it) (?:so bad|in my life|now)\b",
    ),
    cut=(
        r"(?:사|살|구매|구입|주문)[가-힣]{0,3} ?(?:다시는?|두 ?번 ?다시)[^.?!]{0,10}(?:안|않|"
        r"없)[가-힣]*",
        r"(?:다시는?|절대|두 ?번 ?다시|앞으로)[^.?!]{0,10}(?:안|못) ?[가-힣]+",
        r"재(?:구매|주문)[은는를]? ?(?:의사|할|생각|의향)?[은는이가도]? ?(?:생각[은이]?|의사|"
        r"일은?)? ?(?:없|안|않|x)[가-힣]*",
        r"(?:구매|구입)[을를]? ?(?:고민|고려|희망|예정)(?:하시는|이신|하는|중이신|인) ?분",
        r"살까 ?말까[^.?!]{0,12}(?:고민)?[^.?!]{0,6}(?:하다가?|했는데|끝에)[^.?!]{0,12}(?:샀|"
        r"구매했|주문했|질렀|구입했)[가-힣]*",
        r"(?:에서|혼자|같이|함께|오래|잘|먹고|어떻게) ?(?:살까|살고|살지|살 ?(?:예정|계획|"
        r"생각))|먹고살|살아|(?:내|소리 ?|앞|가로)지를",
        r"(?:보상|환불|답|대답|연락)[을를]? ?받으려[가-힣]*|감사하고 ?싶",
        r"\b(?:not|never|won'?t|wouldn'?t|don'?t)\b(?: \w+){0,3} (?:buy|get|order|purchas)\w*|"
        r"\bget (?:a|my) (?:refund|money)",
    ),
)

_SHOPS: Final = (
    r"가게|집|매장|브랜드|회사|제품|업체|앱|어플|마트|편의점|카페|식당|은행|통신사|"
    r"쇼핑몰|사이트|호텔|병원|학원|경쟁사|타사"
)
COMPARISON: Final = Rule(
    text=(
        r"(?:여기|이곳|이 ?집|이 ?회사|이 ?브랜드|이 ?앱|저쪽|거기)보다",
        r"(?:옆|다른|딴|\s타 ?|전에 ?쓰던|기존에? ?쓰던|예전에 ?쓰던|원래 ?쓰던|"
        r"쓰던)[^.?!]{0,12}(?:" + _SHOPS + r"|데|곳)"
        r"(?:들)?(?:보다|에 ?비해|대비|이랑|랑|과|와|하고)",
        r"(?:타사|경쟁사|타 ?브랜드|타 ?제품|타 ?업체|다른 ?(?:브랜드|회사|업체|쇼핑몰|데|곳|앱|"
        r"매장|가게|사이트|통신사|은행))"
        r"(?:들)?(?:은|는|도|에서는?|들은|꺼는?|거는?|앱은|제품은)?[^.!?]{0,24}(?:인데|는데|"
        r"은데|지만|는 ?걸|달리|싸|저렴|비싸|빠르|낫|나은|안 ?그|더)",
        r"(?:와|과|랑|하고|과는|와는)[^.?!]{0,8} ?비교|비교 ?(?:표|분석|후기|체험|리뷰|사용기)",
        r"(?:이랑|랑|과|와|하고)[^.?!]{1,16}(?:둘 ?다|차이|스펙|어느 ?쪽|거의 ?(?:비슷|같)|"
        r"중에?(?:서)?[^.?!]{0,10}(?:고민|뭐|뭘|어떤|"
        r"어느|추천|나을|골라))",
        r"쓰다가?[^.?!]{1,24}(?:로|으로) ?(?:바꿨|바꾸|바꾼|갈아|넘어왔|넘어온|옮겼|정착)|"
        r"(?:으로|로)는? ?(?:다시 ?)?못 ?돌아가|따라가려면|"
        r"따라올 ?(?:수|데|제품|게)|발끝에도|압승|완승|한 ?수 ?(?:위|아래)|(?:살|"
        r"구매할) ?(?:뻔했|돈이면|바엔|바에)",
        r"(?:반품|환불)하고[^.?!]{1,20}다시 ?(?:샀|구매|주문)",
        r"[가-힣a-z0-9]{2,}보다(?:는|도|야|가)?[^.?!]{0,18}(?:더 |더욱|훨씬|덜 |낫|나아|나은|"
        r"좋[아은네습]|싸[고네서]|저렴|비싸|못하|못한|빠르|조용|"
        r"가볍|튼튼|예[쁘뻐]|맛있|재[미밌]|월등|뛰어|떨어[지져])",
        r"[a-z가-힣]사(?:가|는|보다|꺼|제품이?) ?(?:훨씬 ?)?(?:더|낫)",
        r"\b(?:better|worse|cheaper|faster|slower|louder|quieter|lighter|heavier|nicer|smaller|"
        r"bigger|softer|"
        r"(?:more|less) \w+) than\b",
        r"\bcompar(?:ed|ing|e|es) (?:\w+ )?(?:to|with)\b|\bversus\b|\bvs\b|\bunlike (?:other|"
        r"the|my|most)\b",
        r"\bwhich (?:one )?is (?:better|best|cheaper)\b|\b(?:their|theirs|"
        r"they'?re) (?:\w+ )?(?:is|are) (?:\w+er|better|more \w+)\b",
        r"\bprefer (?:\w+ ){1,3}(?:to|over)\b|\bno match for\b|\b(?:beats|far better than|"
        r"blows away|"
        r"outperforms)\b|\bswitch(?:ed|ing) from\b|\bcomparison (?:table|chart)\b|"
        r"\bsame (?:size|price) as\b",
    ),
    line=(
        r" [^ ]+/(?:NNP|SL) (?:[^ ]+/(?:NNG|SN|XSN) ){0,2}보다/JKB",
        r" (?:" + _SHOPS + r")/NNG (?:들/XSN )?보다/JKB",
        r" [^ ]+/(?:NNP|SL) (?:[^ ]+/SN )?[^ ]+/J[A-Z]+ [^ ]+/(?:NNP|SL) (?:[^ ]+ ){0,2}중/NNB",
    ),
    cut=(
        r"(?:생각|예상|기대|사진|실물|화면|보기|듣던|소문|상상|이전|예전|전|평소|무엇|누구|때|"
        r"어디|누군가|작년|"
        r"지난번|지난|처음|원래|정가|설명|후기|이름|뭐|그|이것|저것|가격|값|나이|본인|자기|남|"
        r"남들|사람|사람들|것|거|"
        r"[^여저거]기|수|몸|일|돈|말|무게|크기|사이즈|시간|예정|날짜|낮|밤|어제|오늘|내일|평균|"
        r"보통|"
        r"언제|무조건|이거|"
        r"남자|여자|엄마|아빠|나|너|저|우리|아이|아들|딸|동생|언니|오빠|형|누나|친구|애들|사랑|"
        r"인생|현실|평점|건)보다",
        r"(?:아|어|해|여|려|러|써|와|가|먹어|입어|찾아|알아|둘러|돌아|살펴|지켜|바라|를 ?|을 ?|"
        r"들여|쳐다|내려|올려)보다",
        r"(?:블랙|화이트|네이비|그레이|베이지|핑크|레드|블루|검정|흰색|[sml]|"
        r"xl)[가-힣]{0,3} ?(?:이랑|랑|과|와|하고)",
        r"다른 ?(?:것|거)보다|(?:남|남들|첨|처음|이전|예전|전|작년|지난번|사진|가격)(?:과|와|"
        r"이랑|랑|하고) ?비교",
        r"\b(?:better|worse|\w+er|(?:more|less) \w+) than (?:i |we |it |expected|ever|before|"
        r"usual|advertised|described|"
        r"anything|nothing|that\b|the (?:pic\w*|photo\w*|last time|price|description)|\d)",
        r"\bmore than\b|\bless than\b|\bother than\b|\brather than\b|\bcompared? (?:to|"
        r"with) (?:last|before|the (?:photo|pic)\w*)",
    ),
)
