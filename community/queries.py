"""The questions that other rooms may ask; answers are frozen dataclasses, never ORM objects.

Import after `community.configure.configure`, for the models below need Django's apps.
"""

from community.accounts.membership import public_id_of
from community.alerts.queries import AlertStateLine, alert_states, raised_alerts
from community.belts.facts import Fact, facts_since, last_fact
from community.belts.findings import findings_cursor, refused_findings
from community.catalogue.queries import ProductChoice, products
from community.corrections.queries import (
    CorrectionLine,
    SampleItemLine,
    SampleLine,
    corrections_of,
    newest_sample,
    sample_items,
    samples,
)
from community.decisions.queries import AuditLine, audit_trail
from community.inbox.queries import conversations_of_mentions, open_conversations
from community.members.queries import Staff, staff_list, staff_of_session
from community.outbox.queries import DeliveryLine, failed_deliveries, waiting_deliveries
from community.store import release_store, store_released
from community.trackers.access import may_track
from community.trackers.queries import (
    TrackerLine,
    TrackerVersionLine,
    tracker,
    tracker_list,
    tracker_versions,
)
from community.yard.queries import Post, PostsPage, posts_since

__all__ = [
    "AlertStateLine",
    "AuditLine",
    "CorrectionLine",
    "DeliveryLine",
    "Fact",
    "Post",
    "PostsPage",
    "ProductChoice",
    "SampleItemLine",
    "SampleLine",
    "Staff",
    "TrackerLine",
    "TrackerVersionLine",
    "alert_states",
    "audit_trail",
    "conversations_of_mentions",
    "corrections_of",
    "facts_since",
    "failed_deliveries",
    "findings_cursor",
    "last_fact",
    "may_track",
    "newest_sample",
    "open_conversations",
    "posts_since",
    "products",
    "public_id_of",
    "raised_alerts",
    "refused_findings",
    "release_store",
    "sample_items",
    "samples",
    "staff_list",
    "staff_of_session",
    "store_released",
    "tracker",
    "tracker_list",
    "tracker_versions",
    "waiting_deliveries",
]
