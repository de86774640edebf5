"""How the dashboard is served, from the environment: HOST, PORT, WORKERS, THREADS, GEODATA_DIR."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from geodata.errors import UserError
from geodata.settings import data_dir


@dataclass(frozen=True)
class Settings:
    """Where to listen, how many requests at a time, where the releases lie."""

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 8050
    workers: int = 2
    threads: int = 4

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """The settings of the environment; what is not set keeps its default.

        Raises
        ------
        UserError
            If a number is none, or out of range.
        """
        env = os.environ if env is None else env
        folder = env.get("GEODATA_DIR")
        return cls(
            data_dir=Path(folder) if folder else data_dir(),
            host=env.get("HOST") or cls.host,
            port=_number(env, "PORT", cls.port, 65_535),
            workers=_number(env, "WORKERS", cls.workers, 64),
            threads=_number(env, "THREADS", cls.threads, 256),
        )


def _number(env: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = env.get(name, "")
    if text == "":
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and 1 <= int(text) <= most):
        raise UserError("This setting is not usable", key=name, value=text, expected=f"a whole number from 1 to {most}")
    return int(text)
