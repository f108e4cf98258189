-- What people say of the mentions of a sample: the last word, unless it was taken back.
-- Reads `these_facts`: those of the mentions touched. The subject is sample_id|mention_id.
SELECT
    subject AS labelled,
    split_part(subject, '|', 1) AS sample_id,
    split_part(subject, '|', 2)::UUID AS mention_id,
    arg_max(coalesce(body ->> '$.label', ''), sequence) AS label,
    arg_max(coalesce(body ->> '$.by', ''), sequence) AS labelled_by,
    arg_max(happened_at, sequence) AS labelled_at
FROM these_facts
GROUP BY subject
HAVING arg_max(coalesce(body ->> '$.label', ''), sequence) <> ''
