"""The command line: `python -m etl {build,fetch,check,check-counts,estimate,resolve,template,explain,list}`."""
# Commands import what they run when they run it: help and errors in arguments need no geometry library.
# ruff: noqa: PLC0415

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from etl.progress import Progress
from geodata.errors import UserError
from geodata.settings import data_dir

if TYPE_CHECKING:
    from etl.pipeline.travel import TravelChoice
    from geodata.catalogue.travel import TravelAssumptions

MODES = ("walk", "bicycle", "bus", "car")


def main(arguments: list[str] | None = None) -> int:
    """Run one command. 0 when it did what was asked, 1 when a person has something to put right, 130 after Ctrl-C."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], None] = options.run
    # Being told to stop is as good as Ctrl-C: what was begun is cleared away.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    errors = Console(stderr=True, highlight=False)
    try:
        run(options)
    except UserError as error:
        errors.print(f"Error: {error.describe()}", style="bold red", markup=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        errors.print("Stopped. The release before is untouched.", markup=False)
        return 130
    except BrokenPipeError:  # the reader of a pipe, `head` for one, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m etl",
        description="Turns sources into one immutable data release, in $GEODATA_DIR (default: data/).",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    build = _command(commands, "build", _build, "Build a release and make it the current one; needs no internet.")
    _build_options(build)
    fetch = _command(commands, "fetch", _fetch, "Download source files that no package carries; needs internet.")
    fetch.add_argument("what", choices=["census"], help="census: the county workbooks of 2010 and 2020")
    fetch.add_argument("--to", metavar="DIR", type=Path, help="where to put them (default: $GEODATA_DIR/census)")
    check = _command(commands, "check", _check, "Check catalogue, sources, estimates and release, or a register.")
    check.add_argument("file", metavar="FILE", type=Path, nargs="?", help="a register of centres to check instead")
    _register_options(check)
    check_counts = _command(commands, "check-counts", _check_counts, "Check official counts; import nothing.")
    check_counts.add_argument("file", metavar="FILE", type=Path, help="CSV or XLSX")
    estimate = _command(commands, "estimate", _estimate, "Estimate county figures anew from the census workbooks.")
    estimate.add_argument("--census", metavar="DIR", type=Path, required=True, help="folder of the two workbooks")
    estimate.add_argument("--out", metavar="DIR", type=Path, help="default: geodata/reference/estimates")
    estimate.add_argument(
        "--draws",
        metavar="N",
        type=int,
        nargs="?",
        const=500,
        help="also draw the uncertain assumptions N times (default: 500) and write them to $GEODATA_DIR/draws",
    )
    resolve = _command(commands, "resolve", _resolve, "Say what a code or name of any year since 2000 is today.")
    resolve.add_argument("unit", metavar="CODE_OR_NAME", help="130103, 341400, 桥东区, 襄樊市 or 河北省石家庄市桥东区")
    resolve.add_argument("--year", metavar="Y", type=int, help="the year whose code or name is meant (2000 or later)")
    resolve.add_argument("--province", metavar="P", help="code or name of the province, for names that repeat")
    template = _command(commands, "template", _template, "Write an empty table to fill in.")
    template.add_argument("what", choices=["centres", "counts"], help="a register of centres, or official counts")
    template.add_argument("out", metavar="OUT", type=Path, help="file to write, .csv or .xlsx")
    template.add_argument(
        "--lang", choices=["zh", "en"], default="en", help="language of heads and notes (default: en)"
    )
    _command(commands, "explain", _explain, "Print the build report of the current release.")
    _command(commands, "list", _list, "List sources, indicators and releases.")
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace], None],
    text: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run)
    return parser


def _build_options(build: argparse.ArgumentParser) -> None:
    build.add_argument(
        "--centres",
        metavar="FILE",
        type=Path,
        default=os.environ.get("CENTRES") or None,
        help="register of your centres: CSV, XLSX, GeoJSON, GeoPackage, zipped Shapefile, KML, or JSON of Kobo, ODK "
        "or Overpass (default: $CENTRES, else a demonstration register)",
    )
    _register_options(build)
    build.add_argument(
        "--apply-fixes", action="store_true", help="mend places as `check FILE` proposes; recorded in the release"
    )
    build.add_argument(
        "--demand",
        metavar="FILE",
        type=Path,
        help="your villages or townships with lon, lat, weight, or a population GeoTIFF (default: GeoNames)",
    )
    build.add_argument(
        "--counts",
        metavar="FILE",
        type=Path,
        action="append",
        help="CSV or XLSX of official counts by county, may be given again (default: $COUNTS)",
    )
    _travel_options(build)


def _travel_options(build: argparse.ArgumentParser) -> None:
    """Where minutes to centres come from; by default from the straight line, a detour and the speed of a bus."""
    ways = build.add_mutually_exclusive_group()
    said = {
        "friction": ("TIF", "minutes to centres over a friction surface: minutes a metre (default: $FRICTION)"),
        "roads": ("CSV", "minutes along roads: start_lon, start_lat, end_lon, end_lat, minutes (default: $ROADS)"),
        "elevation": ("TIF", "the straight line with a detour by relief, from heights in metres (default: $ELEVATION)"),
        "minutes": ("CSV", "your own minutes: origin (settlement), destination (centre), minutes (default: $MINUTES)"),
    }
    for way, (metavar, text) in said.items():
        ways.add_argument(f"--{way}", metavar=metavar, type=Path, help=text)
    build.add_argument(
        "--nodes", metavar="CSV", type=Path, help="id, lon, lat of --roads with start, end (default: $NODES)"
    )
    build.add_argument("--mode", choices=MODES, help="way of going along the straight line (default: travel.yaml)")
    build.add_argument("--speed-km-h", metavar="N", type=float, help="its speed in km/h (default: that of the mode)")
    build.add_argument(
        "--detour",
        metavar="RELIEF=FACTOR",
        action="append",
        help="way over straight line: flat=1.2, hilly=, mountain= or unknown=; may be given again",
    )
    build.add_argument("--snap-within-m", metavar="M", type=float, help="places on barriers of --friction move so far")
    build.add_argument("--travel-title", metavar="TEXT", help="what these data are called (default: $TRAVEL_TITLE)")


def _register_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--mapping", metavar="YAML", type=Path, help="what the columns mean, who made them; see etl/sources/registers/"
    )
    parser.add_argument("--strict", action="store_true", help="refuse a register with broken rows")


def _build(options: argparse.Namespace) -> None:
    from etl.pipeline.build import build
    from etl.pipeline.register import RegisterChoice

    progress = Progress()
    choice = None
    if options.centres:
        choice = RegisterChoice(Path(options.centres), options.mapping, options.apply_fixes, options.strict)
    stated = [Path(file) for file in os.environ.get("COUNTS", "").split(os.pathsep) if file]
    demand = options.demand or _stated_file("DEMAND")
    built = build(
        choice, progress, counts=options.counts or stated, demand=demand, travel=_travel(options),
        assumed=_assumed(options),
    )  # fmt: skip
    size_mb = built.written.file.stat().st_size / 1e6
    progress.note(f"{sum(progress.seconds.values()):.0f} s, {size_mb:.1f} MB in {built.written.file}")
    print(built.written.release_id)


def _travel(options: argparse.Namespace) -> TravelChoice | None:
    """The file that minutes come from; the environment is asked only where the command line names none."""
    from etl.pipeline.travel import METHODS, TravelChoice

    named = {way: getattr(options, way) for way in METHODS if getattr(options, way)}
    named = named or {way: file for way in METHODS if (file := _stated_file(way.upper()))}
    if len(named) > 1:
        raise UserError("Minutes can come from one file only", value=", ".join(way.upper() for way in named),
                        expected="one of the variables " + ", ".join(way.upper() for way in METHODS))  # fmt: skip
    for way, file in named.items():
        nodes = options.nodes or (_stated_file("NODES") if way == "roads" else None)
        return TravelChoice(way, file, nodes, options.travel_title or os.environ.get("TRAVEL_TITLE") or None)
    if options.nodes:
        raise UserError("Nodes without roads", file=options.nodes, expected="--roads EDGES.csv --nodes NODES.csv")
    return None


def _assumed(options: argparse.Namespace) -> TravelAssumptions:
    """What `travel.yaml` assumes of travel, with what the command line says instead."""
    from geodata.analysis.access.travel import SPEED_KM_H
    from geodata.catalogue.travel import load_travel, travel_with

    stated: dict[str, object] = {"mode": options.mode, "speed_km_h": options.speed_km_h}
    if options.mode and options.speed_km_h is None and options.mode != load_travel().mode:
        stated["speed_km_h"] = SPEED_KM_H[options.mode]
    detour = {}
    for pair in options.detour or ():
        relief, _, factor = pair.partition("=")
        try:
            detour[relief.strip()] = float(factor)
        except ValueError:
            raise UserError("This is no detour", key="--detour", value=pair, expected="such as mountain=1.6") from None
    stated |= {"detour": detour or None, "snap_within_m": options.snap_within_m}
    return travel_with({name: value for name, value in stated.items() if value is not None}, load_travel())


def _stated_file(variable: str) -> Path | None:
    stated = os.environ.get(variable)
    return Path(stated) if stated else None


def _fetch(options: argparse.Namespace) -> None:
    from etl.fetch import fetch_census

    for file in fetch_census(options.to or data_dir() / "census"):
        print(file)


def _check(options: argparse.Namespace) -> None:
    from etl.pipeline.inspect import check_project, check_register

    if options.file:
        from etl.pipeline.register import RegisterChoice

        lines: Iterable[str] = check_register(RegisterChoice(options.file, options.mapping, strict=options.strict))
    else:
        lines = check_project()
    for line in lines:
        print(line)


def _check_counts(options: argparse.Namespace) -> None:
    from etl.pipeline.counts import check_counts
    from etl.pipeline.vintages import time_machine, units_by_name
    from etl.read.estimates import read_estimates

    for line in check_counts(options.file, read_estimates().figures, time_machine(), units_by_name()):
        print(line)


def _estimate(options: argparse.Namespace) -> None:
    from etl.pipeline import estimate

    progress = Progress()
    report = estimate.run(options.census, options.out or estimate.OUT_DIR, progress.note)
    for file in report.files:
        print(file)
    if options.draws is not None:
        from etl.pipeline import draws

        page = estimate.METHOD_PAGE if options.out is None else None
        folder = options.out or estimate.OUT_DIR
        for file in draws.run(
            options.census, options.draws, progress=progress.note, estimates_dir=folder, page=page
        ).files:
            print(file)


def _resolve(options: argparse.Namespace) -> None:
    from etl.pipeline.vintages import resolve_lines

    for line in resolve_lines(options.unit, options.year, options.province):
        print(line)


def _template(options: argparse.Namespace) -> None:
    from etl.register.template import write_template

    print(write_template(options.what, options.out, options.lang))


def _explain(_: argparse.Namespace) -> None:
    from etl.pipeline.inspect import explain

    print(explain())


def _list(_: argparse.Namespace) -> None:
    from etl.pipeline.inspect import listing

    print(listing())


if __name__ == "__main__":
    sys.exit(main())
