-- Demand points inside counties with their nearest open centre, by id.
SELECT settlement_id, name_zh, name_en, code, lon, lat, kind, children, nearest_centre_id, distance_m, relief, moved_m
FROM settlements
ORDER BY settlement_id
