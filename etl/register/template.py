"""An empty table to fill in, as a file of the user's choice; what stands in it is `geodata.catalogue.templates`."""

from __future__ import annotations

from pathlib import Path

from geodata.catalogue.templates import ENDINGS, Template, template
from geodata.errors import UserError
from geodata.text import Language


def write_template(what: Template, out: Path, lang: Language) -> Path:
    """Write the template to `out`, as XLSX or CSV by the ending of its name.

    Raises
    ------
    UserError
        If the ending is another, the file exists, or it cannot be written.
    """
    ending = out.suffix.lower().removeprefix(".")
    if ending not in ENDINGS:
        raise UserError(
            "The template is a table", file=out, value=out.suffix, expected="a name ending in .csv or .xlsx"
        )
    if out.exists():
        raise UserError("This file exists and is not overwritten", file=out, expected="another name")
    try:
        out.write_bytes(template(what, ending, lang))
    except OSError as error:
        raise UserError("The template cannot be written", file=out, value=error.strerror,
                        expected="a folder you may write to") from error  # fmt: skip
    return out
