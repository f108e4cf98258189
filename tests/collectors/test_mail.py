"""Letters of a real IMAP server become mentions once; answers leave once by a real SMTP server."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from collectors.base import Answer, CollectorError, ReplyLater, ReplyRefused, SourceUnavailable
from collectors.mail import EmailSettings, open_email
from collectors.mail_text import own_words, own_words_of_html
from collectors.run import backfill, checked, collect
from nlp.identifiers import email_key
from tests.fakes.imap import LocalImap
from tests.instance import free_port
from warehouse.landing import Landing

NOW = datetime.now(UTC).replace(microsecond=0)
KEY = b"the key of this instance, 32 byte"


def letter(number, said="배송이 늦어요. 언제 오나요?", *, hours=5, charset="utf-8", **headers):
    """A letter of a customer, as bytes; a header that is None is left out."""
    made = EmailMessage(policy=policy.SMTP)
    given = {
        "From": "김하나 <hana@example.kr>", "To": "voc@haedam.example", "Subject": "배송 문의",
        "Message-ID": f"<{number}@example.kr>",
        "Date": format_datetime(NOW - timedelta(hours=hours)),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }  # fmt: skip
    for name, value in given.items():
        if value is not None:
            made[name] = value
    made.set_content(said, charset=charset)
    return made.as_bytes()


@pytest.fixture(scope="module")
def server() -> Iterator[LocalImap]:
    with LocalImap() as running:
        yield running


@pytest.fixture
def imap(server):
    """The server with an empty mailbox."""
    if not server.running:
        server.start()
    server.empty()
    return server


@pytest.fixture
def settings(imap):
    return EmailSettings(
        host="127.0.0.1", port=imap.port, security="none", user=imap.user, password=imap.password
    )


@pytest.fixture
def landing(tmp_path):
    return Landing(tmp_path / "landing", KEY)


def run(settings, landing):
    return collect(open_email(settings), landing)


def test_letters_become_mentions_once(imap, settings, landing, landed):
    imap.put(letter(1), letter(2, "필터 교체 방법을 알려 주세요.", Subject="필터"))
    assert run(settings, landing).rows == 2
    assert run(settings, landing).rows == 0
    imap.put(letter(3, "환불해 주세요."))
    assert run(settings, landing).rows == 1
    first, second, _ = landed("mentions")
    assert first["text"] == "배송이 늦어요. 언제 오나요?"
    assert (first["native_id"], first["kind"], first["title"]) == (
        "1@example.kr",
        "email",
        "배송 문의",
    )
    assert first["created_at"] == NOW - timedelta(hours=5)
    assert first["author_name"] == "김하나"
    assert second["title"] == "필터"
    assert all(b"\\Seen" not in flags for flags in imap.flags())


def test_the_address_lands_as_a_hash_alone(imap, settings, landing, landed):
    imap.put(letter(1))
    run(settings, landing)
    (row,) = landed("mentions")
    key = email_key("hana@example.kr", KEY)
    assert json.loads(row["extra"]) == {"email_key": key}
    assert (row["author_id"], row["author_handle"]) == (key, "ha***@example.kr")
    assert "hana@" not in str(row)


def test_without_a_key_nothing_of_the_address_lands(imap, settings, tmp_path, landed):
    imap.put(letter(1))
    run(settings, Landing(tmp_path / "landing"))
    (row,) = landed("mentions")
    assert (row["author_id"], row["extra"]) == (None, None)


def test_more_letters_than_go_into_a_batch(imap, settings, landing, landed):
    imap.put(*(letter(n) for n in range(120)))
    assert run(settings, landing).batches >= 3
    assert len({row["native_id"] for row in landed("mentions")}) == 120


def test_a_run_that_died_goes_on_and_doubles_nothing(imap, settings, landing, landed):
    imap.put(*(letter(n) for n in range(120)))
    with landing.open_source("mentions", "email") as writer:
        batches = open_email(settings).fetch({})
        writer.write(checked(next(batches), "email", NOW))
        batches.close()
    assert run(settings, landing).rows == 70
    assert len({row["native_id"] for row in landed("mentions")}) == 120


def test_a_mailbox_made_anew_doubles_nothing(imap, settings, landing, landed):
    imap.put(letter(1), letter(2))
    run(settings, landing)
    imap.stop()
    imap.start()
    imap.put(letter(3), letter(2), letter(1))
    run(settings, landing)
    assert {row["native_id"] for row in landed("mentions")} == {
        f"{n}@example.kr" for n in (1, 2, 3)
    }


def test_what_was_heard_is_said(imap, settings, landing, landed):
    run(settings, landing)
    run(settings, landing)
    first, second = landed("coverage")
    assert (first["state"], first["part"]) == ("collected", "")
    assert second["begin_at"] == first["end_at"]


def test_several_folders_each_with_its_own_place(imap, settings, landing, landed):
    with imap.client() as client:
        client.create("CS")
    imap.put(letter(1))
    imap.put(letter(2), letter(1), folder="CS")
    both = replace(settings, folders=("INBOX", "CS"))
    run(both, landing)
    assert {row["native_id"] for row in landed("mentions")} == {"1@example.kr", "2@example.kr"}
    assert {row["part"] for row in landed("coverage")} == {"INBOX", "CS"}


@pytest.mark.parametrize("charset", ["euc-kr", "iso-2022-kr", "ks_c_5601-1987", "utf-8"])
def test_charsets_of_korean_mail(imap, settings, landing, landed, charset):
    said = (
        "똠방각하 펲시는 못 써도 배송은 빨랐어요."
        if charset == "utf-8"
        else "배송이 빨라서 좋아요."
    )
    imap.put(letter(1, said, charset=charset))
    run(settings, landing)
    assert landed("mentions")[0]["text"] == said


def test_words_of_windows_under_the_name_of_euc_kr(imap, settings, landing, landed):
    said = "뷁 소리가 나요"
    head = letter(1, "-").split(b"\r\n\r\n")[0].replace(b'charset="utf-8"', b'charset="euc-kr"')
    imap.put(head.replace(b"7bit", b"8bit") + b"\r\n\r\n" + said.encode("cp949") + b"\r\n")
    run(settings, landing)
    assert landed("mentions")[0]["text"] == said


def test_raw_headers_of_old_programs(imap, settings, landing, landed):
    raw = b"\r\n".join([
        b"From: " + "홍길동".encode("euc-kr") + b" <hong@example.kr>",
        b"Subject: " + "가습기 소음 문의".encode("euc-kr"), b"Message-ID: <raw@example.kr>",
        b"Content-Type: text/plain; charset=euc-kr", b"", "소음이 커요.".encode("euc-kr"), b"",
    ])  # fmt: skip
    imap.put(raw)
    run(settings, landing)
    (row,) = landed("mentions")
    assert (row["author_name"], row["title"]) == ("홍길동", "가습기 소음 문의")
    assert row["text"] == "소음이 커요."


def test_threads_by_references(imap, settings, landing, landed):
    imap.put(
        letter(1),
        letter(2, In_Reply_To="<1@example.kr>", References="<1@example.kr>"),
        letter(3, In_Reply_To="<2@example.kr>", References="<1@example.kr> <2@example.kr>"),
        letter(4, In_Reply_To="<3@example.kr>"),
    )
    run(settings, landing)
    rows = {row["native_id"][0]: row for row in landed("mentions")}
    assert [rows[n]["thread_id"][0] for n in "1234"] == ["1", "1", "1", "3"]
    assert [rows[n]["parent_id"] for n in "123"] == [None, "1@example.kr", "2@example.kr"]


def test_letters_of_several_parts(imap, settings, landing, landed):
    made = EmailMessage(policy=policy.SMTP)
    made["From"], made["Subject"], made["Message-ID"] = "a@b.kr", "사진", "<parts@b.kr>"
    made.set_content("<p>필터에 <b>얼룩</b>이 있어요.</p><p>사진 보내요.</p>", subtype="html")
    made.add_attachment(
        b"\x89PNG" * 1000, maintype="image", subtype="png", filename="얼룩 사진.png"
    )
    inner = EmailMessage()
    inner.set_content("다른 사람의 글")
    made.add_attachment(inner)
    imap.put(made.as_bytes())
    run(settings, landing)
    (row,) = landed("mentions")
    assert row["text"].split() == ["필터에", "얼룩이", "있어요.", "사진", "보내요."]
    assert json.loads(row["extra"])["attachments"] == ["얼룩 사진.png"]


def test_a_letter_longer_than_is_read_is_cut(imap, settings, landing, landed):
    imap.put(letter(1, "소음이 커요. " + "가" * 50_000))
    run(replace(settings, max_bytes=2_000), landing)
    assert landed("mentions")[0]["text"].startswith("소음이 커요.")


MACHINES = {
    "automatic reply": {"Auto_Submitted": "auto-replied"},
    "sent by a machine": {"From": "MAILER-DAEMON@example.kr"},
    "bulk mail": {"Precedence": "bulk"},
    "mailing list": {"List_Unsubscribe": "<https://news.example/out>"},
}


@pytest.mark.parametrize("reason", MACHINES)
def test_machines_are_left_out_or_marked(imap, settings, landing, landed, reason):
    imap.put(letter(1, **MACHINES[reason]), letter(2))
    assert run(settings, landing).rows == 1
    imap.put(letter(3, **MACHINES[reason]))
    run(replace(settings, keep_automatic=True), landing)
    *_, marked = landed("mentions")
    assert json.loads(marked["extra"])["automatic"] == reason


def test_the_companys_own_letters_are_no_mentions(imap, settings, landing):
    imap.put(letter(1, From="voc@haedam.example"), letter(2, From="상담 <cs@haedam.kr>"))
    assert run(replace(settings, own=("haedam.kr",)), landing).rows == 0


def test_a_letter_without_an_identity_or_date(imap, settings, landing, landed):
    imap.put(letter(1, Message_ID=None, Date=None))
    imap.put(letter(2, Date="Fri, 32 Nov 2099 99:99:99 +0900"))
    run(settings, landing)
    first, second = landed("mentions")
    assert first["native_id"].startswith("sha256-")
    for row in (first, second):
        assert abs(row["created_at"] - datetime.now(UTC)) < timedelta(hours=1)


def test_only_so_far_back_at_first(imap, settings, landing):
    with imap.client() as client:
        old = imaplib_time(NOW - timedelta(days=90))
        client.append("INBOX", "", old, letter(1, hours=90 * 24))
    imap.put(letter(2))
    assert run(settings, landing).rows == 1
    far = NOW - timedelta(days=100)
    assert backfill(open_email(settings), landing, far, NOW).rows == 2


def test_a_servers_days_are_those_of_its_own_zone(imap, settings, landing):
    """IMAP searches by the day that the server writes: ten to one at night is yesterday in UTC."""
    seoul = timezone(timedelta(hours=9))
    since, until = (
        datetime(2026, 9, 1, 23, 10, tzinfo=UTC),
        datetime(2026, 9, 3, 15, 50, tzinfo=UTC),
    )
    for number, moment in enumerate((since, until - timedelta(seconds=1))):
        arrived = moment.astimezone(seoul)
        sent = {"Date": format_datetime(arrived)}
        with imap.client() as client:
            client.append("INBOX", "", imaplib_time(arrived), letter(number, **sent))
    assert backfill(open_email(settings), landing, since, until).rows == 2


def imaplib_time(moment):
    import imaplib

    return imaplib.Time2Internaldate(moment)


def test_a_wrong_password_names_the_setting(settings, landing, landed):
    with pytest.raises(CollectorError, match=r"password in the section \[email\]"):
        run(replace(settings, password="틀림"), landing)
    assert landed("coverage")[-1]["state"] == "failed"


def test_a_missing_folder_names_those_there_are(settings, landing):
    with pytest.raises(CollectorError, match=r"INBOX"):
        run(replace(settings, folders=("없는 함",)), landing)


def test_a_server_that_is_gone_is_said(imap, settings, landing):
    imap.stop()
    with pytest.raises(CollectorError, match="host, port and security"):
        run(settings, landing)


def test_what_is_missing_is_named():
    with pytest.raises(SourceUnavailable, match="host in the section"):
        open_email(EmailSettings())
    with pytest.raises(SourceUnavailable, match="MADANG__EMAIL__PASSWORD"):
        open_email(EmailSettings(host="imap.example.kr", user="a@b.kr"))


HISTORIES = (
    "2026년 11월 20일 (금) 오전 10:20, 해담 <voc@haedam.kr>님이 작성:\n> 안녕하세요.",
    "On Fri, Nov 20, 2026 at 10:20 AM Haedam <voc@haedam.kr>\nwrote:\n> Hello",
    "-----Original Message-----\nFrom: voc@haedam.kr\n안녕하세요.",
    "-----원본 메시지-----\n보낸 사람: 해담\n안녕하세요.",
    "보낸 사람: 해담 <voc@haedam.kr>\n보낸 날짜: 2026년 11월 20일\n받는 사람: 하나\n제목: RE\n안녕",
    "________________________________\nFrom: Haedam\nSent: Friday",
    "-- \n김하나 / 대리\nTel: 02-123-4567",
    "나의 iPhone에서 보냄",
    "Sent from my Galaxy",
    "전화: 02-123-4567\n주소: 서울시 성동구",
    "본 메일은 지정된 수신인만을 위한 것이며 기밀 정보를 담고 있습니다.",
)


@pytest.mark.parametrize("history", HISTORIES)
def test_what_others_wrote_is_cut_off(history):
    said = "배송이 사흘 늦었어요.\n\n보상은 어떻게 되나요?"
    assert own_words(f"{said}\n\n{history}\n") == said
    assert own_words(f"{said}\r\n\r\n{history}\r\n".replace("\n", "\r\n")) == said


def test_answers_between_quoted_lines_stay():
    assert own_words("> 몇 시에 전화할까요?\n두 시요.\n> 번호는요?\n아까 그 번호요.") == (
        "두 시요.\n아까 그 번호요."
    )


@pytest.mark.parametrize(
    "text",
    ["On Friday I wrote: nothing works.", "From: 서울 To: 부산 배송이 늦어요", "가격-----비싸요"],
)
def test_what_only_looks_like_history_stays(text):
    assert own_words(text) == text


def test_a_letter_that_only_forwards_is_kept():
    text = "---------- Forwarded message ---------\nFrom: 하나\n소음이 커요"
    assert "소음이 커요" in own_words(text)


@pytest.mark.parametrize(
    "history",
    [
        '<div class="gmail_quote">2026년에 해담이 씀<blockquote>안녕</blockquote></div>',
        "<blockquote type=cite>안녕하세요</blockquote>",
        '<div id="divRplyFwdMsg"><b>보낸 사람:</b> 해담</div><div>안녕하세요</div>',
    ],
)
def test_history_in_html_is_cut_off(history):
    assert own_words_of_html(f"<div>늦어요.</div>{history}") == "늦어요."


class Postman:
    """Takes letters, or refuses them by what its switches say."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.status = ""
        self.port = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if not session.authenticated:
            return "530 sign in first"
        if self.status:
            return self.status
        self.taken.append(envelope.content)
        return "250 taken"


