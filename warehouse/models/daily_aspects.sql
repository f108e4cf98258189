-- How many mentions a day speak of each aspect, and how. Reads `these_heard`: whole days of `heard`.
SELECT
    day,
    source,
    product,
    lang,
    left(token, -2) AS aspect,
    count(*) AS n,
    count(*) FILTER (ends_with(token, '-')) AS negative,
    count(*) FILTER (ends_with(token, '.')) AS neutral,
    count(*) FILTER (ends_with(token, '+')) AS positive
FROM (
    SELECT day, source, product, lang, unnest(string_split(trim(aspects), ' ')) AS token
    FROM these_heard
    WHERE length(aspects) > 2
)
GROUP BY ALL
