-- How many mentions a day speak of each topic. Reads `these_heard`: whole days of `heard`.
-- A mention whose text has changed since its topic was told is left out until it is told anew.
SELECT
    day,
    source,
    product,
    lang,
    topic_id,
    count(*) AS n,
    count(*) FILTER (sentiment = 'negative') AS negative,
    count(*) FILTER (sentiment = 'neutral') AS neutral,
    count(*) FILTER (sentiment = 'positive') AS positive,
    count(*) FILTER (sentiment NOT IN ('negative', 'neutral', 'positive')) AS unread,
    coalesce(sum(round(score::DOUBLE * 1e6)::BIGINT), 0) / 1e6 AS score_sum
FROM these_heard h
JOIN mention_topics t ON t.mention_id = h.mention_id AND t.text_hash = h.text_hash
WHERE topic_id IS NOT NULL
GROUP BY ALL
