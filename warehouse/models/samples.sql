-- The samples that were drawn. Reads `these_facts`: those of the samples touched.
SELECT
    subject AS sample_id,
    body ->> '$.version' AS version,
    (body ->> '$.seed')::BIGINT AS seed,
    (body ->> '$.population')::BIGINT AS population,
    happened_at AS drawn_at
FROM these_facts
