"""Clips of notes on the timeline: painted as bars, and moved, trimmed and split like any clip."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from msgspec.structs import replace

from studio.document.blocks import note_blocks
from studio.document.edits import clips, tracks
from studio.document.notes import Note, NoteClip
from studio.document.project import new_id
from studio.ui.timeline import columns

from .conftest import RATE, OpenSong, Shown

BEAT = 960


def _with_notes(song: OpenSong, loop: int = 0) -> NoteClip:
    """An instrument track below the others, with four quarter notes going up from 2 s on (a bar of 2 s)."""
    track = tracks.fresh_track(song.document.project, "Keys", kind="instrument")
    song.document.apply(tracks.add_tracks((track,)))
    notes = [Note(new_id("note"), n * BEAT, BEAT // 2, 60 + 4 * n) for n in range(4)]
    clip = NoteClip(new_id("clip"), "Part", 4 * BEAT, 4 * BEAT, loop=loop, note_blocks=note_blocks(notes))
    song.document.apply(clips.add_clips(track.id, (clip,)))
    return clip


@pytest.fixture
def playing(arranged: OpenSong, show: Callable[[OpenSong], Shown]) -> tuple[Shown, NoteClip]:
    clip = _with_notes(arranged)
    return show(arranged), clip


def _ink(shown: Shown, row: int = 3) -> np.ndarray:
    """Which pixels of a track's row have the colour of notes: bool (height, width)."""
    pixels = shown.picture()
    found = shown.view.stage.scene.rows[row]
    ink = columns.rgb(columns.paint_of(found.track.color, int(found.plan.style[0])).wave)
    top = found.top - shown.view.stage.canvas.top
    return pixels[top : top + found.height] == ink


def _runs(ink: np.ndarray) -> list[tuple[int, int]]:
    """First and last column of each bar, from left to right."""
    seen = ink.any(axis=0).astype(np.int8)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], seen, [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def test_every_note_is_a_bar_at_its_time_and_height(playing: tuple[Shown, NoteClip]) -> None:
    shown, _ = playing
    ink = _ink(shown)
    runs = _runs(ink)
    ratio = shown.view.stage.canvas.axis.ratio
    wanted = [(shown.x(2 + n / 2) * ratio, shown.x(2 + n / 2 + 0.25) * ratio) for n in range(4)]
    assert np.allclose(runs, wanted, atol=1.01)
    heights = [int(np.flatnonzero(ink[:, begin])[0]) for begin, _ in runs]
    assert heights == sorted(heights, reverse=True)
    assert len(set(heights)) == 4


def test_a_pattern_is_painted_as_often_as_it_sounds(arranged: OpenSong, show: Callable[[OpenSong], Shown]) -> None:
    clip = _with_notes(arranged, loop=2 * BEAT)
    shown = show(arranged)
    assert len(_runs(_ink(shown))) == 4
    arranged.document.apply(clips.trim_clips((clip.id,), "right", 2 * RATE))
    assert len(_runs(_ink(shown))) == 8


def test_a_trimmed_clip_hides_notes(playing: tuple[Shown, NoteClip]) -> None:
    shown, clip = playing
    y = shown.y(shown.song.document.project.tracks[3].id)
    shown.hand.drag((shown.x(2) + 2, y), (shown.x(3) + 2, y))
    trimmed = shown.song.clip(clip.id)
    assert isinstance(trimmed, NoteClip)
    assert (trimmed.anchor, trimmed.lead, trimmed.ticks) == (6 * BEAT, 2 * BEAT, 2 * BEAT)
    assert len(_runs(_ink(shown))) == 2


def test_every_command_runs_on_notes_and_undoes(playing: tuple[Shown, NoteClip]) -> None:
    shown, clip = playing
    document = shown.song.document
    before = document.project
    for command in shown.view.commands():
        shown.view.stage.select([clip.id, before.tracks[0].clips[0].id])
        shown.view.stage.pick_track(before.tracks[3].id)
        shown.view.set_playhead(round(2.6 * RATE))
        if command.enabled():
            command.run()
        shown.picture()
        while document.project != before:
            document.undo()
    assert shown.view.paint_failures == 0


def test_notes_are_not_dropped_on_a_track_of_sound(playing: tuple[Shown, NoteClip]) -> None:
    shown, clip = playing
    document = shown.song.document
    shown.hand.drag(
        (shown.x(2.9), shown.y(document.project.tracks[3].id)), (shown.x(2.9), shown.y(document.project.tracks[2].id))
    )
    assert document.track_of(clip.id).kind == "instrument"
    failures: list[str] = []
    shown.view.stage.failed.connect(lambda error: failures.append(str(error)))
    shown.view.stage.apply(clips.move_clips((clip.id,), clip.id, 0, -1))
    assert failures == ["There is no instrument track for the clip at this place."]


def test_a_hundred_thousand_notes_are_painted(arranged: OpenSong, show: Callable[[OpenSong], Shown]) -> None:
    clip = _with_notes(arranged)
    random = np.random.default_rng(1)
    starts, pitches = random.integers(0, 4 * BEAT, 100_000), random.integers(0, 128, 100_000)
    many = [Note(f"n{n}", int(a), 30, int(b)) for n, (a, b) in enumerate(zip(starts, pitches, strict=True))]
    track = arranged.document.project.tracks[3]
    full = replace(clip, note_blocks=note_blocks(many))
    arranged.document.apply(clips.delete_clips((clip.id,)))
    arranged.document.apply(clips.add_clips(track.id, (full,)))
    shown = show(arranged)
    assert _ink(shown).mean() > 0.05
    assert shown.view.paint_failures == 0
