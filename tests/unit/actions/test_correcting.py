"""A corrected clip is heard corrected wherever the song is, and as it was sung as soon as that is asked for."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from msgspec.structs import replace

import voices
from studio.actions.correcting import Corrections, Sung, listen_to, made_sounds, make_sounds, sound_file, wanted_in
from studio.actions.exporting import Request, export_song
from studio.actions.importing import import_sound
from studio.actions.song import OpenSong, create_song, open_song
from studio.cli import run
from studio.document.correction import Correction, raw_id
from studio.document.edits import clips, song, takes, tracks
from studio.document.edits.correction import correct
from studio.document.project import AudioClip, Comp, Media
from studio.engine.audio.compiler import compile_plan
from studio.engine.audio.plan import RenderPlan
from studio.engine.jobs import Job, Work
from studio.engine.voice.notes import find_notes
from studio.engine.voice.tracking import track_pitch
from studio.errors import StudioError
from studio.storage.cache import CACHE

RATE = 48_000
SUNG = (57.35, 60.3, 64.4)


def work() -> Work:
    return Work(lambda *_: None, threading.Event())


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three notes that are all sharp, a rest before each."""
    parts = [part for pitch in SUNG for part in (voices.rest(0.3, RATE), voices.note(pitch, 0.5, RATE))]
    path = tmp_path_factory.mktemp("voice") / "Voice.wav"
    soundfile.write(path, np.concatenate([*parts, voices.rest(0.3, RATE)]), RATE, subtype="FLOAT")
    return path


@pytest.fixture
def opened(tmp_path: Path, voice: Path) -> Iterator[OpenSong]:
    made = create_song(tmp_path / "Song.studio")
    media = import_sound(made.bundle, voice, RATE, work()).media
    track = tracks.fresh_track(made.project, "Voice")
    made.document.apply(tracks.add_tracks([track]))
    made.document.apply(song.put_media((media,)))
    clip = clips.make_clip(media, track, 0, made.project.time)
    made.document.apply(clips.add_clips(track.id, (clip,)))
    yield made
    made.close()


def clip_of(opened: OpenSong) -> AudioClip:
    found = opened.project.tracks[0].clips[0]
    assert isinstance(found, AudioClip)
    return found


def media_of(opened: OpenSong) -> Media:
    return opened.project.media[0]


def sung(opened: OpenSong) -> Sung:
    return listen_to(opened.bundle, opened.project, media_of(opened), work())


def tune(opened: OpenSong, strength: float = 1.0) -> Correction:
    """Puts every note on its nearest semitone."""
    notes = tuple(replace(note, centre=1.0) for note in sung(opened).notes)
    correction = Correction(notes, strength)
    opened.document.apply(correct(clip_of(opened).id, "", correction))
    return correction


def mixed(opened: OpenSong, name: str) -> np.ndarray:
    """The left channel of the song's bounce."""
    out = opened.bundle.folder.parent / f"{name}.wav"
    export_song(opened.bundle, opened.project, Request(out, bits="32f"), work())
    return np.asarray(soundfile.read(out, dtype="float32", always_2d=True)[0][:, 0])


def pitches(sound: np.ndarray) -> list[float]:
    return [note.pitch for note in find_notes(track_pitch([sound], RATE))]


def test_the_bounce_has_the_corrected_notes_and_without_correction_what_was_sung(opened: OpenSong) -> None:
    raw = mixed(opened, "raw")
    assert pitches(raw) == pytest.approx(SUNG, abs=0.05)
    tune(opened)
    assert pitches(mixed(opened, "tuned")) == pytest.approx((57, 60, 64), abs=0.05)
    opened.document.apply(correct(clip_of(opened).id, "", None))
    assert np.array_equal(mixed(opened, "again"), raw)


def test_a_bypassed_correction_and_one_that_changes_nothing_leave_the_sound_alone(opened: OpenSong) -> None:
    raw = mixed(opened, "raw")
    correction = tune(opened, strength=0.0)
    assert wanted_in(opened.project) == () and np.array_equal(mixed(opened, "weak"), raw)
    bypassed = replace(correction, strength=1.0, bypassed=True)
    opened.document.apply(correct(clip_of(opened).id, "", bypassed))
    assert wanted_in(opened.project) == () and np.array_equal(mixed(opened, "bypassed"), raw)


def test_pieces_of_a_split_clip_and_its_copy_read_one_corrected_sound_without_a_seam(opened: OpenSong) -> None:
    tune(opened)
    whole = mixed(opened, "whole")
    opened.document.apply(clips.split_clips((clip_of(opened).id,), round(0.55 * RATE)))
    assert len(opened.project.tracks[0].clips) == 2 and len(wanted_in(opened.project)) == 1
    assert np.array_equal(mixed(opened, "split"), whole)
    joined = clips.join_clips([clip.id for clip in opened.project.tracks[0].clips])
    opened.document.apply(joined)
    assert clip_of(opened).length == media_of(opened).frames
    edit, _ = clips.duplicate_clips(opened.project, (clip_of(opened).id,))
    opened.document.apply(edit)
    assert len(opened.project.tracks[0].clips) == 2 and len(wanted_in(opened.project)) == 1


def test_pieces_that_are_corrected_otherwise_are_not_joined(opened: OpenSong) -> None:
    tune(opened)
    opened.document.apply(clips.split_clips((clip_of(opened).id,), round(0.55 * RATE)))
    first, second = opened.project.tracks[0].clips
    opened.document.apply(correct(first.id, "", None))
    with pytest.raises(StudioError, match="neighbouring pieces"):
        opened.document.apply(clips.join_clips([first.id, second.id]))


