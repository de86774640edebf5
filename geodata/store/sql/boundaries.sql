-- Outlines of one level, for downloads.
SELECT code, wkb
FROM boundaries
WHERE level = $level
ORDER BY code;
