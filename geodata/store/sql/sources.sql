-- Where the numbers come from.
SELECT source_id, role, title_zh, title_en, producer, year, licence, citation, url, sha256
FROM sources
ORDER BY source_id;
