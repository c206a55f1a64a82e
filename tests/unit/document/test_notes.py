"""Clips of notes: what sounds, what splitting and joining keep, what edits of notes promise."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from notesongs import clips_of, controls, note_song, notes, notes_of
from songs import media, small_song
from studio.document import blocks as blocks_module
from studio.document import codec
from studio.document.blocks import SIZE, exchange_controls, exchange_notes, note_blocks
from studio.document.document import Document, Edit, EditRefused
from studio.document.edits import clips, harmony, mix, pitches, song, takes, tracks, velocities
from studio.document.edits import controls as control_edits
from studio.document.edits import notes as edits
from studio.document.edits.timing import Grid, humanise, legato, quantise, straighten
from studio.document.grooves import groove_of, groove_of_clip
from studio.document.harmony import Chord, Key, nearest_pitch, steps_away
from studio.document.instruments import Instrument, Lane
from studio.document.notes import MIN_LOOP, Bend, Block, Controller, Note, NoteClip, Program, control_key, note_key
from studio.document.project import clip_end, clip_start, new_project, song_end
from studio.document.segments import segments
from studio.document.sounding import track_controls, track_notes

BEAT, BAR = 960, 3840


def heard(document: Document) -> list[tuple[int, int, int, int]]:
    """(start, end, pitch, velocity) of all that sounds on the first track, in order."""
    return sorted((p.start, p.end, p.pitch, p.velocity) for p in track_notes(document.project.tracks[0]))


def states(document: Document, ticks: list[int]) -> list[dict[object, object]]:
    """What every control stands at just after each tick."""
    found = []
    sent = track_controls(document.project.tracks[0])
    for tick in ticks:
        state: dict[object, object] = {}
        for point in sent:
            if point.tick <= tick:
                match point:
                    case Controller():
                        state[point.number] = point.value
                    case Bend():
                        state["bend"] = point.value
                    case Program():
                        state["program"] = (point.bank, point.program)
        found.append({key: value for key, value in state.items() if value != 0 or key not in (64, 66, 69, "bend")})
    return found


windows = st.tuples(
    st.integers(-BAR, 2 * BAR), st.integers(MIN_LOOP, 4 * BAR), st.sampled_from([0, 0, BEAT, 1000, BAR])
)


@settings(deadline=None, max_examples=70)
@given(notes, controls, windows, st.sets(st.integers(1, 4 * BAR), min_size=1, max_size=4))
def test_a_split_keeps_the_music(drawn: list, points: list, window: tuple, cuts: set[int]) -> None:
    lead, ticks, loop = window
    document = note_song(drawn, points, lead=lead % loop if loop else lead, ticks=ticks, loop=loop)
    anchor = clips_of(document)[0].anchor
    before, spots = heard(document), list(range(anchor - 1, anchor + ticks + 2, 391))
    sent = states(document, spots)
    time = document.project.time
    for cut in cuts:
        if cut < ticks:
            document.apply(clips.split_clips([c.id for c in clips_of(document)], time.frame(anchor + cut)))
    assert len(clips_of(document)) == 1 + sum(cut < ticks for cut in cuts)
    assert heard(document) == before
    assert states(document, spots) == sent


@settings(deadline=None, max_examples=70)
@given(notes, controls, windows, st.integers(1, 4 * BAR), st.integers(-12, 12), st.floats(0.1, 3))
def test_joining_keeps_the_music(drawn: list, points: list, window: tuple, cut: int, up: int, gain: float) -> None:
    lead, ticks, loop = window
    document = note_song(drawn, points, lead=lead % loop if loop else lead, ticks=ticks, loop=loop)
    (clip,) = clips_of(document)
    document.apply(edits.set_transpose(clip.id, up))
    document.apply(clips.set_clip_gain((clip.id,), gain))
    edit, _ = clips.duplicate_clips(document.project, (clip.id,))
    document.apply(edit)
    document.apply(clips.split_clips((clip.id,), document.project.time.frame(clip.anchor + min(cut, ticks - 1))))
    before, spots = heard(document), list(range(clip.anchor - 1, clip.anchor + 2 * ticks + 2, 391))
    sent = states(document, spots)
    document.apply(clips.join_clips([c.id for c in clips_of(document)]))
    (joined,) = clips_of(document)
    assert (joined.anchor, joined.ticks, joined.loop) == (clip.anchor, 2 * ticks, 0)
    assert (joined.transpose, joined.gain) == (0, 1.0)
    assert heard(document) == before
    assert states(document, spots) == sent


@settings(deadline=None, max_examples=200)
@given(notes, st.lists(st.tuples(st.integers(0, 99), st.integers(-BAR, 3 * BAR)), max_size=30), st.data())
def test_blocks_hold_what_a_plain_list_would(drawn: list, moves: list, data: st.DataObject) -> None:
    """Blocks are only a way to keep a sorted list: small ones here, so that they part and join all the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks_module, "SIZE", 4)
        _check_blocks(drawn, moves, data)


