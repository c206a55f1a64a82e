"""What the producer could make, heard before it is used: rendered aside and played at one loudness."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ..document.project import new_project
from ..document.recipes import Request
from ..engine.audio.bounce import bounce
from ..engine.audio.compiler import compile_plan
from ..engine.jobs import Job, Work
from ..engine.music.genres.genre import Genre
from ..storage import locations
from .producing import produce

if TYPE_CHECKING:
    from .workspace import Workspace

LOUDNESS = -16.0
"""LUFS at which everything is compared."""

LOUDEST = 12.0
"""Decibels that something soft is raised by at most."""


class Rendered(msgspec.Struct, frozen=True):
    """A sound, what it is played with, and how long it lasts in seconds."""

    file: Path
    gain: float
    seconds: float


class Audition:
    """Plays requests. Main thread; the rendering is a job."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._made: dict[str, Rendered] = {}
        self._wanted = ""

    def play(
        self,
        session: Any,
        genre: Genre,
        request: Request,
        failed: Callable[[str], None],
        playing: Callable[[Rendered], None] = lambda _: None,
    ) -> None:
        """Plays a request by itself, once it is rendered, in place of what is heard aside now."""
        key = _key(request)
        self._wanted = key
        known = self._made.get(key)
        if known is not None and known.file.exists():
            self._begin(known, playing)
            return
        font, rate = self._workspace.preferences.font, session.document.project.rate

        def task(work: Work) -> Rendered:
            return render(genre, request, rate, font, work)

        def arrived(job: Job) -> None:
            if job.state == "done":
                self._made[key] = job.result
                if self._wanted == key:
                    self._begin(job.result, playing)
            elif self._wanted == key and job.state == "failed":
                failed(job.error or "It could not be rendered.")

        session.start("audition", f"Render {genre.name}, {request.bars} bars", task, arrived)

    @property
    def has_font(self) -> bool:
        """Whether a SoundFont was chosen."""
        return self._workspace.preferences.font is not None

    def stop(self) -> None:
        """Ends what is heard."""
        self._wanted = ""
        self._workspace.stop_preview()

    def _begin(self, rendered: Rendered, playing: Callable[[Rendered], None]) -> None:
        self._workspace.preview(rendered.file, rendered.gain)
        playing(rendered)


def render(genre: Genre, request: Request, rate: int, font: Path | None, work: Work) -> Rendered:
    """Renders a request as a song of its own, and says by how much it is to be turned up or down. Worker threads."""
    project = new_project(genre.name, rate)
    song = produce(project, genre, request, 0, font is not None or None).edit.change(project)
    work.check()
    folder = locations.cache_folder() / "auditions"
    folder.mkdir(parents=True, exist_ok=True)
    out = folder / f"{_key(request)}.wav"
    done = bounce(compile_plan(song, {}), out, bits="16", progress=work.report, cancelled=work.cancelled, font=font)
    raised = min(LOUDNESS - done.lufs, LOUDEST, -done.peak_dbfs - 0.3) if math.isfinite(done.lufs) else 0.0
    return Rendered(out, 10 ** (raised / 20), done.frames / done.rate)


def _key(request: Request) -> str:
    return hashlib.sha256(msgspec.json.encode(request)).hexdigest()[:24]
