-- What the build read, accepted and rejected, in the order it was written.
SELECT step, item, value, expected, ok
FROM build_report;
