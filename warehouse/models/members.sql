-- One row a member. Reads `these_facts`: every fact of the members touched.
SELECT
    subject AS member_id,
    arg_max(body ->> '$.language', sequence) FILTER (kind = 'member_joined') AS language,
    min(happened_at) FILTER (kind = 'member_joined') AS joined_at,
    max(happened_at) FILTER (kind = 'member_left') AS left_at
FROM these_facts
GROUP BY subject
