"""Puts the steps in order; the only place that knows it."""
