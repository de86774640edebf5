-- How minutes were found and what they assume: one row.
SELECT method, mode, speed_km_h, detour_flat, detour_hilly, detour_mountain, detour_unknown, snap_within_m, standards_min
FROM travel
