-- The mentions of each sample, one row each. Reads `these_facts`: those of the samples touched.
WITH drawn AS (
    SELECT subject AS sample_id, unnest(json_extract(body, '$.items[*]')) AS item FROM these_facts
)
SELECT
    sample_id,
    (item ->> 0)::UUID AS mention_id,
    (item ->> 1)::UBIGINT AS text_hash,
    item ->> 2 AS source,
    item ->> 3 AS lang,
    (item ->> 4)::DATE AS week,
    item ->> 5 AS predicted,
    (item ->> 6)::DOUBLE AS probability
FROM drawn
