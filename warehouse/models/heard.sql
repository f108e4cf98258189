-- One narrow row a mention, with its annotation where the current annotator has read this text.
-- Where a person has said what this very text means, that stands in place of the annotator's word.
-- Reads `these_mentions` and `these_annotations`: all of them, or those touched by one change.
SELECT
    m.mention_id,
    m.source,
    m.kind,
    m.product,
    m.author_id,
    m.author_handle,
    m.rating,
    m.created_at,
    m.created_at::DATE AS day,
    m.text_hash,
    coalesce(a.lang, m.lang) AS lang,
    coalesce(c.sentiment, a.sentiment, 'unread') AS sentiment,
    CASE c.sentiment WHEN 'negative' THEN -1 WHEN 'neutral' THEN 0 WHEN 'positive' THEN 1
        ELSE a.score END AS score,
    c.sentiment IS NOT NULL AS corrected,
    a.fingerprint,
    CASE WHEN a.sentiment IS NOT NULL THEN lemma_line(a.terms) END AS lemmas,
    a.aspect_signs AS aspects,
    ' ' || array_to_string(a.intents, ' ') || ' ' AS intents,
    ' ' || array_to_string(a.emotions, ' ') || ' ' AS emotions,
    a.toxicity >= 0.5 AS toxic,
    a.spam >= 0.5 AS spam,
    a.sponsored
FROM these_mentions m
LEFT JOIN these_annotations a
    ON a.mention_id = m.mention_id AND a.text_hash = m.text_hash
LEFT JOIN corrections c
    ON c.mention_id = m.mention_id AND c.text_hash = m.text_hash
