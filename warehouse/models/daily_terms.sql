-- How many different texts of a day say each noun or Latin word, by source and product, and of all
-- together (the rows of no source); the row of the empty lemma counts all texts. A copy counts on the
-- day of the first of its kind in a week.
-- Reads `these_heard`: whole days of `heard`.
WITH first_of_kind AS (
    SELECT h.* FROM these_heard h
    WHERE h.lemmas IS NOT NULL AND (h.fingerprint IS NULL OR NOT EXISTS (
        SELECT 1 FROM heard e
        WHERE e.fingerprint = h.fingerprint AND e.day BETWEEN h.day - 7 AND h.day
            AND (e.created_at, e.mention_id) < (h.created_at, h.mention_id)
    ))
),
spoken AS (
    SELECT h.day, h.source, h.product, h.sentiment, unnest(list_append(list_distinct([
        t.lemma FOR t IN a.terms
        IF t.tag IN ('NNG', 'NNP', 'XR', 'SL', 'W_HASHTAG') AND length(t.lemma) BETWEEN 2 AND 30
    ]), '')) AS lemma
    FROM first_of_kind h
    JOIN (FROM these_annotations) a
        ON a.mention_id = h.mention_id AND a.text_hash = h.text_hash
)
SELECT day, source, product, lemma, count(*) AS n,
    count(*) FILTER (sentiment = 'negative') AS negative
FROM spoken GROUP BY GROUPING SETS ((day, source, product, lemma), (day, lemma))
