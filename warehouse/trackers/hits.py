"""Keeps which mentions each tracker finds in step with the trackers and with what is heard.

A tracker that is new or changed looks at all of history, by SQL. Mentions that are new, changed or
read anew are held against all trackers at once, by the matcher. Both leave the same hits. A mention
counts once it has been read.
"""

from typing import Final

# What the matcher is shown of mentions: `heard`, what `mentions` knows beside it, and the topic.
ROWS: Final = """
    SELECT h.lemmas, h.lang, h.source, h.kind, h.product, h.rating, h.day, h.sentiment, h.aspects,
        h.intents, h.emotions, h.toxic, h.spam, h.sponsored, h.corrected, m.title, m.text, m.url,
        m.parent_id, m.author_id, m.author_handle, m.author_name, m.author_followers, m.likes,
        m.country, m.city, k.topic_id, t.name AS topic, h.mention_id::VARCHAR AS mention_id
    FROM heard h JOIN mentions m ON m.mention_id = h.mention_id
    LEFT JOIN mention_topics k ON k.mention_id = h.mention_id AND k.text_hash = h.text_hash
    LEFT JOIN topics t ON t.topic_id = k.topic_id
"""
