"""The frame around every page: who is told what, language, and the pages for what went wrong."""

from typing import Any

import pytest

from community.members.models import Member

pytestmark = pytest.mark.usefixtures("web")


def test_a_page_that_is_not_there_says_how_to_go_on(visitor: Any) -> None:
    response = visitor.get("/nothing/here")
    page = response.content.decode()
    assert response.status_code == 404
    assert 'lang="ko"' in page and "여기에는 아무것도 없어요." in page
    assert "csrf" not in page


def test_the_language_is_switched_without_signing_in(visitor: Any) -> None:
    fields = {"language": "en", "next": "/nothing?q=1"}
    switched = visitor.client.post("/language", fields, HTTP_ORIGIN="http://testserver")
    assert switched.status_code == 303 and switched["Location"] == "/nothing?q=1"
    assert "There is nothing here." in visitor.get("/nothing").content.decode()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HTTP_ORIGIN": "http://evil.example"},
        {"HTTP_ORIGIN": "null"},
        {"HTTP_ORIGIN": "http://testserver.evil.example"},
        {"HTTP_ORIGIN": "http://[broken"},
        {"HTTP_REFERER": "http://evil.example/http://testserver/"},
        {"HTTP_ORIGIN": "http://testserver", "HTTP_SEC_FETCH_SITE": "cross-site"},
    ],
)
def test_no_other_site_switches_the_language(
    visitor: Any, join: Any, headers: dict[str, str]
) -> None:
    member: Member = join()
    visitor.enter(member)
    assert visitor.client.post("/language", {"language": "en"}, **headers).status_code == 403
    member.refresh_from_db()
    assert member.language == "ko"


def test_the_account_keeps_the_language(visitor: Any, join: Any) -> None:
    member: Member = join()
    visitor.enter(member)
    visitor.client.post("/language", {"language": "en"}, HTTP_ORIGIN="http://testserver")
    member.refresh_from_db()
    assert member.language == "en"
