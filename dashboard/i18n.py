"""Every sentence on the screen, by key and language, from `locales/<part>.<language>.yaml`.

Files nest freely; nested keys are joined by dots: `query: {missing: …}` is `query.missing`. Both languages of a part
hold the same keys and the same placeholders, and no key stands in two parts: tests hold this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from geodata.catalogue.load import read_yaml
from geodata.errors import ManyErrors, UserError
from geodata.text import Language

LOCALES_DIR = Path(__file__).resolve().parent / "locales"


class MissingText(LookupError):
    """A key that no locale file holds: a bug, never shown to a reader in silence."""


def t(key: str, lang: Language, **values: object) -> str:
    """The text of `key` in `lang` with `values` put in for its `{placeholders}`.

    Raises
    ------
    MissingText
        If there is no such key, or a placeholder of it is not given.
    """
    try:
        text = texts(lang)[key]
    except KeyError:
        raise MissingText(f"no text {key!r} in {lang!r}") from None
    try:
        return text.format(**values)
    except KeyError as error:
        raise MissingText(f"text {key!r} in {lang!r} needs the value {error}") from None


def has_text(key: str, lang: Language) -> bool:
    """Whether there is a text of this key: for words that users bring, such as a service of their own register."""
    return key in texts(lang)


@cache
def texts(lang: Language, folder: Path = LOCALES_DIR) -> Mapping[str, str]:
    """All texts of one language by dotted key.

    Raises
    ------
    UserError
        If a file is no mapping of texts or a key stands in two files.
    """
    found: dict[str, str] = {}
    errors = []
    for file in sorted(folder.glob(f"*.{lang}.yaml")):
        for key, text in _flat(read_yaml(file)):
            if not isinstance(text, str) or not text:
                errors.append(UserError("This is not a text", file=file, key=key, value=text, expected="a sentence"))
            elif key in found:
                errors.append(UserError("This key stands in another locale file too", file=file, key=key))
            else:
                found[key] = text
    if errors:
        raise ManyErrors(f"The locale files of {lang!r} cannot be used:", errors)
    return found


def _flat(content: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in content.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from _flat(value, key + ".")
        else:
            yield key, value
