-- Every change of an idea's status. Reads `these_facts`: those of the ideas touched.
SELECT
    subject AS idea,
    body ->> '$.status' AS status,
    body ->> '$.before' AS before,
    body ->> '$.reason' AS reason,
    happened_at AS changed_at
FROM these_facts
