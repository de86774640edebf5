-- Curves of how places in reach are shared, point by point, with the index of each.
SELECT level, code, curve, step, people, access, index
FROM equity
ORDER BY curve, level, code, step;
