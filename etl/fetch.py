"""Downloads the census workbooks from their public repository, at pinned commits and with pinned SHA-256."""

from __future__ import annotations

import logging
from pathlib import Path

import pooch

from etl.census_source import YEARS, CensusSource, load_source
from geodata.errors import UserError


def fetch_census(target: Path, *, progress: bool = True) -> list[Path]:
    """Put both census workbooks into the folder `target`; a file already there with the right SHA-256 is kept.

    `progress` shows a bar. Raises `UserError` saying what to do where the network or the file fails; a broken
    download never takes the place of a file.
    """
    pooch.get_logger().setLevel(logging.INFO if progress else logging.WARNING)
    return [_fetch(load_source(year), target, progress=progress) for year in YEARS]


def _fetch(source: CensusSource, target: Path, *, progress: bool) -> Path:
    name = source.read.file
    by_hand = (
        f"download {source.url} by hand, put it into {target}, and run this again; "
        f"or point `python -m etl estimate --census DIR` to a folder that holds {name}"
    )
    try:
        found = pooch.retrieve(source.url, f"sha256:{source.sha256}", fname=name, path=target, progressbar=progress)
    except ValueError as error:
        # pooch raises this for a hash that does not match, and has thrown the file away by then.
        raise UserError(
            f"The download is not the file that was pinned ({error})", file=target / name,
            expected=f"SHA-256 {source.sha256}; {by_hand}",
        ) from error  # fmt: skip
    except OSError as error:
        # requests' errors are OSErrors too: no network, no such address, no space, no right to write.
        raise UserError(
            f"The census workbook could not be downloaded ({error})", file=target / name, expected=by_hand
        ) from error
    return Path(found)
