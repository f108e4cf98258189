"""Alerts and text messages by apprise, to a service that listens on this machine."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from community.configure import CommunitySettings, instance
from community.outbox.actions import Refused, Retry
from community.outbox.batches import address_name
from community.outbox.senders import send_alert, send_text

# One of apprise's many services imports what Python 3.13 will not have any more.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

ALERT = {"alert_id": "a1", "product": "해담 가습기", "seen": 37, "expected": 8.25}
CODE = {"template": "phone_code", "to": "+821012345678", "context": {"code": "123456"}}


class Service:
    """Takes messages and answers with `status`."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, Any]]] = []
        self.status = 200
        service = self

        class Taker(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.taken.append((self.path, json.loads(body)))
                self.send_response(service.status)
                self.end_headers()

            def log_message(self, *arguments: Any) -> None:
                """Say nothing on the terminal."""

        self.server = HTTPServer(("127.0.0.1", 0), Taker)
        self.address = f"json://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def told(**changes: Any) -> Any:
    """The process with other settings of the instance."""
    _, role, urls = settings.MADANG
    changed: CommunitySettings = replace(instance(), **changes)
    return override_settings(MADANG=(changed, role, urls))


def test_an_alert_reaches_the_service(service: Service) -> None:
    address = f"{service.address}/alerts"
    with told(alerts=(address,)):
        send_alert({**ALERT, "to": address_name(address)}, "alert:a1")
    path, message = service.taken[0]
    assert path == "/alerts"
    assert message["title"] == "해담 가습기 불만이 평소보다 많아요"
    assert "37건" in message["message"]


def test_a_service_that_is_down_is_asked_again(service: Service) -> None:
    service.status = 503
    with told(alerts=(service.address,)), pytest.raises(Retry):
        send_alert({**ALERT, "to": address_name(service.address)}, "alert:a1")


def test_an_address_that_the_settings_lost_gets_nothing(service: Service) -> None:
    with told(alerts=()), pytest.raises(Refused, match="any more"):
        send_alert({**ALERT, "to": address_name(service.address)}, "alert:a1")
    with told(alerts=("nonsense",)), pytest.raises(Refused, match="know"):
        send_alert({**ALERT, "to": address_name("nonsense")}, "alert:a1")
    assert service.taken == []


@pytest.mark.parametrize("form", ["{0}/{{to}}/sms", "{0}"])
def test_a_text_message_goes_to_its_number(service: Service, form: str) -> None:
    with told(texts=form.format(service.address)):
        send_text(CODE, "code:1")
    path, message = service.taken[0]
    assert path.startswith(("/+821012345678", "/%2B821012345678"))
    assert "123456" in message["message"]
