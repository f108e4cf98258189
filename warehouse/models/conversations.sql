-- One row a conversation; closed where closing was the last that happened to it.
-- Reads `these_facts`: every fact of the conversations touched.
SELECT
    subject AS conversation,
    try_cast(
        arg_min(body ->> '$.mention_id', sequence) FILTER (kind = 'conversation_opened') AS UUID
    ) AS mention_id,
    min(happened_at) FILTER (kind = 'conversation_opened') AS opened_at,
    CASE
        WHEN arg_max(kind, sequence) = 'conversation_closed'
        THEN arg_max(happened_at, sequence)
    END AS closed_at
FROM these_facts
GROUP BY subject
