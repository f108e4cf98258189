-- The alerts that are acknowledged, and by whom. Reads `these_facts`: those of the alerts touched.
SELECT
    subject AS alert_id,
    arg_max(body ->> '$.by', sequence) AS acknowledged_by,
    arg_max(happened_at, sequence) AS acknowledged_at
FROM these_facts
GROUP BY subject
HAVING arg_max(kind, sequence) = 'alert_acknowledged'
