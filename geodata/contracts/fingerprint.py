"""Which contract a release keeps to, so that software and release of different making know each other."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

CONTRACT_FILE = Path(__file__).with_name("release.py")


@cache
def contract_fingerprint() -> str:
    """Sixteen digits that change with the declared tables. Read as text: what serves a release need not check it."""
    return hashlib.sha256(CONTRACT_FILE.read_bytes()).hexdigest()[:16]
