"""Takes of files, clips and comps are heard once, kept, and judged by songs, scales, MIDI files and other voices."""

from __future__ import annotations

import csv
import json
import threading
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile
from msgspec.structs import replace

import voices
from studio.actions.aims import read_aim
from studio.actions.coaching import Coached, coach_file, coach_in, coach_takes, propose_comp
from studio.actions.importing import import_sound, playable_file
from studio.actions.song import OpenSong, create_song
from studio.cli import run
from studio.document.edits import clips, song, takes, tracks
from studio.document.project import Media
from studio.engine.jobs import Cancelled, Work
from studio.engine.voice.aims import Aim, judge
from studio.engine.voice.bestcomp import TakeHeard, best_comp
from studio.engine.voice.grading import Tolerance
from studio.engine.voice.heard import decode_heard, encode_heard, listen
from studio.engine.voice.notes import find_notes
from studio.engine.voice.pitchtrack import decode_track
from studio.engine.voice.targets import Line, Target, TargetNote, in_lines
from studio.errors import StudioError
from studio.storage import locations
from studio.storage.bundle import Bundle
from studio.storage.coachfiles import heard_path

RATE = 48_000
SCALE = (57, 59, 60, 62, 64, 65, 67, 69)


def work() -> Work:
    return Work(lambda *_: None, threading.Event())


def sing(pitches: tuple[float, ...] = SCALE, cents: float = 0.0, rate: int = RATE) -> np.ndarray:
    """Half-second notes with short rests, half a second of silence before them."""
    parts = [voices.rest(0.5, rate)]
    for pitch in pitches:
        parts += [voices.note(pitch + cents / 100, 0.45, rate), voices.rest(0.05, rate)]
    return np.concatenate(parts)


def written(path: Path, sound: np.ndarray, rate: int = RATE) -> Path:
    soundfile.write(path, sound, rate, subtype="FLOAT")
    return path


def melody() -> Aim:
    target = Target("Scale", in_lines(TargetNote(n * 0.5, 0.45, pitch) for n, pitch in enumerate(SCALE)))
    return Aim("Scale", target, offset=0.5)


def judged(sound: np.ndarray, tmp_path: Path, aim: Aim | None = None, rate: int = RATE) -> Coached:
    return coach_file(written(tmp_path / "take.wav", sound, rate), aim or Aim(), work())


def test_a_scale_is_judged_by_its_name_at_concert_pitch(tmp_path: Path) -> None:
    aim = read_aim("A minor scale", None, 0.0, work())
    good = judged(sing(), tmp_path, aim).judged.graded
    flat = judged(sing(cents=-40.0), tmp_path, aim).judged.graded
    major = judged(sing((57, 59, 61, 62, 64, 66, 68, 69)), tmp_path, aim).judged.graded
    assert good.scores.pitch > 98 and abs(good.accuracy) < 4
    assert flat.accuracy == pytest.approx(-40, abs=4) and flat.scores.pitch < 80
    assert major.scores.pitch == pytest.approx(62, abs=6)
    assert len(read_aim("C major arpeggio", None, 0.0, work()).classes) == 3


def test_an_aim_that_is_none_is_refused_with_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="neither a file nor a scale"):
        read_aim("nothing.txt", None, 0.0, work())
    with pytest.raises(StudioError, match="is not a key"):
        read_aim("H minor scale", None, 0.0, work())
    with pytest.raises(StudioError, match="neither a note nor a line break"):
        (tmp_path / "bad.txt").write_text("not a song")
        read_aim(str(tmp_path / "bad.txt"), None, 0.0, work())
    with pytest.raises(StudioError, match="not a tempo"):
        read_aim("", 5.0, 0.0, work())


