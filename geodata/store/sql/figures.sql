-- All measures of all counties and years, as the release holds them: before the disclosure gate.
SELECT code, year, measure, value, state, quality
FROM figures
ORDER BY measure, year, code;
