-- Annotations as given, with their aspects in short: a sign for each that a mention speaks of.
-- One that it both praises and blames has the neutral sign. Reads `given_readings`.
SELECT
    * EXCLUDE (all_named, blamed, praised),
    CASE WHEN aspects IS NOT NULL THEN
        ' ' || array_to_string(list_sort(list_transform(all_named, lambda name :
            replace(name, ' ', '_') || CASE
                WHEN list_contains(blamed, name) = list_contains(praised, name) THEN ':.'
                WHEN list_contains(praised, name) THEN ':+'
                ELSE ':-'
            END
        )), ' ') || ' '
    END AS aspect_signs
FROM (
    SELECT *,
        list_distinct([a.aspect FOR a IN aspects]) AS all_named,
        [a.aspect FOR a IN aspects IF a.polarity = 'negative'] AS blamed,
        [a.aspect FOR a IN aspects IF a.polarity = 'positive'] AS praised
    FROM given_readings
)
