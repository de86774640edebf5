"""Text in several languages with a guaranteed base: whoever writes one language writes both."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
BASE_LANGUAGE: Language = "zh"
BCP47 = {"zh": "zh-CN", "en": "en"}


class Text(BaseModel):
    """The same sentence in Chinese (zh-CN) and English; neither may be empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def to(self, language: Language) -> str:
        """The sentence in `language`."""
        return self.zh if language == "zh" else self.en