def test_a_midi_file_an_ultrastar_song_and_a_recording_are_targets(tmp_path: Path) -> None:
    file = mido.MidiFile(ticks_per_beat=480)
    bass, lead = mido.MidiTrack(), mido.MidiTrack()
    bass += [mido.Message("note_on", note=33, channel=1), mido.Message("note_off", note=33, channel=1, time=3840)]
    for pitch in SCALE:
        lead.append(mido.Message("note_on", note=pitch))
        lead.append(mido.Message("note_off", note=pitch, time=480))
    file.tracks += [bass, lead]
    file.save(tmp_path / "song.mid")
    lines = ["#TITLE:Scale", "#ARTIST:A", "#MP3:a.ogg", "#BPM:120", "#GAP:0"]
    lines += [f": {4 * n} 4 {pitch - 60} la" for n, pitch in enumerate(SCALE)]
    (tmp_path / "song.txt").write_text("\n".join([*lines, "E"]))
    written(tmp_path / "teacher.wav", sing())
    for name, offset in (("song.mid", 0.5), ("song.txt", 0.5), ("teacher.wav", 0.0)):
        found = judged(sing(), tmp_path, read_aim(str(tmp_path / name), None, offset, work()))
        assert found.judged.graded.scores.pitch > 95, name
        assert (found.judged.karaoke is not None) == (name == "song.txt")
        assert found.notices == ()
    slow = read_aim(str(tmp_path / "song.txt"), 60.0, 0.5, work())
    assert slow.target is not None and slow.target.lines[-1].end == pytest.approx(8.0)
    assert slow.song is not None and slow.song.bpm == 60.0


@pytest.fixture
def opened(tmp_path: Path):
    made = create_song(tmp_path / "Song.studio", RATE)
    yield made
    made.close()


def placed(opened: OpenSong, sound: np.ndarray, tmp_path: Path, start: int = 0) -> tuple[str, Media]:
    media = import_sound(opened.bundle, written(tmp_path / "take.wav", sound), RATE, work()).media
    track = tracks.fresh_track(opened.project, base="time")
    opened.document.apply(song.sequence("Take", [song.put_media((media,)), tracks.add_tracks((track,))]))
    clip = clips.make_clip(media, track, start, opened.project.time)
    opened.document.apply(clips.add_clips(track.id, [clip]))
    return clip.id, media


def coached(opened: OpenSong, clip_id: str, aim: Aim, bundle: Bundle | None = None, there: bool = True) -> Coached:
    kept = bundle or opened.bundle

    def playable(media: Media) -> Path | None:
        return playable_file(kept, media, RATE) if there else None

    return coach_in(kept, opened.project, clip_id, playable, aim, work())


def test_a_clip_is_judged_again_without_its_sound(opened: OpenSong, tmp_path: Path) -> None:
    clip_id, media = placed(opened, sing(cents=30.0), tmp_path)
    first = coached(opened, clip_id, melody())
    stored = heard_path(opened.bundle.folder, media)
    assert stored.stat().st_size < 4096
    again = coached(opened, clip_id, melody(), there=False)
    assert again.judged == first.judged
    assert again.judged.graded.accuracy == pytest.approx(30, abs=4)
    for damage in (b"", b"\x93\x01nonsense", stored.read_bytes()[:-100]):
        stored.write_bytes(damage)
        with pytest.raises(StudioError, match="is missing"):
            coached(opened, clip_id, melody(), there=False)
        assert coached(opened, clip_id, melody()).judged == first.judged


def test_the_coach_s_folder_goes_along_with_a_copy_of_the_song(opened: OpenSong, tmp_path: Path) -> None:
    clip_id, media = placed(opened, sing(), tmp_path)
    coached(opened, clip_id, melody())
    copy = opened.bundle.save_as(tmp_path / "Copy.studio")
    assert heard_path(copy.folder, media).read_bytes() == heard_path(opened.bundle.folder, media).read_bytes()


def test_a_trimmed_clip_is_judged_as_it_sounds_and_where_it_stands(opened: OpenSong, tmp_path: Path) -> None:
    clip_id, _ = placed(opened, sing(), tmp_path, start=3 * RATE)
    opened.document.apply(clips.trim_clips((clip_id,), "left", round(0.25 * RATE)))
    found = coached(opened, clip_id, replace(melody(), offset=0.25))
    assert found.judged.graded.scores.overall > 95
    assert found.heard.sound.seconds == pytest.approx(4.25)
    on_timeline = replace(melody(), offset=3.5, on_timeline=True)
    assert coached(opened, clip_id, on_timeline).judged.graded == found.judged.graded


