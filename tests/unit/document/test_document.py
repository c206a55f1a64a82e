"""History: undo gives the original, the codec is identity, what cannot be saved is refused, changes are exact."""

from __future__ import annotations

import math
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from songs import media, numbers, perform, small_song
from studio.document import codec
from studio.document.changes import difference
from studio.document.document import STATES_IN_MEMORY, Announcement, Document, Edit, EditRefused
from studio.document.edits import clips, mix, song, tracks
from studio.document.project import Insert, Marker, Project, Section, clip_key, new_project

sequences = st.lists(numbers, max_size=25)


@settings(deadline=None, max_examples=120)
@given(sequences)
def test_undoing_any_edits_restores_the_original_and_redo_the_result(drawn: list) -> None:
    original = small_song()
    document = Document(original)
    made = sum(perform(document, item) for item in drawn)
    result = document.project
    for _ in range(made):
        assert document.undo()
    assert document.undo() is None
    assert document.project == original
    while document.redo():
        pass
    assert document.project == result


@settings(deadline=None, max_examples=120)
@given(sequences)
def test_what_is_stored_is_what_was_there(drawn: list) -> None:
    document = Document(small_song())
    for item in drawn:
        perform(document, item)
    stored = {key: codec.encode(part) for key, part in codec.parts(document.project).items()}
    assert codec.assemble({key: codec.decode(data) for key, data in stored.items()}) == document.project


@settings(deadline=None, max_examples=120)
@given(sequences)
def test_replaying_the_changes_gives_every_state(drawn: list) -> None:
    """A store that keeps only `changed` and `removed` of each announcement can rebuild every state."""
    document = Document(small_song())
    kept = codec.parts(document.project)
    heard: list[Announcement] = []
    document.subscribe(heard.append)
    for item in drawn:
        perform(document, item)
    for announcement in heard:
        kept.update(announcement.changes.changed)
        for key in announcement.changes.removed:
            kept.pop(key)
        assert codec.assemble(kept) == announcement.changes.after


@settings(deadline=None, max_examples=80)
@given(sequences)
def test_the_index_and_the_order_hold_after_any_edits(drawn: list) -> None:
    document = Document(small_song())
    document.clip("nothing")
    for item in drawn:
        perform(document, item)
        for track in document.project.tracks:
            assert list(track.clips) == sorted(track.clips, key=clip_key)
    fresh = Document(document.project)
    for track in document.project.tracks:
        for clip in track.clips:
            assert document.clip(clip.id) == fresh.clip(clip.id) == clip
            assert document.track_of(clip.id) == track
    gone = set(codec.parts(document.state(0))) - set(codec.parts(document.project))
    assert all(document.clip(key) is None and document.track_of(key) is None for key in gone)


def test_unchanged_parts_are_shared() -> None:
    document = Document(small_song(8))
    before = document.project
    document.apply(mix.set_gain(before.tracks[3].id, 0.5))
    shared = [a is b for a, b in zip(before.tracks, document.project.tracks, strict=True)]
    assert shared == [row != 3 for row in range(8)]
    assert document.project.tracks[3].clips is before.tracks[3].clips


def test_a_gesture_is_one_step() -> None:
    document = Document(small_song())
    strip = document.project.tracks[0].id
    for level in np.linspace(0, 1, 40):
        document.apply(mix.set_gain(strip, float(level) / 2, merge="drag"))
    document.close_gesture()
    document.apply(mix.set_gain(strip, 0.9, merge="drag"))
    assert [revision.label for revision in document.revisions] == ["New song", "Fader", "Fader"]
    document.undo()
    assert document.project.tracks[0].strip.gain == 0.5
    document.undo()
    assert document.project.tracks[0].strip.gain == 1.0


def test_another_edit_ends_a_gesture() -> None:
    document = Document(small_song())
    a, b = (track.id for track in document.project.tracks[:2])
    for strip in (a, b, a):
        document.apply(mix.set_gain(strip, 0.3 + len(document.revisions) / 10, merge=f"fader {strip}"))
    assert len(document.revisions) == 4


def test_redo_branches_are_kept() -> None:
    document = Document(small_song())
    document.apply(song.rename_song("A"))
    document.undo()
    document.apply(song.rename_song("B"))
    assert not document.can_redo
    document.visit(1)
    assert document.project.name == "A"
    document.visit(2)
    assert document.project.name == "B"


def test_redo_follows_the_way_back() -> None:
    document = Document(small_song())
    document.apply(song.rename_song("A"))
    document.undo()
    document.apply(song.rename_song("B"))
    document.visit(1)
    document.undo()
    document.redo()
    assert document.project.name == "A"


def test_states_that_left_memory_are_recalled() -> None:
    states: dict[int, Project] = {}
    document = Document(new_project("0"), recall=lambda number: states[number])
    states[0] = document.project
    document.subscribe(lambda heard: states.update({heard.revision.number: heard.changes.after}))
    for n in range(1, STATES_IN_MEMORY + 50):
        document.apply(song.rename_song(str(n)))
    for n in reversed(range(STATES_IN_MEMORY + 49)):
        document.undo()
        assert document.project.name == str(n)


def test_numbers_of_new_revisions_go_on_where_the_history_ends() -> None:
    first = Document(small_song())
    first.apply(song.rename_song("A"))
    first.undo()
    second = Document(first.project, first.revisions, 0, first.state)
    second.apply(song.rename_song("B"))
    assert second.revision.number == 2
    assert second.visit(1)
    assert second.project.name == "A"


