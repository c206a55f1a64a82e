"""Samplers made of real files and of clips, through the actions of the window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from mixes import even, rendered
from rooms import Room, room
from studio.actions.placing import Target
from studio.actions.sampling import Slicing, make_sampler, sample_files, slice_to_sampler
from studio.document.edits import clips
from studio.document.edits.song import set_tempo
from studio.document.edits.tracks import add_tracks, fresh_track
from studio.document.instruments import Instrument
from studio.document.notes import NoteClip
from studio.document.project import Track
from studio.document.time import PPQ
from studio.engine.audio.compiler import compile_plan
from studio.errors import StudioError

__all__ = ["room"]

RATE = 48_000


def heard(room: Room, seconds: float) -> np.ndarray:
    """The song as a bounce renders it."""
    session = room.session
    project = session.document.project
    plan = compile_plan(project, {media.id: session.playable(media) for media in project.media})
    return rendered(plan, 0, even(round(seconds * RATE)))


def loop(room: Room, file: Path, frame: int = 0) -> str:
    """A clip of a file on an audio track."""
    room.over(room.session.import_files([file], Target(frame=frame)))
    return room.session.document.project.tracks[-1].clips[0].id


def keys(room: Room, kind: str = "drums") -> Track:
    """A new instrument track."""
    document = room.session.document
    track = fresh_track(document.project, "Keys", "instrument", instrument=Instrument(kind))
    document.apply(add_tracks((track,)))
    return track


@pytest.mark.parametrize("name", ["loop_breakbeat", "loop_mehackit1", "arovane_beat_c"])
@pytest.mark.parametrize("by", ["onsets", "grid"])
def test_slices_played_by_their_notes_sound_like_the_loop(room: Room, testdata: Path, name: str, by: str) -> None:
    room.new()
    room.session.document.apply(set_tempo(0, 97.3))
    clip = loop(room, testdata / "samples_cc0" / f"{name}.flac")
    before = heard(room, 8)
    made: list[str] = []
    room.over(slice_to_sampler(room.session, clip, Slicing(by), made.extend))  # type: ignore[arg-type]
    track, notes = room.session.document.project.track(made[0]), room.session.document.clip(made[1])
    assert track is not None
    assert isinstance(notes, NoteClip)
    assert len(track.instrument.zones) == notes.note_count > 5
    after = heard(room, 8)
    assert np.abs(after).max() > 0.2
    assert np.abs(after - before).max() < 1e-6
    room.session.document.undo()
    assert [one.kind for one in room.session.document.project.tracks] == ["audio"]
    assert not room.session.document.project.tracks[0].clips[0].muted


def test_a_trimmed_clip_with_a_gain_sounds_the_same_in_slices(room: Room, testdata: Path) -> None:
    room.new()
    clip = loop(room, testdata / "samples_cc0" / "loop_compus.flac", frame=4800)
    document = room.session.document
    document.apply(clips.trim_clips((clip,), "left", 24_000 * 2))
    document.apply(clips.trim_clips((clip,), "right", -RATE))
    document.apply(clips.set_clip_gain((clip,), 0.5))
    before = heard(room, 7)
    room.over(slice_to_sampler(room.session, clip, Slicing()))
    assert np.abs(heard(room, 7) - before).max() < 1e-6


def test_slices_keep_their_order_at_another_tempo(room: Room, testdata: Path) -> None:
    room.new()
    clip = loop(room, testdata / "samples_cc0" / "loop_breakbeat.flac")
    room.over(slice_to_sampler(room.session, clip, Slicing("grid", step=PPQ // 2)))
    plain = heard(room, 3)
    room.session.document.apply(set_tempo(0, 60.0))
    slow = heard(room, 5)
    length = RATE // 4
    for n in range(4):
        slice_ = plain[:, n * length + 64 : (n + 1) * length]
        assert np.abs(slow[:, 2 * n * length + 64 : 2 * n * length + length] - slice_).max() < 1e-6
    room.session.document.apply(set_tempo(0, 180.0))
    fast = heard(room, 3)
    assert np.abs(np.diff(fast)).max() < 1.2 * np.abs(np.diff(plain)).max(), "what is cut short fades"


def test_a_dropped_file_makes_a_sampler_that_is_undone_as_one_step(room: Room, tmp_path: Path) -> None:
    room.new()
    track = keys(room)
    time = np.arange(RATE) / RATE
    soundfile.write(tmp_path / "Horn.wav", 0.4 * np.sin(2 * np.pi * 220 * time), RATE)
    room.over(sample_files(room.session, [tmp_path / "Horn.wav"], track.id))
    instrument = room.session.document.project.tracks[0].instrument
    assert instrument.kind == "sampler"
    assert [(zone.low, zone.high, zone.root) for zone in instrument.zones] == [(0, 127, 57)], "the A that is heard"
    room.session.document.undo()
    assert room.session.document.project.tracks[0].instrument == Instrument("drums")
    assert room.session.document.project.media == ()


def test_a_file_goes_on_a_drum_and_several_make_a_kit(room: Room, testdata: Path) -> None:
    room.new()
    track, folder = keys(room), testdata / "samples_cc0"
    files = [folder / f"{name}.flac" for name in ("bd_haus", "sn_dolf", "hat_cab")]
    room.over(sample_files(room.session, files[:1], track.id, 38))
    instrument = room.session.document.project.tracks[0].instrument
    assert (instrument.kind, [zone.low for zone in instrument.zones]) == ("drums", [38])
    room.over(sample_files(room.session, files, track.id))
    instrument = room.session.document.project.tracks[0].instrument
    assert (instrument.kind, [zone.low for zone in instrument.zones]) == ("sampler", [36, 37, 38])
    with pytest.raises(StudioError, match="one sound at a time"):
        sample_files(room.session, files, track.id, 38)
    with pytest.raises(StudioError, match="is a MIDI file"):
        sample_files(room.session, [folder / "song.mid"], track.id)


def test_a_track_that_went_meanwhile_leaves_no_file_behind(room: Room, testdata: Path) -> None:
    room.new()
    track = keys(room)
    job = sample_files(room.session, [testdata / "samples_cc0" / "bd_haus.flac"], track.id, 36)
    room.session.document.undo()
    room.over(job)
    assert room.session.document.project.media == ()
    assert any("no longer" in str(error) for error in room.told)
    assert not [file for file in (room.session.bundle.folder / "media").iterdir() if file.suffix == ".flac"]


def test_a_sampler_is_made_of_a_clip(room: Room, testdata: Path) -> None:
    room.new()
    clip = loop(room, testdata / "samples_cc0" / "guit_harmonics.flac")
    made: list[str] = []
    room.over(make_sampler(room.session, clip, made.extend))
    track = room.session.document.project.track(made[0])
    assert track is not None
    assert [(zone.low, zone.high, zone.one_shot) for zone in track.instrument.zones] == [(0, 127, False)]


def test_what_cannot_be_made_is_said(room: Room, tmp_path: Path) -> None:
    room.new()
    soundfile.write(tmp_path / "hush.wav", np.zeros(RATE), RATE)
    clip = loop(room, tmp_path / "hush.wav")
    job = room.over(slice_to_sampler(room.session, clip, Slicing()))
    assert "No onset stands out" in job.error
    document = room.session.document
    media = document.project.media[0]
    for file in {room.session.bundle.media_path(media), room.session.playable(media)}:
        file.unlink()
    with pytest.raises(StudioError, match="missing"):
        make_sampler(room.session, clip)
    with pytest.raises(StudioError, match="clip of sound"):
        make_sampler(room.session, "gone")
    document.read_only = "The song is open elsewhere."
    with pytest.raises(StudioError, match="open elsewhere"):
        slice_to_sampler(room.session, clip, Slicing())
