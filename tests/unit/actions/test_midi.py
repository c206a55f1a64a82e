"""MIDI files brought into songs and written from them, by the action and by the headless door."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import soundfile

from midibytes import meta, midi, off, on, track
from songs import RATE, media
from studio.actions.headless import describe_song, import_files, make_song
from studio.actions.midi import export_midi, open_midi, place_midi
from studio.actions.placing import Target, place_all
from studio.actions.song import open_song
from studio.cli import run
from studio.document.document import Document, EditRefused
from studio.document.edits import clips, song, tracks
from studio.document.edits.notes import make_note, make_note_clip
from studio.document.harmony import Key
from studio.document.instruments import DRUM_BANK
from studio.document.notes import NoteClip
from studio.document.project import Project, new_project
from studio.document.sounding import track_notes
from studio.engine.music.midifile import MidiSong, parse_midi, read_midi
from studio.errors import StudioError

BAR = 3840

CONDUCTOR = track(
    (0, meta(3, b"Ballad")),
    (0, meta(0x51, (1_000_000).to_bytes(3))),
    (0, meta(0x58, b"\x03\x02\x18\x08")),
    (0, meta(0x59, b"\x02\x00")),
    (1440, meta(0x51, (500_000).to_bytes(3))),
    (0, meta(6, b"Chorus")),
    (0, meta(6, b"[Dm7]")),
)
BASS = track((0, meta(3, b"Bass")), (0, bytes([0xC2, 33])), (1440, on(40, 90, 2)), (480, off(40, 2)))
DRUMS = track(*((240, (on if n % 2 == 0 else off)(38, *((80,) if n % 2 == 0 else ()), channel=9)) for n in range(16)))


def read(*parts: bytes, name: str = "take") -> MidiSong:
    return parse_midi(midi(parts), name, f"{name}.mid")


def put(document: Document, songs: list[MidiSong], target: Target = Target()) -> tuple[str, ...]:  # noqa: B008
    edit, ids = place_midi(document.project, songs, target)
    document.apply(edit)
    return ids


def starts(project: Project) -> dict[str, list[int]]:
    return {t.name: [played.start for played in track_notes(t)] for t in project.tracks if t.kind == "instrument"}


def test_an_empty_song_becomes_the_file_and_one_undo_takes_it_back() -> None:
    document = Document(new_project("Song"))
    before = document.project
    ids = put(document, [read(CONDUCTOR, BASS, DRUMS)])
    project = document.project
    assert [(p.tick, p.bpm) for p in project.tempo] == [(0, 60.0), (2880, 120.0)]
    assert [(s.tick, s.numerator) for s in project.signatures] == [(0, 3)]
    assert project.keys == (Key(0, 2, "major"),)
    assert [(m.start, m.name) for m in project.markers] == [(2880, "Chorus")]
    assert [(c.start, c.symbol) for c in project.chords] == [(2880, "Dm7")]
    assert [(t.name, t.instrument.program, t.instrument.bank) for t in project.tracks] == [
        ("Bass", 33, 0),
        ("Drums", 0, DRUM_BANK),
    ]
    bass, drums = (document.clip(key) for key in ids)
    assert (bass.anchor, bass.ticks) == (2880, 2880)
    assert (drums.anchor, drums.ticks) == (0, 3 * 2880)
    document.undo()
    assert document.project == before


def test_a_song_with_clips_keeps_its_maps() -> None:
    document = Document(new_project("Song"))
    put(document, [read(BASS)])
    time = document.project.time
    put(document, [read(CONDUCTOR, BASS)], Target(frame=time.frame(2 * BAR + 17)))
    assert [(p.tick, p.bpm) for p in document.project.tempo] == [(0, 120.0)]
    assert starts(document.project) == {"Bass": [2880], "Bass 2": [2 * BAR + 17 + 2880]}
    assert [m.start for m in document.project.markers] == [2 * BAR + 17 + 2880]


def test_a_file_dropped_late_in_an_empty_song_begins_on_a_bar_with_its_maps() -> None:
    document = Document(new_project("Song"))
    put(document, [read(CONDUCTOR, BASS)], Target(frame=round(7.4 * RATE)))
    assert [(p.tick, p.bpm) for p in document.project.tempo] == [(0, 60.0), (5760 + 2880, 120.0)]
    assert starts(document.project) == {"Bass": [5760 + 2880]}


def test_a_single_part_lands_on_the_instrument_it_is_dropped_on() -> None:
    document = Document(new_project("Song"))
    machine = tracks.fresh_track(document.project, "Machine", "instrument")
    sound = tracks.fresh_track(document.project, "Sound")
    document.apply(tracks.add_tracks((machine, sound)))
    (key,) = put(document, [read(DRUMS)], Target(track=machine.id))
    assert document.track_of(key).id == machine.id
    assert document.project.tracks[0].instrument == machine.instrument
    put(document, [read(CONDUCTOR, BASS, DRUMS)], Target(track=machine.id))
    assert [t.name for t in document.project.tracks] == ["Machine", "Bass", "Drums", "Sound"]
    put(document, [read(BASS)], Target(track=document.project.tracks[-1].id))
    assert [t.name for t in document.project.tracks][-2:] == ["Sound", "Bass 2"]
    put(document, [read(BASS)], Target(name="Lead"))
    assert document.project.tracks[-1].name == "Lead"
    put(document, [read(DRUMS, name="fill"), read(DRUMS, name="fill")], Target(index=0))
    assert [t.name for t in document.project.tracks][:3] == ["fill", "fill 2", "Machine"]


def test_sounds_and_notes_together_are_one_undo_step() -> None:
    document = Document(new_project("Song"))
    before = document.project
    edit, ids = place_all(document.project, [media(RATE, "Kick")], [read(BASS)], Target())
    document.apply(edit)
    assert [document.track_of(key).name for key in ids] == ["Bass", "Kick"]
    document.undo()
    assert document.project == before
    player = tracks.fresh_track(document.project, kind="instrument")
    document.apply(tracks.add_tracks((player,)))
    with pytest.raises(EditRefused, match="audio tracks only"):
        place_all(document.project, [media(RATE, "Kick")], [], Target(track=player.id))


def test_a_file_without_notes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mid").write_bytes(midi([CONDUCTOR]))
    with pytest.raises(StudioError, match="holds no notes"):
        open_midi(tmp_path / "a.mid")


def test_a_song_without_notes_is_not_exported(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="no notes"):
        export_midi(new_project("Song"), tmp_path / "a.mid")


def test_every_groove_comes_in_and_goes_out_with_the_drummers_feel(testdata: Path, tmp_path: Path) -> None:
    files = sorted((testdata / "groove_midi").rglob("*.mid"))
    for file in files[:: len(files) // 12]:
        document = Document(new_project("Song"))
        put(document, [open_midi(file)])
        export_midi(document.project, tmp_path / "out.mid")
        before, after = read_midi(file), read_midi(tmp_path / "out.mid")
        for there, back in zip(before.tracks, after.tracks, strict=True):
            played = [(n.start, n.length, n.pitch, n.velocity) for n in there.notes]
            assert [(n.start, n.length, n.pitch, n.velocity) for n in back.notes] == played


def _report(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    status = run([*arguments, "--json"])
    return {"status": status, **json.loads(capsys.readouterr().out)}


def test_the_headless_door_imports_describes_and_exports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "song.studio"
    (tmp_path / "whole.mid").write_bytes(midi([CONDUCTOR, BASS, DRUMS]))
    (tmp_path / "cut.mid").write_bytes(midi([BASS])[:-8])
    (tmp_path / "bad.mid").write_bytes(b"no midi")
    soundfile.write(tmp_path / "kick.wav", [0.1] * 4800, RATE)
    make_song(folder, RATE, 100.0)
    files = [str(tmp_path / name) for name in ("whole.mid", "cut.mid", "bad.mid", "kick.wav")]
    done = _report(capsys, "import", str(folder), *files)
    assert done["status"] == 1
    assert [failure["error"] for failure in done["failed"]] == [
        "“bad.mid” is not a MIDI file; choose a file that another music program has exported."
    ]
    assert [clip["kind"] for clip in done["clips"]] == ["notes", "notes", "notes", "audio"]
    assert any("cut off" in notice for notice in done["notices"])
    told = describe_song(folder)
    assert [(t["name"], t["kind"], [c.get("notes") for c in t["clips"]]) for t in told["tracks"]] == [
        ("Bass", "instrument", [1]),
        ("Drums", "instrument", [8]),
        ("Bass 2", "instrument", [1]),
        ("kick", "audio", [None]),
    ]
    assert [point["bpm"] for point in told["tempo"]] == [60.0, 120.0]
    written = _report(capsys, "export-midi", str(folder), str(tmp_path / "out.mid"))
    assert (written["status"], written["tracks"], written["notes"]) == (0, 3, 10)
    opened = open_song(folder)
    assert len(opened.document.revisions) == 2
    opened.document.undo()
    assert opened.project.tracks == ()
    opened.close()
    assert run(["export-midi", str(folder), str(tmp_path / "none.mid")]) == 1
    assert "no notes in this song" in capsys.readouterr().err


def test_straight_leaves_the_feel_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "song.studio"
    make_song(folder, RATE, 100.0)
    opened = open_song(folder)
    player = tracks.fresh_track(opened.project, kind="instrument")
    felt = [make_note(480 * n + 30, 100, 60) for n in range(4)]
    clip = make_note_clip("Part", 0, BAR, [_shifted(note, 30) for note in felt])
    opened.document.apply(song.sequence("", [tracks.add_tracks((player,)), clips.add_clips(player.id, (clip,))]))
    opened.close()
    for extra, wanted in (((), 30), (("--straight",), 0)):
        _report(capsys, "export-midi", str(folder), str(tmp_path / "out.mid"), *extra)
        (made,) = read_midi(tmp_path / "out.mid").tracks
        assert [n.start for n in made.notes] == [480 * n + wanted for n in range(4)]


def _shifted(note, by):
    from msgspec.structs import replace

    return replace(note, shift=by)


def test_a_named_track_takes_a_file_of_one_part(tmp_path: Path) -> None:
    folder = tmp_path / "song.studio"
    (tmp_path / "drums.mid").write_bytes(midi([DRUMS]))
    make_song(folder, RATE, 100.0)
    for at in (0.0, 8.0):
        import_files(folder, [tmp_path / "drums.mid"], "Kit", at, lambda *_: None)
    opened = open_song(folder)
    assert [t.name for t in opened.project.tracks] == ["Kit"]
    first, second = opened.project.tracks[0].clips
    assert isinstance(first, NoteClip)
    assert (first.anchor, second.anchor) == (0, 8 * 1920)
    opened.close()