@pytest.fixture
def postman(imap):
    handler = Postman()

    def check(server, session, envelope, mechanism, data):
        good = (data.login, data.password) == (imap.user.encode(), imap.password.encode())
        return AuthResult(success=good)

    controller = Controller(
        handler, hostname="127.0.0.1", port=free_port(), authenticator=check, auth_require_tls=False
    )
    controller.start()
    handler.port = controller.port
    yield handler
    controller.stop()


@pytest.fixture
def answering(settings, postman):
    return replace(
        settings, smtp_host="127.0.0.1", smtp_port=postman.port, signature="해담 고객센터",
        sender="해담 고객센터 <voc@haedam.example>",
    )  # fmt: skip


def answer(
    key="answer-1", native_id="2@example.kr", text="기다리시게 해서 죄송해요.\n내일 도착해요."
):
    return Answer(key, "email", native_id, "m1", None, text, NOW)


def test_an_answer_goes_into_the_thread(imap, answering, postman):
    imap.put(letter(1), letter(2, Subject="Re: 배송 문의", References="<1@example.kr>",
                               Reply_To="hana2@example.kr"))  # fmt: skip
    receipt = open_email(answering).reply(answer())
    (sent,) = postman.taken
    read = message_from_bytes(sent, policy=policy.default)
    assert read["To"] == "hana2@example.kr"
    assert read["From"] == "해담 고객센터 <voc@haedam.example>"
    assert read["Subject"] == "Re: 배송 문의"
    assert read["In-Reply-To"] == "<2@example.kr>"
    assert read["References"] == "<1@example.kr> <2@example.kr>"
    assert read["Message-ID"] == f"<{receipt.native_id}>"
    said = read.get_content().replace("\r\n", "\n")
    assert said.startswith("기다리시게 해서 죄송해요.\n내일 도착해요.\n\n-- \n해담 고객센터")
    (kept,) = imap.letters("Sent")
    assert message_from_bytes(kept)["Message-ID"] == read["Message-ID"]