def _check_blocks(drawn: list, moves: list, data: st.DataObject) -> None:
    present = {note.id: note for note in notes_of(drawn)}
    blocks = note_blocks(present.values())
    for count, (pick, to) in enumerate(moves):
        if not present:
            break
        note = sorted(present.values(), key=note_key)[pick % len(present)]
        kind = data.draw(st.sampled_from(["move", "remove", "add"]))
        fresh = replace(note, start=to) if kind == "move" else replace(note, id=f"{note.id}+{count}", start=to)
        gone = [] if kind == "add" else [present.pop(note.id)]
        come = [] if kind == "remove" else [fresh]
        present.update((one.id, one) for one in come)
        untouched = {id(block) for block in blocks}
        blocks = exchange_notes(blocks, gone, come)
        assert [n for block in blocks for n in block.items] == sorted(present.values(), key=note_key)
        assert len({block.id for block in blocks}) == len(blocks)
        assert all(0 < len(block.items) <= 4 for block in blocks)
        assert len([block for block in blocks if id(block) not in untouched]) <= 4


def test_a_thousand_moves_leave_few_blocks() -> None:
    many = [Note(f"n{n:05}", n * 10, 10, 60) for n in range(3000)]
    blocks = note_blocks(many)
    for n in range(0, 3000, 3):
        (moved,) = (note for block in blocks for note in block.items if note.id == f"n{n:05}")
        blocks = exchange_notes(blocks, [moved], [replace(moved, start=29_990)])
    assert sum(len(block.items) for block in blocks) == 3000
    assert len(blocks) < 3000 / SIZE * 4


@settings(deadline=None, max_examples=200)
@given(controls, controls, st.integers(0, BAR), st.integers(0, 2 * BAR))
def test_control_blocks_hold_what_a_plain_list_would(first: list, more: list, begin: int, length: int) -> None:
    blocks = exchange_controls((), first * 40)
    points = [point for block in blocks for point in block.items]
    assert points == sorted(first * 40, key=control_key)
    kept = [point for point in points if not begin <= point.tick < begin + length]
    again = exchange_controls(blocks, [*kept, *more])
    assert [point for block in again for point in block.items] == sorted([*kept, *more], key=control_key)
    assert all(a.items[-1].tick < b.items[0].tick for a, b in pairwise(again))
    assert len({block.id for block in again}) == len(again)


