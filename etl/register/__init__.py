"""The demonstration register of centres: seeded, documented, and called demonstration wherever it shows."""
