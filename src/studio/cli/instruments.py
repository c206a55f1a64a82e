"""`studio plugins`, `instruments`, `instrument` and `sample`: their arguments and what they print."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from .doors import Report, door, number, progress, setting


def add_instruments(doors: Any) -> None:
    """Adds the sub-commands for what plays notes."""
    found = door(doors, "plugins", "list the plug-in instruments of this computer", _plugins, _show_plugins)
    found.add_argument("--again", action="store_true", help="examine all of them anew, not only what has changed")
    found.add_argument("--folder", type=Path, action="append", default=[], help="search this folder too from now on")
    door(doors, "instruments", "list instruments, presets, parameters and sounds", _instruments, _show_instruments)
    plays = door(doors, "instrument", "choose what a track plays on", _instrument, _show_instrument)
    plays.add_argument("project", type=Path, metavar="PROJECT")
    plays.add_argument("--track", required=True, metavar="NAME", help="the instrument track")
    plays.add_argument("--add", action="store_true", help="make the track if it is not there")
    plays.add_argument(
        "--kind", default="", help="drums, synth, sampler, soundfont or plugin; without it the same kind"
    )
    plays.add_argument("--preset", default="", metavar="NAME", help="a preset, a sound of the SoundFont, or a plug-in")
    plays.add_argument("--program", type=number(0, 127, int), default=None, metavar="N", help="0 to 127")
    plays.add_argument("--bank", type=number(0, 16_383, int), default=None, metavar="N", help="128 for drum kits")
    plays.add_argument("--set", type=setting, action="append", default=[], metavar="NAME=VALUE", help="a parameter")
    sample = door(doors, "sample", "let a track play sound files from its keys", _sample, _show_sample)
    sample.add_argument("project", type=Path, metavar="PROJECT")
    sample.add_argument("files", type=Path, nargs="+", metavar="FILE", help="several get a key each, as a kit")
    sample.add_argument("--track", required=True, metavar="NAME", help="the instrument track")
    sample.add_argument("--add", action="store_true", help="make the track if it is not there")
    sample.add_argument("--key", type=number(0, 127, int), default=None, metavar="N", help="only this key, 36 is C2")


def _plugins(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.headless import list_plugins

    return list_plugins(options.again, options.folder, progress), True


def _instruments(_: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.instruments import list_instruments

    return list_instruments(), True


def _instrument(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.instruments import choose_instrument

    sound = (options.kind, options.preset, options.program, options.bank)
    return choose_instrument(options.project, options.track, *sound, dict(options.set), options.add), True


def _sample(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.samples import sample_track

    where = (options.project, options.track, options.files, options.key, options.add)
    return sample_track(*where, progress), True


def _show_plugins(report: Report) -> None:
    for plugin in report["plugins"]:
        print(f"{plugin['identity']}  {plugin['version']}  ({len(plugin['knobs'])} parameters)")
    for file in report["blocked"]:
        print(f"blocked  {file['file']}: {file['reason']}")
    if not report["plugins"]:
        print(f"No VST3 instrument was found in {', '.join(report['folders'])}.")


def _show_instruments(report: Report) -> None:
    for kind in report["kinds"]:
        print(f"{kind['kind']:<10} {kind['title']}: {', '.join(kind['presets'])}")
        for one in kind["parameters"]:
            span = ", ".join(one["choices"]) or f"{one['low']:g} to {one['high']:g} {one['unit']}".strip()
            print(f"{'':<10}   {one['name']:<18} {one['title']:<24} {span}")
    for identity in report["plugins"]:
        print(f"plugin     {identity}")
    for sound in report["sounds"]:
        print(f"soundfont  {sound['bank']:>5} {sound['program']:>4}  {sound['name']}")
    if report["notice"]:
        print(f"studio: {report['notice']}", file=sys.stderr)


def _show_instrument(report: Report) -> None:
    made = report["instrument"]
    where = f"  bank {made['bank']} program {made['program']}" if made["kind"] == "soundfont" else ""
    print(f"{report['track']}  {made['kind']}  {made['preset']}{where}")
    for name, value in made["parameters"].items():
        print(f"  {name} = {value:g}")


def _show_sample(report: Report) -> None:
    for zone in report["zones"]:
        print(f"{report['track']}  {zone['low']:>3} to {zone['high']:>3}  root {zone['root']:>3}  {zone['name']}")
    for notice in report["notices"]:
        print(f"studio: {notice}", file=sys.stderr)
