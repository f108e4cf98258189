"""Words by which complaint and praise are told, beside the sentiment of the text: tables only.

Patterns as in `nlp.intent_rules`. FIRM words are said by those who complain or praise, whatever the
sentiment models hold; the others count only where the sentiment leans their way.
"""

from typing import Final

COMPLAINT_FIRM: Final = (
    r"(?:다시는|다신|두 ?번 ?다시)[^.!?]{0,8} ?안 ?(?:사|삽|살|시|써|씁|가|갑)|제발 ?고쳐|"
    r"말리고 ?싶|"
    r"별 ?(?:한|1|하나)[^.?!]{0,5}(?:아까[운워]|주기도)|같은 ?값이면[^.?!]{0,8}(?:더|다른)|"
    r"돈 ?버리",
    r"(?:환불|교환|반품|보상|배상)(?:을|를|이|은|도)? ?(?:좀 ?|바로 ?|당장 ?|"
    r"빨리 ?)?(?:해 ?(?:달|주[세시]|줘)|요청|요구|부탁|바랍|원합|원해|"
    r"처리|신청|안 ?(?:해|됩|된|돼|되)|거부|거절|받고 ?싶|하겠|할게|할래)",
    r"(?:도대체|대체)[^.?!]{0,30}(?:나요|까요|거죠|건가요|는지|냐)|몇 ?번을 ?(?:말|얘기|물|전화|"
    r"연락)|머리카락[이가]? ?(?:나|있|들)|"
    r"벌레[가]? ?(?:나|있|들)|부실(?:하|해|합)|항의|고발|소보원|소비자원|소비자 ?(?:보호|고발|"
    r"센터)|신고(?:하겠|할|합|해야)",
    r"사기(?:당|꾼|네요|임|예요|입니다|치)|불량(?:이|품|입|왔|났|률|인)|하자(?:가|있|품)|오배송|"
    r"파손|누락(?:되|됐|이)",
    r"고장(?:이|이 )? ?(?:났|나|난|남|났네)|불친절|최악|엉망|후회(?:합|해요|돼|됩|중|막심|스럽)",
    r"실망(?:했|이에|이네|입|임|이다|스럽|스러|이 ?크|감|하|$)|어이(?:가|도)? ?없|너무하(?:네|"
    r"시|다|는|잖)|비추(?:입|합|천|예|해|$|\s)",
    r"(?:돈|시간)(?:이|도|만)? ?(?:너무 ?|진짜 ?|개)?(?:아깝|아까|낭비|버렸|버림)|돈 ?(?:주고|"
    r"받고) ?(?:팔|사기|이런|이걸)",
    r"말이 ?(?:나 ?)?(?:되|됩)(?:나|냐|니|는 ?소리)|장난 ?(?:하|치|합)(?:나|냐|니|는|세)|"
    r"이게 ?(?:뭔가요|뭡니까|뭐죠|무슨|뭐예요)",
    r"\b(?:want|demand|need|get|give me|asked for|requested|where(?:'s| is)|"
    r"issue)\b(?: \w+){0,3} refund\b|\bmoney back\b",
    r"\bdisappoint(?:ed|ing|ment)\b|\b(?:total|complete|absolute) (?:garbage|trash|rubbish|"
    r"waste|joke)\b",
    r"\b(?:broke|broken|damaged|defective|faulty)\b|\bstopped working\b|\b(?:does|did|"
    r"do)n'?t work\b|\bnever arrived\b",
    r"\bwaste of (?:money|time)\b|\bscam\b|\brip[- ]?off\b|\bunacceptable\b|\bon hold\b|"
    r"\bwrong (?:item|order|size|product|colou?r)\b",
    r"\bcustomer (?:service|support) (?:is|was|are)(?: \w+){0,2} (?:terrible|awful|bad|useless|"
    r"rude|horrible|worst)\b",
)

