-- What the mentions of each episode in `episodes` say, which was the first, and how many are copies.
-- Words are ranked by the log odds ratio of being in a mention of the episode rather than in a
-- negative one of the product in the eight weeks before, divided by its standard error (Haldane's
-- halves added; Agresti 2013, "Categorical Data Analysis", 3.1). Copies are looked for among the
-- first 2,000 mentions.
WITH said AS (
    SELECT e.episode, h.mention_id, h.created_at, h.fingerprint, h.lemmas, e.product,
        h.created_at >= e.window_start AS is_now
    FROM episodes e
    JOIN heard h ON h.product = e.product AND h.sentiment = 'negative'
        AND h.created_at >= e.window_start - INTERVAL 56 DAY AND h.created_at < e.window_end
),
sizes AS (
    SELECT episode, count(*) FILTER (is_now) AS n, count(*) FILTER (NOT is_now) AS m
    FROM said GROUP BY episode
),
words AS (
    SELECT episode, word, count(*) FILTER (is_now) AS y, count(*) FILTER (NOT is_now) AS b
    FROM (
        SELECT episode, is_now, unnest(list_distinct(string_split(trim(lemmas), ' '))) AS word
        FROM said
    ) AS spoken
    WHERE length(word) > 1
        AND NOT contains((SELECT lower(any_value(product)) FROM episodes e
            WHERE e.episode = spoken.episode), word)
    GROUP BY episode, word
    HAVING y >= 3
),
ranked AS (
    SELECT episode, word,
        (ln((y + 0.5) / (n - y + 0.5)) - ln((b + 0.5) / (m - b + 0.5)))
        / sqrt(1 / (y + 0.5) + 1 / (n - y + 0.5) + 1 / (b + 0.5) + 1 / (m - b + 0.5)) AS z
    FROM words JOIN sizes USING (episode)
),
terms AS (
    SELECT episode, list(word ORDER BY z DESC, word)[1:8] AS terms
    FROM ranked WHERE z > 1.64 GROUP BY episode
),
sample AS (
    SELECT episode, mention_id, fingerprint FROM said WHERE is_now
    QUALIFY row_number() OVER (PARTITION BY episode ORDER BY created_at, mention_id) <= 2000
),
copied AS (
    SELECT DISTINCT a.episode, a.mention_id
    FROM sample a
    JOIN sample b ON a.episode = b.episode AND a.mention_id <> b.mention_id
        AND bit_count(xor(a.fingerprint, b.fingerprint)) <= 8 -- nlp.fingerprint.NEAR_COPY_BITS
    WHERE a.fingerprint <> 0 AND b.fingerprint <> 0
),
copies AS (
    SELECT episode, count(copied.mention_id) / count(*) AS share_of_copies
    FROM sample LEFT JOIN copied USING (episode, mention_id)
    GROUP BY episode
),
firsts AS (
    SELECT episode, arg_min(mention_id, (created_at, mention_id)) AS first_mention
    FROM said WHERE is_now GROUP BY episode
)
SELECT e.*, coalesce(terms, []) AS terms, first_mention, share_of_copies
FROM episodes e
LEFT JOIN terms USING (episode)
LEFT JOIN firsts USING (episode)
LEFT JOIN copies USING (episode)
