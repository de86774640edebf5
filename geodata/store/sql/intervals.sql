-- How sure the modelled figures are: 5th to 95th percentile of the draws, and the ranks a unit may have.
SELECT level, code, year, indicator, low, high, rank_best, rank_worst, alike
FROM intervals
ORDER BY indicator, year, level, code;
