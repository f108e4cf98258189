-- The verified contacts of members who have not left, as keyed hashes: the last word on each.
-- Reads `these_facts`: every fact of the members touched.
WITH told AS (
    SELECT subject, sequence, kind.kind AS kind, body ->> ('$.' || kind.kind || '_key') AS key
    FROM these_facts, (VALUES ('email'), ('phone')) AS kind (kind)
    WHERE json_exists(body, '$.' || kind.kind || '_key')
)
SELECT subject AS member_id, kind, last(key ORDER BY sequence) AS key
FROM told
WHERE subject NOT IN (SELECT subject FROM these_facts WHERE kind = 'member_left')
GROUP BY subject, kind
HAVING last(key ORDER BY sequence) IS NOT NULL
