"""Reading the catalogue folders, with errors that name file and key."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from geodata.catalogue.model import AccessFigure, Catalogue, Indicator, Measure, Palette
from geodata.errors import ManyErrors, UserError

CATALOGUE_DIR = Path(__file__).resolve().parent
Entry = TypeVar("Entry", bound=BaseModel)


@cache
def load_catalogue(folder: Path = CATALOGUE_DIR) -> Catalogue:
    """The whole catalogue in `folder`: `indicators/*.yaml`, `measures/*.yaml`, `palettes/*.yaml`, `access/*.yaml`.

    Raises
    ------
    UserError
        If a file cannot be read as YAML, misses a key, has one too many or names something that does not exist.
    """
    indicators = sorted(_load_folder(folder / "indicators", Indicator), key=lambda entry: (entry.order, entry.id))
    measures = _load_folder(folder / "measures", Measure)
    palettes = _load_folder(folder / "palettes", Palette)
    access = sorted(_load_folder(folder / "access", AccessFigure), key=lambda entry: (entry.order, entry.id))
    try:
        return Catalogue(
            indicators={entry.id: entry for entry in indicators},
            measures={entry.id: entry for entry in measures},
            palettes={entry.id: entry for entry in palettes},
            access={entry.id: entry for entry in access},
        )
    except ValidationError as error:
        raise UserError("The catalogue contradicts itself: " + _sentence(error), file=folder) from error


# libyaml reads the catalogue and the texts of the app in .1 s instead of 1.1 s; not every platform has it.
_LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(file: Path) -> dict[str, Any]:
    """The mapping in a YAML file, or a `UserError` with file and line."""
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506  # a safe one either way
    except FileNotFoundError:
        raise UserError("This file is missing", file=file) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        raise UserError(
            "This file cannot be read as YAML",
            file=file,
            row=mark.line + 1 if mark else None,
            value=getattr(error, "problem", None) or str(error),
            expected="one `key: value` a line, UTF-8",
        ) from error
    if not isinstance(content, dict):
        raise UserError("This YAML file holds no mapping", file=file, expected="`key: value` lines at the top level")
    return content


def parse_entry(model: type[Entry], content: dict[str, Any], file: Path) -> Entry:
    """`content` as a `model`, or all its breaches in one error that names file and keys."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise ManyErrors(
            f"{file} is not a valid {model.__name__.lower()}:",
            [
                UserError(
                    fault["msg"],
                    file=file,
                    key=".".join(str(part) for part in fault["loc"]) or None,
                    value=None if fault["type"] == "missing" else fault["input"],
                    expected=f"one of {sorted(model.model_fields)}" if fault["type"] == "extra_forbidden" else None,
                )
                for fault in error.errors()
            ],
        ) from error


def _load_folder(folder: Path, model: type[Entry]) -> list[Entry]:
    return [parse_entry(model, {"id": file.stem} | read_yaml(file), file) for file in sorted(folder.glob("*.yaml"))]


def _sentence(error: ValidationError) -> str:
    return "; ".join(fault["msg"].removeprefix("Value error, ") for fault in error.errors())
