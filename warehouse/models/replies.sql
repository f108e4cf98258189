-- Every answer that was sent. Reads `these_facts`: those to the mentions touched.
SELECT
    subject::UUID AS mention_id,
    body ->> '$.conversation' AS conversation,
    body ->> '$.by' AS replied_by,
    happened_at AS replied_at
FROM these_facts
WHERE try_cast(subject AS UUID) IS NOT NULL
