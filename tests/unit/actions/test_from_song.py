"""From a song to a model and back: what a range says, what is heard of a track, and results in their places."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rooms import Room, room
from studio.actions.fromsong import (
    Heard,
    Range,
    Wish,
    range_of,
    settled,
    wish_cover,
    wish_extend,
    wish_fill,
    wish_music,
    wish_repaint,
)
from studio.actions.placing import Target
from studio.actions.puttingin import obstacle, put_edit, put_in
from studio.actions.songfacts import chords_in, facts_in, with_chords
from studio.actions.songsound import hear, write_heard
from studio.document.document import Document
from studio.document.edits.clips import add_clips, make_clip, set_clip_gain, set_fades, split_clips, trim_clips
from studio.document.edits.harmony import set_chords, set_key
from studio.document.edits.mix import add_insert, set_gain
from studio.document.edits.notes import make_note, make_note_clip
from studio.document.edits.song import put_media, set_loop, set_tempo
from studio.document.edits.takes import choose_take
from studio.document.edits.tracks import add_tracks, fresh_track, set_time_base
from studio.document.harmony import Chord
from studio.document.instruments import DRUM_BANK, Instrument
from studio.document.project import Comp, Insert, Media, Project, clip_end, clip_length, clip_start, new_project
from studio.document.segments import segments
from studio.document.time import PPQ
from studio.engine.ai.forms import read_values
from studio.engine.jobs import Work
from studio.errors import StudioError

__all__ = ["room"]

RATE = 48_000
BAR = 4 * PPQ


def media_of(frames: int, channels: int = 2, name: str = "Voice") -> Media:
    return Media(f"media-{name}", name, f"media/{name}.wav", frames, channels, RATE, channels)


def song(*spans: tuple[float, float], channels: int = 2) -> Document:
    """A song at 120 with one track, whose clips stand at these seconds."""
    document = Document(new_project("Night Bus"))
    track = fresh_track(document.project, "Voice")
    media = media_of(60 * RATE, channels)
    document.apply(add_tracks((track,)))
    document.apply(put_media((media,)))
    for begin, end in spans:
        clip = make_clip(media, track, round(begin * RATE), document.project.time)
        document.apply(add_clips(track.id, (replace(clip, source=0, length=round((end - begin) * RATE)),)))
    return document


def only_track(project: Project) -> Any:
    return project.tracks[0]


def edges(project: Project, track: int = 0) -> list[tuple[int, int]]:
    time = project.time
    return [(int(clip_start(clip, time)), int(clip_end(clip, time))) for clip in project.tracks[track].clips]


# -- what a song says --------------------------------------------------------------------------------------------------


def test_the_range_is_the_clips_or_the_loop() -> None:
    document = song((2, 4), (6, 9))
    first, second = (clip.id for clip in only_track(document.project).clips)
    document.apply(set_loop(BAR, 2 * BAR, False))
    project = document.project
    assert range_of(project, (), "t") == Range(2 * RATE, 4 * RATE, "t")
    assert range_of(project, {first, second}) == Range(2 * RATE, 9 * RATE, only_track(project).id)
    document.apply(set_loop(BAR, 2 * BAR, True))
    assert range_of(document.project, {second}) == Range(6 * RATE, 9 * RATE, only_track(project).id), "it does not cut"
    document.apply(set_loop(3 * BAR, 4 * BAR, True))
    assert range_of(document.project, {second}) == Range(6 * RATE, 8 * RATE, only_track(project).id)


def test_a_range_says_length_tempo_key_and_signature() -> None:
    document = song()
    document.apply(set_tempo(0, 97.0))
    document.apply(set_key(0, 9, "minor"))
    project = document.project
    end = int(project.time.frame(4 * BAR))
    facts = facts_in(project, 0, end)
    assert facts == {"seconds": 9.9, "bpm": 97.0, "key": "A minor", "meter": "4"}
    assert facts["seconds"] * RATE >= end
    assert facts_in(project, 0, 8 * RATE)["seconds"] == 8.0
    assert facts_in(project, 0, RATE // 2)["seconds"] == 1.0, "the least that can be asked for"
    document.apply(set_key(0, 9, "blues"))
    document.apply(set_tempo(0, 20.0))
    assert facts_in(document.project, 0, RATE) == {"seconds": 1.0, "bpm": None, "key": "", "meter": "4"}
    read_values("music", {"prompt": "a", **facts})


def test_chords_go_into_the_description() -> None:
    document = song()
    lane = [Chord(f"chord-{n}", at, length, root, quality) for n, (at, length, root, quality) in enumerate(
        [(0, 2 * BAR, 9, "m"), (2 * BAR, BAR // 2, 5, ""), (2 * BAR + BAR // 2, BAR // 2, 0, "")])]  # fmt: skip
    document.apply(set_chords(lane))
    project = document.project
    assert chords_in(project, 0, 8 * RATE) == "Am | Am | F C"
    assert chords_in(project, 2 * RATE, 5 * RATE) == "Am | F"
    assert chords_in(project, 20 * RATE, 30 * RATE) == ""
    once = with_chords("soft piano\nno drums", "Am | F")
    assert once == "soft piano\nno drums\nChords: Am | F"
    assert with_chords(once, "C") == "soft piano\nno drums\nChords: C"
    assert with_chords(once, "") == "soft piano\nno drums"


@pytest.mark.parametrize("wished", [wish_music, wish_repaint, wish_cover])
def test_too_short_too_long_and_nothing_there_are_said(wished: Any) -> None:
    project = song((0, 50)).project
    track = only_track(project).id
    with pytest.raises(StudioError, match="shorter than a tenth"):
        wished(project, Range(0, 100, track))
    with pytest.raises(StudioError, match="the most that can be asked"):
        wished(project, Range(0, 700 * RATE, track))
    if wished is not wish_music:
        with pytest.raises(StudioError, match="Nothing sounds on “Voice”"):
            wished(project, Range(55 * RATE, 58 * RATE, track))
        with pytest.raises(StudioError, match="Select a clip"):
            wished(project, Range(0, RATE, ""))


# -- places ------------------------------------------------------------------------------------------------------------


def laid(document: Document, wish: Wish, media: Media) -> Project:
    """The song with a result in its place; undo gives back the one before."""
    before = document.project
    edit, clip = put_edit(before, media, wish.place)
    document.apply(edit)
    after = document.project
    assert document.clip(clip) is not None
    document.undo()
    assert document.project == before
    document.redo()
    return after


def test_music_stands_in_its_range_and_nowhere_beyond() -> None:
    document = song((0, 4))
    track = only_track(document.project).id
    wish = wish_music(document.project, Range(4 * RATE, 6 * RATE + 7, track))
    after = laid(document, wish, media_of(3 * RATE, name="Made"))
    assert edges(after) == [(0, 4 * RATE), (4 * RATE, 6 * RATE + 7)]
    made = after.tracks[0].clips[1]
    assert made.source == 0 and made.fade_out == 480, "it is cut, so it fades"
    again = laid(document, wish, media_of(3 * RATE, name="Again"))
    assert [track.name for track in again.tracks] == ["Voice", "Again"], "the ground is taken now"
    assert edges(again, 1) == [(4 * RATE, 6 * RATE + 7)] and edges(again) == edges(after)
    short = laid(document, wish, media_of(RATE, name="Short"))
    assert edges(short, 1) == [(4 * RATE, 5 * RATE)] and short.tracks[1].clips[0].fade_out == 0


def test_a_place_in_bars_follows_the_tempo() -> None:
    document = song()
    wish = wish_music(document.project, Range(4 * RATE, 8 * RATE, only_track(document.project).id))
    document.apply(set_tempo(0, 60.0))
    assert edges(laid(document, wish, media_of(8 * RATE, name="Made"))) == [(8 * RATE, 12 * RATE)]


def test_a_range_made_anew_keeps_what_was_there_as_a_take() -> None:
    document = song((0, 20))
    track = only_track(document.project).id
    wish = wish_repaint(document.project, Range(12 * RATE, 14 * RATE, track))
    assert wish.heard is not None and (wish.heard.begin, wish.heard.end) == (2 * RATE, 20 * RATE)
    assert (wish.values["begin"], wish.values["end"]) == (10.0, 12.0)
    read_values("music-repaint", {"prompt": "a", "source": "/a.wav", **wish.values})
    after = laid(document, wish, media_of(22 * RATE, name="Anew"))
    (comp,) = after.tracks[0].clips
    assert isinstance(comp, Comp) and edges(after) == [(0, 20 * RATE)]
    assert [take.name for take in comp.takes] == ["Voice", "Anew"]
    parts = segments(comp, RATE)
    half = round(0.005 * RATE)
    assert [(part.start, part.start + part.length) for part in parts] == [
        (0, 12 * RATE + half), (12 * RATE - half, 14 * RATE + half), (14 * RATE - half, 20 * RATE)]  # fmt: skip
    assert parts[1].source - wish.place.lead == -half, "what is heard at a place of the song is what was made there"
    assert parts[0].source == 0 and parts[2].source == 14 * RATE - half


def test_a_range_that_was_changed_in_the_form_is_the_one_that_is_replaced() -> None:
    document = song((0, 20))
    track = only_track(document.project).id
    wish = replace(wish_repaint(document.project, Range(12 * RATE, 14 * RATE, track)), source="/heard.wav")
    values = {**wish.values, "source": "/heard.wav"}
    assert settled(wish, values) == wish.place
    assert settled(wish, {**values, "source": "/other.wav"}) is None
    place = settled(wish, {**values, "begin": 11.0, "end": 0.0})
    assert place is not None and (place.lead, place.length) == (11 * RATE, 7 * RATE)
    after = laid(document, replace(wish, place=place), media_of(22 * RATE, name="Anew"))
    assert [span.end for span in after.tracks[0].clips[0].spans] == [13 * RATE, 20 * RATE]


def test_what_was_made_anew_can_be_made_anew_again() -> None:
    document = song((0, 20))
    track = only_track(document.project).id
    for n in range(2):
        wish = wish_repaint(document.project, Range(12 * RATE, 14 * RATE, track))
        laid(document, wish, media_of(22 * RATE, name=f"Anew {n}"))
        document.apply(set_clip_gain((only_track(document.project).clips[0].id,), 0.5))
    (comp,) = only_track(document.project).clips
    assert [take.name for take in comp.takes] == ["Voice", "Anew 0", "Anew 1"]
    assert sounding(document.project, track, 13 * RATE) == {("media-Anew 1", wish.place.lead + RATE)}
    assert [take.gain for take in comp.takes] == [1.0, 1.0, 2.0], "what was heard was at half its level already"
    document.apply(choose_take(comp.id, comp.takes[0].id))
    assert sounding(document.project, track, 13 * RATE) == {("media-Voice", 13 * RATE)}


def test_what_replaces_a_part_of_a_clip_stays_with_it_when_the_tempo_changes() -> None:
    document = song((2, 20))
    track = only_track(document.project).id
    document.apply(set_time_base(track, "musical"))
    wish = wish_repaint(document.project, Range(12 * RATE, 14 * RATE, track))
    document.apply(set_tempo(0, 60.0))
    assert edges(document.project) == [(4 * RATE, 22 * RATE)] and obstacle(document.project, wish.place) == ""
    after = laid(document, wish, media_of(22 * RATE, name="Anew"))
    assert sounding(after, track, 13 * RATE) == {("media-Voice", 9 * RATE)}
    assert sounding(after, track, 15 * RATE) == {("media-Anew", wish.place.lead + RATE)}, "the same ten seconds into it"


def test_a_gap_is_filled_and_reaches_into_both_clips() -> None:
    document = song((0, 4), (6, 9))
    first, second = (clip.id for clip in only_track(document.project).clips)
    wish = wish_fill(document.project, {first, second})
    lap = round(0.05 * RATE)
    assert wish.place.length == 2 * RATE + 2 * lap and wish.values["begin"] == pytest.approx(3.95)
    after = laid(document, wish, media_of(19 * RATE, name="Bridge"))
    (comp,) = after.tracks[0].clips
    assert isinstance(comp, Comp) and edges(after) == [(0, 9 * RATE)]
    assert [(span.end, comp.take(span.take).name) for span in comp.spans] == [
        (4 * RATE - lap, "Voice"), (6 * RATE + lap, "Bridge"), (9 * RATE, "Voice")]  # fmt: skip
    with pytest.raises(StudioError, match="Select two clips"):
        wish_fill(document.project, {comp.id})
    document.undo()
    document.apply(trim_clips((first,), "right", 2 * RATE))
    with pytest.raises(StudioError, match="leave no gap"):
        wish_fill(document.project, {first, second})


def test_a_clip_is_gone_on_with_up_to_the_next() -> None:
    document = song((1, 5))
    clip = only_track(document.project).clips[0].id
    wish = wish_extend(document.project, clip)
    assert wish.values["seconds"] == 8.0 and wish.heard is not None and wish.heard.begin == RATE
    place = settled(wish, {"seconds": 6.0, "source": ""})
    assert place is not None and (place.lead, place.length) == (2 * RATE, 8 * RATE)
    after = laid(document, replace(wish, place=place), media_of(10 * RATE, name="Longer"))
    assert edges(after) == [(RATE, 11 * RATE)]
    document = song((1, 5), (8.5, 9))
    clip = only_track(document.project).clips[0].id
    wish = wish_extend(document.project, clip)
    assert wish.values["seconds"] == 3.0
    far = settled(wish, {"seconds": 60.0, "source": ""})
    after = laid(document, replace(wish, place=far), media_of(64 * RATE, name="Longer"))
    assert edges(after) == [(RATE, round(8.5 * RATE)), (round(8.5 * RATE), 9 * RATE)], "not over the next clip"
    document = song((1, 5), (5.5, 9))
    with pytest.raises(StudioError, match="no room after this clip"):
        wish_extend(document.project, only_track(document.project).clips[0].id)


def sounding(project: Project, track: str, frame: int) -> set[tuple[str, int]]:
    """Which frame of which media sounds on a track at a frame of the song."""
    found = set()
    for clip in next(one for one in project.tracks if one.id == track).clips:
        start = int(clip_start(clip, project.time))
        for part in segments(clip, project.rate):
            if start + part.start <= frame < start + part.start + part.length and frame < start + clip_length(
                clip, project.time
            ):
                found.add((part.media, part.source + frame - start - part.start))
    return found


@settings(max_examples=25, deadline=None)
@given(
    lengths=st.lists(st.tuples(st.integers(0, 3000), st.integers(2000, 9000)), min_size=1, max_size=5),
    begin=st.integers(0, 20_000),
    length=st.integers(RATE // 10, 15_000),
    musical=st.booleans(),
)
def test_a_result_sounds_in_its_range_and_all_else_as_before(
    lengths: list[tuple[int, int]], begin: int, length: int, musical: bool
) -> None:
    document = song()
    track, media = only_track(document.project), media_of(60 * RATE)
    if musical:
        document.apply(set_time_base(track.id, "musical"))
        track = only_track(document.project)
    at, edges_of = 0, {begin, begin + length}
    for n, (gap, size) in enumerate(lengths):
        clip = make_clip(media, track, at + gap, document.project.time)
        document.apply(add_clips(track.id, (replace(clip, source=1000 * n, length=size),)))
        edges_of |= {at + gap, at + gap + size}
        at += gap + size
    before = document.project
    assume(any(first < begin + length and last > begin for first, last in edges(before)))
    wish = wish_repaint(before, Range(begin, begin + length, track.id))
    edit, _ = put_edit(before, media_of(wish.place.lead + length + 700, name="Made"), wish.place)
    document.apply(edit)
    after = document.project
    near = round(0.006 * RATE)
    for frame in range(0, max(at, begin + length) + 1000, 211):
        if min(abs(frame - edge) for edge in edges_of) <= near:
            continue
        inside = begin <= frame < begin + length
        expected = {("media-Made", wish.place.lead + frame - begin)} if inside else sounding(before, track.id, frame)
        assert sounding(after, track.id, frame) == expected, frame
    document.undo()
    assert document.project == before


def test_what_has_changed_meanwhile_is_noticed() -> None:
    document = song((0, 20), (30, 31))
    clips = only_track(document.project).clips
    wish = wish_repaint(document.project, Range(12 * RATE, 14 * RATE, only_track(document.project).id))
    assert obstacle(document.project, wish.place) == ""
    assert "which is not open" in obstacle(None, wish.place) and "“Night Bus”" in obstacle(None, wish.place)
    assert "which is not open" in obstacle(new_project("Other"), wish.place)
    document.apply(set_clip_gain((clips[1].id,), 0.5))
    assert obstacle(document.project, wish.place) == "", "that one is elsewhere"
    document.apply(set_clip_gain((clips[0].id,), 0.5))
    assert "has changed" in obstacle(document.project, wish.place)
    document.undo()
    assert obstacle(document.project, wish.place) == ""
    gone = replace(document.project, tracks=())
    assert "no longer in the song" in obstacle(gone, wish.place)
    made = put_edit(gone, media_of(22 * RATE, name="Anew"), wish.place)[0].change(gone)
    assert edges(made) == [(12 * RATE, 14 * RATE)] and made.tracks[0].name == "Anew", "it is not lost"


# -- what is heard -----------------------------------------------------------------------------------------------------


def work() -> Work:
    return Work(lambda *_: None, threading.Event())


def filled(room: Room, tmp_path: Path, channels: int) -> Any:
    """A song with three seconds of noise on a track."""
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (3 * RATE, channels)).astype(np.float32)
    soundfile.write(tmp_path / "Noise.wav", noise, RATE, "FLOAT")
    session = room.new("Night Bus")
    room.over(session.import_files([tmp_path / "Noise.wav"], Target(frame=RATE, name="Keys")))
    return session, noise.T


@pytest.mark.parametrize("channels", [1, 2])
def test_a_track_is_heard_before_the_mixer(room: Room, tmp_path: Path, channels: int) -> None:
    session, noise = filled(room, tmp_path, channels)
    document, bundle = session.document, session.bundle
    (track,) = document.project.tracks
    document.apply(set_gain(track.id, 0.1))
    document.apply(add_insert(track.id, Insert("insert-1", "gain", (("gain_db", -20.0),))))
    clip = track.clips[0].id
    wish = wish_repaint(document.project, Range(2 * RATE, 3 * RATE, track.id))
    assert wish.heard == Heard(track.id, RATE, 4 * RATE), "there is no more of it"
    around = Heard(track.id, 0, 13 * RATE)
    sound = hear(bundle, document.project, around, work())
    assert sound.shape == (2, 13 * RATE)
    assert np.array_equal(sound[:, RATE : 4 * RATE], np.broadcast_to(noise, (2, 3 * RATE)))
    assert not sound[:, :RATE].any() and not sound[:, 4 * RATE :].any()
    document.apply(set_fades(clip, fade_in=RATE))
    document.apply(set_clip_gain((clip,), 0.5))
    faded = hear(bundle, document.project, around, work())
    assert np.allclose(faded[:, 2 * RATE : 4 * RATE], 0.5 * noise[:, RATE:], atol=1e-6)
    assert np.abs(faded[:, RATE : RATE + 480]).max() < 0.02


def test_notes_are_heard_too_and_what_is_made_of_them_gets_a_track(room: Room) -> None:
    session = room.new("Night Bus")
    document = session.document
    track = fresh_track(document.project, "Kit", "instrument", instrument=Instrument("drums", "909", bank=DRUM_BANK))
    clip = make_note_clip("Beat", 0, BAR, [make_note(0, PPQ, 36), make_note(2 * PPQ, PPQ, 36)])
    document.apply(add_tracks((track,)))
    document.apply(add_clips(track.id, (clip,)))
    wish = wish_repaint(document.project, Range(RATE, 2 * RATE, track.id))
    assert wish.heard == Heard(track.id, 0, 2 * RATE) and not wish.place.over
    sound = hear(session.bundle, document.project, wish.heard, work())
    assert np.abs(sound[:, : RATE // 4]).max() > 0.1 and np.abs(sound[:, RATE : RATE + RATE // 4]).max() > 0.1
    after = laid(document, wish, media_of(2 * RATE, name="Anew"))
    assert [one.name for one in after.tracks] == ["Kit", "Anew"] and edges(after, 1) == [(RATE, 2 * RATE)]
    assert after.tracks[1].clips[0].source == wish.place.lead == RATE


def test_the_same_sound_is_written_once_and_found_by_its_digest(room: Room, tmp_path: Path) -> None:
    session, _ = filled(room, tmp_path, 2)
    project, library = session.document.project, room.workspace.library
    heard = wish_cover(project, Range(RATE, 3 * RATE, project.tracks[0].id)).heard
    assert heard is not None
    first = write_heard(session.bundle, project, heard, tmp_path / "made", library, work())
    second = write_heard(session.bundle, project, heard, tmp_path / "made", library, work())
    assert first == second and len(list((tmp_path / "made").iterdir())) == 1
    assert first.name.startswith("Night Bus, Keys, 1.3 to 2.3 (")
    asset = library.find_by_path(first)
    assert [one.path for one in library.find_by_digest(asset.digest)] == [first]
    silent = replace(heard, begin=10 * RATE, end=11 * RATE)
    with pytest.raises(StudioError, match="silent"):
        write_heard(session.bundle, project, silent, tmp_path / "made", library, work())
    session.bundle.media_path(project.media[0]).unlink()
    with pytest.raises(StudioError, match="“Noise” is missing"):
        hear(session.bundle, project, heard, work())


def test_a_result_on_a_mono_track_changes_nothing_beside_its_range(room: Room, tmp_path: Path) -> None:
    session, noise = filled(room, tmp_path, 1)
    document = session.document
    (track,) = document.project.tracks
    document.apply(split_clips((track.clips[0].id,), 3 * RATE + RATE // 2))
    wish = wish_repaint(document.project, Range(2 * RATE, 3 * RATE, track.id))
    around = Heard(track.id, 0, 5 * RATE)
    made = np.stack([hear(session.bundle, document.project, wish.heard, work())[0]] * 2)
    made[:, RATE : 2 * RATE] = 0.25
    soundfile.write(tmp_path / "Anew.wav", made.T, RATE, "FLOAT")
    before, put = document.project, list[str]()
    room.over(put_in(session, tmp_path / "Anew.wav", wish.place, put.append))
    after = document.project
    assert all(media.channels == 1 for media in after.media), "a stereo sound would change how the track is panned"
    assert document.clip(put[0]) is not None and document.revision.label == "Put in Anew"
    sound = hear(session.bundle, after, around, work())[0]
    assert np.allclose(sound[2 * RATE : 3 * RATE], 0.25)
    assert np.allclose(sound[RATE : 2 * RATE], noise[0, :RATE], atol=1e-6), "the borders cross without a trace"
    assert np.allclose(sound[3 * RATE : 4 * RATE], noise[0, 2 * RATE :], atol=1e-6)
    document.undo()
    assert document.project == before
    assert not room.told


def test_a_place_that_is_none_is_refused() -> None:
    project = song((0, 4)).project
    place = wish_music(project, Range(0, RATE)).place
    with pytest.raises(StudioError, match="before the song begins"):
        put_edit(project, media_of(RATE, name="Made"), replace(place, offset=-5))
    with pytest.raises(StudioError, match="too short for its place"):
        put_edit(project, media_of(RATE, name="Made"), replace(place, lead=RATE))


def test_other_songs_are_left_alone(room: Room, tmp_path: Path) -> None:
    session, _ = filled(room, tmp_path, 2)
    wish = wish_music(session.document.project, Range(0, RATE))
    with pytest.raises(StudioError, match="belongs into “Elsewhere”"):
        put_in(session, tmp_path / "Noise.wav", replace(wish.place, song="project-1", name="Elsewhere"))
