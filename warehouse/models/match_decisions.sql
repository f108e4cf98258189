-- The last decision on each author and customer. Reads `these_facts`: those on the authors touched.
-- The subject is source|author_id; a source's name has no bar in it, an author's id may.
SELECT
    subject AS author,
    split_part(subject, '|', 1) AS source,
    substr(subject, strpos(subject, '|') + 1) AS author_id,
    body ->> '$.customer_id' AS customer_id,
    arg_max(body ->> '$.verdict', sequence) AS verdict,
    max(sequence) AS sequence,
    arg_max(happened_at, sequence) AS decided_at
FROM these_facts
WHERE body ->> '$.customer_id' IS NOT NULL AND body ->> '$.verdict' IS NOT NULL
GROUP BY subject, body ->> '$.customer_id'
