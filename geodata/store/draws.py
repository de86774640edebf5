"""The draws of `python -m etl estimate --draws`: a build product beside the releases, `$GEODATA_DIR/draws`.

Format of `draws_{year}.npz`, a compressed NumPy archive without pickled objects: `code`, six-digit division codes of
today's counties, and for each drawn measure of the catalogue (`children`, `migrant_children`, ...) an array of unsigned
integers, shape (draws, units), in tens of persons. Row i of every measure and of both years is one and the same world.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geodata.errors import UserError
from geodata.settings import data_dir

# Draws are kept in tens: the noise of one draw is hundreds, and 16 bits then hold 655,350 children.
TENS = 10
CODE = "code"


@dataclass(frozen=True)
class StoredDraws:
    """Draws of one year. `measures` by catalogue id: persons, rounded to ten, shape (draws, units) as in `code`."""

    code: NDArray[np.str_]
    measures: Mapping[str, NDArray[np.float64]]


def draws_file(year: int, folder: Path | None = None) -> Path:
    """Where the draws of `year` lie: in `folder`, else in `$GEODATA_DIR/draws`."""
    return (folder or data_dir() / "draws") / f"draws_{year}.npz"


def read_draws(year: int, folder: Path | None = None) -> StoredDraws:
    """The draws of one year.

    Raises
    ------
    UserError
        If there are none yet, or the file is not of this format.
    """
    file = draws_file(year, folder)
    expected = "a file written by `python -m etl estimate --census DIR --draws`"
    try:
        with np.load(file, allow_pickle=False) as archive:
            code = archive[CODE].astype(np.str_)
            measures = {name: archive[name].astype(np.float64) * TENS for name in archive.files if name != CODE}
    except FileNotFoundError:
        raise UserError("There are no draws yet", file=file, expected=expected) from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise UserError("These draws cannot be read", file=file, value=str(error), expected=expected) from error
    if any(drawn.ndim != 2 or drawn.shape[1] != len(code) for drawn in measures.values()):
        raise UserError("These draws and their codes do not match", file=file, value=len(code), expected=expected)
    return StoredDraws(code, measures)
