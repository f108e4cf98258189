"""Signed webhooks, as the yard's door has kept them, into mentions.

Other systems (help desks, survey tools, shops, telephone systems) send to /hooks/NAME of the yard.
What a hook's JSON means is said by its settings: paths for the columns, or a transcript.
"""

import base64
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

import pyarrow as pa

from collectors import transcripts
from collectors.base import Cursor, SourceKind, SourceUnavailable, covered
from collectors.rows.fields import Shape, Unmapped
from collectors.rows.mentions import mentions_of
from collectors.rows.reject import BadRow, excerpt_of, quarantine
from warehouse.landing import Batch

if TYPE_CHECKING:
    from community.intake.queries import Message

NAME: Final = "webhook"
HOOKS: Final = "/hooks/"  # where the yard takes them, before the name of the hook
_PAGE: Final = 200  # webhooks a batch
_SAID_EVERY: Final = timedelta(minutes=10)  # that nothing came is worth a line


def fresh_secret() -> str:
    """A secret for a sender that has none: 32 random bytes, as Standard Webhooks writes them."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


@dataclass(frozen=True)
class Hook:
    """The section `[webhook.hooks.NAME]`: who may send, and what it means."""

    secret: str = field(
        default="",
        repr=False,
        metadata={
            "help": "What the sender signs with: whsec_ and base64.",
            "secret": True,
            "where": "the sender's page of webhooks; or make one: whsec_$(openssl rand -base64 32)",
            "make": fresh_secret,
        },
    )
    old_secret: str = field(
        default="",
        repr=False,
        metadata={"help": "The secret before, while senders change over.", "secret": True,
                  "ask": False, "where": "what secret was until now"},
    )  # fmt: skip
    profile: Literal["fields", "transcript"] = field(
        default="fields",
        metadata={"help": "Whether columns have paths (fields) or it is a call or chat.",
                  "ask": True},
    )  # fmt: skip
    fields: dict[str, str] = field(
        default_factory=dict,
        metadata={"help": "Columns of mentions and their paths (JMESPath), as in text = body.",
                  "ask": True},
    )  # fmt: skip
    rows: str = field(
        default="", metadata={"help": "The path of a list, where one webhook holds several."}
    )
    kind: str = field(
        default="",
        metadata={"help": "What they are: review, survey, ticket, call or chat.", "ask": True},
    )
    product: str | None = field(
        default=None, metadata={"help": "The product, where the JSON names none."}
    )
    scale: tuple[float, float] | None = field(
        default=None,
        metadata={"help": "The worst and the best rating, as in [1, 5].", "ask": True},
    )
    zone: str = field(
        default="Asia/Seoul", metadata={"help": "The zone of times that do not say theirs."}
    )
    customers: tuple[str, ...] = field(
        default=transcripts.CUSTOMERS,
        metadata={"help": "Names of the customer among the speakers of a transcript."},
    )

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(each for each in (self.secret, self.old_secret) if each)

    @property
    def shape(self) -> Shape:
        kind = self.kind or ("review" if "rating" in self.fields else "post")
        return Shape(self.fields, self.rows, kind, self.product, self.scale, self.zone)

    def rows_of(self, said: Any, message_id: str, received: datetime) -> Iterator[Any]:
        """The rows of mentions in one text of JSON; in their place an Unmapped for what is none."""
        try:
            items = (
                transcripts.transcripts_of(said)
                if self.profile == "transcript"
                else self.shape.items(said)
            )
        except Unmapped as error:
            yield error
            return
        for place, item in enumerate(items):
            fallback = message_id if len(items) == 1 else f"{message_id}-{place}"
            try:
                yield self._row(item, fallback, received)
            except Unmapped as error:
                yield error

    def _row(self, item: Any, fallback: str, received: datetime) -> dict[str, Any]:
        if self.profile == "fields":
            return self.shape.mention(item, fallback, received)
        return transcripts.mention_of(
            item, fallback, received, kind=self.kind if self.kind in ("call", "chat") else "call",
            zone=self.zone, product=self.product, customers=self.customers,
        )  # fmt: skip


@dataclass(frozen=True)
class WebhookSettings:
    """The section `[webhook]` of madang.toml."""

    hooks: dict[str, Hook] = field(
        default_factory=dict,
        metadata={"help": "The hooks that others may send to, by name.", "ask": True},
    )
    keep_days: int = field(
        default=7,
        metadata={"help": "How long a webhook is kept as it came, so that a second copy is known."},
    )


def open_webhook(settings: WebhookSettings) -> "Webhooks":
    """Raises SourceUnavailable when there is no hook, or one that cannot be used."""
    if not settings.hooks:
        raise SourceUnavailable(
            "No hook is set. Add a section [webhook.hooks.NAME] with its secret, and fields or "
            'profile = "transcript"; senders then send to /hooks/NAME of the yard.'
        )
    for name, hook in settings.hooks.items():
        check_secrets(name, hook)
        if hook.profile == "fields":
            hook.shape.check(f"webhook.hooks.{name}")
    return Webhooks(settings)


KIND: Final = SourceKind(
    name="webhook",
    summary="What other systems send by signed webhooks: tickets, surveys, calls, chats.",
    settings=WebhookSettings,
    open=open_webhook,
    verified="local server",
    in_store=True,
)


def check_secrets(name: str, hook: Hook) -> None:
    """Raises SourceUnavailable for a hook without a secret, or with one that is none."""
    from standardwebhooks import Webhook

    where = f"webhook.hooks.{name}.secret"
    if not hook.secret:
        raise SourceUnavailable(
            f"{where} is missing. Put it into var/secrets.toml; the sender shows it, or make one: "
            'echo "whsec_$(openssl rand -base64 32)"'
        )
    for secret in hook.secrets:
        try:
            Webhook(secret)
        except Exception as error:  # the library has an exception for each way to be wrong
            raise SourceUnavailable(f"{where} is no secret: whsec_ and base64 is one.") from error


@dataclass(frozen=True)
class Webhooks:
    """The source `webhook`. Its cursor: {"sequence": of the last webhook read, "heard": when}."""

    settings: WebhookSettings
    name: str = NAME

    def fetch(self, cursor: Cursor) -> Iterator[Batch]:
        """What the yard has kept since; needs a configured community."""
        from community.intake.actions import forget_messages
        from community.intake.queries import messages_since

        sequence = int(cursor.get("sequence", 0))
        now = datetime.now(UTC)
        forget_messages(sequence, now - timedelta(days=self.settings.keep_days))
        heard = datetime.fromisoformat(cursor["heard"]) if "heard" in cursor else now
        while page := messages_since(sequence, _PAGE):
            sequence = page[-1].sequence
            yield self._batch(page, {"sequence": sequence, "heard": heard.isoformat()})
        if now - heard >= _SAID_EVERY or "heard" not in cursor:
            table, rejected = mentions_of([], source=self.name, now=now)
            after = {"sequence": sequence, "heard": now.isoformat()}
            yield Batch(table, after, rejected, covered=covered(self.name, "collected", heard, now))

    def _batch(self, page: "Sequence[Message]", cursor: Cursor) -> Batch:
        now = datetime.now(UTC)
        rows: list[dict[str, Any]] = []
        refused: list[pa.Table] = []
        for message in page:
            for row in self._rows(message):
                if isinstance(row, Unmapped):
                    bad = BadRow(
                        message.sequence, str(row), excerpt_of({"text": row.value}, "text")
                    )
                    origin = f"{HOOKS}{message.hook}"
                    refused.append(
                        quarantine([bad], record="mentions", source=self.name, origin=origin,
                                   now=now)
                    )  # fmt: skip
                else:
                    rows.append(row)
        table, rejected = mentions_of(rows, source=self.name, now=now)
        return Batch(table, cursor, pa.concat_tables([rejected, *refused]))

    def _rows(self, message: "Message") -> Iterator[Any]:
        hook: Hook | None = self.settings.hooks.get(message.hook)
        if hook is None:
            yield Unmapped(f"no section [webhook.hooks.{message.hook}] says what it means")
            return
        for row in hook.rows_of(
            json.loads(message.body), f"{message.hook}-{message.message_id}", message.received_at
        ):
            if isinstance(row, Mapping) and hook.profile == "fields" and "native_id" in hook.fields:
                # Two senders may number their own alike.
                row = {**row, "native_id": f"{message.hook}-{row['native_id']}"}
            yield row
