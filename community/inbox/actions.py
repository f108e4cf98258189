"""Orders of the inbox. Each runs in one transaction with its audit row and its fact."""

from community.inbox.opening import open_conversation

__all__ = ["open_conversation"]
