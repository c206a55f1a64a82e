"""Rendering the song to a file: the same renderer as playback, with processors of its own."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import msgspec
from msgspec.structs import replace

from ..document.project import Project
from ..engine.audio.bounce import BounceCancelled, BounceReport, bounce
from ..engine.audio.compiler import compile_plan
from ..engine.audio.cover import read_cover
from ..engine.audio.export import Bits, Format
from ..engine.audio.tags import Tags, write_tags
from ..engine.audio.wavefile import disk_advice
from ..engine.jobs import Cancelled, Work
from ..errors import StudioError
from ..storage.bundle import Bundle
from .correcting import make_sounds
from .importing import playable_file, restore_playable

FORMATS: tuple[Format, ...] = get_args(Format)


class Request(msgspec.Struct, frozen=True):
    """What to export: song frames `start` to `end` (None: to where the last tail has ended), as `format` and `bits`.

    `cover` is the picture file whose middle square goes into the file, None for none; a WAV has no place for one.
    """

    out: Path
    format: Format = "wav"
    bits: Bits = "24"
    start: int = 0
    end: int | None = None
    cover: Path | None = None


PICTURED: tuple[Format, ...] = ("flac", "mp3", "ogg", "opus")
"""The formats that carry a cover."""


def export_song(
    bundle: Bundle, project: Project, request: Request, work: Work, font: Path | None = None
) -> BounceReport:
    """Renders one state of a song. Worker threads. Raises StudioError with the reason; nothing is left behind then.

    A sound whose file is missing is silent and noted as a failure of the job, and so is all else that does not sound
    as the song has it. `font` is the SoundFont, None for the usual one.
    """
    cover = read_cover(request.cover) if request.cover is not None and request.format in PICTURED else b""
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

    def rendered(out: Path) -> BounceReport:
        return bounce(
            plan,
            out,
            start=request.start,
            end=request.end,
            format=request.format,
            bits=request.bits,
            progress=work.report,
            cancelled=work.cancelled,
            font=font,
        )

    try:
        tags = Tags(project.name, cover=cover)
        report = _tagged(rendered, request.out, request.format, tags) if cover else rendered(request.out)
    except BounceCancelled as stopped:
        raise Cancelled("The export was cancelled.") from stopped
    clipped = report.peak_dbfs > 0 and not (request.format == "wav" and request.bits == "32f")
    for notice in (*dict.fromkeys(report.notices), *([_clipped(report)] if clipped else [])):
        work.fail(notice)
    return report


def _tagged(render: Callable[[Path], BounceReport], out: Path, kind: Format, tags: Tags) -> BounceReport:
    """Renders into a folder beside, puts the tags in, and moves the file to its place when it is whole."""
    part = out.with_name(f".{uuid.uuid4().hex[:12]}.part")
    try:
        part.mkdir()
        report = render(part / f"{out.stem}.{kind}")
        write_tags(report.file, tags)
        report.file.replace(out)
    except OSError as error:
        raise StudioError(f"“{out.name}” cannot be written: {disk_advice(error)}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return replace(report, file=out)


def _clipped(report: BounceReport) -> str:
    over = report.peak_dbfs
    return (
        f"The mix is {over:.1f} dB too loud for {report.file.name}, which is clipped: "
        f"lower the master's fader by that much, or export WAV with 32-bit float."
    )
