-- What each county of each year since 2000 is today.
SELECT code, name, name_en, prefecture, province, from_year, to_year, to_code, to_name, weight, error, kind,
    boundary_changed, reason_zh, reason_en
FROM vintages
ORDER BY code, from_year, name, to_code