COMPLAINT: Final = (
    r"헐거|헐겁|뜨거워서|귀찮|번거|끊[겨기긴겼었어]|감감|무소식|무서워|겁[나이]|불꽃|부풀|"
    r"똑같[아네은이]|지연|늦었|어려워|어렵|"
    r"눈이 ?부|반나절|열흘|약[해하합]|이상[해하합]|밍밍|지문이|차지[해하합]|짧[아네은습]|구겨|"
    r"녹아|미지근|덜컹|덜덜|삐걱|멈[춰췄추]|"
    r"쉰내|악취|먼지[가만]|물때|엉뚱한|서로 ?미루|모른다|안내도? ?없|설명도? ?없|투박|"
    r"특별한 ?(?:게|것|점이?) ?없|되는 ?(?:게|법이) ?없",
    r"불만|불편|짜증|답답|느려|느리|느림|늦(?:어|네|게|고|습|은|음|었)|오래 ?걸|한참 ?걸|"
    r"시간(?:이나)? ?걸[려렸]",
    r"(?:안|않|못) ?(?:와|오|옵|왔|온|됩|되|돼|된|받|켜|열|맞|해 ?줘|해 ?주|하겠|쓰|쓰겠|먹|"
    r"나와|통하|가네|가요|잡)|오지 ?않|되지 ?않",
    r"찢[어겨]|깨[져졌]|깨진|부러|부서|망가|벗겨|보풀|곰팡|녹이|얼룩|스크래치|기스|찌그러|"
    r"터[져졌진]|새[요네]|샜",
    r"냄새(?:가|도)? ?(?:너무 ?)?(?:심|나|남|독|역)|비싸|비쌈|비쌉|바가지|튕[겨기김긴]|오류|"
    r"에러|버그|먹통|렉|속았|속은|속인|사기",
    r"배신|거짓|과장|재미 ?없|재미도 ?없|노잼|지루|맛(?:이|도|은)? ?(?:너무 ?)?(?:없|별로)|식어|"
    r"식었|퍽퍽|짜[요네서]|눅눅|상했|상한|머리카락|벌레",
    r"별로(?:예|네|에|임|였|이|고|입|다|라|$|\s|\.)|부족|부실|허접|조잡|싸구려|대충|성의 ?없|"
    r"답(?:이|변이|장이|도|변도) ?없|연락(?:이|도) ?(?:없|안)",
    r"기분(?:이|만)? ?(?:너무 ?)?(?:상|나쁘|나빠|더럽|더러)|불쾌|속상|황당|열받|화가|화나|빡|"
    r"양심|쓰레기|한심|무책임|무성의|형편 ?없",
    r"(?:다르|달라|다릅|틀려|틀리)|작(?:아|네|습)|크(?:네|고 ?무)|무거|불량|하자|흠집|덜 ?(?:왔|"
    r"익)|적(?:어|네|습)|심(?:해|하|합)|시끄|소음",
    r"장난 ?아|왜 ?(?:이|그|안|자꾸|제가|내가)|도대체|대체|몇 ?번을|아니 |예전만 ?못|못해|못하|"
    r"망[했함]|구[려린]|후지|후진|아쉽|아쉬",
    r"배송비를? ?(?:받|내|또)|(?:가격|요금|배송비)(?:을|를|이)? ?(?:또 ?|계속 ?)?(?:올[려리랐]|"
    r"인상)|다섯 ?번을|손해|피해|당했|당한",
    r"\b(?:terrible|awful|horrible|worst|garbage|trash|junk|useless|rude|buggy|overpriced|"
    r"ridiculous|annoying|unhappy|poor(?:ly)?|"
    r"bad|cheaply|flimsy|weak|slow|late|loud|noisy|dirty|smell\w*|missing|leak\w*|crash\w*|"
    r"fail\w*|refus\w*|problem\w*|issue\w*|"
    r"wrong|error\w*|regret|hate|sucks?|frustrat\w+|confus\w+|complain\w*|drain\w*|waste|never|"
    r"hung up|charge\w*|fix|expensive)\b",
    r"\btoo (?:\w+)\b|\bnot (?:worth|good|as|working|happy|what)\b|\b(?:isn't|wasn't|doesn't|"
    r"didn't|won't|can't|cannot)\b",
)

