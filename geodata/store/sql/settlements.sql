-- Demand points inside counties, by id.
SELECT settlement_id, name_zh, name_en, code, lon, lat, kind, children
FROM settlements
ORDER BY settlement_id
