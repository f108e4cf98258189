-- The topic of each mention in `these`: that for which its words, each once, say most. Null where no
-- word speaks for any. Reads `these_annotations` and the words of the last fit.
WITH words AS (
    SELECT mention_id, text_hash, unnest(list_distinct([
        t.lemma FOR t IN terms IF t.tag IN ('NNG', 'NNP', 'XR', 'SH', 'W_HASHTAG', 'VV', 'VA', 'SL')
    ])) AS word
    FROM these_annotations
),
scores AS (
    SELECT mention_id, text_hash, topic_id, sum(weight::DOUBLE) AS score
    FROM words JOIN topic_words USING (word) GROUP BY ALL
),
best AS (
    SELECT *, score / sum(score) OVER (PARTITION BY mention_id) AS certainty FROM scores
    QUALIFY row_number() OVER (PARTITION BY mention_id ORDER BY score DESC, topic_id) = 1
)
SELECT these.mention_id, these.text_hash, topic_id, certainty::FLOAT AS certainty
FROM these LEFT JOIN best USING (mention_id, text_hash)