COMPLAINT_CUT: Final = (
    r"(?:불만|불편함?|단점|아쉬움|아쉬운 ?점|문제|하자|흠|소음|냄새|고장|실망|후회|오류|부족함|"
    r"거부감|자극)(?:이|은|는|도|가|을|를|사항|한 ?점)* ?"
    r"(?:하나도 ?|전혀 ?|거의 ?|딱히 ?|별로 ?|한번도 ?|한 ?번 ?|절대 ?|1도 ?)?(?:없|안 ?(?:나|"
    r"하|느|들|해|합|함|됩|돼)|못 ?느|시키지|하지 ?않|되지 ?않|x)[가-힣]*",
    r"(?:느리|비싸|불편하|지루하|아깝|나쁘|크|작|무겁|시끄럽|늦|심하|짜|맵|달|부족하|답답하|"
    r"짜증나|부담스럽|질리|끈적이|자극적이)지도? ?"
    r"(?:않|도 ?않|안)[가-힣]*",
    r"별로 ?(?:안|없|크지|비싸지|무겁지|문제)|(?:지루할|질릴|불편할|후회할) ?(?:틈|새|일|"
    r"수)[이가은]? ?없[가-힣]*|(?:안|덜) ?(?:늦|비싸|불편|지루|아깝|나쁘|"
    r"무거|시끄|짜증|답답|아픔|아프|번지|끈적)[가-힣]*",
    r"(?:환불|교환|반품|보상)(?:은|을|를)? ?(?:안|못) ?(?:해도|받아도|하셔도)[가-힣 ]{0,4}|"
    r"(?:환불|교환|반품)(?:도)? ?(?:잘|바로|빠르|친절)[가-힣]*",
    r"(?:걱정|고민|의심|망설)[가-힣]{0,4}(?:했는데|했지만|했으나|였는데)|흠잡을|나무랄 ?데|"
    r"없어서 ?못 ?(?:먹|사|구)[가-힣]*|장난 ?아니게 ?(?:좋|맛|예)",
    r"왜 ?(?:이제야|이제서야|진작)[^.?!]{0,20}|말이 ?필요 ?없|더 ?말할 ?(?:것|필요)도? ?없|"
    r"둘도 ?없|다시 ?없|손색[이]? ?없",
    r"\bno (?:complaint|problem|issue|regret)s?\b[^.!?]{0,8}|\b(?:not|never|won'?t be|wasn'?t|"
    r"aren'?t) disappoint\w*|\b(?:can'?t|cannot|can not) "
    r"(?:complain|stop|wait|go wrong|beat|live without|fault)\b|\bnot bad\b|\bnever (?:broke|"
    r"fail\w*|had)\b|\bhate to\b|"
    r"\bwithout (?:any )?(?:problem|issue)s?\b|\bnothing (?:wrong|bad)\b|\bnot too \w+\b",
)