BAD = {
    "not a number": lambda p: replace(p, master=replace(p.master, gain=math.nan)),
    "infinity": lambda p: replace(p, master=replace(p.master, gain=math.inf)),
    "minus infinity": lambda p: replace(p, master=replace(p.master, gain=-math.inf)),
    "numpy scalar": lambda p: replace(p, loop=replace(p.loop, end=np.int64(9))),
    "numpy float": lambda p: replace(p, master=replace(p.master, pan=np.float32(0.1))),
    "a broken name": lambda p: replace(p, name="a\ud800b"),
    "tempo zero": lambda p: song.set_tempo(0, 0.0).change(p),
    "tempo too high": lambda p: song.set_tempo(0, 10_000.0).change(p),
    "a list for a tuple": lambda p: replace(p, markers=[1]),
    "a path outside": lambda p: song.put_media((replace(media(), file="../../etc/passwd"),)).change(p),
    "a drive": lambda p: song.put_media((replace(media(), file="C:/x.wav"),)).change(p),
    "a huge position": lambda p: song.set_loop(0, 2**60, True).change(p),
    "one part wrong of two": lambda p: song.rename_song("\udcff").change(mix.set_gain("master", 0.5).change(p)),
    "a clip without media": lambda p: clips.add_clips(
        p.tracks[0].id, (replace(p.tracks[0].clips[0], id="clip-x", media="media-none"),)
    ).change(p),
    "media in use removed": lambda p: replace(p, media=p.media[1:]),
    "length zero": lambda p: clips.add_clips(
        p.tracks[0].id, (replace(p.tracks[0].clips[0], id="clip-x", length=0),)
    ).change(p),
    "pan too far": lambda p: mix.set_pan(p.tracks[0].id, 1.5).change(p),
    "a fader too high": lambda p: mix.set_gain("master", 100.0).change(p),
    "a negative clip gain": lambda p: clips.set_clip_gain((p.tracks[0].clips[0].id,), -0.5).change(p),
    "an effect's NaN": lambda p: mix.add_insert(p.tracks[0].id, Insert("i", "gain", (("db", math.nan),))).change(p),
    "three inputs": lambda p: tracks.set_inputs(p.tracks[0].id, (0, 1, 2)).change(p),
    "a signature of 5/3": lambda p: song.set_signature(0, 5, 3).change(p),
    "a section without length": lambda p: song.put_section(Section("s", 0, "Verse", 0)).change(p),
    "a marker before the song": lambda p: song.put_marker(Marker("m", -1, "Early")).change(p),
    "a float for a frame": lambda p: clips.add_clips(
        p.tracks[0].id, (replace(p.tracks[0].clips[0], id="clip-x", offset=0.5),)
    ).change(p),
}


@pytest.mark.parametrize("case", BAD)
def test_what_could_not_be_saved_and_reopened_is_refused(case: str) -> None:
    document = Document(small_song())
    before, heard = document.project, []
    document.subscribe(heard.append)
    with pytest.raises(EditRefused) as refused:
        document.apply(Edit("Bad", BAD[case]))
    assert str(refused.value)[0].isupper()
    assert document.project is before
    assert not heard
    assert len(document.revisions) == 1


def test_an_edit_without_its_target_is_refused() -> None:
    document = Document(small_song())
    track = document.project.tracks[0]
    edits = [clips.delete_clips((track.clips[0].id,)), mix.set_gain(track.id, 0.1), tracks.rename_track(track.id, "x")]
    document.apply(tracks.remove_tracks((track.id,)))
    for edit in edits:
        with pytest.raises(EditRefused, match="no longer"):
            document.apply(edit)


def test_a_read_only_document_says_why() -> None:
    document = Document(small_song())
    document.read_only = "The disk is full; free some space."
    with pytest.raises(EditRefused, match="disk is full"):
        document.apply(song.rename_song("x"))


def test_an_edit_that_changes_nothing_leaves_no_step() -> None:
    document = Document(small_song())
    assert not document.apply(song.rename_song(document.project.name))
    assert not document.can_undo


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300))
def test_no_bytes_break_the_decoder(data: bytes) -> None:
    try:
        codec.decode(data)
    except codec.CodecError:
        return


def test_mutated_parts_are_refused_or_make_sense() -> None:
    stored = {key: codec.encode(part) for key, part in codec.parts(small_song()).items()}
    rng = np.random.default_rng(1)
    for _ in range(2000):
        key = list(stored)[rng.integers(len(stored))]
        broken = bytearray(stored[key])
        broken[rng.integers(len(broken))] = rng.integers(256)
        try:
            project = codec.assemble({k: codec.decode(bytes(broken) if k == key else d) for k, d in stored.items()})
        except codec.CodecError:
            continue
        assert project.time.rate >= 22_050


def test_states_share_memory() -> None:
    """A thousand edits of one clip among 6,400 encode to less than a thousand times 300 bytes."""
    document = Document(small_song(64, 100, 1000))
    clip = document.project.tracks[5].clips[7]
    sizes: list[int] = []
    document.subscribe(lambda heard: sizes.append(sum(len(codec.encode(p)) for p in heard.changes.changed.values())))
    for n in range(50):
        document.apply(clips.move_clips((clip.id,), clip.id, 10_000 + n))
    assert max(sizes) < 300


def test_difference_of_equal_projects_is_empty() -> None:
    project = small_song()
    copy = codec.assemble(codec.parts(project))
    assert not difference(project, copy)
    assert all(a == b for a, b in pairwise([project, copy]))
    assert isinstance(project, msgspec.Struct)
