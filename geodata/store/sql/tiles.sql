-- Every vector tile of the base map, gzip-compressed.
SELECT layer, z, x, y, data
FROM tiles;
