-- Everything the community is to be told, as (kind, subject, body); `asked` holds the options of the
-- day in one row, `ours` the names of our own products.
WITH purchases AS (
    SELECT m.native_id, any_value(i.reason) AS reason, max(i.probability) AS confidence,
        max(o.ordered_at)::DATE AS ordered_on
    FROM mentions m
    JOIN identities i USING (source, author_id)
    JOIN orders o ON o.customer_id = i.customer_id
        AND lower(trim(o.product)) = lower(trim(m.product)) AND o.ordered_at <= m.created_at
    WHERE m.source = 'community' AND m.kind = 'review'
    GROUP BY m.native_id
),
complaints AS (
    SELECT m.*, h.score AS read_as, (
        SELECT max(a.alert_id) FROM alerts a
        WHERE a.product = m.product
            AND m.created_at >= a.window_start AND m.created_at < a.window_end
    ) AS alert_id
    FROM heard h
    JOIN mentions m USING (mention_id)
    WHERE h.sentiment = 'negative' AND h.day >= (SELECT since FROM asked)
        AND m.created_at >= (SELECT since FROM asked)
        AND h.product IN (SELECT product FROM ours)
        AND coalesce(h.author_id, h.author_handle) IS NOT NULL
        AND coalesce(try(m.extra ->> '$.official'), 'false') <> 'true'
)
SELECT 'product' AS kind, product AS subject, '{}' AS body
FROM ours
UNION ALL
SELECT 'verified_purchase', native_id, json_object(
    'reason', reason, 'confidence', confidence, 'ordered_on', ordered_on::VARCHAR
)::VARCHAR
FROM purchases
UNION ALL
SELECT 'alert_raised', alert_id, json_object(
    'product', product,
    'window_start', utc_iso(window_start), 'window_end', utc_iso(window_end),
    'seen', seen, 'expected', expected, 'low', low, 'high', high, 'p_value', p_value,
    'terms', terms, 'first_mention', first_mention::VARCHAR, 'share_of_copies', share_of_copies
)::VARCHAR
FROM alerts
WHERE window_end >= (SELECT since FROM asked) AND product IN (SELECT product FROM ours)
UNION ALL
SELECT 'open_conversation', c.mention_id::VARCHAR, json_object(
    'source', c.source, 'native_id', c.native_id, 'kind', c.kind,
    'author_id', c.author_id, 'author_handle', c.author_handle, 'author_name', c.author_name,
    'customer_id', i.customer_id, 'text', c.text, 'url', c.url, 'product', c.product,
    'written_at', utc_iso(c.created_at), 'sentiment', 'negative',
    'score', round(c.read_as::DOUBLE, 4), 'alert_id', c.alert_id,
    'reply', CASE WHEN c.source = 'community' THEN 'community' ELSE 'outbox' END
)::VARCHAR
FROM complaints c
LEFT JOIN identities i ON i.source = c.source AND i.author_id = c.author_id
UNION ALL
SELECT 'mention_removed', md5(r.source || chr(31) || r.native_id)::UUID::VARCHAR, json_object(
    'source', r.source, 'native_id', r.native_id, 'removed_at', utc_iso(r.removed_at)
)::VARCHAR
FROM removals r
ANTI JOIN mentions m ON m.source = r.source AND m.native_id = r.native_id
WHERE r.source <> 'community' AND r.removed_at >= (SELECT removed_since FROM asked)
