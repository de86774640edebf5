-- Every unit that is drawn, with the names of the units above it.
SELECT
    unit.level,
    unit.code,
    unit.name_zh,
    unit.name_en,
    unit.pinyin,
    unit.initials,
    unit.kind,
    unit.province_code,
    unit.prefecture_code,
    province.name_zh AS province_zh,
    province.name_en AS province_en,
    prefecture.name_zh AS prefecture_zh,
    prefecture.name_en AS prefecture_en,
    unit.counted,
    unit.area_km2,
    unit.lon,
    unit.lat,
    unit.west,
    unit.south,
    unit.east,
    unit.north
FROM units AS unit
LEFT JOIN units AS province
    ON province.level = 'province' AND province.code = unit.province_code
LEFT JOIN units AS prefecture
    ON prefecture.level = 'prefecture' AND prefecture.code = unit.prefecture_code
ORDER BY unit.level, unit.code;
