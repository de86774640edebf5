-- Both ends of migrating families: flows from or to the units named by $codes, largest left-behind count first.
SELECT year, level, origin, scope, destination, left_behind_children, migrant_children, quality
FROM flows
WHERE
    year = $year
    AND (
        (origin IS NOT NULL AND origin IN (SELECT unnest($codes)))
        OR (destination IS NOT NULL AND destination IN (SELECT unnest($codes)))
    )
ORDER BY level, scope, left_behind_children DESC NULLS LAST, migrant_children DESC NULLS LAST, origin, destination;
