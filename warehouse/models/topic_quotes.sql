-- What to quote of each topic: mentions that speak of little else, of readable length, the telling
-- ones first, no two of one fingerprint, and by turns from different products and sentiments.
-- Reads `since`, the first moment looked at.
WITH told AS (
    SELECT t.topic_id, h.mention_id, h.created_at, h.product, h.sentiment, h.fingerprint, t.certainty,
        length(h.lemmas) - length(replace(h.lemmas, ' ', '')) - 1 AS words
    FROM heard h JOIN mention_topics t USING (mention_id, text_hash)
    WHERE t.topic_id IS NOT NULL AND h.created_at >= (SELECT moment FROM since)
        AND h.sentiment IN ('negative', 'neutral', 'positive')
        AND NOT coalesce(h.spam, false) AND NOT coalesce(h.sponsored, false)
),
readable AS (
    SELECT * FROM told WHERE words BETWEEN 4 AND 30 AND fingerprint IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY topic_id, fingerprint ORDER BY created_at, mention_id
    ) = 1
),
turns AS (
    SELECT *, row_number() OVER (
        PARTITION BY topic_id, product, sentiment
        ORDER BY certainty * ln(words) DESC, created_at DESC, mention_id
    ) AS turn
    FROM readable
)
SELECT topic_id, mention_id, created_at, row_number() OVER (
    PARTITION BY topic_id ORDER BY turn, certainty * ln(words) DESC, created_at DESC, mention_id
)::INTEGER AS place
FROM turns QUALIFY place <= 12
