-- Where the numbers come from.
SELECT source_id, role, title_zh, title_en, producer_zh, producer_en, licence_zh, licence_en, year, citation, url, sha256
FROM sources
ORDER BY source_id;
