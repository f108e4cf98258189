"""Orders of the intake: keep what was handed in, once, and let go of what has been collected."""

from datetime import datetime

from django.db import transaction

from community.intake.models import Counter, HookMessage


@transaction.atomic
def keep_message(hook: str, message_id: str, body: str) -> bool:
    """Keep a webhook whose signature was right; False for one that is here already."""
    if HookMessage.objects.filter(hook=hook, message_id=message_id).exists():
        return False
    sequence = next_numbers("hooks", 1)
    # Another process may have kept the same one in between: then its row stands.
    if HookMessage.objects.filter(hook=hook, message_id=message_id).exists():
        return False
    HookMessage.objects.create(sequence=sequence, hook=hook, message_id=message_id, body=body)
    return True


def next_numbers(name: str, many: int) -> int:
    """The first of so many numbers, within the transaction that uses them; others wait for it."""
    Counter.objects.get_or_create(pk=name)
    counter = Counter.objects.select_for_update().get(pk=name)
    counter.last += many
    counter.save(update_fields=["last"])
    return counter.last - many + 1


def forget_messages(through: int, before: datetime) -> int:
    """Let go of webhooks that were collected (numbers up to `through`) and came before a time."""
    done = HookMessage.objects.filter(sequence__lte=through, received_at__lt=before)
    return int(done.delete()[0])
