"""Recording of notes at known frames: on the right ticks, round for round, as one undo step, and never lost."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from studio.actions.hands import Touch
from studio.actions.notetake import NoteTake
from studio.document.blocks import note_blocks
from studio.document.document import Document, Edit, EditRefused
from studio.document.edits import timing
from studio.document.edits.clips import move_clips
from studio.document.edits.mix import set_gain
from studio.document.instruments import Instrument
from studio.document.notes import Bend, Controller, Note, NoteClip, Program
from studio.document.project import Loop, Project, Track, new_project
from studio.document.sounding import track_notes
from studio.document.time import TempoPoint
from studio.engine.audio.rolling import heard_in
from studio.engine.audio.score import BEND, CONTROL, OFF, ON, PROGRAM
from studio.engine.audio.songmap import SongMap, Stretch

RATE, BEAT, BAR = 48_000, 960, 3840
AT = 10_000
"""The output frame at which the song begins to be heard."""


def organ(key: str = "t", *clips: NoteClip) -> Track:
    return Track(key, key.upper(), "#ffffff", "instrument", "musical", clips=clips, instrument=Instrument(), armed=True)


def clip(key: str, anchor: int, ticks: int, *notes: Note, **more: int) -> NoteClip:
    return NoteClip(key, key, anchor, ticks, note_blocks=note_blocks(notes), **more)


class Session:
    """A song that is being recorded into; moments are given as the song's frames, from the first one heard on."""

    def __init__(
        self, *tracks: Track, start: int = 0, step: int = 0, overdub: bool = True, song_map: SongMap | None = None,
        **song: object,
    ) -> None:  # fmt: skip
        project = replace(new_project("Song", RATE), tracks=tracks or (organ(),), **song)
        self.document = Document(project)
        self.map = song_map or SongMap((Stretch(0, start, False), Stretch(AT, start, True, 1)))
        self.take = NoteTake(
            tuple(track.id for track in project.tracks), self._heard, self._apply, "record", overdub, step
        )

    def _heard(self, moment: float) -> object:
        return heard_in(self.map, 1, 0, None, AT + round(moment * RATE))

    def _apply(self, edit: Edit) -> bool:
        try:
            self.document.apply(edit)
        except EditRefused:
            return False
        return True

    @property
    def project(self) -> Project:
        return self.document.project

    def do(self, frame: int, kind: int, number: int, value: int = 0) -> None:
        self.take.hear(self.project, Touch(frame / RATE, "keys", kind, number, value))

    def note(self, pitch: int, begin: int, end: int, velocity: int = 90) -> None:
        """A key is pressed and let go at output frames counted from the first one that is heard."""
        self.do(begin, ON, pitch, velocity)
        self.poll(begin)
        self.do(end, OFF, pitch)
        self.poll(end)

    def poll(self, frame: int) -> None:
        self.take.poll(self.project, frame / RATE)

    def stop(self, frame: int) -> None:
        here = self.map.song(AT + frame)
        self.map = self.map.then(Stretch(AT + frame, here, False, 1))
        self.poll(frame + 1)
        assert self.take.done

    def clips(self, track: int = 0) -> list[NoteClip]:
        return [one for one in self.project.tracks[track].clips if isinstance(one, NoteClip)]

    def sounds(self, track: int = 0) -> list[tuple[int, int, int]]:
        """(first tick, last tick, pitch) of what sounds."""
        return [(one.start, one.end, one.pitch) for one in track_notes(self.project.tracks[track])]


def at(beats: float) -> int:
    """Frames of so many beats at 120 BPM."""
    return round(beats * RATE / 2)


def test_notes_lie_on_the_ticks_at_which_they_were_heard() -> None:
    song = Session()
    song.note(60, at(1), at(1.5), 77)
    song.note(64, at(2.25), at(3))
    song.stop(at(4.5))
    (made,) = song.clips()
    assert song.sounds() == [(960, 1440, 60), (2160, 2880, 64)]
    assert (made.anchor, made.end) == (0, 2 * BAR) and [note.velocity for note in made.notes] == [77, 90]
    assert made.name == "T"


