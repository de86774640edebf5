"""What `etl/sources/census_<year>.yaml` and `etl/corrections/census_<year>.yaml` say, as checked, frozen objects."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from geodata.errors import ManyErrors, UserError
from geodata.text import Text

ETL_DIR = Path(__file__).resolve().parent
SOURCES_DIR = ETL_DIR / "sources"
CORRECTIONS_DIR = ETL_DIR / "corrections"
YEARS = (2010, 2020)

Model = TypeVar("Model", bound=BaseModel)


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Layout(_Strict):
    """How a workbook is laid out. Column heads are compared without white space."""

    file: str
    code: str
    name: str
    province: str | None = None
    prefecture: str | None = None
    missing: tuple[str, ...]
    nation: str | None = None
    subtotals: tuple[str, ...]
    direct: tuple[str, ...]
    prefecture_of: dict[str, str] = Field(default={}, description="printed prefecture -> the one whose row adds it up")
    columns: dict[str, str]
    rates: dict[str, str]
    ages: dict[int, tuple[str, str]] = Field(description="lowest age of the group -> heads of males and females")

    def figures(self) -> dict[str, str]:
        """Every figure that is read: its name in this project -> its head in the workbook."""
        ages = {
            f"age_{age:02d}_{sex}": head
            for age, heads in self.ages.items()
            for sex, head in zip(("m", "f"), heads, strict=True)
        }
        return {**self.columns, **self.rates, **ages}


class CensusSource(_Strict):
    """One census workbook: where it comes from and how it is read."""

    source_id: str
    role: str
    title: Text
    producer: Text
    year: str
    licence: Text
    citation: str
    url: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    read: Layout


class Correction(_Strict):
    """One misprint of one cell: what is printed, what is right, and why."""

    code: str
    name: str
    column: str
    expect: float
    value: float
    reason: str


def load_source(year: int) -> CensusSource:
    """The declared source of the census of `year`; a `UserError` names the file and the keys that are wrong."""
    path = SOURCES_DIR / f"census_{year}.yaml"
    return _validated(CensusSource, _load_yaml(path), path)


def load_corrections(year: int) -> tuple[Correction, ...]:
    """The declared corrections of the census of `year`."""
    path = CORRECTIONS_DIR / f"census_{year}.yaml"
    return tuple(_validated(Correction, entry, path) for entry in _load_yaml(path) or [])


def _load_yaml(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError("This file is missing", file=path) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"This file cannot be read as YAML: {error}", file=path) from error


def _validated(model: type[Model], data: Any, path: Path) -> Model:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ManyErrors(
            f"{path} does not have the right keys:",
            [
                UserError(
                    entry["msg"], file=path, key=".".join(str(part) for part in entry["loc"]), value=entry["input"]
                )
                for entry in error.errors()
            ],
        ) from error
