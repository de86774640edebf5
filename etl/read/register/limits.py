"""What a register may be at most, and looking into packed files before anything is unpacked."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from geodata.errors import UserError

MEGABYTE = 1_000_000
# A register of all 289,000 Children's Places is a CSV of some 40 MB.
MAX_FILE_BYTES = 60 * MEGABYTE
MAX_UNPACKED_BYTES = 400 * MEGABYTE
# Spreadsheets of repeated words pack 50 times; bombs a thousand times and more.
MAX_RATIO = 200
MAX_MEMBERS = 500
MAX_ROWS = 400_000
MAX_COLUMNS = 300
MAX_CELL = 4_000


@dataclass
class RawTable:
    """A file as rows of text, before anybody asks what the columns mean.

    Attributes
    ----------
    format
        csv, xlsx, geojson, kml, geopackage, shapefile, overpass or form.
    headers
        In the order of the file.
    rows
        Number of the row (as a spreadsheet counts, or of the feature from 1) and its cells by header.
    crs
        The system the file itself says its geometries are in, if it is another than WGS-84.
    encoding
        Of a text file.
    """

    format: str
    headers: list[str] = field(default_factory=list)
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    crs: str | None = None
    encoding: str | None = None

    def add(self, number: int, cells: dict[str, str], file: Path) -> None:
        """One more row; headers it brings are noted.

        Raises
        ------
        UserError
            If there are more rows or columns than a register has.
        """
        if len(self.rows) >= MAX_ROWS:
            raise UserError("This register has too many rows", file=file, expected=f"at most {MAX_ROWS:,}")
        for header in cells:
            if header not in self._known:
                self._known.add(header)
                self.headers.append(header)
        if len(self.headers) > MAX_COLUMNS:
            raise UserError("This register has too many columns", file=file, expected=f"at most {MAX_COLUMNS}")
        self.rows.append((number, {header: cell.strip()[:MAX_CELL] for header, cell in cells.items()}))

    def __post_init__(self) -> None:
        self._known = set(self.headers)


def read_bytes(file: Path) -> bytes:
    """The content of `file`, refused by its size before it is read."""
    try:
        size = file.stat().st_size
        if not file.is_file():
            raise UserError("The register of centres cannot be read", file=file, expected="a file, no folder")
        if size > MAX_FILE_BYTES:
            raise UserError("This file is too large", file=file, value=f"{size / MEGABYTE:,.0f} MB",
                            expected=f"at most {MAX_FILE_BYTES // MEGABYTE} MB")  # fmt: skip
        return file.read_bytes()
    except OSError as error:
        raise UserError(
            "The register of centres cannot be read", file=file, value=error.strerror, expected="a file you may read"
        ) from error


def open_zip(content: bytes, file: Path) -> zipfile.ZipFile:
    """A packed file whose members are few, not encrypted, named inside it, and small unpacked by what they declare.

    Raises
    ------
    UserError
        If any of this does not hold.
    """
    try:
        packed = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise UserError("This packed file is damaged", file=file, value=str(error), expected="a whole ZIP") from error
    members = packed.infolist()
    if len(members) > MAX_MEMBERS:
        raise UserError("This packed file holds too many files", file=file, value=len(members))
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in member.filename:
            raise UserError("A file in this ZIP points outside of it", file=file, value=member.filename)
        if member.flag_bits & 0x1:
            raise UserError("This ZIP is encrypted", file=file, expected="a file without a password")
    size = sum(member.file_size for member in members)
    if size > MAX_UNPACKED_BYTES or size > MAX_RATIO * max(len(content), 10_000):
        most = f"at most {MAX_UNPACKED_BYTES // MEGABYTE} MB and {MAX_RATIO} times its size"
        raise UserError("This packed file grows too large when it is unpacked", file=file,
                        value=f"{size / MEGABYTE:,.0f} MB", expected=most)  # fmt: skip
    return packed


def read_member(packed: zipfile.ZipFile, name: str, file: Path) -> bytes:
    """A member, no more of it than it declares: what is said of sizes may be a lie."""
    try:
        declared = packed.getinfo(name).file_size
        with packed.open(name) as member:
            content = member.read(declared + 1)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, ValueError, EOFError, OSError) as error:
        raise UserError("This packed file is damaged", file=file, key=name, value=str(error)) from error
    except Exception as error:  # zlib.error and the like carry no common base
        raise UserError("This packed file is damaged", file=file, key=name, value=str(error)) from error
    if len(content) > declared:
        raise UserError("A file in this ZIP is larger than it says", file=file, key=name)
    return content


def refuse_doctype(content: bytes, file: Path, name: str | None = None) -> None:
    """Refuse XML that brings definitions of its own: entities that grow without end or fetch from elsewhere.

    In well-formed XML `<!DOCTYPE` can stand only where it is one, in a comment or in CDATA. UTF-16 has zeros between.
    """
    plain = content.replace(b"\0", b"").upper()
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise UserError("This XML brings its own definitions, which may be an attack", file=file, key=name,
                        expected="XML without <!DOCTYPE")  # fmt: skip


def decode(content: bytes, file: Path) -> tuple[str, str]:
    """Text and its encoding: UTF-8 with or without BOM, UTF-16 with BOM, else GB18030."""
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, encoding
    raise UserError("The encoding of this file is unknown", file=file, expected="UTF-8 or GB18030")
