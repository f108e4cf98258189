-- Saved queries as they are now. Reads `these_facts`: those of the trackers touched.
SELECT
    subject AS tracker,
    (arg_max(body ->> '$.version', sequence))::BIGINT AS version,
    arg_max(body ->> '$.name', sequence) AS name,
    arg_max(body ->> '$.query', sequence) AS query,
    arg_max(kind, sequence) = 'tracker_saved' AS active,
    arg_max(happened_at, sequence) AS saved_at
FROM these_facts
GROUP BY subject
