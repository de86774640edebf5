"""Putting what was read where it belongs: on the map, in a county, under a name."""
