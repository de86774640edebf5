"""Writing the release: tiles, tables, checks, and the swap."""
