"""A file of drums gone on with, filled, varied or humanised by the groove model, and written as another file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from ..document.edits.notes import make_note, make_note_clip
from ..document.edits.tracks import fresh_track
from ..document.instruments import DRUM_BANK, Instrument
from ..document.project import Project, new_project
from ..document.time import PPQ, TempoPoint
from ..engine.ai.groove.hits import FINES, PITCHES, STEPS, STYLES, Hits, coded, style_of, times_of, velocities_of
from ..engine.ai.groove.keeping import SHIPPED, load_network
from ..engine.ai.groove.playing import Wish, fill, go_on, humanise, vary
from ..engine.ai.groove.threads import one_thread
from ..errors import StudioError
from .drumfiles import performance_of
from .midi import export_midi, open_midi

WAYS = ("continue", "fill", "vary", "humanise")

MAX_BARS = 512
SHORT = 120
"""How long a stroke is written, in ticks."""


class Wanted(msgspec.Struct, frozen=True):
    """What is to be done: one of WAYS; `bars` to go on for; `bar` to fill, counted from 1, 0 for the last.

    Without a `bpm` the file's is taken. `change` is how often a varied hit may go another way, 0 to 1.
    """

    how: str
    bars: int = 8
    bar: int = 0
    style: str = ""
    bpm: float | None = None
    seed: int = 1
    temperature: float = 0.9
    change: float = 0.12


def play_file(source: Path, out: Path, wanted: Wanted, model: Path = SHIPPED) -> dict[str, Any]:
    """Plays a file of drums and writes what came of it. A worker thread.

    Raises StudioError where the file holds no drums in 4/4, or what is wanted cannot be.
    """
    if wanted.style and not style_of(wanted.style):
        raise StudioError(f"“{wanted.style}” is not a style; choose from {', '.join(STYLES[1:])}.")
    performance, missed = performance_of(open_midi(source), name=source.name)
    hits = coded(performance)
    if out.absolute() == source.absolute():
        raise StudioError(f"“{source.name}” would be written over; choose another name for what is played.")
    if hits.bars + (wanted.bars if wanted.how == "continue" else 0) > MAX_BARS:
        raise StudioError(f"“{source.name}” would have more than {MAX_BARS} bars; choose a shorter one.")
    if not 0 <= wanted.bar <= hits.bars:
        raise StudioError(f"There is no bar {wanted.bar} in “{source.name}”; it has {hits.bars}.")
    bpm = wanted.bpm or performance.bpm
    wish = Wish(wanted.style, bpm, wanted.seed, wanted.temperature, wanted.temperature)
    network, _ = load_network(model)
    with one_thread():
        played = _played(network, hits, wanted, wish)
    done = export_midi(_song(source.stem, played, bpm), out)
    report = {"file": str(done.file), "how": wanted.how, "bars": played.bars, "hits": played.count, "bpm": bpm}
    return report | {"seed": wanted.seed, "before": hits.count, "left_out": missed}


def _played(network: Any, hits: Hits, wanted: Wanted, wish: Wish) -> Hits:
    if wanted.how == "continue":
        more, bars = go_on(network, hits, wanted.bars, wish), hits.bars
        more = Hits(more.steps + bars * STEPS, more.lanes, more.fines, more.velocities)
        return Hits(*(np.concatenate([getattr(hits, name), getattr(more, name)]) for name in Hits.__struct_fields__))
    if wanted.how == "fill":
        return fill(network, hits, (wanted.bar or hits.bars) - 1, wish)
    if wanted.how == "vary":
        return vary(network, hits, wish, wanted.change)
    if wanted.how == "humanise":
        return humanise(network, hits, wish)
    raise StudioError(f"“{wanted.how}” cannot be done; choose from {', '.join(WAYS)}.")


def _song(name: str, hits: Hits, bpm: float) -> Project:
    """A song with one track that plays the hits. Hits before the first bar line are put on it."""
    step = 4 * PPQ // STEPS
    ticks = np.maximum(np.round(times_of(hits) * FINES).astype(np.int64) * (step // FINES), 0).tolist()
    columns = zip(ticks, hits.lanes.tolist(), velocities_of(hits).tolist(), strict=True)
    notes = [make_note(tick, SHORT, PITCHES[lane], velocity) for tick, lane, velocity in columns]
    project = msgspec.structs.replace(new_project(name), tempo=(TempoPoint(0, bpm),))
    track = fresh_track(project, name, "instrument", instrument=Instrument(bank=DRUM_BANK))
    clip = make_note_clip(name, 0, max(hits.bars, 1) * 4 * PPQ, notes)
    return msgspec.structs.replace(project, tracks=(msgspec.structs.replace(track, clips=(clip,)),))
