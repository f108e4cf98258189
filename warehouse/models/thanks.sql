-- Thanks for an answer, by the mention answered. Reads `these_facts`: those of the mentions touched.
SELECT
    subject::UUID AS mention_id,
    body ->> '$.member' AS member_id,
    min(happened_at) AS thanked_at
FROM these_facts
WHERE try_cast(subject AS UUID) IS NOT NULL
GROUP BY ALL