def test_a_clip_that_becomes_a_take_keeps_its_correction(opened: OpenSong) -> None:
    correction = tune(opened)
    media = media_of(opened)
    once = takes.Pass(0, 0, RATE // 2)
    opened.document.apply(takes.record_passes(opened.project.tracks[0].id, media, (once,)))
    comp = opened.project.tracks[0].clips[0]
    assert isinstance(comp, Comp) and comp.takes[0].correction == correction and comp.takes[1].correction is None
    assert pitches(mixed(opened, "comp"))[1:] == pytest.approx((60, 64), abs=0.05)
    opened.document.apply(correct(comp.id, comp.takes[0].id, None))
    assert wanted_in(opened.project) == ()


def test_what_was_made_is_kept_and_made_again_where_the_cache_was_deleted(opened: OpenSong) -> None:
    tune(opened)
    first = mixed(opened, "first")
    (path,) = made_sounds(opened.bundle, opened.project).values()
    stamp = path.stat().st_mtime_ns
    assert np.array_equal(mixed(opened, "second"), first) and path.stat().st_mtime_ns == stamp
    shutil.rmtree(opened.bundle.folder / CACHE)
    assert made_sounds(opened.bundle, opened.project) == {}
    assert np.array_equal(mixed(opened, "third"), first)


def test_a_song_with_a_correction_opens_as_it_was(opened: OpenSong) -> None:
    tune(opened)
    before, folder = opened.project, opened.bundle.folder
    opened.close()
    again = open_song(folder)
    assert again.project == before
    again.close()


def test_an_open_song_has_its_corrected_sounds_made_as_a_job_and_tells_when_they_are_there(opened: OpenSong) -> None:
    came: list[str] = []

    def start(kind: str, label: str, task, then) -> Job:
        task(work())
        job = Job("job-1", kind, label, "done")
        then(job)
        return job

    following = Corrections(opened.bundle, start, lambda sound, _: came.append(sound), pytest.fail)
    following.follow(opened.project)
    assert came == []
    tune(opened)
    sound = clip_of(opened).sound
    assert following.waits(sound)
    following.follow(opened.project)
    assert came == [sound] and not following.waits(sound)
    assert raw_id(sound) == media_of(opened).id
    assert sound_file(opened.bundle, media_of(opened), RATE, sound) is not None
    assert sound_file(opened.bundle, media_of(opened), RATE, media_of(opened).id) is None


def test_a_sound_that_is_missing_is_told_and_bounced_without_a_correction(opened: OpenSong) -> None:
    tune(opened)
    media = media_of(opened)
    opened.bundle.media_path(media).unlink()
    shutil.rmtree(opened.bundle.folder / CACHE)
    shutil.rmtree(opened.bundle.folder / "coach")
    doing = work()
    assert make_sounds(opened.bundle, opened.project, doing) == {}
    assert "as it was sung" in doing.failures[0] and "missing" in doing.failures[0]


def test_a_file_is_corrected_without_a_song(voice: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "Tuned.wav"
    assert run(["correct", str(voice), "-o", str(out), "--key", "A minor", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [note["note"] for note in report["notes"]] == ["A3", "C4", "E4"]
    assert [note["moved_cents"] for note in report["notes"]] == pytest.approx([-35, -30, -40], abs=2)
    sound, rate = soundfile.read(out, dtype="float32")
    raw = soundfile.read(voice, dtype="float32")[0]
    assert rate == RATE and sound.shape == raw.shape and pitches(sound) == pytest.approx((57, 60, 64), abs=0.07)
    assert run(["correct", str(voice), "-o", str(out), "--strength", "0"]) == 0
    assert np.array_equal(soundfile.read(out, dtype="float32")[0], raw)
    assert "3 notes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["nothing.wav", "-o", "out.wav"], "cannot be opened"),
        (["Silence.wav", "-o", "out.wav"], "nothing to correct"),
        (["Silence.wav", "-o", "Silence.wav"], "name another file"),
        (["Silence.wav", "-o", "out.xyz"], "no ending that can be written"),
        (["Silence.wav", "-o", "out.wav", "--key", "H moll"], "is not a key"),
        (["Many.wav", "-o", "out.wav"], "mono or stereo"),
    ],
)
def test_a_file_that_cannot_be_corrected_is_told(
    given: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    soundfile.write("Silence.wav", np.zeros(RATE, np.float32), RATE)
    soundfile.write("Many.wav", np.zeros((RATE, 3), np.float32), RATE)
    assert run(["correct", *given]) == 1
    assert told in capsys.readouterr().err
    assert not list(tmp_path.glob("*out*"))


def test_until_the_corrected_sound_is_made_what_was_sung_is_planned_at_the_same_frames(opened: OpenSong) -> None:
    tune(opened)
    media, sound = media_of(opened), clip_of(opened).sound
    raw = {media.id: Path("raw.wav")}

    def path(plan: RenderPlan) -> str:
        (segment,) = plan.strips[0].segments.between(0, RATE)
        assert segment.source == 0 and segment.media.frames == media.frames
        return segment.media.path

    before = compile_plan(opened.project, raw)
    after = compile_plan(opened.project, {**raw, sound: Path("tuned.wav")}, before)
    gone = compile_plan(opened.project, raw, after)
    assert [path(plan) for plan in (before, after, gone)] == ["raw.wav", "tuned.wav", "raw.wav"]