def test_an_edit_of_one_note_among_many_stores_little_and_shares_the_rest() -> None:
    many = [Note(f"note-{n:012x}", n * 7 % 400_000, 100, n % 128, 64) for n in range(100_000)]
    document = note_song(many, [], ticks=400_000)
    (clip,) = clips_of(document)
    sizes: list[int] = []
    document.subscribe(lambda heard: sizes.append(sum(len(codec.encode(p)) for p in heard.changes.changed.values())))
    names: list[set[str]] = []
    document.subscribe(lambda heard: names.append(set(heard.changes.clips)))
    document.apply(edits.move_notes(clip.id, (many[5].id,), 200_000, 1))
    document.apply(velocities.set_velocity(clip.id, (many[77].id,), 3))
    document.apply(edits.remove_notes(clip.id, (many[9].id,)))
    document.apply(edits.add_notes(clip.id, (edits.make_note(5, 5, 5),)))
    document.undo()
    assert max(sizes) < 20_000
    assert names == [{clip.id}] * 5
    (now,) = clips_of(document)
    shared = {id(block) for block in clip.note_blocks} & {id(block) for block in now.note_blocks}
    assert len(shared) >= len(clip.note_blocks) - 4
    assert document.clip(clip.id) is now


def test_what_other_parts_ask_of_a_clip() -> None:
    document = note_song([Note("a", 0, BEAT, 60)], [], anchor=BAR, ticks=BAR)
    (clip,) = clips_of(document)
    project = document.project
    assert segments(clip, project.rate) == ()
    assert (clip_start(clip, project.time), clip_end(clip, project.time)) == (96_000, 192_000)
    assert song_end(project) == 192_000
    document.apply(song.set_tempo(0, 60.0))
    assert song_end(document.project) == 384_000


def test_notes_and_sound_keep_apart() -> None:
    document = Document(small_song(1, 1))
    document.apply(tracks.add_tracks((tracks.fresh_track(document.project, kind="instrument"),)))
    sound_track, notes_track = document.project.tracks
    clip = edits.make_note_clip("Part", 0, BAR)
    with pytest.raises(EditRefused, match="instrument tracks only"):
        document.apply(clips.add_clips(sound_track.id, (clip,)))
    document.apply(clips.add_clips(notes_track.id, (clip,)))
    sound = sound_track.clips[0]
    copied_notes = clips.copy_clips(document.project, (clip.id,))
    copied_sound = clips.copy_clips(document.project, (sound.id,))
    for edit, sentence in [
        (clips.add_clips(notes_track.id, (replace(sound, id="clip-x"),)), "audio tracks only"),
        (clips.move_clips((clip.id,), clip.id, 0, -1), "no instrument track"),
        (clips.move_clips((sound.id,), sound.id, 0, 1), "no audio track"),
        (clips.paste(document.project, copied_notes, sound_track.id, 0)[0], "select"),
        (clips.paste(document.project, copied_sound, notes_track.id, 0)[0], "select"),
        (clips.set_fades(clip.id, 5, 5), "no fades"),
        (takes.record_passes(notes_track.id, media(), [takes.Pass(0, 0, 100)]), "audio tracks only"),
        (tracks.set_time_base(notes_track.id, "time"), "follow the tempo"),
        (tracks.set_instrument(sound_track.id, Instrument()), "Only an instrument track"),
        (edits.add_notes(sound.id, (edits.make_note(0, 1, 60),)), "holds sound"),
        (clips.join_clips((clip.id, sound.id)), "joined"),
        (Edit("", lambda p: _as_kind(p, notes_track.id, "audio")), "another kind"),
        (Edit("", lambda p: _as_kind(p, sound_track.id, "instrument")), "another kind"),
    ]:
        before = document.project
        with pytest.raises(EditRefused, match=sentence):
            document.apply(edit)
        assert document.project is before


def _as_kind(project, track_id, kind):
    track = project.track(track_id)
    instrument = Instrument() if kind == "instrument" else None
    changed = replace(track, kind=kind, base="musical", instrument=instrument)
    return replace(project, tracks=tuple(changed if t.id == track_id else t for t in project.tracks))


