-- The votes that stand. Reads `these_facts`: every vote on the ideas touched.
SELECT
    subject AS idea,
    body ->> '$.member' AS member_id,
    arg_max(happened_at, sequence) AS voted_at
FROM these_facts
WHERE body ->> '$.member' IS NOT NULL
GROUP BY subject, body ->> '$.member'
HAVING arg_max(kind, sequence) = 'vote_cast'
