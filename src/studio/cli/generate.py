"""`studio generate` and `studio jobs` of the headless door: their arguments and what they print."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from .doors import Report, door, progress

TASKS = "music, music-cover, music-repaint, music-extend, stems, cover, speech, lyrics, chat"
FILES = ".flac or .wav; .png for a cover, .json for lyrics, .txt for chat"


def add_generate(doors: Any) -> None:
    """Adds the sub-commands."""
    generate = door(doors, "generate", "make something with a neural model of this computer", _generate, _show)
    generate.add_argument(
        "task",
        metavar="TASK",
        help=f"one of {TASKS}",
    )
    generate.add_argument("--model", default="", metavar="NAME", help="as `studio models list` has it")
    generate.add_argument("--prompt", default=None, metavar="TEXT", help="what it is to be, in plain words")
    generate.add_argument("--seconds", default=None, metavar="S")
    generate.add_argument("--seed", default=None, metavar="N", help="the same seed makes the same again")
    generate.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="any other setting")
    generate.add_argument(
        "--adapter", action="append", default=[], metavar="NAME[=W]", help="laid over the model, W from 0 to 4"
    )
    generate.add_argument("--again", type=Path, default=None, metavar="FILE", help="as this file was made")
    generate.add_argument("--keep", action="store_true", help="put the result into the library too")
    generate.add_argument(
        "-o",
        "--out",
        type=Path,
        required=True,
        metavar="FILE",
        help=f"the file to write: {FILES}",
    )
    generate.set_defaults(progress=progress)
    jobs = door(doors, "jobs", "list the jobs of the queue, cancel them or have them begin again", _jobs, _show_jobs)
    jobs.add_argument("--cancel", action="append", default=[], metavar="ID", help="give up a job that waits")
    jobs.add_argument(
        "--retry",
        action="append",
        default=[],
        metavar="ID",
        help="have one that failed, was cancelled or interrupted begin again when the studio is opened next",
    )
    jobs.add_argument("--forget", action="store_true", help="take those that are over off the list")


def _generate(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.generatefile import generate_file

    told = {"prompt": options.prompt, "seconds": options.seconds, "seed": options.seed}
    given = {name: value for name, value in told.items() if value is not None}
    return generate_file(
        options.task,
        options.model,
        given,
        options.set,
        options.out,
        options.progress,
        options.again,
        options.keep,
        options.adapter,
    ), True


def _show(report: Report) -> None:
    for one in report["made"]:
        about = f"{one['seconds']:.1f} s, " if "seconds" in one else ""
        print(f"{one['path']}  {about}seed {one['seed']}")
        if one.get("text"):
            print(one["text"])
    print(f"{report['title']} on {report['device']}, {report['took']:.1f} s")


def _jobs(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.queuefile import change_jobs

    return change_jobs(options.cancel, options.retry, options.forget), True


def _show_jobs(report: Report) -> None:
    for job in report["jobs"]:
        told = f"{job['state']:<12} {job['progress']:4.0%}  {job['label']}  {job['error']}".rstrip()
        print(f"{job['id'].removeprefix('job-')}  {told}")
    if not report["jobs"]:
        print("no jobs in the queue")
