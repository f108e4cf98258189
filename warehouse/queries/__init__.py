"""The questions the desk asks. Each takes the warehouse first and answers with Arrow or a value."""

from warehouse.queries.alerts import Alert, AlertPage, alert, alerts
from warehouse.queries.charts import (
    Compared,
    Totals,
    compared,
    mentions_per_day,
    movers,
    share_of_voice,
    totals,
)
from warehouse.queries.choice import Filter
from warehouse.queries.mentions import (
    MentionPage,
    Place,
    Reading,
    count_mentions,
    last_place,
    mention,
    mentions_by_author,
    newest_mentions,
)
from warehouse.queries.overview import (
    Choices,
    Extent,
    choices,
    extent,
    quarantined,
    sources_overview,
)
from warehouse.queries.people import (
    Customer,
    CustomerLine,
    Person,
    customer,
    find_customers,
    person,
)

__all__ = [
    "Alert",
    "AlertPage",
    "Choices",
    "Compared",
    "Customer",
    "CustomerLine",
    "Extent",
    "Filter",
    "MentionPage",
    "Person",
    "Place",
    "Reading",
    "Totals",
    "alert",
    "alerts",
    "choices",
    "compared",
    "count_mentions",
    "customer",
    "extent",
    "find_customers",
    "last_place",
    "mention",
    "mentions_by_author",
    "mentions_per_day",
    "movers",
    "newest_mentions",
    "person",
    "quarantined",
    "share_of_voice",
    "sources_overview",
    "totals",
]
