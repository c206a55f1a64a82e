"""The producer's work in the song: one step, exact undo, parts and bars written anew beside what stays."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from studio.actions.producing import produce
from studio.actions.rerolling import alike, busier, edited, reroll, same
from studio.document.document import Document
from studio.document.edits.harmony import put_chord
from studio.document.edits.notes import add_notes, make_note
from studio.document.edits.recipes import lock_clips
from studio.document.notes import NoteClip
from studio.document.project import Project, new_project
from studio.engine.music.arranger.forms import read_form
from studio.engine.music.genres.reading import load_genres
from studio.engine.music.harmony.symbols import read_chords
from studio.engine.music.requests import Wishes, make_request, read_key
from studio.errors import StudioError

CATALOGUE = load_genres()
HOUSE = CATALOGUE.find("house")
SONG = read_form("intro:2 verse:4 chorus:4 verse:4 chorus:4")


def produced(form: str = "", seed: int = 5) -> Document:
    document = Document(new_project("Song"))
    wishes = Wishes(seed=seed, key=read_key("A minor"), form=read_form(form) if form else ())
    document.apply(produce(document.project, HOUSE, make_request(HOUSE, wishes)).edit)
    return document


def clips_of(project: Project) -> list[NoteClip]:
    return [clip for track in project.tracks for clip in track.clips if isinstance(clip, NoteClip)]


def clip_of(project: Project, part: str, at: int = 0) -> NoteClip:
    return [clip for clip in clips_of(project) if clip.recipe and clip.recipe.part == part][at]


def sounds(clip: NoteClip) -> list[tuple[int, int, int, int]]:
    return sorted((note.start, note.length, note.pitch, note.velocity) for note in clip.notes)


def test_an_empty_song_takes_everything_in_one_step_and_gives_it_back_exactly() -> None:
    document = Document(new_project("Song"))
    before = document.project
    request = make_request(HOUSE, Wishes(bpm=126.0, key=read_key("F# minor")))
    document.apply(produce(before, HOUSE, request).edit)
    after = document.project
    assert after.tempo[0].bpm == 126.0
    assert (after.keys[0].tonic, after.keys[0].mode) == (6, "minor")
    assert {clip.recipe.part for clip in clips_of(after) if clip.recipe} >= {"drums", "bass", "chords", "melody"}
    assert after.loop.end == 8 * request.bar_ticks
    assert sum(chord.length for chord in after.chords) == 8 * request.bar_ticks
    document.undo()
    assert document.project == before


def test_sections_chords_and_tracks_of_a_form_stand_on_the_timeline() -> None:
    project = produced("intro:2 verse:4 chorus:4").project
    assert [section.name for section in project.sections] == ["Intro", "Verse", "Chorus"]
    assert [track.name for track in project.tracks if track.kind == "bus"] == ["Reverb"]
    assert project.master.inserts[0].kind == "limiter"


def test_a_song_with_music_keeps_its_tempo_and_says_so() -> None:
    document = produced()
    request = make_request(HOUSE, Wishes(bpm=100.0, bars=4))
    made = produce(document.project, HOUSE, request, 8 * request.bar_ticks)
    assert "keeps its tempo" in made.notices[0]
    document.apply(made.edit)
    assert len(document.project.tempo) == 1
    names = [track.name for track in document.project.tracks]
    assert len(names) == len(set(names)), "parts that are there already play on"
    assert len(clip_of(document.project, "drums", 1).notes) > 0


def test_writing_again_replaces_what_the_producer_wrote_but_not_what_is_locked() -> None:
    document = produced()
    bass = clip_of(document.project, "bass")
    document.apply(lock_clips([bass.id], True))
    request = make_request(HOUSE, Wishes(seed=99, key=read_key("A minor")))
    document.apply(produce(document.project, HOUSE, request).edit)
    parts = [clip.recipe.part for clip in clips_of(document.project) if clip.recipe]
    assert len(parts) == len(set(parts))
    assert sounds(clip_of(document.project, "bass")) == sounds(bass)


def test_the_chord_lane_drives_all_parts() -> None:
    document = Document(new_project("Song"))
    for chord in read_chords("Cm7 | Fm7 | Cm7 | Gm7", 0, 3840):
        document.apply(put_chord(chord))
    request = make_request(HOUSE, Wishes(bars=4, key=read_key("C minor")))
    document.apply(produce(document.project, HOUSE, request).edit)
    assert [chord.symbol for chord in document.project.chords] == ["Cm7", "Fm7", "Cm7", "Gm7"]
    second = [note for note in clip_of(document.project, "chords").notes if 3840 <= note.start - note.shift < 7680]
    assert {note.pitch % 12 for note in second} <= {5, 8, 0, 3}


def test_rerolling_one_part_leaves_every_other_part_identical() -> None:
    document = produced("verse:4 chorus:4")
    before = document.project
    melodies = [clip.id for clip in clips_of(before) if clip.recipe and clip.recipe.part == "melody"]
    document.apply(reroll(before, CATALOGUE, melodies).edit)
    for old, new in zip(clips_of(before), clips_of(document.project), strict=True):
        if old.id in melodies:
            assert sounds(old) != sounds(new)
        else:
            assert old is new


def test_rerolling_one_bar_leaves_the_other_bars_identical() -> None:
    document = produced()
    drums = clip_of(document.project, "drums")
    assert drums.recipe is not None
    document.apply(reroll(document.project, CATALOGUE, [drums.id], bars=[2]).edit)
    after = clip_of(document.project, "drums")
    ticks = drums.recipe.request.bar_ticks

    def outside(clip: NoteClip) -> set[object]:
        return {note for note in clip.notes if (note.start - note.shift) // ticks != 2}

    assert outside(drums) == outside(after)
    assert sounds(drums) != sounds(after)
    assert after.recipe is not None
    assert [n for n, seed in enumerate(after.recipe.seeds) if seed != drums.recipe.seeds[n]] == [2]
    assert not any(edited(after, after.recipe, bar) for bar in range(8))


def test_a_bar_edited_by_hand_survives_the_next_reroll() -> None:
    document = produced()
    melody = clip_of(document.project, "melody")
    mine = make_note(3840 + 480, 240, 71, 101)
    document.apply(add_notes(melody.id, (mine,)))
    done = reroll(document.project, CATALOGUE, [melody.id])
    assert (done.kept, done.written) == (1, 7)
    document.apply(done.edit)
    after = clip_of(document.project, "melody")
    assert mine in after.notes
    document.apply(reroll(document.project, CATALOGUE, [melody.id], bars=[1]).edit)
    assert mine not in clip_of(document.project, "melody").notes


def test_the_same_seed_writes_the_same_notes_again() -> None:
    document = produced()
    for part in ("drums", "chords", "bass", "melody", "harmony"):
        clip = clip_of(document.project, part)
        again = reroll(document.project, CATALOGUE, [clip.id], seed=same)
        assert sounds(clip_of(again.edit.change(document.project), part)) == sounds(clip), part


def test_busier_writes_more_and_alike_keeps_the_pattern() -> None:
    document = produced()
    drums = clip_of(document.project, "drums")
    fuller = reroll(document.project, CATALOGUE, [drums.id], seed=same, change=busier)
    assert len(clip_of(fuller.edit.change(document.project), "drums").notes) > len(drums.notes)
    near = clip_of(reroll(document.project, CATALOGUE, [drums.id], seed=alike).edit.change(document.project), "drums")

    def kicks(clip: NoteClip) -> set[int]:
        return {note.start - note.shift for note in clip.notes if note.pitch == 36}

    assert sounds(near) != sounds(drums)
    assert len(kicks(near) & kicks(drums)) > 0.8 * len(kicks(drums))


def test_what_cannot_be_written_anew_is_said() -> None:
    document = produced()
    bass = clip_of(document.project, "bass")
    document.apply(lock_clips([bass.id], True))
    with pytest.raises(StudioError, match="locked"):
        reroll(document.project, CATALOGUE, [bass.id])
    with pytest.raises(StudioError, match="producer wrote none"):
        reroll(document.project, CATALOGUE, ["clip-of-mine"])
    gone = replace(CATALOGUE, genres={})
    with pytest.raises(StudioError, match="no longer there"):
        reroll(document.project, gone, [clip_of(document.project, "drums").id])
