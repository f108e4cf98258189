"""The questions that other rooms may ask; answers are frozen dataclasses, never ORM objects.

Import after `community.configure.configure`, for the models below need Django's apps.
"""

from community.belts.facts import Fact, facts_since, last_fact
from community.belts.findings import findings_cursor
from community.catalogue.queries import ProductChoice, products
from community.decisions.queries import AuditLine, audit_trail
from community.members.queries import Staff, staff_list, staff_of_session
from community.store import release_store, store_released
from community.yard.queries import Post, PostsPage, posts_since

__all__ = [
    "AuditLine",
    "Fact",
    "Post",
    "PostsPage",
    "ProductChoice",
    "Staff",
    "audit_trail",
    "facts_since",
    "findings_cursor",
    "last_fact",
    "posts_since",
    "products",
    "release_store",
    "staff_list",
    "staff_of_session",
    "store_released",
]
