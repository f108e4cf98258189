"""What is left to do for a source that others send to: where to, signed by what, and an example."""

import json
import re
import shlex
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from collectors.base import SourceKind
from collectors.webhook import HOOKS, Hook
from madang.adding import Values, chosen
from madang.settings import Settings

_PLAIN: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")  # a path that names keys alone
_WORDS: Final = "마당에 보내는 시험입니다."


def left_to_do(kind: SourceKind, settings: Settings, values: Values) -> list[str]:
    """What the person has to do, a line each; the example of a hook holds for five minutes."""
    whole = chosen(kind, settings, values)
    lines = [
        f"Put files into {whole.drops[name].path}; one is taken when nobody has written to it for "
        f"{whole.settle_seconds:g} seconds, and then moved to done/ in it."
        for name in values.get("drops", ())
    ]
    for name in values.get("hooks", ()):
        lines += _hook(settings, name, whole.hooks[name])
    if kind.name == "webevents":
        lines.append(
            f'Include in your pages: <script src="{settings.yard_url}/events.js"></script>; '
            "what asks your visitors first is said in docs/sources.md."
        )
    return lines


def _hook(settings: Settings, name: str, hook: Hook) -> list[str]:
    address = f"{settings.yard_url}{HOOKS}{name}"
    lines = [
        f"Send by POST to {address}, as JSON, signed as Standard Webhooks (standardwebhooks.com).",
        f"The sender needs the secret of [webhook.hooks.{name}] in {settings.var / 'secrets.toml'}"
        ", unless it is the sender's own.",
    ]
    body = example(hook)
    if body is not None:
        lines.append("To try it while the yard runs, within five minutes:")
        lines.append(signed_call(address, hook.secret, body))
    return lines


def example(hook: Hook) -> str | None:
    """A JSON that becomes a mention by this hook; None where its paths are not plain enough."""
    if hook.profile == "transcript":
        said: Any = {"turns": [{"speaker": hook.customers[0], "text": _WORDS}]}
    else:
        said = {}
        values = {"text": _WORDS, "rating": (hook.scale or (0, 1))[1]}
        for column, value in values.items():
            path = hook.fields.get(column, "")
            if _PLAIN.fullmatch(path):
                _set(said, path, value)
        if hook.rows:
            item, said = said, {}
            if not _PLAIN.fullmatch(hook.rows):
                return None
            _set(said, hook.rows, [item])
    rows = list(hook.rows_of(said, "example", datetime.now(UTC)))
    is_mention = len(rows) == 1 and isinstance(rows[0], dict)
    return json.dumps(said, ensure_ascii=False) if is_mention else None


def signed_call(address: str, secret: str, body: str) -> str:
    """A line for the shell that sends the body once, signed as of now."""
    from standardwebhooks import Webhook

    now, message_id = datetime.now(UTC), f"msg_{uuid4().hex}"
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, now, body),
    }
    said = " ".join(f"-H {shlex.quote(f'{name}: {value}')}" for name, value in headers.items())
    return f"curl {shlex.quote(address)} {said} -d {shlex.quote(body)}"


def _set(into: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for name in parents:
        into = into.setdefault(name, {})
    into[last] = value
