"""Saying what is running and for how long: a live display on a terminal, plain lines everywhere else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console


@dataclass
class Progress:
    """Announces steps one after the other and remembers how long each took.

    Parameters
    ----------
    console
        Where to write; standard error by default, so that standard output stays clean for results.
    clock
        Seconds that only ever grow.
    """

    console: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))
    clock: Callable[[], float] = time.perf_counter
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Show `title` while the block runs, then one line with the seconds it took. Errors pass through."""
        start = self.clock()
        try:
            if self.console.is_terminal:
                with self.console.status(title):
                    yield
            else:
                self.console.print(f"  … {title}", soft_wrap=True, markup=False)
                yield
        except BaseException:
            self.console.print(f"  ✗ {title}", soft_wrap=True, markup=False)
            raise
        self.seconds[title] = self.clock() - start
        self.console.print(f"  ✓ {title}  {self.seconds[title]:.1f} s", soft_wrap=True, markup=False)

    def note(self, text: str) -> None:
        """One line that stays on screen."""
        self.console.print(f"    {text}", soft_wrap=True, markup=False)


class Silent(Progress):
    """Says nothing; for tests and for callers with a display of their own."""

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Run the block and remember its seconds."""
        start = self.clock()
        yield
        self.seconds[title] = self.clock() - start

    def note(self, text: str) -> None:
        """Nothing."""
