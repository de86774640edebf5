"""Measuring what the release will say: distances, sums per county."""
