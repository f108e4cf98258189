-- Which author is which customer, by equal keyed hashes of a verified e-mail address or phone.
-- A key of several customers tells nothing; keys that point to several customers tell nothing either.
-- What staff decided outranks both: a confirmed pair stands, a denied one is as if never found.
-- Gives every author who has a key that some customer has; `customer_id` is null where none is told.
WITH author_keys AS (
    SELECT 'community' AS source, member_id AS author_id, kind, key FROM person.member_keys
    UNION
    SELECT source, author_id, kind.kind, try(extra ->> ('$.' || kind.kind || '_key')) AS key
    FROM mentions, (VALUES ('email'), ('phone')) AS kind (kind)
    WHERE author_id IS NOT NULL AND contains(extra, '_key"') AND key IS NOT NULL
),
pairs AS (
    SELECT source, author_id, customer_id, kind,
        count(DISTINCT customer_id) OVER (PARTITION BY source, author_id, kind, key) > 1 AS shared
    FROM author_keys
    JOIN person.identifiers USING (kind, key)
    ANTI JOIN (SELECT * FROM match_decisions WHERE verdict = 'deny')
        USING (source, author_id, customer_id)
),
found AS (
    SELECT source, author_id,
        count(DISTINCT customer_id) FILTER (NOT shared) AS customers,
        min(customer_id) FILTER (NOT shared) AS customer_id,
        string_agg(DISTINCT kind, ' and ' ORDER BY kind) FILTER (NOT shared) AS reason
    FROM pairs
    GROUP BY source, author_id
),
confirmed AS (
    SELECT source, author_id, arg_max(customer_id, sequence) AS customer_id
    FROM match_decisions
    WHERE verdict = 'confirm'
    GROUP BY source, author_id
)
SELECT
    source,
    author_id,
    coalesce(confirmed.customer_id, CASE WHEN customers = 1 THEN found.customer_id END)
        AS customer_id,
    1.0::DOUBLE AS probability,
    CASE WHEN confirmed.customer_id IS NOT NULL THEN 'confirmed' ELSE reason END AS reason,
    coalesce(customers, 0) AS candidates
FROM found
FULL JOIN confirmed USING (source, author_id)
