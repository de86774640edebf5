"""The command line of the bench: `python -m bench SUITE [--quick] [--json]`."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from types import ModuleType

from bench import suites
from bench.result import Result, table
from geodata.errors import UserError


def find_suites() -> dict[str, ModuleType]:
    """Return the suites by name: every module in `bench/suites`."""
    names = [module.name for module in pkgutil.iter_modules(suites.__path__)]
    return {name: importlib.import_module(f"{suites.__name__}.{name}") for name in sorted(names)}


def main() -> int:
    """Run one suite and print what it measured; the exit code is 1 if an answer differs from the peer's."""
    found = find_suites()
    described = "\n".join(f"  {name:<10} {(module.__doc__ or '').splitlines()[0]}" for name, module in found.items())
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure against peers, in one run.",
        epilog=f"suites:\n{described}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("suite", choices=list(found), metavar="SUITE", help=" | ".join(found))
    parser.add_argument("--quick", action="store_true", help="fewer repetitions: at most 40 s")
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of a table")
    asked = parser.parse_args()

    results: list[Result] = []
    try:
        for result in found[asked.suite].run(quick=asked.quick):
            results.append(result)
            if asked.json:
                print(result.to_json(), flush=True)
    except UserError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 2
    if not asked.json:
        print(table(results))
    return 0 if all(result.agree for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
