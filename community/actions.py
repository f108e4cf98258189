"""The orders that other rooms may give: every write is a verb and leaves its audit row.

Import after `community.configure.configure`, for the models below need Django's apps.
"""

from community.belts.findings import Applied, Finding, apply_findings
from community.decisions.actions import COMMAND_LINE, Actor
from community.discussion.actions import comment, give_thanks, post_official_answer
from community.ideas.actions import change_status, propose_idea, vote_idea, withdraw_vote
from community.members.actions import (
    change_language,
    change_password,
    change_role,
    create_staff,
    deactivate_staff,
    look_at_customer,
)
from community.reviews.actions import write_review
from community.store import Prepared, migrate, prepare_store
from community.yard.moving import move_in

__all__ = [
    "COMMAND_LINE",
    "Actor",
    "Applied",
    "Finding",
    "Prepared",
    "apply_findings",
    "change_language",
    "change_password",
    "change_role",
    "change_status",
    "comment",
    "create_staff",
    "deactivate_staff",
    "give_thanks",
    "look_at_customer",
    "migrate",
    "move_in",
    "post_official_answer",
    "prepare_store",
    "propose_idea",
    "vote_idea",
    "withdraw_vote",
    "write_review",
]
