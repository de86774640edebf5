"""Reading a file of a stranger in a process of its own, with little memory, time and no network driver.

    python -m etl.read.register.child FILE

writes the rows as JSON to standard output. `read_apart` starts it; a file that blows up takes the child with it alone.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from geodata.errors import UserError
from geodata.settings import PROJECT_DIR

MEMORY_BYTES = 3_000_000_000
CPU_SECONDS = 120
WALL_SECONDS = 240
_MODULE = "etl.read.register.child"
_EXPECTED = "a CSV, XLSX, GeoJSON, GeoPackage, zipped Shapefile, KML, KMZ, or JSON of Kobo, ODK or Overpass"


def read_apart(file: Path) -> dict[str, Any]:
    """`file` as the fields of a `RawTable`, read in a child process.

    Raises
    ------
    UserError
        What the child found wrong; or that it had to be stopped.
    """
    # The child inherits nothing of the environment but what Python needs.
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PROJ_DATA") if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603  # this very interpreter; the path is an argument, no command
            [sys.executable, "-m", _MODULE, str(file.resolve())],
            cwd=PROJECT_DIR, env={**environment, "PYTHONIOENCODING": "utf-8"}, capture_output=True,
            timeout=WALL_SECONDS, check=False,
        )  # fmt: skip
        answer = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise UserError("Reading this file took too much time or memory and was stopped", file=file,
                        expected=_EXPECTED) from error  # fmt: skip
    if "error" in answer:
        raise UserError(**answer["error"] | {"file": file})
    return dict(answer)


def main(arguments: list[str]) -> int:
    """Read the file named in `arguments` and write it as JSON, or what is wrong with it."""
    from etl.read.register import formats, shapes  # noqa: PLC0415  # the limits come first

    file = Path(arguments[0])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        if formats.needs_gdal(file):
            shapes.keep_only_safe_drivers(["-m", _MODULE, *arguments])
        answer: dict[str, Any] = asdict(formats.read_raw(file))
    except UserError as error:
        known = {"row": error.row, "column": error.column, "key": error.key, "value": error.value}
        answer = {"error": {"message": error.message, "expected": error.expected, **known}}
    except (MemoryError, RecursionError):
        answer = {"error": {"message": "This file takes more memory than a register needs", "expected": _EXPECTED}}
    json.dump(answer, sys.stdout, ensure_ascii=True, default=str)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