def test_what_was_sung_in_a_practice_is_judged_in_its_key_and_at_its_tempo(opened: OpenSong, tmp_path: Path) -> None:
    clip_id, media = placed(opened, sing(), tmp_path, start=3 * RATE)
    target = melody().target
    assert target is not None
    aim = Aim("Scale", target.shifted(-2).stretched(0.5), offset=3.25, on_timeline=True)
    assert coached(opened, clip_id, aim).judged.graded.scores.overall < 50
    opened.document.apply(song.put_media((replace(media, key=2, pace=0.5),)))
    found = coached(opened, clip_id, aim)
    assert found.judged.graded.scores.overall > 95
    assert found.notices == ("Sung in practice: key +2, 50 %.",)


def test_each_take_of_a_comp_is_judged_by_itself_and_its_sound_heard_once(opened: OpenSong, tmp_path: Path) -> None:
    takes_of = np.concatenate([sing(cents=-35.0), sing()])
    _, media = placed(opened, takes_of, tmp_path)
    length = len(takes_of) // 2
    track = tracks.fresh_track(opened.project, base="time")
    opened.document.apply(tracks.add_tracks((track,)))
    passes = [takes.Pass(RATE, n * length, length) for n in range(2)]
    opened.document.apply(takes.record_passes(track.id, media, passes))
    comp = opened.document.project.tracks[-1].clips[0]
    asked = []

    def playable(one: Media) -> Path:
        asked.append(one.id)
        return playable_file(opened.bundle, one, RATE)

    aim = replace(melody(), offset=1.5, on_timeline=True)
    found = coach_takes(opened.bundle, opened.project, comp.id, playable, aim, work())
    flat, good = (one.judged.graded for one in found.values())
    assert flat.accuracy == pytest.approx(-35, abs=4)
    assert abs(good.accuracy) < 4 and good.scores.overall > 95
    assert asked == [media.id]
    chosen = coach_in(opened.bundle, opened.project, comp.id, playable, aim, work())
    assert chosen.judged.graded.scores.overall == pytest.approx(good.scores.overall, abs=2)


def test_the_best_comp_takes_the_better_phrase_and_cuts_in_rests(opened: OpenSong, tmp_path: Path) -> None:
    lines = (SCALE[:4], SCALE[4:])
    flat, good = ([sing(line, cents) for line in lines] for cents in (-60.0, 0.0))
    recorded = np.concatenate([good[0], flat[1], flat[0], good[1]])
    _, media = placed(opened, recorded, tmp_path)
    length = len(recorded) // 2
    track = tracks.fresh_track(opened.project, base="time")
    opened.document.apply(tracks.add_tracks((track,)))
    passes = [takes.Pass(0, n * length, length) for n in range(2)]
    opened.document.apply(takes.record_passes(track.id, media, passes))
    comp = opened.document.project.tracks[-1].clips[0]
    starts = [0.5 + n * 0.5 for n in range(4)] + [3.0 + n * 0.5 for n in range(4)]
    aim = Aim("Scale", Target("Scale", in_lines(map(TargetNote, starts, [0.45] * 8, SCALE))))
    split = Aim("Scale", Target("Scale", (Line(aim.target.notes[:4]), Line(aim.target.notes[4:]))))
    for judged_by in (split, Aim()):
        found = coach_takes(
            opened.bundle,
            opened.project,
            comp.id,
            lambda one: playable_file(opened.bundle, one, RATE),
            judged_by,
            work(),
        )
        proposal, edit = propose_comp(opened.project, comp.id, found)
        if judged_by is split:
            assert [one.take for one in proposal.choices] == list(found)
            assert proposal.score > max(proposal.alone.values()) + 15
        for one in proposal.choices[1:]:
            sung = [note for take in found.values() for note in take.judged.notes]
            assert not any(note.start < one.start < note.end for note in sung)
        before = opened.project
        opened.document.apply(edit)
        if judged_by is split:
            assert opened.project.tracks[-1].clips[0].spans[0].take == next(iter(found))
            better = coach_in(
                opened.bundle,
                opened.project,
                comp.id,
                lambda one: playable_file(opened.bundle, one, RATE),
                split,
                work(),
            )
            assert better.judged.graded.scores.pitch > 98
        opened.document.undo()
        assert opened.project == before
    with pytest.raises(StudioError, match="nothing to choose"):
        propose_comp(opened.project, comp.id, {})