PRAISE_FIRM: Final = (
    r"번창하|재구매 ?의사[가는]? ?(?:있|100|백|충분|만땅)|돈값|제값을|기대 ?이상|"
    r"없으면 ?(?:안 ?[되돼]|못 ?살)",
    r"강추|(?:대|완전|매우|너무|정말|아주|무척|진짜) ?만족|대만족|인생 ?(?:템|맛집|영화|작|"
    r"드라마|크림|샴푸|가방)|최고(?:예요|에요|입니다|네요|임|다|!|$|ㅎ|ㅋ|의)",
    r"존맛|꿀맛|jmt|개맛있|핵맛|꿀템|꿀잼|갓[가-힣]{1,2}(?:비|템)|가성비 ?(?:갑|짱|최고|좋|굿|"
    r"대박)|믿고 ?(?:쓰|사|먹|보|구매)|별 ?다섯|별점 ?만점|흠잡을",
    r"(?:마음|맘)에 ?(?:쏙 ?|너무 ?|아주 ?|꼭 ?|정말 ?|완전 ?|딱 ?)?(?:들어|듭니|드네|들었|듬|"
    r"드는|들고)|잘 ?(?:산|샀|구매했)(?:것|네| ?거| ?것|어|습|다)",
    r"(?:불만|단점|흠|아쉬운 ?점)(?:이|은|도)? ?(?:하나도 ?|전혀 ?|거의 ?|딱히 ?|1도 ?)?없|"
    r"왜 ?(?:이제야|이제서야|진작)[^.?!]{0,6}(?:샀|알|만났|봤)",
    r"보다[^.?!]{0,14}(?:훨씬|훨 ?|백배|천배|만배|월등히?) ?(?:더 ?)?(?:낫|나아|나은|좋[아네은]|"
    r"편[하해]|조용|맛있)|(?:좋|맛있|예쁘|재밌)(?:대요|다네요)|"
    r"(?:삶|인생)의 ?질|신세계|덕분에[^.?!]{0,12}(?:살|편|좋|잘)|두말 ?(?:할 ?것 ?)?없|"
    r"말이 ?필요 ?없|손색[이]? ?없",
    r"\b(?:highly|definitely|would|strongly) recommend\b|\bbest (?:purchase|buy|thing|product|"
    r"app|coffee|\w+ ever)\b|\blove (?:it|this|these|them|the)\b",
    r"\bworks like a charm\b|\bfive stars\b|\b5 stars\b|\bno complaints\b|\b(?:can'?t|"
    r"cannot) (?:complain|recommend|live without|say enough)\b|"
    r"\bexceeded (?:my|our|all)? ?expectations\b|\bbetter than (?:i |we )?(?:expected|"
    r"advertised|described)\b|\bgame ?changer\b|\b(?:way|much|far|so much|"
    r"a lot) better than (?:my|the|any|other|all|[a-z]+ )",
)

PRAISE: Final = (
    r"쉬워|쉽[고네]|수월|편함|멀쩡|안심|알아서|이득|놀랐|챙겨|꺼져서 ?마음|마음이 ?놓|"
    r"거의 ?없어|짱짱|새것 ?같|확 ?줄|사라졌|딱[ ]?맞|"
    r"쏙[ ]?들어|한눈에|금방 ?배|책임지고|먼저 ?왔|하루 ?만에|직관적|매일 ?(?:잘 ?)?(?:쓰|써)|"
    r"오래 ?쓸",
    r"만족|추천|최고|감동|대박|예[쁘뻐쁨쁩]|이[쁘뻐쁨쁩]|맛있|맛나|친절|빠르[고네]|빠릅|빨라|"
    r"빨리 ?(?:왔|도착|받)|빨랐|좋(?:아|습|네|았|음|고|은데|더|대요|다|당|구|군|던|$)|조[아앗]요",
    r"감사|고맙|고마|짱|굿|훌륭|완벽|튼튼|꼼꼼|고급|깔끔|편해|편하|편리|편안|촉촉|부드럽|가성비|"
    r"저렴|예술|멋[지진져있]|귀엽|귀여|사랑(?:합|해|스)|상큼|향긋|시원|든든|뿌듯|신기",
    r"재[밌미]|잼[나있]|꿀|명작|걸작|감탄|반[했함]|놀라|행복|조용|가볍|가벼|따뜻|포근|넉넉|알차|"
    r"믿음|신뢰|정확|선명|좋아하|좋아해|칭찬|역시|낫[네고]|나아|나아[졌요]|나은|탁월|"
    r"[0-9]번째 ?구매",
    r"\b(?:love|loved|loves|great|good|amazing|awesome|excellent|perfect|perfectly|best|"
    r"fantastic|wonderful|beautiful|happy|nice|"
    r"recommend\w*|comfortable|sturdy|delicious|tasty|friendly|fast|quick|easy|favou?rite|"
    r"impressed|thank you|thanks|works well|"
    r"well made|worth|cute|solid|superb|brilliant|stunning|pleased|satisfied|enjoy\w*|charm|"
    r"glad)\b",
)

