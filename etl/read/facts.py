"""The published figures of `geodata/reference/facts.yaml` that the estimates are calibrated to and checked with."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from geodata.errors import ManyErrors, UserError
from geodata.settings import REFERENCE_DIR

FACTS_FILE = REFERENCE_DIR / "facts.yaml"
Mark = Literal["seen", "arithmetic", "unverified"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fact(_Strict):
    """One published number, whether its source was read, and whether the model is fitted to it or checked with it."""

    value: float
    mark: Mark
    source: str
    used_for: Literal["calibration", "check"]


class Share(_Strict):
    """A province's share of the nation, percent."""

    percent: float
    mark: Mark
    source: str


class Facts(_Strict):
    """All published figures by year; `benchmark` maps year -> rural or urban -> province code -> persons.

    `left_province` maps year -> province code -> people registered there who live in another province.
    """

    sources: dict[str, str]
    national: dict[int, dict[str, Fact]]
    province_shares_rural: dict[int, dict[str, Share]]
    structure_rural_2010: dict[str, Fact]
    benchmark: dict[int, dict[Literal["rural", "urban"], dict[str, float]]]
    left_province: dict[int, dict[str, Fact]]

    def value(self, year: int, name: str) -> float:
        """A national figure; `UserError` if it is missing."""
        try:
            return self.national[year][name].value
        except KeyError:
            raise UserError("A published figure is missing", file=FACTS_FILE, key=f"national.{year}.{name}") from None


def read_facts(path: Path = FACTS_FILE) -> Facts:
    """The facts; a `UserError` names file and key of whatever is wrong."""
    try:
        data: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"The published figures cannot be read: {error}", file=path) from error
    try:
        return Facts.model_validate(data)
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
