"""Songs with real sound files, and ways to render them: shared by the tests of the render side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
from msgspec.structs import replace

from studio.document.project import AudioClip, Clip, Media, Strip, Track, new_project
from studio.engine.audio.compiler import compile_plan
from studio.engine.audio.pages import PageReader
from studio.engine.audio.plan import RenderPlan
from studio.engine.audio.preparing import prepare
from studio.engine.audio.renderer import Renderer

Floats = npt.NDArray[np.float32]

RATE = 48_000
PATIENT = 60.0


def noise(frames: int, channels: int = 2, seed: int = 0, level: float = 0.2) -> Floats:
    """float32 (channels, frames) of white noise."""
    return (np.random.default_rng(seed).standard_normal((channels, frames)) * level).astype(np.float32)


class Mix:
    """A project under construction, with its files in `folder`."""

    def __init__(self, folder: Path, rate: int = RATE) -> None:
        self.folder = folder
        self.project = new_project("Mix", rate)
        self.paths: dict[str, Path | None] = {}

    def media(self, sound: Floats, subtype: str = "FLOAT") -> str:
        """A new file with this sound (channels, frames); its media id."""
        key = f"media-{len(self.paths):03d}"
        path = self.folder / f"{key}.wav"
        soundfile.write(path, sound.T, self.project.rate, subtype)
        self.paths[key] = path
        medium = Media(key, key, f"media/{key}.wav", sound.shape[1], sound.shape[0], self.project.rate)
        self.project = replace(self.project, media=(*self.project.media, medium))
        return key

    def clip(self, media: str, start: int, source: int = 0, length: int | None = None, **more: object) -> AudioClip:
        """A clip of a media; to the end of it if no length is given."""
        medium = self.project.medium(media)
        assert medium is not None
        number = sum(len(track.clips) for track in self.project.tracks)
        length = medium.frames - source if length is None else length
        key = f"clip-{number}-{start}-{source}-{length}"
        return AudioClip(key, media, media, 0, start, source, length, **more)  # type: ignore[arg-type]

    def track(self, clips: Iterable[Clip] = (), strip: Strip | None = None, kind: str = "audio") -> str:
        """A new track; its id."""
        key = f"track-{len(self.project.tracks)}"
        ordered = tuple(sorted(clips, key=lambda clip: (clip.anchor, clip.offset)))
        track = Track(key, key, "#ffffff", kind=kind, clips=ordered, strip=strip or Strip())  # type: ignore[arg-type]
        self.project = replace(self.project, tracks=(*self.project.tracks, track))
        return key

    def strip(self, key: str, **changes: object) -> None:
        """Change the strip of a track, or of "master"."""
        if key == "master":
            self.project = replace(self.project, master=replace(self.project.master, **changes))
            return
        tracks = tuple(
            replace(track, strip=replace(track.strip, **changes)) if track.id == key else track
            for track in self.project.tracks
        )
        self.project = replace(self.project, tracks=tracks)

    def plan(self) -> RenderPlan:
        """The plan of the project as it is now."""
        return compile_plan(self.project, self.paths)


@contextmanager
def rendering(plan: RenderPlan, *, metering: bool = True, crew: Executor | None = None) -> Iterator[Renderer]:
    """A renderer of a plan with its own reader, which waits for pages."""
    pages = PageReader(plan.rate)
    try:
        renderer = Renderer(plan.rate, pages, patience=PATIENT, metering=metering, crew=crew)
        renderer.adopt(plan, prepare(plan))
        yield renderer
    finally:
        pages.close()


def stream(renderer: Renderer, position: int, blocks: Sequence[int]) -> Floats:
    """The master over consecutive blocks, from `position` on."""
    out = []
    for frames in blocks:
        out.append(renderer.render(position, frames).master.copy())
        position += frames
    return np.concatenate(out, axis=1)


def rendered(plan: RenderPlan, position: int, blocks: Sequence[int]) -> Floats:
    """The master of a plan rendered with fresh processors."""
    with rendering(plan) as renderer:
        return stream(renderer, position, blocks)


def even(frames: int, block: int = 2048) -> list[int]:
    """Blocks of one size, and the rest."""
    return [block] * (frames // block) + ([frames % block] if frames % block else [])