def test_a_tempo_that_changes_and_ramps_is_followed() -> None:
    tempo = (TempoPoint(0, 60.0), TempoPoint(2 * BEAT, 120.0, ramp=True), TempoPoint(6 * BEAT, 200.0))
    song = Session(tempo=tempo)
    frames = [song.project.time.frame(tick) for tick in (480, 2 * BEAT, 4 * BEAT, 5 * BEAT, 7 * BEAT, 8 * BEAT)]
    for number in (0, 2, 4):
        song.note(60, frames[number], frames[number + 1])
    song.stop(frames[-1] + 100)
    assert [(s, e) for s, e, _ in song.sounds()] == [(480, 2 * BEAT), (4 * BEAT, 5 * BEAT), (7 * BEAT, 8 * BEAT)]


def test_what_is_held_at_the_end_is_closed_there_and_all_of_it_is_one_undo_step() -> None:
    song = Session()
    before = song.project
    song.do(at(1), ON, 60, 90)
    for beats in (1.5, 2.5, 3.5):
        song.poll(at(beats))
    assert song.sounds() == [(960, 3360, 60)], "it grows while it is held"
    song.do(at(4), ON, 62, 90)
    song.stop(at(5))
    assert song.sounds() == [(960, 4800, 60), (3840, 4800, 62)]
    song.document.undo()
    assert song.project is before
    song.document.redo()
    assert len(song.sounds()) == 2


def test_the_first_beat_may_come_early_but_not_the_count_in() -> None:
    counted = SongMap((Stretch(0, at(4), False), Stretch(100, at(4), False, 1, 0, True), Stretch(AT, at(4), True, 1)))
    song = Session(song_map=counted)
    song.do(-9_000, ON, 50, 90)
    song.do(-8_000, OFF, 50)
    song.do(-7_000, CONTROL, 64, 127)
    song.do(-2_000, ON, 60, 90)
    song.poll(-1_000)
    song.do(at(1), OFF, 60)
    song.stop(at(2))
    assert song.sounds() == [(BAR, BAR + 960, 60)]
    assert song.clips()[0].controls == (Controller(0, 64, 127),), "a pedal that is down counts from the beginning"


LOOPED = SongMap(
    tuple(Stretch(AT + lap * at(4), at(4), True, 1, lap) for lap in range(3)),
)
ROUND = {"loop": Loop(BAR, 2 * BAR, True), "song_map": LOOPED}


def test_every_round_of_a_loop_is_added_to_the_clip() -> None:
    song = Session(**ROUND)
    song.note(60, at(1), at(2))
    song.note(64, at(4 + 2), at(4 + 3))
    song.do(at(8 + 3), ON, 67, 90)
    song.do(at(12) - 100, ON, 36, 90)
    song.stop(at(12) - 50)
    (made,) = song.clips()
    assert [s[:1] + s[2:] for s in song.sounds()] == [(4800, 60), (5760, 64), (6720, 67), (7676, 36)]
    assert (made.anchor, made.end) == (BAR, 2 * BAR)
    song.document.undo()
    assert not song.clips()


def test_a_note_that_is_held_over_the_end_of_the_loop_ends_there() -> None:
    song = Session(**ROUND)
    song.do(at(3), ON, 60, 90)
    song.poll(at(5))
    song.do(at(5.5), OFF, 60)
    song.stop(at(6))
    assert song.sounds() == [(BAR + 3 * BEAT, 2 * BAR, 60)]


def test_without_overdub_each_round_is_a_clip_and_the_last_one_sounds() -> None:
    song = Session(organ("t", clip("old", 0, 4 * BAR, Note("n", BAR + 10, 100, 40), Note("m", 10, 100, 41))),
                   overdub=False, **ROUND)  # fmt: skip
    song.note(60, at(1), at(2))
    song.note(64, at(4 + 1), at(4 + 2))
    song.stop(at(4 + 4) - 1)
    assert [pitch for _, _, pitch in song.sounds()] == [41, 64], "the old is muted where it was played over"
    assert sorted(note.pitch for one in song.clips() for note in one.notes if one.id != "old")[-2:] == [60, 64]
    assert sum(len(one.notes) for one in song.clips() if not one.muted) >= 2
    song.document.undo()
    assert [one.id for one in song.clips()] == ["old"] and song.sounds()[1][2] == 40


def test_notes_join_the_clip_that_is_there_and_fill_the_gaps_beside_it() -> None:
    song = Session(organ("t", clip("old", BAR, BAR, Note("n", 0, 100, 40), transpose=12)))
    song.note(60, at(1), at(2))
    song.note(62, at(5), at(6))
    song.note(64, at(9), at(10))
    song.stop(at(11))
    first, old, last = song.clips()
    assert old.id == "old" and [note.pitch for note in old.notes] == [40, 50], "it sounds as it was played"
    assert (first.anchor, first.end, last.anchor, last.end) == (0, BAR, 2 * BAR, 3 * BAR)
    assert [pitch for _, _, pitch in song.sounds()] == [60, 52, 62, 64]