def test_an_answer_that_went_is_not_sent_again(imap, answering, postman):
    imap.put(letter(2))
    first = open_email(answering).reply(answer())
    assert open_email(answering).reply(answer()) == first
    assert len(postman.taken) == 1
    open_email(answering).reply(answer(key="answer-2"))
    assert len(postman.taken) == 2


def test_our_answer_is_no_mention(imap, answering, postman, landing, landed):
    imap.put(letter(2))
    open_email(answering).reply(answer())
    run(replace(answering, folders=("INBOX", "Sent")), landing)
    assert [row["native_id"] for row in landed("mentions")] == ["2@example.kr"]


@pytest.mark.parametrize(
    ("status", "error"), [("550 no such person", ReplyRefused), ("451 try later", ReplyLater)]
)
def test_what_the_server_says_of_an_answer(imap, answering, postman, status, error):
    imap.put(letter(2))
    postman.status = status
    with pytest.raises(error, match=status[:3]):
        open_email(answering).reply(answer())
    assert imap.letters("Sent") == []


def test_a_letter_that_is_gone_cannot_be_answered(answering, postman):
    with pytest.raises(ReplyRefused, match="not in the mailbox"):
        open_email(answering).reply(answer())
    with pytest.raises(ReplyRefused, match="not in the mailbox"):
        open_email(answering).reply(answer(native_id='x" OR ALL "'))
    assert postman.taken == []


def test_a_subject_cannot_bring_headers_of_its_own(imap, answering, postman):
    evil = letter(2, Subject=None).replace(
        b"Message-ID", b"Subject: =?utf-8?q?hi=0D=0ABcc:_all@example.kr?=\r\nMessage-ID", 1
    )
    imap.put(evil)
    open_email(answering).reply(answer())
    (sent,) = postman.taken
    read = message_from_bytes(sent)
    assert read["Bcc"] is None
    assert len(read.get_all("To", [])) == 1


def test_what_answers_need_is_named(settings, answering, imap):
    imap.put(letter(2))
    with pytest.raises(ReplyRefused, match="smtp_host"):
        open_email(settings).reply(answer())
    with pytest.raises(ReplyLater, match="smtp_password"):
        open_email(replace(answering, smtp_password="틀림")).reply(answer())
    with pytest.raises(ReplyLater, match="cannot be reached"):
        open_email(replace(answering, smtp_port=1)).reply(answer())
