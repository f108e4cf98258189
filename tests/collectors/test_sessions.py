"""What is handed to client libraries: the address that is set, bounds, and patience."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import requests

from collectors.services.api import NOT_ASKED, ApiError
from collectors.services.sessions import ServiceSession, again_in, bounded_transport, patiently
from tests.fakes.server import Answer, Headers, LocalServer, gzip_bomb


class Service(LocalServer):
    def __init__(self) -> None:
        super().__init__()
        self.says = Answer('{"글": "배송이 늦어요"}'.encode())

    def answer(self, path: str, headers: Headers) -> Answer:
        return self.says

    def take(self, method: str, path: str, headers: Headers, body: bytes) -> Answer:
        return self.says


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


@pytest.fixture
def session(service: Service) -> Iterator[ServiceSession]:
    with ServiceSession("https://api.official.example", service.url, 5.0, True) as opened:
        yield opened


def test_the_official_address_is_put_right(service: Service, session: ServiceSession) -> None:
    answer = session.get("https://api.official.example/2/posts", params={"q": "배송"})
    assert answer.json() == {"글": "배송이 늦어요"}
    assert service.asked == ["/2/posts?q=%EB%B0%B0%EC%86%A1"]
    assert str(answer.request.url).startswith(service.url), "it is signed for where it goes"


def test_a_redirect_is_not_followed(service: Service, session: ServiceSession) -> None:
    service.says = Answer(b"", 302, {"Location": "http://169.254.169.254/latest"})
    assert session.get("https://api.official.example/x").status_code == 302
    assert service.asked == ["/x"]


def test_an_answer_without_end_is_cut_off(service: Service, session: ServiceSession) -> None:
    service.says = gzip_bomb(40_000_000)
    with pytest.raises(ApiError, match="larger than") as error:
        session.get("https://api.official.example/x")
    assert error.value.status == NOT_ASKED


def test_half_an_answer_is_never_taken_for_whole(service: Service, session: ServiceSession) -> None:
    service.trouble.halved = 1
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        session.get("https://api.official.example/x")


def test_a_write_is_not_left_to_a_library_to_repeat(
    service: Service, session: ServiceSession
) -> None:
    service.says = Answer(b"", 503)
    assert session.get("https://api.official.example/x").status_code == 503
    with pytest.raises(ApiError) as error:
        session.post("https://api.official.example/x")
    assert error.value.status == 503
    service.trouble.halved, service.says = 1, Answer(b'{"id": 1}')
    with pytest.raises(ApiError):
        session.post("https://api.official.example/x")


def test_clients_of_httpx_have_the_same_bounds(service: Service) -> None:
    with httpx.Client(transport=bounded_transport(1000), follow_redirects=True) as client:
        assert client.get(service.url).json() == {"글": "배송이 늦어요"}
        for says, told in (
            (gzip_bomb(40_000_000), "packed by gzip"),
            (Answer(b" " * 2000), "larger than 1,000"),
            (Answer(b"", 302, {"Location": "http://169.254.169.254/"}), "redirect"),
        ):
            service.says = says
            with pytest.raises(ApiError, match=told):
                client.get(service.url)


def test_when_to_come_back_is_read_in_all_ways_it_is_said() -> None:
    later = datetime.now(UTC) + timedelta(seconds=100)
    assert again_in({"retry-after": "7"}) == 7.0
    assert again_in({"x-ratelimit-reset": "120"}) == 120.0
    for said in (str(int(later.timestamp())), later.isoformat()):
        waits = again_in({"x-rate-limit-reset": said, "x-ratelimit-reset": said})
        assert waits is not None
        assert 90 < waits <= 100
    assert again_in({"x-ratelimit-reset": "soon"}) is None
    assert again_in({}) is None


def test_patience_ends_after_three_tries_and_with_what_no_try_mends() -> None:
    tried: list[int] = []

    def call() -> None:
        tried.append(1)
        raise KeyError

    with pytest.raises(ApiError, match="broken"):
        patiently(call, lambda error: ApiError("broken", 500), wait=0.001)
    assert len(tried) == 3
    with pytest.raises(ApiError, match="never"):
        patiently(call, lambda error: ApiError("never", 400), wait=0.001)
    with pytest.raises(KeyError):
        patiently(call, lambda error: None, wait=0.001)
    assert len(tried) == 5
