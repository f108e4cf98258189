"""JSON over HTTP: patience, bounds, no redirects, and no key in what is said of a failure."""

import json
from collections.abc import Iterator

import pytest

from collectors.services.api import NOT_ASKED, Api, ApiError
from tests.fakes.server import Answer, Headers, LocalServer


class Service(LocalServer):
    """Answers by path, as set; takes what is posted."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, Answer] = {}
        self.taken: list[tuple[str, str, str | None, object]] = []

    def answer(self, path: str, headers: Headers) -> Answer:
        return self.answers[path.partition("?")[0]]

    def take(self, method: str, path: str, headers: Headers, body: bytes) -> Answer:
        self.taken.append((method, path, headers.get("Authorization"), json.loads(body)))
        return Answer(b'{"id": "7"}', 201)


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


@pytest.fixture
def api(service: Service) -> Iterator[Api]:
    headers = {"Authorization": "Bearer b3arer"}
    with Api(service.url, headers, wait=0.01, seconds=5, max_bytes=10_000) as opened:
        yield opened


def test_what_is_asked_and_what_is_said_are_json(service: Service, api: Api) -> None:
    service.answers["/v1/posts"] = Answer('{"글": ["배송이 늦어요"]}'.encode())
    assert api.get("/v1/posts", {"q": "배송 지연", "page": None, "tag": ["a", "b"]}) == {
        "글": ["배송이 늦어요"]
    }
    assert service.asked == ["/v1/posts?q=%EB%B0%B0%EC%86%A1+%EC%A7%80%EC%97%B0&tag=a&tag=b"]


def test_what_is_posted_arrives_whole(service: Service, api: Api) -> None:
    assert api.post("/v1/replies", {"text": "죄송합니다"}) == {"id": "7"}
    [(method, path, sent, body)] = service.taken
    assert (method, path, body) == ("POST", "/v1/replies", {"text": "죄송합니다"})
    assert sent == "Bearer b3arer"


@pytest.mark.parametrize(("trouble", "times"), [("busy", 2), ("broken", 2), ("halved", 1)], ids=str)
def test_trouble_that_passes_is_waited_out(
    service: Service, api: Api, trouble: str, times: int
) -> None:
    service.answers["/x"] = Answer(b'{"n": 1}')
    setattr(service.trouble, trouble, times)
    assert api.get("/x") == {"n": 1}
    assert len(service.asked) == times + 1


def test_trouble_that_stays_says_when_to_come_back(service: Service, api: Api) -> None:
    service.trouble.busy, service.trouble.retry_after = 9, "900"
    with pytest.raises(ApiError, match="429") as error:
        api.get("/x")
    assert (error.value.status, error.value.again_in) == (429, 900.0)
    assert len(service.asked) == 1, "a wait this long is left for the next run"


def test_a_rate_limit_that_names_its_reset_is_obeyed(service: Service, api: Api) -> None:
    service.answers["/x"] = Answer(b"", 429, {"x-rate-limit-reset": "32503680000"})
    with pytest.raises(ApiError) as error:
        api.get("/x")
    assert error.value.again_in is not None
    assert error.value.again_in > 3600
    service.answers["/x"] = Answer(b"", 429, {"x-ratelimit-reset": "120"})
    with pytest.raises(ApiError) as error:
        api.get("/x")
    assert error.value.again_in == 120.0


def test_a_redirect_is_not_followed(service: Service, api: Api) -> None:
    service.answers["/x"] = Answer(b"", 302, {"Location": "http://169.254.169.254/latest"})
    with pytest.raises(ApiError, match="302"):
        api.get("/x")
    assert service.asked == ["/x"]


def test_a_refusal_carries_what_the_service_said_and_no_key(service: Service, api: Api) -> None:
    service.answers["/x"] = Answer(b'{"error": "quota"}', 403)
    with pytest.raises(ApiError) as error:
        api.get("/x", {"key": "s3cret"})
    assert error.value.body == {"error": "quota"}
    assert "s3cret" not in str(error.value)


def test_an_answer_without_end_is_cut_off(service: Service, api: Api) -> None:
    service.answers["/x"] = Answer(b" " * 20_000)
    with pytest.raises(ApiError, match="larger than 10,000 bytes") as error:
        api.get("/x", {"key": "s3cret"})
    assert error.value.status == NOT_ASKED
    assert "s3cret" not in str(error.value)


def test_what_is_no_json_is_said_so(service: Service, api: Api) -> None:
    service.answers["/x"] = Answer("<html>점검 중입니다</html>".encode())
    with pytest.raises(ApiError, match="no JSON"):
        api.get("/x")