def test_a_block_of_both_is_pasted_to_where_each_fits() -> None:
    document = Document(small_song(1, 1))
    document.apply(tracks.add_tracks((tracks.fresh_track(document.project, kind="instrument"),)))
    sound_track, notes_track = document.project.tracks
    clip = edits.make_note_clip("Part", BEAT, BAR, [edits.make_note(0, 1, 60)])
    document.apply(clips.add_clips(notes_track.id, (clip,)))
    block = clips.copy_clips(document.project, (clip.id, sound_track.clips[0].id))
    edit, ids = clips.paste(document.project, block, sound_track.id, 96_000)
    document.apply(edit)
    kinds = [document.track_of(key).kind for key in ids]
    assert sorted(kinds) == ["audio", "instrument"]
    pasted = next(document.clip(key) for key in ids if isinstance(document.clip(key), NoteClip))
    assert (pasted.anchor, pasted.notes) == (BAR + BEAT, clip.notes)


def test_clips_of_notes_are_moved_and_trimmed_on_ticks() -> None:
    document = note_song([Note("a", 0, BEAT, 60)], [], anchor=0, ticks=BAR)
    (clip,) = clips_of(document)
    document.apply(song.set_tempo(0, 97.3))
    time = document.project.time
    document.apply(clips.move_clips((clip.id,), clip.id, time.frame(BAR + 7)))
    assert clips_of(document)[0].anchor == BAR + 7
    document.apply(clips.trim_clips((clip.id,), "left", -time.frame(BEAT)))
    (trimmed,) = clips_of(document)
    assert (trimmed.anchor, trimmed.lead, trimmed.end) == (BAR + 7 - BEAT, -BEAT, 2 * BAR + 7)
    assert heard(document) == [(BAR + 7, BAR + 7 + BEAT, 60, 96)]
    document.apply(clips.trim_clips((clip.id,), "right", -(10**9)))
    assert clips_of(document)[0].ticks == MIN_LOOP


