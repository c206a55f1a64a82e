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
from .importing import playable_file, restore_playable

FORMATS: tuple[Format, ...] = get_args(Format)


class Request(msgspec.Struct, frozen=True):
    """What to export: song frames `start` to `end` (None: to where the last tail has ended), as `format` and `bits`."""

    out: Path
    format: Format = "wav"
    bits: Bits = "24"
    start: int = 0
    end: int | None = None


def export_song(bundle: Bundle, project: Project, request: Request, work: Work) -> BounceReport:
    """Renders one state of a song. Worker threads. Raises StudioError with the reason; nothing is left behind then.

    A sound whose file is missing is silent and noted as a failure of the job.
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
    plan = compile_plan(project, paths)
    work.check()
    try:
        return bounce(
            plan,
            request.out,
            start=request.start,
            end=request.end,
            format=request.format,
            bits=request.bits,
            progress=work.report,
            cancelled=work.cancelled,
        )
    except BounceCancelled as stopped:
        raise Cancelled("The export was cancelled.") from stopped
