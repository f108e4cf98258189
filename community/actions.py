"""The orders that other rooms may give: every write is a verb and leaves its audit row.

Import after `community.configure.configure`, for the models below need Django's apps.
"""

from community.accounts.privacy import erase_member, forget_everywhere, suppress
from community.alerts.actions import acknowledge_alert, reopen_alert
from community.belts.findings import Applied, Finding, apply_findings
from community.corrections.actions import (
    DrawnMention,
    correct_label,
    draw_sample,
    label_sample,
    label_samples,
    withdraw_correction,
)
from community.decisions.actions import COMMAND_LINE, Actor
from community.discussion.actions import comment, give_thanks, post_official_answer
from community.ideas.actions import change_status, propose_idea, vote_idea, withdraw_vote
from community.inbox.actions import (
    assign,
    close_conversation,
    forget_person,
    forget_post,
    reopen,
    send_reply,
    settle_answers,
)
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
from community.trackers.actions import (
    SavedTracker,
    create_tracker,
    rename_tracker,
    restore_version,
    retire_tracker,
    save_tracker,
)
from community.yard.moving import move_in

__all__ = [
    "COMMAND_LINE",
    "Actor",
    "Applied",
    "DrawnMention",
    "Finding",
    "Prepared",
    "SavedTracker",
    "acknowledge_alert",
    "apply_findings",
    "assign",
    "change_language",
    "change_password",
    "change_role",
    "change_status",
    "close_conversation",
    "comment",
    "correct_label",
    "create_staff",
    "create_tracker",
    "deactivate_staff",
    "draw_sample",
    "erase_member",
    "forget_everywhere",
    "forget_person",
    "forget_post",
    "give_thanks",
    "label_sample",
    "label_samples",
    "look_at_customer",
    "migrate",
    "move_in",
    "post_official_answer",
    "prepare_store",
    "propose_idea",
    "rename_tracker",
    "reopen",
    "reopen_alert",
    "restore_version",
    "retire_tracker",
    "save_tracker",
    "send_reply",
    "settle_answers",
    "suppress",
    "vote_idea",
    "withdraw_correction",
    "withdraw_vote",
    "write_review",
]