def test_a_take_that_is_louder_or_brighter_is_not_cut_to_for_little() -> None:
    def heard(pitches: tuple[float, ...], gain: float, cents: float) -> TakeHeard:
        found = listen([np.concatenate([gain * sing(p, cents) for p in (pitches[:4], pitches[4:])])[None]], RATE)
        starts = [0.5 + n * 0.5 for n in range(4)] + [3.0 + n * 0.5 for n in range(4)]
        notes = [TargetNote(start, 0.45, pitch) for start, pitch in zip(starts, SCALE, strict=True)]
        target = Target("Scale", (Line(tuple(notes[:4])), Line(tuple(notes[4:]))))
        return TakeHeard(found, judge(found.track, tuple(find_notes(found.track)), Aim("", target)))

    one, mixed = heard(SCALE, 1.0, 0.0), (SCALE[0] - 0.5, *(pitch - 0.5 for pitch in SCALE[1:4]), *SCALE[4:])
    like = best_comp(
        {"a": heard(mixed, 1.0, 0.0), "b": heard((*SCALE[:4], *(p - 0.4 for p in SCALE[4:])), 1.0, 0.0)}, 5.0
    )
    soft = best_comp(
        {"a": heard(mixed, 1.0, 0.0), "b": heard((*SCALE[:4], *(p - 0.4 for p in SCALE[4:])), 0.1, 0.0)}, 5.0
    )
    assert len(like.choices) == 2 and len(soft.choices) == 1
    assert [choice.take for choice in best_comp({"x": one}, 5.0).choices] == ["x"]


def test_a_cancel_stops_it_and_keeps_nothing(opened: OpenSong, tmp_path: Path) -> None:
    clip_id, media = placed(opened, sing(), tmp_path)
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        coach_in(
            opened.bundle,
            opened.project,
            clip_id,
            lambda one: playable_file(opened.bundle, one, RATE),
            Aim(),
            Work(lambda *_: None, stop),
        )
    assert not heard_path(opened.bundle.folder, media).exists()


def noise(seconds: float, level: float, rate: int = RATE) -> np.ndarray:
    return np.asarray(level * np.random.default_rng(1).standard_normal(round(seconds * rate)), np.float32)


def test_what_is_wrong_with_a_sound_is_told_with_its_number(tmp_path: Path) -> None:
    assert judged(sing(), tmp_path, melody()).notices == ()
    (clipped,) = judged(np.clip(6 * sing(), -0.8, 0.8), tmp_path, melody()).notices
    assert clipped.startswith("Clipped: ") and "%" in clipped
    silent = judged(voices.rest(300.0, 8_000), tmp_path, melody(), 8_000)
    assert silent.notices == ("Nothing is heard: 5 minutes of silence. Check the microphone and the take.",)
    assert (silent.judged.notes, silent.judged.graded.scores.overall) == ((), 0.0)
    hiss = judged(noise(4.0, 0.1), tmp_path)
    assert hiss.judged.notes == () and len(hiss.notices) == 1
    low = judged(sing(rate=8_000), tmp_path, melody(), 8_000)
    assert "8000 Hz" in low.notices[0] and low.judged.graded.scores.pitch > 95
    noisy = judged(sing() + noise(len(sing()) / RATE, 0.05), tmp_path, melody())
    assert any("Noisy" in told for told in noisy.notices)
    two = judged(sing(tuple(pitch - 5 for pitch in SCALE)) + 0.9 * sing(), tmp_path)
    assert any("More than one voice?" in told for told in two.notices)
    assert two.judged.graded.scores.confidence < judged(sing(), tmp_path).judged.graded.scores.confidence - 0.1
    away = judged(sing(), tmp_path, replace(melody(), offset=60.0))
    assert any("offset" in told for told in away.notices)
    short = judged(sing()[: 2 * RATE], tmp_path, melody())
    assert any("5 of 8 notes lie beyond it" in told for told in short.notices)


