-- What of access does not add up over counties, by figure, level and code.
SELECT level, code, figure, value, low, high, state, quality
FROM access
ORDER BY figure, level, code;
