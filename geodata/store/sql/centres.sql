-- All centres with the county they lie in.
SELECT
    centre.centre_id,
    centre.name_zh,
    centre.name_en,
    centre.type,
    centre.services,
    centre.lon,
    centre.lat,
    centre.code,
    centre.capacity,
    centre.status,
    centre.demonstration
FROM centres AS centre
ORDER BY centre.centre_id;
