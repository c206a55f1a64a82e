"""A judged take as the window keeps it: judged anew without its sound, compared with others, made into notes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from msgspec.structs import replace

import voices
from studio.actions.importing import import_sound, playable_file
from studio.actions.results import Result, aims_in, exercise_result, rejudged, result_in
from studio.actions.song import OpenSong, create_song
from studio.actions.voicenotes import notes_of_take
from studio.document.edits import clips, harmony, notes, song, takes, tracks
from studio.document.project import Media, Project
from studio.engine.jobs import Work
from studio.engine.voice.aims import Aim
from studio.engine.voice.between import between_takes, told_between
from studio.engine.voice.grading import Tolerance
from studio.engine.voice.kept import KeptTrace
from studio.engine.voice.livering import Seen
from studio.engine.voice.targets import Line, Target, TargetNote
from studio.errors import StudioError

RATE = 48_000
LINES = ((57, 60, 62, 64), (65, 64, 62, 60))
WORDS = (("Up ", "and ", "up ", "now"), ("down ", "and ", "down ", "home"))


def target(start: float = 0.5) -> Target:
    """Two lines of four notes of 0.4 s, the second three seconds after the first."""
    lines = [
        Line(tuple(TargetNote(start + 3 * n + 0.45 * k, 0.4, pitch, WORDS[n][k]) for k, pitch in enumerate(line)))
        for n, line in enumerate(LINES)
    ]
    return Target("Stairs", tuple(lines))


def sung(off: tuple[float, float] = (0.0, 0.0), late: float = 0.0) -> np.ndarray:
    """The lines, each off by so many cents, in 6 s."""
    sound = np.zeros(6 * RATE, np.float32)
    for note, cents in zip(target().notes, [off[0]] * 4 + [off[1]] * 4, strict=True):
        tone = voices.note(note.pitch + cents / 100, note.length, RATE)
        at = round((note.start + late) * RATE)
        sound[at : at + len(tone)] += tone
    return sound


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSong]:
    """A song with two clips of one place on two tracks, the second trimmed at its left, and a comp on a third."""
    folder = tmp_path_factory.mktemp("results")
    made = create_song(folder / "Song.studio", RATE)
    media = {}
    for name, sound in {
        "flat": sung((-30.0, -30.0)),
        "good": sung((0.0, 20.0)),
        "both": np.concatenate([sung((0.0, -60.0)), sung((-60.0, 0.0))]),
    }.items():
        soundfile.write(folder / f"{name}.wav", sound, RATE, subtype="FLOAT")
        media[name] = import_sound(made.bundle, folder / f"{name}.wav", RATE, work()).media
        track = tracks.fresh_track(made.project, name.title(), base="time")
        made.document.apply(song.sequence("Take", [song.put_media((media[name],)), tracks.add_tracks((track,))]))
        if name != "both":
            clip = clips.make_clip(media[name], track, 2 * RATE, made.project.time)
            made.document.apply(clips.add_clips(track.id, [clip]))
        if name == "good":
            made.document.apply(clips.trim_clips((clip.id,), "left", RATE // 4))
    passes = [takes.Pass(0, n * 6 * RATE, 6 * RATE) for n in range(2)]
    made.document.apply(takes.record_passes(made.project.tracks[-1].id, media["both"], passes))
    yield made
    made.close()


def work() -> Work:
    return Work(lambda *_: None, threading.Event())


def judged(opened: OpenSong, row: int, aim: Aim) -> Result:
    project = opened.project

    def playable(media: Media) -> Path:
        return playable_file(opened.bundle, media, RATE)

    return result_in(opened.bundle, project, project.tracks[row].clips[0].id, playable, aim, work())


def on_timeline(start: float = 2.5) -> Aim:
    return Aim("Stairs", target(start), on_timeline=True)


def test_a_take_is_judged_anew_by_another_target_tolerance_or_offset(opened: OpenSong) -> None:
    first = judged(opened, 0, on_timeline())
    graded = first.coached.judged.graded
    assert first.start == 2.0
    assert graded.accuracy == pytest.approx(-30, abs=4)
    kind = rejudged(first, opened.project, tolerance=Tolerance(30.0, 40.0, "easy"))
    assert kind.coached.judged.graded.scores.pitch > graded.scores.pitch + 5
    moved = rejudged(kind, opened.project, nudge=0.12)
    rhythm = moved.coached.judged.graded.rhythm
    assert rhythm is not None and rhythm.late == pytest.approx(-0.12, abs=0.03)
    back = rejudged(rejudged(moved, opened.project, nudge=0.0), opened.project, tolerance=Tolerance())
    assert back.coached.judged == first.coached.judged
    free = rejudged(first, opened.project, aim=Aim())
    assert free.coached.judged.graded.accuracy == pytest.approx(-30, abs=4)
    assert free.coached.judged.graded.rhythm is None
    again = rejudged(free, opened.project, aim=on_timeline())
    assert again.coached.judged == first.coached.judged


def test_lines_that_a_clip_does_not_reach_are_left_out_and_told(opened: OpenSong) -> None:
    song_of_two = target(2.5)
    longer = replace(song_of_two, lines=(*song_of_two.lines, *target(12.0).lines))
    found = judged(opened, 1, Aim("Long", longer, on_timeline=True)).coached
    assert len(found.judged.phrases) == 2
    assert any("2 of 4 lines" in told for told in found.notices)
    shorter = replace(song_of_two, lines=song_of_two.lines[:1])
    found = judged(opened, 1, Aim("Short", shorter, on_timeline=True)).coached
    assert any("4 notes were sung after its target ends" in told for told in found.notices)


def test_other_clips_of_the_same_place_are_compared(opened: OpenSong) -> None:
    judged(opened, 0, on_timeline())
    result = judged(opened, 1, on_timeline())
    assert [take.name for take in result.takes] == ["flat"]
    assert not result.is_comp
    first, second = result.varying
    assert first.cents == pytest.approx(30 / np.sqrt(2), abs=4)
    assert second.cents == pytest.approx(50 / np.sqrt(2), abs=4)
    told = told_between(result.varying, result.compared)
    assert "Between 2 takes" in told[0] and "most in line 2 “down and down home”" in told[0]
    assert judged(opened, 1, Aim()).varying == ()


def test_the_takes_of_a_comp_have_a_worth_for_each_phrase(opened: OpenSong) -> None:
    result = judged(opened, 2, on_timeline(0.5))
    assert result.is_comp and len(result.takes) == result.compared == 2
    assert len(result.worth.spans) == 2
    (a, b), (c, d) = result.worth.scores
    assert a is not None and b is not None and c is not None and d is not None
    assert a > b + 20 and d > c + 20
    assert all(line.cents == pytest.approx(60 / np.sqrt(2), abs=5) for line in result.varying)
    assert result.worth.spans[0][0] == 0.0 and result.worth.spans[-1][1] == 6.0


def test_notes_of_a_take_are_one_edit_and_a_target(opened: OpenSong) -> None:
    before = opened.project
    result = judged(opened, 0, on_timeline())
    edit, clip_id = notes_of_take(opened.project, result)
    opened.document.apply(edit)
    track = opened.project.tracks[-1]
    assert track.kind == "instrument" and track.strip.mute
    aims = aims_in(opened.project)
    made = next(aim for aim in aims if aim.title == "flat notes")
    assert made.target is not None
    assert [note.pitch for note in made.target.notes] == [*LINES[0], *LINES[1]]
    assert [line.words for line in made.target.lines] == ["Up and up now", "down and down home"]
    starts = [note.start for note in made.target.notes]
    assert np.allclose(starts, [note.start + 2.0 for note in target().notes], atol=0.04)
    assert opened.document.clip(clip_id) is not None
    sung_to = judged(opened, 0, made)
    assert sung_to.coached.judged.graded.accuracy == pytest.approx(-30, abs=4)
    opened.document.undo()
    assert opened.project == before
    with pytest.raises(StudioError, match="exercise"):
        notes_of_take(opened.project, replace(result, clip=""))


def test_a_song_offers_its_beat_its_key_and_its_melodies(opened: OpenSong) -> None:
    project: Project = opened.project
    assert [aim.title for aim in aims_in(project)] == ["", "Beat, 120 BPM"]
    project = harmony.set_key(0, 9, "minor").change(project)
    lead = tracks.fresh_track(project, "Lead", "instrument")
    tune = notes.make_note_clip("Tune", 0, 3840, [notes.make_note(0, 960, 60)])
    empty = notes.make_note_clip("Nothing", 0, 3840)
    project = clips.add_clips(lead.id, (tune, empty)).change(tracks.add_tracks((lead,)).change(project))
    assert [aim.title for aim in aims_in(project)] == ["", "Beat, 120 BPM", "A minor scale", "Tune"]


def trace(sound_off: float, until: int) -> KeptTrace:
    """Two lines sung to a target, as the live ring hands them out in looks that overlap."""
    kept, notes_of = KeptTrace(RATE), target().notes[:until]
    at = np.arange(int(6.0 / 0.016))
    times = at * 0.016
    hz = np.zeros(len(at), np.float32)
    for note in notes_of:
        inside = (times >= note.start) & (times < note.end)
        hz[inside] = 440.0 * 2 ** ((note.pitch + sound_off / 100 - 69) / 12)
    sure = np.where(hz > 0, 0.95, 0.0).astype(np.float32)
    loud = np.where(hz > 0, -20.0, -90.0).astype(np.float32)
    for end in range(40, len(at) + 40, 40):
        cut = slice(max(end - 100, 0), end)
        seen = Seen(at[cut] * 768, np.full(len(at[cut]), np.nan), hz[cut], sure[cut], loud[cut])
        kept.add(seen, times[cut], over=end >= len(at))
    assert sum(len(part) for part, _ in kept._parts) == len(at)
    return kept


def test_an_exercise_is_judged_by_what_was_kept_of_it() -> None:
    result = exercise_result(target(), trace(-20.0, 8), Tolerance())
    graded = result.coached.judged.graded
    assert result.clip == "" and result.coached.notices == ()
    assert graded.accuracy == pytest.approx(-20, abs=2)
    assert graded.scores.pitch == 100 and len(result.coached.judged.phrases) == 2
    half = exercise_result(target(), trace(0.0, 4), Tolerance())
    assert len(half.coached.judged.phrases) == 1
    assert any("1 of 2 lines were sung" in told for told in half.coached.notices)
    assert between_takes([graded, half.coached.judged.graded]) == ()
    nothing = exercise_result(target(), KeptTrace(RATE), Tolerance())
    assert nothing.coached.judged.notes == () and "Nothing is heard" in nothing.coached.notices[0]
