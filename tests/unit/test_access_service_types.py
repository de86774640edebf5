"""Distance bands of the kinds of centres are declared in YAML and checked when read."""

from __future__ import annotations

from pathlib import Path

import pytest

from geodata.catalogue.service_types import load_service_types, standards_min
from geodata.errors import UserError

ENTRY = """
school:
  name: {zh: 学校, en: School}
  meaning: {zh: 学校。, en: A school.}
  colour: "#0b6e4f"
  shape: star
  bands_km: BANDS
"""


def test_every_kind_has_the_bands_of_the_facts() -> None:
    assert {kind.bands_km for kind in load_service_types().values()} == {(1.0, 2.5, 5.0, 10.0, 30.0, 60.0)}


def test_bands_can_be_edited(tmp_path: Path) -> None:
    file = tmp_path / "types.yaml"
    file.write_text(ENTRY.replace("BANDS", "[0.5, 3]"), encoding="utf-8")
    assert load_service_types(file)["school"].bands_km == (0.5, 3.0)


@pytest.mark.parametrize("bands", ["[]", "[0, 1]", "[5, 1]", "[1, 1]", "[-1, 2]", "far"])
def test_bands_that_do_not_ascend_are_refused_with_file_and_key(tmp_path: Path, bands: str) -> None:
    file = tmp_path / "types.yaml"
    file.write_text(ENTRY.replace("BANDS", bands), encoding="utf-8")
    with pytest.raises(UserError, match=r"types\.yaml.*bands_km"):
        load_service_types(file)


def test_a_standard_of_minutes_is_for_the_types_that_say_so(tmp_path: Path) -> None:
    assert standards_min() == dict.fromkeys(("child_friendly_space", "childrens_centre", "childrens_place"), 60.0)
    file = tmp_path / "types.yaml"
    entry = ENTRY.replace("BANDS", "[1]")
    file.write_text(entry, encoding="utf-8")
    assert load_service_types(file)["school"].standard_min is None
    for wrong in ("0", "-5", "601", "soon"):
        other = tmp_path / f"types{wrong}.yaml"
        other.write_text(f"{entry}  standard_min: {wrong}\n", encoding="utf-8")
        with pytest.raises(UserError, match="standard_min"):
            load_service_types(other)