def test_tolerance_changes_the_score_and_not_what_was_heard(tmp_path: Path) -> None:
    path = written(tmp_path / "take.wav", sing(cents=45.0))
    strict = coach_file(path, melody(), work())
    kind = coach_file(path, melody(), work(), Tolerance(close=50.0))
    assert kind.judged.graded.scores.pitch > strict.judged.graded.scores.pitch + 20
    assert encode_heard(kind.heard) == encode_heard(strict.heard)


def test_what_is_stored_comes_back(tmp_path: Path) -> None:
    heard = judged(sing(), tmp_path).heard
    back = decode_heard(encode_heard(heard))
    assert back.sound == heard.sound
    assert np.abs(np.log2(back.track.hz / np.maximum(heard.track.hz, 10.0)) * 1200).max() < 0.2
    with pytest.raises(StudioError, match="analyse"):
        decode_heard(b"\x90")
    with pytest.raises(StudioError, match="analyse"):
        decode_track(b"\x90")


def test_the_headless_door_reports_as_json_csv_and_midi(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "take.wav", sing())
    frames, notes = tmp_path / "frames.csv", tmp_path / "notes.mid"
    options = ["--bpm", "120", "--offset", "0.5", "--csv", str(frames), "--midi", str(notes), "--json"]
    assert run(["coach", str(path), "--target", "A minor scale", *options]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [note["note"] for note in report["notes"]] == ["A3", "B3", "C4", "D4", "E4", "F4", "G4", "A4"]
    assert all(abs(note["cents"]) < 8 for note in report["notes"])
    assert set(report["frames"][0]) == {"t", "hz", "note", "cents", "confidence", "voiced"}
    assert {"rhythm", "scores", "tips"} <= set(report)
    assert all(tip["kind"] == "praise" for tip in report["tips"]) and report["tips"]
    assert len(report["plan"]) == 3
    assert report["rhythm"]["count"] == 8 and abs(report["rhythm"]["late"]) < 0.03
    rows = list(csv.DictReader(frames.read_text().splitlines()))
    assert len(rows) == len(report["frames"])
    sung = [row for row in rows if row["voiced"] == "1"]
    assert {row["note"] for row in sung} >= {"A3", "A4"}
    played = [m for m in mido.MidiFile(notes) if m.type == "note_on" and m.velocity]
    assert [m.note for m in played] == list(SCALE)
    assert run(["coach", str(path)]) == 0
    assert "A3" in capsys.readouterr().out


def test_the_headless_door_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "take.wav", sing())
    for arguments in (
        ["gone.wav"],
        [str(tmp_path)],
        [str(path), "--target", "gone.mid"],
        [str(path), "--csv", str(path)],
    ):
        assert run(["coach", *arguments, "--json"]) == 1
        caught = capsys.readouterr()
        assert json.loads(caught.out)["error"] in caught.err
    assert soundfile.info(path).frames == len(sing())


def test_takes_are_kept_and_their_progress_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(locations, "library_file", lambda: tmp_path / "library.db")
    monkeypatch.setattr(locations, "create_folders", lambda: None)
    assert run(["coach", "--history", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"takes": [], "songs": []}
    for cents in (-42.0, -30.0, 0.0):
        path = written(tmp_path / "take.wav", sing(cents=cents))
        assert run(["coach", str(path), "--target", "A minor scale", "--keep", "--json"]) == 0
    capsys.readouterr()
    assert run(["coach", "--history", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [round(take["accuracy"] / 10) for take in report["takes"]] == [-4, -3, 0]
    assert report["takes"][2]["range"] == "A3 to A4"
    (song,) = report["songs"]
    assert (song["target"], song["takes"]) == ("A minor scale", 3)
    assert song["trend"]["overall"] > 10 and song["trend"]["accuracy"] < -30
    assert run(["coach", "--history"]) == 0
    assert "3 takes" in capsys.readouterr().out
    assert run(["coach"]) == 1
    assert "give a sound file" in capsys.readouterr().err