def test_a_pattern_repeats_and_is_cut_at_both_edges() -> None:
    drawn = [Note("a", 0, 2 * BEAT, 60), Note("b", BEAT // 2, 100, 62), Note("far", BEAT, 100, 64)]
    document = note_song(drawn, [], anchor=0, ticks=2 * BEAT + 240, lead=240, loop=BEAT)
    assert heard(document) == [
        (240, 340, 62, 96),
        (720, 1680, 60, 96),
        (1200, 1300, 62, 96),
        (1680, 2160, 60, 96),
    ]


def test_a_note_that_was_cut_by_a_split_ends_with_its_half() -> None:
    document = note_song([Note("a", 0, BAR, 60)], [], ticks=BAR)
    (clip,) = clips_of(document)
    document.apply(clips.split_clips((clip.id,), document.project.time.frame(clip.anchor + BEAT)))
    _, second = clips_of(document)
    assert heard(document) == [(clip.anchor, clip.anchor + BAR, 60, 96)]
    document.apply(edits.add_notes(second.id, (edits.make_note(2 * BEAT, 10, 72),)))
    assert heard(document)[0] == (clip.anchor, clip.anchor + BAR, 60, 96)
    document.apply(clips.mute_clips((second.id,), True))
    assert heard(document) == [(clip.anchor, clip.anchor + BEAT, 60, 96)]
    document.undo()
    document.apply(clips.delete_clips((second.id,)))
    assert heard(document) == [(clip.anchor, clip.anchor + BEAT, 60, 96)]


def test_pedals_and_bend_are_let_go_at_the_end_of_a_clip() -> None:
    points = [Controller(0, 64, 127), Bend(10, 500), Controller(20, 7, 90), Program(30, 5, 1)]
    document = note_song([], points, anchor=100, ticks=BAR)
    sent = track_controls(document.project.tracks[0])
    assert sent[-2:] == [Controller(100 + BAR, 64, 0), Bend(100 + BAR, 0)]
    assert [p.tick for p in sent] == [100, 110, 120, 130, 100 + BAR, 100 + BAR]


def test_controls_of_one_tick_keep_their_order() -> None:
    points = [Controller(5, 101, 0), Controller(5, 100, 0), Controller(5, 6, 12), Controller(5, 101, 127)]
    document = note_song([], points * 200, ticks=BAR)
    assert [p.number for p in clips_of(document)[0].controls] == [101, 100, 6, 101] * 200


def _shape(document: Document) -> list[tuple[int, int, int, int]]:
    return [(n.start, n.length, n.pitch, n.velocity) for n in clips_of(document)[0].notes]


def _four(starts: list[int], velocity: int = 96, anchor: int = 0) -> tuple[Document, str]:
    document = note_song([Note(f"n{i}", s, 100, 60 + i, velocity) for i, s in enumerate(starts)], [], anchor=anchor)
    return document, clips_of(document)[0].id


def test_quantise_draws_to_the_grid_of_the_song_as_far_as_asked() -> None:
    document, clip = _four([10, 250, 470, 730], anchor=BAR + 17)
    document.apply(quantise(clip, None, Grid(240)))
    assert [BAR + 17 + n.start for n in clips_of(document)[0].notes] == [BAR + s for s in (0, 240, 480, 720)]
    document.undo()
    document.apply(quantise(clip, ("n3",), Grid(240, strength=0.5)))
    assert [n.start for n in clips_of(document)[0].notes] == [10, 250, 470, 716]
    document.apply(quantise(clip, ("n0",), Grid(240, ends=True)))
    first = clips_of(document)[0].notes[0]
    assert (first.start + BAR + 17, first.length) == (BAR, 240)


def test_swing_delays_every_second_step_and_can_be_taken_off() -> None:
    document, clip = _four([5, 470, 955, 1445])
    document.apply(quantise(clip, None, Grid(480, swing=2 / 3)))
    assert [n.start for n in clips_of(document)[0].notes] == [0, 640, 960, 1600]
    assert [n.shift for n in clips_of(document)[0].notes] == [0, 160, 0, 160]
    document.apply(quantise(clip, None, Grid(480, swing=2 / 3)))
    assert [n.start for n in clips_of(document)[0].notes] == [0, 640, 960, 1600]
    document.apply(straighten(clip, None))
    assert [n.start for n in clips_of(document)[0].notes] == [0, 480, 960, 1440]


def test_a_groove_is_taken_from_notes_and_given_to_others() -> None:
    player = edits.make_note_clip(
        "Player",
        2 * BAR,
        BAR,
        [edits.make_note(n * 240 + (20 if n % 2 else -5), 60, 42, 110 if n % 4 == 0 else 70) for n in range(16)],
    )
    groove = groove_of_clip(player, 240, BEAT)
    assert groove.shifts == (-5, 20, -5, 20)
    assert groove.accents == (30, -10, -10, -10)
    document, clip = _four([0, 240, 480, 720], velocity=80)
    document.apply(quantise(clip, None, Grid(groove=groove, accent=0.5)))
    assert [(n.start, n.velocity) for n in clips_of(document)[0].notes] == [(-5, 95), (260, 75), (475, 75), (740, 75)]
    document.apply(quantise(clip, None, Grid(groove=groove, accent=0.5)))
    assert [(n.start, n.velocity) for n in clips_of(document)[0].notes] == [(-5, 95), (260, 75), (475, 75), (740, 75)]
    document.apply(straighten(clip, None))
    assert [(n.start, n.velocity) for n in clips_of(document)[0].notes] == [(s, 80) for s in (0, 240, 480, 720)]


def test_a_groove_of_onsets_has_no_accents() -> None:
    groove = groove_of([(0.4, None), (250.0, None), (970.0, None), (1215.0, None)], 240, 960)
    assert (groove.shifts, groove.accents) == ((5, 12, 0, 0), (0, 0, 0, 0))
    assert groove_of([], 240, 960) is None


def test_humanising_is_the_same_for_the_same_seed_and_stays_in_bounds() -> None:
    document, clip = _four([n * 240 for n in range(16)])
    before = _shape(document)
    document.apply(humanise(clip, None, 20, 15, seed=4))
    once = _shape(document)
    assert once != before
    for (a, _, _, va), (b, _, _, vb) in zip(before, once, strict=True):
        assert abs(a - b) <= 20
        assert abs(va - vb) <= 15
    document.undo()
    document.apply(humanise(clip, tuple(f"n{n}" for n in reversed(range(16))), 20, 15, seed=4))
    assert _shape(document) == once
    document.apply(straighten(clip, None))
    assert _shape(document) == before


def test_legato_reaches_to_the_next_note_that_starts_later() -> None:
    document = note_song([Note("a", 0, 10, 60), Note("b", 0, 20, 64), Note("c", 480, 10, 62)], [])
    clip = clips_of(document)[0].id
    document.apply(legato(clip, None, gap=10))
    assert [(n.id, n.length) for n in clips_of(document)[0].notes] == [("a", 470), ("b", 470), ("c", 10)]


def test_transposing_in_the_key_of_the_place() -> None:
    document = note_song([Note("a", 0, 10, 60), Note("b", 10, 10, 61), Note("c", BAR, 10, 60)], [], anchor=0)
    clip = clips_of(document)[0].id
    with pytest.raises(EditRefused, match="no key"):
        document.apply(pitches.transpose_in_key(clip, None, 2))
    document.apply(harmony.set_key(0, 0, "major"))
    document.apply(harmony.set_key(BAR, 0, "minor"))
    document.apply(pitches.transpose_in_key(clip, None, 2))
    assert [n.pitch for n in clips_of(document)[0].notes] == [64, 65, 63]
    document.apply(pitches.transpose_in_key(clip, ("a", "c"), -2))
    assert [n.pitch for n in clips_of(document)[0].notes] == [60, 65, 60]
    document.apply(pitches.transpose(clip, None, 1))
    document.apply(pitches.snap_to_key(clip, None))
    assert [n.pitch for n in clips_of(document)[0].notes] == [60, 65, 60]
    with pytest.raises(EditRefused, match="range of MIDI"):
        document.apply(pitches.transpose(clip, None, 80))


@given(
    st.integers(0, 127),
    st.integers(0, 11),
    st.sampled_from(["major", "blues", "minor", "chromatic"]),
    st.integers(-9, 9),
)
def test_scale_steps_can_be_taken_back(pitch: int, tonic: int, mode: str, steps: int) -> None:
    key = Key(0, tonic, mode)
    if pitch % 12 in key.pitch_classes:
        moved = steps_away(pitch, key, steps)
        assert moved % 12 in key.pitch_classes
        assert steps_away(moved, key, -steps) == pitch
    near = nearest_pitch(pitch, key.pitch_classes)
    assert near % 12 in key.pitch_classes
    assert abs(near - pitch) <= 3


def test_velocity_tools() -> None:
    document = note_song([Note(f"n{i}", i * 100, 10, 60, v) for i, v in enumerate((20, 60, 100, 120))], [])
    clip = clips_of(document)[0].id
    for edit, wanted in [
        (velocities.set_velocity(clip, ("n1",), 5), [20, 5, 100, 120]),
        (velocities.add_velocity(clip, None, 10), [30, 70, 110, 127]),
        (velocities.scale_velocities(clip, None, 0.5), [10, 30, 50, 60]),
        (velocities.compress_velocities(clip, None, 2), [48, 68, 88, 98]),
        (velocities.ramp_velocities(clip, None, 1, 127), [1, 43, 85, 127]),
    ]:
        document.apply(edit)
        assert [n.velocity for n in clips_of(document)[0].notes] == wanted, edit.label
        document.undo()


def test_splitting_joining_resizing_and_muting_notes() -> None:
    document = note_song([Note("a", 0, 100, 60), Note("b", 100, 100, 60), Note("c", 50, 10, 62)], [])
    clip = clips_of(document)[0].id
    document.apply(edits.split_notes(clip, ("a", "c"), 55))
    halves = [(0, 55, 60, 96), (50, 5, 62, 96), (55, 5, 62, 96), (55, 45, 60, 96), (100, 100, 60, 96)]
    assert sorted(_shape(document)) == halves
    document.undo()
    document.apply(edits.join_notes(clip, ("a", "b")))
    assert _shape(document) == [(0, 200, 60, 96), (50, 10, 62, 96)]
    with pytest.raises(EditRefused, match="one pitch"):
        document.apply(edits.join_notes(clip, ("a", "c")))
    document.apply(edits.resize_notes(clip, ("a",), -500))
    assert _shape(document)[0] == (0, 1, 60, 96)
    document.undo()
    document.apply(edits.resize_notes(clip, ("a",), 50, "left"))
    assert (50, 150, 60, 96) in _shape(document)
    document.apply(edits.mute_notes(clip, None, True))
    assert heard(document) == []
    document.apply(edits.set_probability(clip, None, 3.0))
    assert {n.probability for n in clips_of(document)[0].notes} == {1.0}


def test_notes_that_are_gone_refuse_the_edit() -> None:
    document, clip = _four([0, 10])
    edit = edits.move_notes(clip, ("n0",), 5)
    document.apply(edits.remove_notes(clip, ("n0",)))
    with pytest.raises(EditRefused, match="no longer in the clip"):
        document.apply(edit)
    note = clips_of(document)[0].notes[0]
    with pytest.raises(EditRefused, match="twice"):
        document.apply(edits.add_notes(clip, (note,)))
    document.apply(edits.add_notes(clip, edits.copies((note,), 5, 1)))
    assert [(n.start, n.pitch) for n in clips_of(document)[0].notes] == [(10, 61), (15, 62)]


def test_drawing_controllers_replaces_a_stretch_of_one_line() -> None:
    points = [Controller(n * 10, 1, n) for n in range(20)] + [Controller(55, 7, 3), Bend(60, 5)]
    document = note_song([], points)
    clip = clips_of(document)[0].id
    document.apply(control_edits.draw_controls(clip, 1, 50, 100, [Controller(70, 1, 99)]))
    left = clips_of(document)[0].controls
    assert [p.tick for p in left if isinstance(p, Controller) and p.number == 1] == [
        *range(0, 50, 10),
        70,
        *range(100, 200, 10),
    ]
    assert Controller(55, 7, 3) in left
    document.apply(control_edits.put_control(clip, Bend(60, -8192)))
    assert [p for p in clips_of(document)[0].controls if isinstance(p, Bend)] == [Bend(60, -8192)]


def test_a_new_chord_pushes_others_aside() -> None:
    document = Document(new_project("Song"))
    document.apply(harmony.put_chord(Chord("long", 0, 4 * BAR, 0)))
    document.apply(harmony.put_chord(Chord("mid", BAR, BAR, 7, "7", symbol="G7")))
    assert [(c.start, c.length, c.root) for c in document.project.chords] == [
        (0, BAR, 0),
        (BAR, BAR, 7),
        (2 * BAR, 2 * BAR, 0),
    ]
    document.apply(harmony.put_chord(Chord("late", BAR + 5, 5 * BAR, 5)))
    assert [(c.id, c.start, c.length) for c in document.project.chords][1:] == [
        ("mid", BAR, 5),
        ("late", BAR + 5, 5 * BAR),
    ]
    document.apply(harmony.remove_chord("mid"))
    assert [c.id for c in document.project.chords] == ["long", "late"]


def test_instruments_and_lanes() -> None:
    document = note_song([], [])
    track = document.project.tracks[0]
    assert track.base == "musical"
    document.apply(tracks.set_instrument(track.id, Instrument("synth", "Soft pad", parameters=(("cutoff", 0.5),))))
    document.apply(tracks.set_lanes(track.id, (Lane(36, "Kick"), Lane(38, "Snare", True))))
    document.apply(mix.set_gain(track.id, 0.5))
    kept = document.project.tracks[0]
    assert (kept.instrument.preset, [lane.name for lane in kept.lanes], kept.strip.gain) == (
        "Soft pad",
        ["Kick", "Snare"],
        0.5,
    )
    document.apply(tracks.remove_tracks((track.id,)))
    document.undo()
    assert document.project.tracks[0] == kept


def _with(clip_change) -> Edit:
    def change(project):
        clip = project.tracks[0].clips[0]
        track = replace(project.tracks[0], clips=(clip_change(clip),))
        return replace(project, tracks=(track,))

    return Edit("Bad", change)


def _note(**values) -> Edit:
    return _with(lambda c: replace(c, note_blocks=(Block(0, (replace(Note("a", 0, 1, 60), **values),)),)))


def _root(**values) -> Edit:
    return Edit("Bad", lambda p: replace(p, **values))


def _track(**values) -> Edit:
    return Edit("Bad", lambda p: replace(p, tracks=(replace(p.tracks[0], **values),)))


A, B = Note("a", 0, 1, 60), Note("b", 5, 1, 60)
BAD = {
    "pitch": _note(pitch=128),
    "velocity": _note(velocity=0),
    "length": _note(length=0),
    "start": _note(start=2**48),
    "probability": _note(probability=float("nan")),
    "half a tick": _note(start=0.5),
    "an empty block": _with(lambda c: replace(c, note_blocks=(Block(0, ()),))),
    "notes out of order": _with(lambda c: replace(c, note_blocks=(Block(0, (B, A)),))),
    "blocks out of order": _with(lambda c: replace(c, note_blocks=(Block(0, (B,)), Block(1, (A,))))),
    "blocks of one number": _with(lambda c: replace(c, note_blocks=(Block(0, (A,)), Block(0, (B,))))),
    "controller 129": _with(lambda c: replace(c, control_blocks=(Block(0, (Controller(0, 129, 0),)),))),
    "bend": _with(lambda c: replace(c, control_blocks=(Block(0, (Bend(0, 8192),)),))),
    "program": _with(lambda c: replace(c, control_blocks=(Block(0, (Program(0, 128),)),))),
    "no ticks": _with(lambda c: replace(c, ticks=0)),
    "a tiny pattern": _with(lambda c: replace(c, loop=1)),
    "a pattern that never ends": _with(lambda c: replace(c, loop=MIN_LOOP, ticks=2**40, note_blocks=(Block(0, (A,)),))),
    "chords that overlap": _root(chords=(Chord("a", 0, 10, 0), Chord("b", 9, 10, 0))),
    "root 12": _root(chords=(Chord("a", 0, 10, 12),)),
    "an unknown mode": _root(keys=(Key(0, 0, "sad"),)),
    "keys out of order": _root(keys=(Key(5, 0), Key(0, 0))),
    "no instrument": _track(instrument=None),
    "an instrument's NaN": _track(instrument=Instrument(parameters=(("x", float("nan")),))),
    "lanes twice": _track(lanes=(Lane(36, "a"), Lane(36, "b"))),
    "an instrument track with its own time": _track(base="time"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_could_not_be_saved_and_reopened_is_refused(case: str) -> None:
    document = note_song([Note("a", 0, 10, 60)], [])
    before = document.project
    with pytest.raises(EditRefused) as refused:
        document.apply(BAD[case])
    assert str(refused.value)[0].isupper()
    assert document.project is before


@pytest.mark.parametrize("broken", ["orphan", "inside", "wrong key", "wrong track"])
def test_parts_that_contradict_each_other_are_refused(broken: str) -> None:
    document = note_song([Note("a", 0, 10, 60)], [Bend(0, 5)])
    parts = codec.parts(document.project)
    clip, track = clips_of(document)[0], document.project.tracks[0]
    match broken:
        case "orphan":
            parts.pop(clip.id)
        case "inside":
            parts[clip.id] = codec.ClipPart(track.id, clip)
        case "wrong key":
            parts[f"{clip.id}/n7"] = parts.pop(f"{clip.id}/n0")
        case "wrong track":
            parts[track.id] = codec.TrackPart(replace(track, kind="audio", instrument=None, clips=()))
    with pytest.raises(codec.CodecError):
        codec.assemble(parts)
