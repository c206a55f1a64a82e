"""Sounds held against the grid: what is measured, what is offered, and what aligning makes of a clip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from msgspec.structs import replace

from rooms import Room, room
from studio.actions.aligning import Fit, align, first_beat, fit_of, measure_fit, transpose
from studio.actions.placing import Target
from studio.document.document import Document
from studio.document.edits.aligning import align_clip, nearest_bar
from studio.document.edits.clips import add_clips, make_clip, move_clips, trim_clips
from studio.document.edits.harmony import set_key
from studio.document.edits.song import put_media, set_tempo
from studio.document.edits.tracks import add_tracks, fresh_track
from studio.document.project import AudioClip, Media, clip_end, clip_start, new_project
from studio.engine.audio.onsets import find_onsets
from studio.errors import StudioError

__all__ = ["room"]

RATE = 48_000


def beats(bpm: float, count: int, begin: float = 0.0, accent: int = 4) -> np.ndarray:
    """Strokes at a tempo from a second on, each `accent`th of them strong, as float32 (frames,)."""
    sound = np.zeros(round((begin + count * 60 / bpm + 0.4) * RATE), np.float32)
    chance = np.random.default_rng(3)
    decay = np.exp(-np.arange(RATE // 8) / 900)
    for n in range(count):
        at = round((begin + n * 60 / bpm) * RATE)
        loud = 0.8 if n % accent == 0 else 0.5
        sound[at : at + RATE // 8] += (loud * chance.uniform(-1, 1, RATE // 8) * decay).astype(np.float32)
    return sound


def imported(room: Room, tmp_path: Path, sound: np.ndarray, at: int = 0) -> tuple[Any, str]:
    soundfile.write(tmp_path / "Loop.wav", sound, RATE, "FLOAT")
    session = room.new("Night Bus")
    ids: list[tuple[str, ...]] = []
    room.over(session.import_files([tmp_path / "Loop.wav"], Target(frame=at, name="Beat"), ids.append))
    return session, ids[0][0]


def measured(room: Room, session: Any, clip: str) -> Fit:
    found: list[Fit] = []
    room.over(measure_fit(session, clip, found.append))
    return found[0]


def test_a_loop_at_another_tempo_is_measured_stretched_and_moved(room: Room, tmp_path: Path) -> None:
    session, clip_id = imported(room, tmp_path, beats(126.0, 16, begin=0.1), at=2 * RATE)
    document = session.document
    before = document.project
    fit = measured(room, session, clip_id)
    assert fit.bpm == pytest.approx(126.0, abs=0.2) and fit.song_bpm == 120.0 and not fit.on_grid
    assert fit.bar == 2 * RATE and fit.late == pytest.approx(0.1 * 1.05, abs=0.005)
    assert fit.told[0].startswith("It sounds like 126.") and "ms after the bar" in fit.told[1]
    original = session.bundle.media_path(before.media[0]).read_bytes()
    aligned: list[str] = []
    room.over(align(session, fit, then=aligned.append))
    assert aligned == [clip_id] and not room.told, room.told
    clip = document.clip(clip_id)
    media = document.media(clip.media)
    assert media.name == "Loop (120 BPM)" and len(document.project.media) == 2
    assert session.bundle.media_path(before.media[0]).read_bytes() == original
    sound = soundfile.read(session.playable(media), always_2d=True, dtype="float32")[0].T
    start = int(clip_start(clip, document.project.time))
    onsets = [start - clip.source + one.frame for one in find_onsets(sound, RATE) if one.strength > 0.2]
    off = [(frame / (RATE / 2) + 0.5) % 1 - 0.5 for frame in onsets]
    assert len(onsets) == 16 and np.abs(off).max() * 500 < 12, "every stroke on its beat, within 12 ms"
    assert clip.source == 0 and clip.length == pytest.approx(media.frames, abs=3), "it had the room"
    again = measured(room, session, clip_id)
    assert again.on_grid and again.told == ()
    document.undo()
    assert document.project == before


def test_what_is_at_the_tempo_is_only_moved(room: Room, tmp_path: Path) -> None:
    session, clip_id = imported(room, tmp_path, beats(120.0, 16, begin=0.05))
    fit = measured(room, session, clip_id)
    assert fit.pace == 1.0 and fit.late == pytest.approx(0.05, abs=0.003)
    room.over(align(session, fit))
    clip = session.document.clip(clip_id)
    assert clip.media == session.document.project.media[0].id and len(session.document.project.media) == 1
    assert clip.source == pytest.approx(0.05 * RATE, abs=100) and clip_start(clip, session.document.project.time) == 0


def test_nothing_is_offered_where_nothing_is_sure() -> None:
    document = Document(new_project("Song"))
    document.apply(set_key(0, 0, "major"))
    clip = AudioClip("clip-1", "Pad", "media-1", 0, 0, 0, 8 * RATE)
    pad = 0.2 * np.sin(2 * np.pi * 220 * np.arange(8 * RATE) / RATE).astype(np.float32)
    fit = fit_of(document.project, clip, np.stack([pad, pad]))
    assert fit.pace == 1.0 and fit.on_grid and fit.beat is None
    assert first_beat(np.zeros((1, RATE), np.float32), RATE) is None
    told = replace(fit, bpm=119.9, sure_of_bpm=0.9, key="Eb minor", sure_of_key=0.9, song_key="C major")
    assert told.on_grid and told.told == () and told.semitones == 6
    assert replace(told, key="B minor").semitones == -2 and replace(told, key="D minor").semitones == -5
    assert replace(told, key="A minor").semitones == 0 == replace(told, sure_of_key=0.1).semitones
    assert replace(told, key="C major", song_key="D dorian").semitones == 0 == replace(told, song_key="").semitones
    assert told.key_told == "It sounds like Eb minor (90% sure); the song is in C major."
    near = replace(told, bpm=119.4)
    assert near.pace == pytest.approx(120 / 119.4) and replace(near, seconds=2.0).pace == 1.0, "10 ms at its end"
    assert replace(told, bpm=96.0, song_bpm=60.0).pace == 1.0, "as fast as that nothing is stretched"


def test_a_clip_is_moved_into_the_key(room: Room, tmp_path: Path) -> None:
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE).astype(np.float32)
    session, clip_id = imported(room, tmp_path, tone, at=RATE)
    before = session.document.project
    fit = Fit(clip_id, 120.0, song_key="C major", key="D major", sure_of_key=0.9)
    room.over(transpose(session, fit))
    clip = session.document.clip(clip_id)
    media = session.document.media(clip.media)
    assert media.name == "Loop (C major)" and (clip_start(clip, before.time), clip.length) == (RATE, 2 * RATE)
    sound = soundfile.read(session.playable(media), dtype="float32")[0][RATE // 2 : RATE // 2 + RATE]
    loudest = int(np.abs(np.fft.rfft(sound * np.hanning(RATE))).argmax())
    assert loudest == pytest.approx(440 * 2 ** (-2 / 12), abs=2)
    session.document.undo()
    assert session.document.project == before and not room.told


def test_the_room_of_a_clip_is_kept() -> None:
    document = Document(new_project("Song"))
    track, media = fresh_track(document.project, "Beat"), Media("media-1", "Loop", "media/l.wav", 4 * RATE, 2, RATE)
    other = replace(media, id="media-2", file="media/m.wav", frames=5 * RATE)
    document.apply(add_tracks((track,)))
    document.apply(put_media((media, other)))
    clip = make_clip(media, track, 2 * RATE, document.project.time)
    document.apply(add_clips(track.id, (clip,)))

    def edges(edit: Any) -> tuple[int, int, int]:
        after = edit.change(document.project)
        made = next(one for one in after.tracks[0].clips if one.id == clip.id)
        return made.source, int(clip_start(made, after.time)), int(clip_end(made, after.time))

    assert edges(align_clip(clip, other, 0.8, 4800)) == (0, 2 * RATE - 4800, 7 * RATE - 4800)
    assert edges(align_clip(clip, other, 0.8, 4800, until=6 * RATE)) == (4800, 2 * RATE, 6 * RATE)
    assert edges(align_clip(clip, other, 0.8, None)) == (0, 2 * RATE, 7 * RATE)
    early = 2 * RATE - 4800
    assert edges(align_clip(clip, media, 1.0, early)) == (0, 2 * RATE + 4800, 6 * RATE + 4800)
    next_one = make_clip(media, track, 6 * RATE + 100, document.project.time)
    document.apply(add_clips(track.id, (next_one,)))
    assert edges(align_clip(clip, other, 0.8, None)) == (0, 2 * RATE, 6 * RATE + 100)
    document.apply(trim_clips((clip.id,), "left", 480))
    cut = document.clip(clip.id)
    assert edges(align_clip(cut, other, 0.8, None)) == (600, 2 * RATE + 480, 6 * RATE)
    assert edges(align_clip(cut, other, 1.25, None)) == (384, 2 * RATE + 480, 6 * RATE), "there is more of it"
    document.apply(move_clips((clip.id,), clip.id, 0))
    with pytest.raises(StudioError, match="was changed meanwhile"):
        document.apply(align_clip(cut, other, 0.8, None))


def test_bar_lines_follow_the_tempo() -> None:
    document = Document(new_project("Song"))
    document.apply(set_tempo(0, 60.0))
    assert [nearest_bar(document.project, at * RATE) for at in (0, 1, 3, 9)] == [0, 0, 4 * RATE, 8 * RATE]


def test_only_a_plain_clip_can_be_aligned(room: Room, tmp_path: Path) -> None:
    session, clip_id = imported(room, tmp_path, beats(120.0, 8))
    with pytest.raises(StudioError, match="Only a plain clip"):
        measure_fit(session, "clip-none", lambda _: None)
    session.bundle.media_path(session.document.project.media[0]).unlink()
    with pytest.raises(StudioError, match="is missing"):
        measure_fit(session, clip_id, lambda _: None)
