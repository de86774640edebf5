"""The reading room: opens the current release read-only, notices a new one, answers one question a SQL file."""

from geodata.store.store import Reading, ReleaseRow, Store, remembered

__all__ = ["Reading", "ReleaseRow", "Store", "remembered"]