PRAISE_CUT: Final = (
    r"[으]?면 ?(?:더 ?|참 ?|정말 ?|진짜 ?|훨씬 ?)?(?:좋|조)[가-힣]*|(?:뭐|어떤|어느|"
    r"무엇)[가-힣]{0,2} ?[가-힣 ]{0,8}(?:좋|나|낫)[가-힣]*",
    r"(?:좋|예쁘|맛있|만족스럽|친절하|편하|빠르|재미있|재밌|깔끔하|추천하|감사하)지(?:도|는|"
    r"가)? ?(?:않|못|안)[가-힣]*|안 ?(?:좋|예[쁘뻐]|이[쁘뻐]|친절|편)[가-힣]*",
    r"(?:전혀|하나도|별로|그닥|그다지)[^.?!]{0,6}(?:좋|예쁘|맛|만족|친절|추천|재미|"
    r"재밌)[가-힣]*|추천[은을]? ?(?:안|못|하지|부탁|해 ?주|좀|받)[가-힣]*|비추천?[가-힣]*|"
    r"불친절[가-힣]*|"
    r"불만족[가-힣]*|재미 ?(?:도|가)? ?없|맛 ?(?:도|이)? ?없|최고로 ?(?:나쁘|별로)|감사(?:하겠|"
    r"합니다만|실|원|드리겠)",
    r"(?:미리|답변|확인|연락|부탁|주시면|주세요)[^.?!]{0,10} ?감사[가-힣]*|좋은 ?(?:걸까|건가|"
    r"지 ?모르|하루|말|소식)[가-힣]*|빨리 ?좀",
    r"\bnot (?:\w+ )?(?:good|great|happy|worth|recommend\w*|easy|impressed|satisfied|the best|"
    r"comfortable|pleased)\b|"
    r"\b(?:don'?t|wouldn'?t|can'?t|cannot|doesn'?t|didn'?t|isn'?t|"
    r"wasn'?t) (?:\w+ )?(?:recommend|like|love|enjoy|good|great|worth|work well)\w*\b",
    r"\b(?:would|'d|'ll|it'd) (?:really )?(?:be|love|like) (?:\w+ )?(?:nice|great|good|better|"
    r"to|if)\b|\bbetter if\b|\bwould be better\b|"
    r"\bany recommendations?\b|\brecommendations?\?|\bis (?:it|this) (?:good|worth|better)\b|"
    r"\bwhich is better\b|\bthanks for nothing\b|"
    r"\b(?:looks?|sounds?) (?:too )?good but\b|\bused to (?:love|be)\b",
)

# A contrast says both: "맛은 있는데 양이 적어요". Before it what is good, behind it what is not.
CONTRAST: Final = (
    r"(?:(?:좋|있|많|괜찮)(?:은데|는데|지만|으나|긴 ?한데|긴 ?하지만|고 ?다 ?좋은데)|(?:빠르|"
    r"예쁘|이쁘|친절하|만족하|싸|저렴하|편하|깔끔하|튼튼하)(?:지만|나|긴 ?한데|긴 ?하지만)|"
    r"(?:빨랐|좋았|예뻤|이뻤|친절했|맛있었|만족했|편했|재밌었|재미있었|괜찮았)(?:지만|는데|"
    r"으나)|(?:빠른데|예쁜데|이쁜데|친절한데|싼데|편한데|맛있는데)) ?[,.]? ?",
    r"\b(?:great|good|amazing|nice|love\w*|beautiful|excellent|fast|awesome|like|comfortable|"
    r"perfect)\b[^.!?]{0,30},? (?:but|however|though|although)\b",
)
# What was bad and is not any more, or was expected so: "처음엔 불편했는데 지금은 좋아요".
BEHIND: Final = r"[^.!?\n]{0,40}?"
