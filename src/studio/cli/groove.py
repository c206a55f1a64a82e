"""`studio groove` of the headless door: its arguments and what it prints."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from .doors import Report, door, number, progress

PARTS = ("total", "step", "lane", "fine", "velocity")


def add_groove(doors: Any) -> None:
    """Adds the sub-command with its own."""
    groove = doors.add_parser("groove", help="play, judge or train the model of drummers")
    inner = groove.add_subparsers(required=True, metavar="evaluate|figures|play|train")

    judged = door(inner, "evaluate", "tell how many bits per hit the groove model needs", _evaluate, _show_evaluation)
    judged.add_argument("folder", type=Path, metavar="FOLDER", help="with drum MIDI files")
    judged.add_argument("--model", type=Path, default=None, metavar="FILE", help="another groove model")
    judged.add_argument("--split", choices=("train", "validation", "test", "all"), default="", help="of info.csv")
    judged.add_argument("--fit", type=Path, default=None, metavar="FOLDER", help="fit the baselines there")
    judged.add_argument("--fills", action="store_true", help="tell the model which bars are fills")

    figures = door(inner, "figures", "tell how the groove model plays beside how people play", _figures, _show_figures)
    figures.add_argument("folder", type=Path, metavar="FOLDER", help="with drum MIDI files")
    figures.add_argument("--model", type=Path, default=None, metavar="FILE", help="another groove model")
    figures.add_argument("--most", type=number(1, 10_000, int), default=40, metavar="N", help="performances at most")
    figures.add_argument("--seed", type=number(0, 2**31 - 1, int), default=1, metavar="N")
    figures.add_argument("--temperature", type=number(0, 2, float), default=1.0, metavar="T", help="1 is as learned")

    _add_play(door(inner, "play", "go on with, fill, vary or humanise a file of drums", _play, _show_play))

    trained = door(inner, "train", "train a groove model from scratch", _train, _show_training)
    trained.add_argument("folder", type=Path, metavar="FOLDER", help="with drum MIDI files, as of the Groove MIDI set")
    trained.add_argument("out", type=Path, metavar="OUT", help="the .safetensors file to write")
    trained.add_argument("--steps", type=number(1, 10**7, int), default=None, metavar="N", help="the whole training")
    trained.add_argument("--seed", type=number(0, 2**31 - 1, int), default=1, metavar="N")
    trained.add_argument("--stop-after", type=number(1, 10**7, int), default=0, metavar="N", help="go on later")
    trained.add_argument("--rows", type=number(1, 256, int), default=None, metavar="N", help="sequences of a batch")
    trained.add_argument("--width", type=number(16, 1024, int), default=None, metavar="N", help="of the network")
    trained.add_argument("--layers", type=number(1, 32, int), default=None, metavar="N")
    trained.add_argument(
        "--rate", type=number(0, 1, float), default=None, metavar="R", help="the highest learning rate"
    )
    groove.set_defaults(progress=progress)


def _add_play(play: Any) -> None:
    play.add_argument("source", type=Path, metavar="IN.mid", help="drums on channel 10, in 4/4")
    play.add_argument("out", type=Path, metavar="OUT.mid")
    play.add_argument("--how", required=True, choices=("continue", "fill", "vary", "humanise"))
    play.add_argument("--bars", type=number(1, 512, int), default=8, metavar="N", help="to go on for")
    play.add_argument("--bar", type=number(0, 512, int), default=0, metavar="N", help="to fill; else the last one")
    play.add_argument("--change", type=number(0, 1, float), default=0.12, help="how much is varied, 0 to 1")
    play.add_argument("--style", default="", metavar="S", help="such as rock, funk or jazz")
    play.add_argument("--bpm", type=number(10, 999, float), default=None, metavar="N", help="else that of the file")
    play.add_argument("--seed", type=number(0, 2**31 - 1, int), default=1, metavar="N")
    play.add_argument("--temperature", type=number(0, 2, float), default=0.9, metavar="T", help="how daring it is")


def _play(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.grooveplay import Wanted, play_file

    wanted = Wanted(
        options.how,
        options.bars,
        options.bar,
        options.style,
        options.bpm,
        options.seed,
        options.temperature,
        options.change,
    )
    return play_file(options.source, options.out, wanted), True


def _show_play(report: Report) -> None:
    print(
        f"{report['file']}  {report['bars']} bars  {report['hits']} hits  {report['bpm']:g} BPM  seed {report['seed']}"
    )


def _evaluate(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.groovemodel import SHIPPED, evaluate

    model = options.model or SHIPPED
    return evaluate(
        options.folder,
        model=model,
        split=options.split,
        fit=options.fit,
        fills=options.fills,
        progress=options.progress,
    ), True


def _show_evaluation(report: Report) -> None:
    print(f"{report['files']} files, {report['hits']} hits, split {report['split']}")
    print(f"{'bits per hit':<40} {'  '.join(f'{name:>8}' for name in PARTS)}")
    rows = [("groove model", report["bits_per_hit"])]
    rows += [(f"  {name}, files: {one['files']}", one) for name, one in report["styles"].items()]
    rows += list(report["baselines"].items())
    for name, bits in rows:
        print(f"{name:<40} {'  '.join(f'{bits[part]:8.3f}' for part in PARTS)}")
    for sentence in (*report["skipped"], *report["notices"]):
        print(f"studio: {sentence}", file=sys.stderr)


def _figures(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.groovefigures import SHIPPED, compare_figures

    return compare_figures(
        options.folder,
        model=options.model or SHIPPED,
        most=options.most,
        seed=options.seed,
        temperature=options.temperature,
        progress=options.progress,
    ), True


def _show_figures(report: Report) -> None:
    print(f"{report['performances']} performances, {report['bars']} bars each")
    print(f"{'':<28}{'people':>10}{'model':>10}")
    for kind in ("human", "model"):
        told = report[kind]
        told |= {f"{name}, hits a bar": many for name, many in told.pop("lanes").items()}
        told |= {f"step {n + 1}, share": share for n, share in enumerate(told.pop("steps"))}
        told |= {f"known: {name}": value for name, value in ((report["copies"] or {}).get(kind) or {}).items()}
    for name, value in report["human"].items():
        print(f"{name:<28}{value:>10.3f}{report['model'][name]:>10.3f}")


def _train(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.groovemodel import make_plan, train

    wanted = {"steps": options.steps, "rows": options.rows, "rate": options.rate, "seed": options.seed}
    plan = make_plan(wanted, {"width": options.width, "layers": options.layers})
    return train(options.folder, options.out, plan, stop_after=options.stop_after, progress=options.progress), True


def _show_training(report: Report) -> None:
    print(f"{report['out']}  step {report['steps']} of {report['of']}, seed {report['seed']}, {report['files']} files")
    for entry in report["history"]:
        print(f"  step {entry['step']:>6}  training {entry['training']:.3f}  {entry['bits_per_hit']['total']:.3f} bits")
