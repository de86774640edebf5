"""`python -m geodata.store`: which release would be served? Exit code 1 and one sentence if there is none to serve."""

from __future__ import annotations

import sys

from geodata.errors import UserError
from geodata.settings import data_dir
from geodata.store.store import Store


def main() -> int:
    """Print the id of the current release, or why it cannot be served."""
    try:
        sys.stdout.write(f"{Store(data_dir()).release.release_id}\n")
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
