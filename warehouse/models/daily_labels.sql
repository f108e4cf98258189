-- How many mentions a day have each intent, emotion and mark (toxic, spam, sponsored).
-- Reads `these_heard`: whole days of `heard`.
WITH labelled AS (
    SELECT day, source, product, lang, sentiment, unnest(list_concat(
        ['intent ' || label FOR label IN string_split(trim(intents), ' ') IF label <> ''],
        ['emotion ' || label FOR label IN string_split(trim(emotions), ' ') IF label <> ''],
        [label FOR label IN [
            CASE WHEN toxic THEN 'mark toxic' END,
            CASE WHEN spam THEN 'mark spam' END,
            CASE WHEN sponsored THEN 'mark sponsored' END
        ] IF label IS NOT NULL]
    )) AS label
    FROM these_heard
    WHERE length(intents) > 2 OR length(emotions) > 2 OR toxic OR spam OR sponsored
)
SELECT
    day,
    source,
    product,
    lang,
    split_part(label, ' ', 1) AS kind,
    split_part(label, ' ', 2) AS label,
    count(*) AS n,
    count(*) FILTER (sentiment = 'negative') AS negative
FROM labelled
GROUP BY ALL
