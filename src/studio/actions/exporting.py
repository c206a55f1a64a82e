"""Rendering the song to a file: the same renderer as playback, with processors of its own."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import msgspec

from ..document.project import Project
from ..engine.audio.bounce import BounceCancelled, BounceReport, bounce
from ..engine.audio.compiler import compile_plan
from ..engine.audio.export import Bits, Format
from ..engine.jobs import Cancelled, Work
from ..storage.bundle import Bundle
from .correcting import make_sounds
from .importing import playable_file, restore_playable

FORMATS: tuple[Format, ...] = get_args(Format)


class Request(msgspec.Struct, frozen=True):
    """What to export: song frames `start` to `end` (None: to where the last tail has ended), as `format` and `bits`."""

    out: Path
    format: Format = "wav"
    bits: Bits = "24"
    start: int = 0
    end: int | None = None


def export_song(
    bundle: Bundle, project: Project, request: Request, work: Work, font: Path | None = None
) -> BounceReport:
    """Renders one state of a song. Worker threads. Raises StudioError with the reason; nothing is left behind then.

    A sound whose file is missing is silent and noted as a failure of the job, and so is all else that does not sound
    as the song has it. `font` is the SoundFont, None for the usual one.
    """
    paths: dict[str, Path | None] = {}
    for media in project.media:
        work.check()
        if not bundle.media.has(media.file):
            paths[media.id] = None
            work.fail(f"“{media.name}” is missing, so it is silent in {request.out.name}.")
            continue
        if not bundle.read_only:
            restore_playable(bundle, media, project.rate, work)
        paths[media.id] = playable_file(bundle, media, project.rate)
    paths |= make_sounds(bundle, project, work)
    plan = compile_plan(project, paths)
    work.check()
    try:
        report = bounce(
            plan,
            request.out,
            start=request.start,
            end=request.end,
            format=request.format,
            bits=request.bits,
            progress=work.report,
            cancelled=work.cancelled,
            font=font,
        )
    except BounceCancelled as stopped:
        raise Cancelled("The export was cancelled.") from stopped
    clipped = report.peak_dbfs > 0 and not (request.format == "wav" and request.bits == "32f")
    for notice in (*dict.fromkeys(report.notices), *([_clipped(report)] if clipped else [])):
        work.fail(notice)
    return report


def _clipped(report: BounceReport) -> str:
    over = report.peak_dbfs
    return (
        f"The mix is {over:.1f} dB too loud for {report.file.name}, which is clipped: "
        f"lower the master's fader by that much, or export WAV with 32-bit float."
    )
