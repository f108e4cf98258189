"""Words that say nothing of what a text is about.

`CLOSED` ones are left out altogether; `VAGUE` ones may help to tell topics apart but name none.
"""

from typing import Final

_CLOSED: Final = """
    것 거 게 수 등 때문 하다 되다 이다 아니다 있다 없다 같다 않다 보다 그렇다 이렇다 저렇다 어떻다
    the and for are but not you all any can had her was one our out has him his how its may new now
    old see two way who did get got let she too use that with have this will your from they know
    want been were when what would there their which about could other than then them these some
    into only also more most very just because after before even such here where why does doing
    being over under again once each few both same own off don't didn't doesn't isn't wasn't can't
    couldn't won't i'm i've it's that's you're im ive its dont didnt cant
"""
_VAGUE: Final = """
    생각 정도 사람 느낌 말 점 때 경우 부분 중 전 후 뒤 앞 속 안 밖 위 아래 번 개 분 명 편 저 나 우리
    너 내 제 그 이 이번 이것 그것 저것 여기 거기 저기 지금 오늘 어제 내일 요즘 최근 처음 마지막 나중
    다음 다시 하나 둘 셋 일 날 해 달 주 년 월 동안 사이 정말 진짜 완전 아주 매우 너무 최고 최악 별로
    굿 짱 강추 추천 비추 만족 불만 불만족 실망 기대 이상 이하 사용 이용 구매 구입 제품 상품 물건
    물품 후기 리뷰 문의 질문 답변 얘기 이야기 모두 전부 대부분 일부 자체 그때 얼마 무엇 뭐 누구
    어디 언제 자신 본인 식 듯 만큼 대로 덕분 대신 관련 대한 위한 가지 종류 모습 상태 문제 필요
    시간 이유 결과 별 곳 고민 끝 확인 진행 개인 당시 마음 솔직 역시 괜찮 기분 본 글 포스팅
    안녕 감사 부탁
    good great nice bad best worst love like really thing things time day days lot much many well
    make made work works product item review bought buy using used need better first last never
    always ever still got going think say said people year years month week one something anything
    everything nothing way little bit big small lots easy hard
"""
CLOSED: Final = frozenset(_CLOSED.split())
VAGUE: Final = frozenset(_VAGUE.split())
