-- How many mentions a day, of what sentiment. Reads `these_heard`: whole days of `heard`.
-- The sum is rounded to millionths so that the order of adding does not show in it.
SELECT
    day,
    source,
    product,
    lang,
    count(*) AS n,
    count(*) FILTER (sentiment = 'negative') AS negative,
    count(*) FILTER (sentiment = 'neutral') AS neutral,
    count(*) FILTER (sentiment = 'positive') AS positive,
    count(*) FILTER (sentiment NOT IN ('negative', 'neutral', 'positive')) AS unread,
    coalesce(sum(round(score::DOUBLE * 1e6)::BIGINT), 0) / 1e6 AS score_sum
FROM these_heard
GROUP BY ALL
