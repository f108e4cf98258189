-- What each account in `asked_accounts` does, for warehouse/signals/bots.py to judge. Times of day
-- count only where the source gives them: not where nine of ten of its mentions stand at midnight.
WITH timed AS (
    SELECT source, avg((created_at = date_trunc('day', created_at))::INTEGER) < 0.9 AS has_times
    FROM heard GROUP BY source
),
posts AS (
    SELECT h.source, coalesce(h.author_id, h.author_handle) AS author, h.mention_id, h.created_at,
        h.product, c.mention_id IS NOT NULL OR f.first_id IS NOT NULL AS copied,
        contains(m.text, 'http://') OR contains(m.text, 'https://') OR contains(m.text, 'www.')
            AS linked
    FROM heard h
    JOIN asked_accounts a
        ON a.source = h.source AND a.author = coalesce(h.author_id, h.author_handle)
    JOIN mentions m ON m.mention_id = h.mention_id
    LEFT JOIN copies c ON c.mention_id = h.mention_id
    LEFT JOIN (SELECT DISTINCT first_id FROM copies) f ON f.first_id = h.mention_id
),
walked AS (
    SELECT *,
        epoch(created_at) - epoch(lag(created_at) OVER account) AS pause,
        count(*) OVER (
            PARTITION BY source, author ORDER BY created_at
            RANGE BETWEEN INTERVAL 10 MINUTE PRECEDING AND CURRENT ROW
        ) AS within_minutes
    FROM posts
    WINDOW account AS (PARTITION BY source, author ORDER BY created_at, mention_id)
),
summed AS (
    SELECT source, author, count(*) AS mentions, min(created_at) AS first_at,
        max(created_at) AS last_at, count(DISTINCT product) AS products,
        count(DISTINCT created_at::DATE) AS days,
        avg(copied::INTEGER) AS share_of_copies, avg(linked::INTEGER) AS share_of_links,
        stddev_pop(pause) / nullif(avg(pause), 0) AS interval_variation,
        max(within_minutes) AS busiest_minutes,
        entropy(minute(created_at)) / log2(least(60, count(*))) AS minute_entropy,
        histogram(hour(created_at)) AS hours
    FROM walked GROUP BY source, author
),
quiet AS (
    SELECT source, author, min(posted) / any_value(mentions) AS quiet_share
    FROM (
        SELECT source, author, mentions, list_sum([
            coalesce(hours[((begins + step) % 24)::BIGINT], 0) FOR step IN range(6)
        ]) AS posted
        FROM summed, range(24) AS clock(begins)
    ) GROUP BY source, author
)
SELECT s.* EXCLUDE (hours, interval_variation, busiest_minutes, minute_entropy),
    CASE WHEN has_times THEN round(interval_variation, 4) END AS interval_variation,
    CASE WHEN has_times THEN round(minute_entropy, 4) END AS minute_entropy,
    CASE WHEN has_times THEN round(quiet_share, 4) END AS quiet_share,
    CASE WHEN has_times THEN busiest_minutes END AS busiest_minutes
FROM summed s
JOIN quiet USING (source, author)
JOIN timed USING (source)
