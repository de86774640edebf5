-- All centres with the county they lie in.
SELECT
    centre.centre_id,
    centre.name_zh,
    centre.name_en,
    centre.programme,
    centre.type,
    centre.services,
    centre.lon,
    centre.lat,
    centre.crs,
    centre.coordinates,
    centre.code,
    centre.address,
    centre.opened,
    centre.closed,
    centre.capacity,
    centre.staff,
    centre.status,
    centre.verified,
    centre.source,
    centre.licence,
    centre.demonstration
FROM centres AS centre
ORDER BY centre.centre_id;
