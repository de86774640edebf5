-- The centres nearest to the settlements of the counties named by $codes, with the children-weighted mean distance
-- of the settlements they are nearest to; settlements without children count alike. Nearest first.
SELECT
    settlement.nearest_centre_id AS centre_id,
    CASE
        WHEN sum(settlement.children) > 0
            THEN sum(settlement.children * settlement.distance_m) / sum(settlement.children)
        ELSE avg(settlement.distance_m)
    END AS distance_m,
    count(*) AS settlements
FROM settlements AS settlement
WHERE
    settlement.code IN (SELECT unnest($codes))
    AND settlement.nearest_centre_id IS NOT NULL
    AND settlement.distance_m IS NOT NULL
GROUP BY settlement.nearest_centre_id
ORDER BY distance_m, centre_id
LIMIT $at_most;
