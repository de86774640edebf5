"""What can be shown: indicators, measures and palettes, one declarative file each, found by scanning folders."""

from geodata.catalogue.load import load_catalogue
from geodata.catalogue.model import Catalogue, Change, Indicator, Measure, Palette

__all__ = ["Catalogue", "Change", "Indicator", "Measure", "Palette", "load_catalogue"]
