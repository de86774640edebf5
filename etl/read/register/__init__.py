"""Registers of centres as people have them. `centres.read_centres` is the way in; each format has its own reader."""
