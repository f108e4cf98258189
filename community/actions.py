"""The orders that other rooms may give: every write is a verb and leaves its audit row.

Import after `community.configure.configure`, for the models below need Django's apps.
"""

from community.decisions.actions import COMMAND_LINE, Actor
from community.members.actions import (
    change_language,
    change_password,
    change_role,
    create_staff,
    deactivate_staff,
)
from community.store import Prepared, migrate, prepare_store

__all__ = [
    "COMMAND_LINE",
    "Actor",
    "Prepared",
    "change_language",
    "change_password",
    "change_role",
    "create_staff",
    "deactivate_staff",
    "migrate",
    "prepare_store",
]
