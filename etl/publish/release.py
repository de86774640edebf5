"""Writing a release: aside, checked, flushed, and swapped in whole. A killed build leaves the old release untouched.

`releases/<release_id>.duckdb` never changes once it has its name; `CURRENT` holds the id of the one that is served.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pandera.errors

from geodata.contracts.fingerprint import contract_fingerprint
from geodata.contracts.release import TABLES, Table
from geodata.errors import ManyErrors, UserError

CURRENT = "CURRENT"
RELEASES = "releases"
KEPT = 2
_BUILDING = ".building-"
# Not part of what a release says: two builds of the same content differ in them.
_OUTSIDE_CONTENT = ("release", "build_report")
# The order of rows on disk: DuckDB skips blocks by their least and greatest value, so ask along this order.
_ORDER = {
    "sources": ["source_id"],
    "units": ["level", "code"],
    "boundaries": ["level", "code"],
    "tiles": ["layer", "z", "x", "y"],
    "figures": ["measure", "year", "code"],
    "intervals": ["indicator", "year", "level", "code"],
    "settlements": ["code", "settlement_id"],
    "centres": ["centre_id"],
    "crosswalk": ["year", "code", "census_name"],
    "flows": ["year", "level", "origin", "scope", "destination"],
    "access": ["figure", "level", "code"],
    "equity": ["curve", "level", "code", "step"],
    "vintages": ["code", "from_year", "name", "to_code"],
}
_SQL_TYPES = {"str": "VARCHAR", "int": "INTEGER", "float": "DOUBLE", "bool": "BOOLEAN", "object": "BLOB"}


@dataclass(frozen=True)
class Written:
    """Id and file of a release that is now the current one."""

    release_id: str
    file: Path


def content_sha256(tables: Mapping[str, pd.DataFrame]) -> str:
    """SHA-256 over all checked tables that say something about the world: equal for equal tables."""
    digest = hashlib.sha256()
    for name in sorted(set(tables) - set(_OUTSIDE_CONTENT)):
        table = tables[name]
        for column in TABLES[name].to_schema().columns:
            digest.update(f"\n{name}.{column}:{len(table)}\n".encode())
            digest.update(_bytes_of(table[column]))
    return digest.hexdigest()


def ordered(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """`table` with its declared columns, rows in the order of its key."""
    columns = list(TABLES[name].to_schema().columns)
    key = _ORDER.get(name)
    rows = table.sort_values(key, kind="stable", ignore_index=True) if key else table.reset_index(drop=True)
    return rows[columns]


def check_tables(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """`tables` with the declared types and in stored order, or every breach of the contract in one error."""
    checked, errors = {}, []
    for name, table in tables.items():
        try:
            checked[name] = ordered(name, TABLES[name].validate(table, lazy=True))
        except pandera.errors.SchemaErrors as error:
            breaches = error.failure_cases.head(5)
            errors += [
                UserError("This table breaks its contract", key=f"{name}.{row['column']}", value=row["failure_case"],
                          expected=str(row["check"]))
                for _, row in breaches.iterrows()
            ]  # fmt: skip
    if errors:
        raise ManyErrors("The release was not published:", errors)
    return checked


def write_release(
    tables: Mapping[str, pd.DataFrame], data_dir: Path, *, now: datetime, version: str, method_version: str,
    centres_kind: str,
) -> Written:  # fmt: skip
    """Write all tables but `release`, which is made here, as the new current release in `data_dir`.

    Parameters
    ----------
    tables
        By name, as in `geodata.contracts.release`, without `release`.
    now
        When it was built, with a time zone.

    Raises
    ------
    UserError
        If a table breaks its contract, the disk is full or may not be written. The old release stays as it is.
    """
    missing = sorted(set(TABLES) - set(tables) - {"release"})
    if missing:
        raise UserError("The release lacks tables", value=missing, expected=", ".join(TABLES))
    checked = check_tables(tables)
    sha256 = content_sha256(checked)
    built_at = now.astimezone(UTC)
    release = {
        "release_id": f"{built_at:%Y%m%dT%H%M%S}-{sha256[:8]}",
        "built_at": built_at.isoformat(timespec="seconds"),
        "version": version,
        "method_version": method_version,
        "content_sha256": sha256,
        "centres_kind": centres_kind,
        "contract": contract_fingerprint(),
    }
    checked |= check_tables({"release": pd.DataFrame([release])})
    return _swap_in(checked, data_dir, release["release_id"])


def _swap_in(checked: Mapping[str, pd.DataFrame], data_dir: Path, release_id: str) -> Written:
    """Write aside, read back, flush, rename, point `CURRENT` at it, clear up: in this order nothing can be lost."""
    folder = data_dir / RELEASES
    building = folder / f"{_BUILDING}{os.getpid()}.duckdb"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            _write_file(building, checked)
            _verify_file(building, checked)
            _flush(building)
            building.replace(folder / f"{release_id}.duckdb")
        finally:
            for leftover in (building, building.with_suffix(".duckdb.wal")):
                leftover.unlink(missing_ok=True)
        _flush(folder)
        make_current(data_dir, release_id)
        remove_old(data_dir)
    except (OSError, duckdb.IOException) as error:
        raise UserError(
            "The release could not be written",
            file=folder,
            value=str(error),
            expected="a folder with room",
        ) from error
    return Written(release_id, folder / f"{release_id}.duckdb")


def make_current(data_dir: Path, release_id: str) -> None:
    """Let `CURRENT` name `release_id`, in one step that readers see whole or not at all."""
    aside = data_dir / f".{CURRENT}-{os.getpid()}"
    aside.write_text(release_id + "\n", encoding="utf-8")
    _flush(aside)
    aside.replace(data_dir / CURRENT)
    _flush(data_dir)


def remove_old(data_dir: Path) -> None:
    """Keep the current release and the one before it; remove older ones and what killed builds left behind."""
    current = (data_dir / CURRENT).read_text(encoding="utf-8").strip()
    folder = data_dir / RELEASES
    others = sorted((file for file in folder.glob("*.duckdb") if not file.name.startswith(".")), reverse=True)
    kept = {f"{current}.duckdb", *[file.name for file in others if file.stem != current][: KEPT - 1]}
    for file in folder.iterdir():
        is_old = file in others and file.name not in kept
        if is_old or _is_abandoned(file):
            file.unlink(missing_ok=True)


def ddl(name: str, model: type[Table]) -> str:
    """The CREATE TABLE statement of a table of the contract."""
    annotations = {field: str(kind) for field, kind in model.__annotations__.items()}
    columns = []
    for column, schema in model.to_schema().columns.items():
        python_type = annotations[column].removeprefix("Series[").removesuffix("]")
        columns.append(f'    "{column}" {_SQL_TYPES[python_type]}{"" if schema.nullable else " NOT NULL"}')
    return f'CREATE TABLE "{name}" (\n' + ",\n".join(columns) + "\n)"


def _write_file(file: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    with duckdb.connect(str(file)) as connection:
        for name, table in tables.items():
            connection.execute(ddl(name, TABLES[name]))
            connection.register("rows", table)
            connection.execute(f'INSERT INTO "{name}" SELECT * FROM rows')  # noqa: S608  # names of the contract
            connection.unregister("rows")
            connection.execute(f"COMMENT ON TABLE \"{name}\" IS '{_first_line(TABLES[name])}'")
        connection.execute("CHECKPOINT")


def _verify_file(file: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Read the file back as its readers will: every table must hold the rows that were meant."""
    with duckdb.connect(str(file), read_only=True) as connection:
        for name, table in tables.items():
            answer = connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()  # noqa: S608  # names of the contract
            if answer is None or answer[0] != len(table):
                raise UserError("The written release is not what was meant", file=file, key=name, value=answer,
                                expected=f"{len(table)} rows")  # fmt: skip


def _bytes_of(column: pd.Series) -> bytes:
    """A column as bytes, equal exactly for equal columns: texts and blobs with their lengths, numbers as they are."""
    if pd.api.types.is_numeric_dtype(column):
        return np.ascontiguousarray(column.to_numpy()).astype("<f8").tobytes()
    # Plain Python values: pandas' own iteration over texts takes five times as long.
    values, missing = column.to_numpy(dtype=object), column.isna().to_numpy()
    return b"".join(b"-" if gone else _sized(value) for value, gone in zip(values, missing, strict=True))


def _sized(value: object) -> bytes:
    data = bytes(value) if isinstance(value, bytes | bytearray) else str(value).encode()
    return b"%d:%s" % (len(data), data)


def _first_line(model: type[Table]) -> str:
    return (model.__doc__ or "").strip().splitlines()[0].replace("'", "''")


def _is_abandoned(file: Path) -> bool:
    """Whether `file` is the unfinished work of a process that is gone."""
    if not file.name.startswith(_BUILDING):
        return False
    pid = file.name.removeprefix(_BUILDING).split(".")[0]
    if not pid.isdigit():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return int(pid) == os.getpid()


def _flush(path: Path) -> None:
    """Have the disk keep `path`, a file or a folder, before anything points at it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