def test_a_pattern_takes_what_is_played_into_its_first_turn() -> None:
    song = Session(organ("t", clip("beat", 0, 4 * BAR, Note("n", 0, 100, 36), loop=BAR)))
    song.note(38, at(5), at(5.5))
    song.stop(at(6))
    assert [(note.start, note.pitch) for note in song.clips()[0].notes] == [(0, 36), (960, 38)]


def test_input_quantise_keeps_where_the_note_was_played() -> None:
    song = Session(step=240)
    song.note(60, at(1) + 1_000, at(1.5))
    song.note(62, at(2) - 1_000, at(2.5))
    song.stop(at(3))
    first, second = song.clips()[0].notes
    assert (first.start, first.shift, second.start, second.shift) == (960, -40, 1920, 40)
    song.document.apply(timing.straighten(song.clips()[0].id, None))
    assert [note.start for note in song.clips()[0].notes] == [1000, 1880]


def test_input_quantise_takes_the_end_of_a_loop_for_its_beginning() -> None:
    song = Session(step=960, **ROUND)
    song.do(at(4) - 500, ON, 60, 90)
    song.do(at(4) - 100, OFF, 60)
    song.stop(at(5))
    assert [(start, pitch) for start, _, pitch in song.sounds()] == [(BAR, 60)]


def test_controllers_bends_pressure_and_programs_are_recorded() -> None:
    song = Session()
    song.do(at(0.5), PROGRAM, 3, 7)
    song.do(at(1), ON, 60, 90)
    song.do(at(1), BEND, 0, 4000)
    song.do(at(1), BEND, 0, 5000)
    song.poll(at(1.25))
    song.do(at(1.5), CONTROL, 1, 33)
    song.do(at(1.75), CONTROL, 128, 99)
    song.do(at(2), OFF, 60)
    song.poll(at(2.5))
    song.stop(at(4))
    assert song.clips()[0].controls == (
        Program(480, 7, 3), Bend(960, 5000), Controller(1440, 1, 33), Controller(1680, 128, 99),
    )  # fmt: skip


def test_every_armed_track_gets_the_notes() -> None:
    song = Session(organ("t"), organ("u"))
    song.note(60, at(1), at(2))
    song.stop(at(3))
    assert song.sounds(0) == song.sounds(1) == [(960, 1920, 60)]
    song.document.undo()
    assert not song.clips(0) and not song.clips(1)


def test_nothing_is_lost_when_a_write_is_refused_or_the_song_is_edited_meanwhile() -> None:
    song = Session(organ("t"), organ("u"))
    song.note(60, at(1), at(2))
    song.poll(at(2.5))
    song.document.read_only = "The disk is full."
    song.note(62, at(3), at(4))
    song.poll(at(5))
    song.document.read_only = ""
    song.document.apply(set_gain("t", 0.5))
    song.document.apply(move_clips([song.clips(1)[0].id], song.clips(1)[0].id, at(8)))
    song.note(64, at(6), at(7))
    song.stop(at(8))
    assert [pitch for _, _, pitch in song.sounds(0)] == [60, 62, 64]
    assert sorted(note.pitch for note in song.clips(1)[0].notes) == [60, 62, 64]


def test_where_nothing_was_played_nothing_is_written() -> None:
    song = Session()
    before = song.project
    song.poll(at(1))
    song.stop(at(9))
    assert song.project is before


@pytest.mark.parametrize("beats", [0.3, 0.7, 2.2])
def test_a_crash_costs_at_most_what_came_since_the_last_writing(beats: float) -> None:
    song = Session()
    for number in range(8):
        song.do(at(number / 4), ON, 60 + number, 90)
        song.do(at(number / 4 + 0.1), OFF, 60 + number)
        song.poll(at(number / 4 + 0.1))
        if number / 4 >= beats:
            break
    kept = [start for start, _, _ in song.sounds()]
    played = [number * 240 for number in range(8) if number / 4 <= beats + 0.25]
    missing = [tick for tick in played if tick not in kept]
    assert len(missing) <= 4, "half a second, which is a beat, which is four of these notes"
