-- What stands of people's corrections. Reads `these_facts`: those of the mentions touched.
SELECT
    try_cast(subject AS UUID) AS mention_id,
    try_cast(arg_max(body ->> '$.text_hash', sequence) AS UBIGINT) AS text_hash,
    arg_max(body ->> '$.sentiment', sequence) AS sentiment,
    arg_max(coalesce(body ->> '$.by', ''), sequence) AS corrected_by,
    arg_max(happened_at, sequence) AS corrected_at
FROM these_facts
WHERE try_cast(subject AS UUID) IS NOT NULL
GROUP BY subject
HAVING arg_max(kind, sequence) = 'label_corrected'
    AND arg_max(body ->> '$.sentiment', sequence) IN ('negative', 'neutral', 'positive')
