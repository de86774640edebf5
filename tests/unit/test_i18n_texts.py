"""Every text stands in both languages, once, with the same placeholders."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from dashboard.i18n import LOCALES_DIR, MissingText, has_text, t, texts
from geodata.catalogue.load import read_yaml
from geodata.errors import UserError
from geodata.states import QUALITIES, STATES
from geodata.text import LANGUAGES


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_hold_the_same_keys_part_by_part() -> None:
    parts = {file.name.split(".")[0] for file in LOCALES_DIR.glob("*.yaml")}
    assert "common" in parts
    for part in parts:
        zh, en = (_keys(read_yaml(LOCALES_DIR / f"{part}.{lang}.yaml")) for lang in LANGUAGES)
        assert zh == en, f"{part}: {zh ^ en}"


def _keys(content: dict[str, object], prefix: str = "") -> set[str]:
    found = set()
    for name, value in content.items():
        found |= _keys(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name}
    return found


def test_both_languages_ask_for_the_same_values() -> None:
    for key, text in texts("zh").items():
        assert placeholders(text) == placeholders(texts("en")[key]), key


def test_english_texts_hold_no_chinese() -> None:
    # The link to the other language is written in that language.
    for key, text in texts("en").items():
        has_han = any("\u4e00" <= letter <= "\u9fff" for letter in text)
        assert not has_han or key == "app.other_language", key


def test_every_state_and_quality_has_its_words() -> None:
    for lang in LANGUAGES:
        for state in STATES:
            assert t(f"state.{state}", lang)
            assert t(f"state_meaning.{state}", lang)
        for quality in QUALITIES:
            assert t(f"quality.{quality}", lang)


def test_a_missing_key_or_value_is_an_error() -> None:
    with pytest.raises(MissingText, match=r"no\.such\.key"):
        t("no.such.key", "zh")
    with pytest.raises(MissingText, match="year"):
        t("format.year", "en")
    assert has_text("format.year", "en")
    assert not has_text("no.such.key", "en")


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"a.en.yaml": "x: one", "b.en.yaml": "x: two"}, "another locale file"),
        ({"a.en.yaml": "x: 5"}, "not a text"),
        ({"a.en.yaml": "x: ''"}, "not a text"),
        ({"a.en.yaml": "- x"}, "no mapping"),
    ],
)
def test_faulty_files_are_named(tmp_path: Path, files: dict[str, str], fault: str) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=fault):
        texts("en", tmp_path)
