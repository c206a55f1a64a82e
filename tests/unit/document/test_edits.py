"""What each edit promises beyond undo: contiguity, bounds, takes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songs import RATE, media, small_song
from studio.document.document import Document, EditRefused
from studio.document.edits import clips, mix, song, takes, tracks
from studio.document.project import AudioClip, Comp, Send, Span, clip_end, clip_start, new_id, new_project
from studio.document.segments import segments


def _song(base: str = "musical", frames: int = 10 * RATE, at: int = 0) -> tuple[Document, str, AudioClip]:
    document = Document(new_project("Song", RATE))
    track = tracks.fresh_track(document.project, base=base)
    sound = media(frames)
    clip = clips.make_clip(sound, track, at, document.project.time)
    document.apply(
        song.sequence("", [song.put_media((sound,)), tracks.add_tracks((track,)), clips.add_clips(track.id, (clip,))])
    )
    return document, track.id, clip


tempi = st.lists(st.tuples(st.integers(0, 40), st.floats(10, 999), st.booleans()), max_size=6)


@settings(deadline=None, max_examples=150)
@given(st.sets(st.integers(1, 10 * RATE - 1), min_size=1, max_size=6), tempi, st.integers(0, 5 * RATE), st.booleans())
def test_pieces_of_a_split_stay_contiguous_through_any_tempo(
    cuts: set[int], tempo: list, at: int, musical: bool
) -> None:
    document, track_id, clip = _song("musical" if musical else "time", at=at)
    for cut in cuts:
        ids = [c.id for c in document.project.track(track_id).clips]
        document.apply(clips.split_clips(ids, clip_start(clip, document.project.time) + cut))
    for beat, bpm, ramp in tempo:
        document.apply(song.set_tempo(beat * 960, bpm, ramp))
    pieces = list(document.project.track(track_id).clips)
    document.apply(clips.move_clips([c.id for c in pieces], pieces[0].id, at + 777))
    pieces = list(document.project.track(track_id).clips)
    time = document.project.time
    assert len(pieces) == len(cuts) + 1
    for a, b in pairwise(pieces):
        assert clip_end(a, time) == clip_start(b, time)
        assert a.source + a.length == b.source
    joined = clips.join_clips([c.id for c in pieces]).change(document.project).track(track_id).clips
    assert [(c.source, c.length) for c in joined] == [(clip.source, clip.length)]


@settings(deadline=None, max_examples=60)
@given(tempi, st.integers(0, 400_000), st.booleans())
def test_a_moved_clip_starts_where_it_was_put(tempo: list, to: int, musical: bool) -> None:
    document, track_id, clip = _song("musical" if musical else "time", at=RATE)
    for beat, bpm, ramp in tempo:
        document.apply(song.set_tempo(beat * 960, bpm, ramp))
    document.apply(clips.move_clips((clip.id,), clip.id, to))
    assert clip_start(document.clip(clip.id), document.project.time) == to
    assert document.track_of(clip.id).id == track_id


def test_recordings_keep_their_time_and_musical_clips_their_bar() -> None:
    for base, moved in (("time", False), ("musical", True)):
        document, _, clip = _song(base, at=4 * RATE)
        document.apply(song.set_tempo(0, 60.0))
        start = clip_start(document.clip(clip.id), document.project.time)
        assert start == (8 * RATE if moved else 4 * RATE)


def test_changing_the_time_base_moves_nothing() -> None:
    document, track_id, clip = _song("time", at=12_345)
    document.apply(tracks.set_time_base(track_id, "musical"))
    assert clip_start(document.clip(clip.id), document.project.time) == 12_345
    document.apply(song.set_tempo(0, 90.0))
    assert clip_start(document.clip(clip.id), document.project.time) != 12_345


def test_trims_stop_at_the_media_and_at_a_shortest_length() -> None:
    document, _, clip = _song("time", at=RATE)
    document.apply(clips.trim_clips((clip.id,), "left", -50))
    assert document.clip(clip.id) == clip
    document.apply(clips.trim_clips((clip.id,), "left", 1000))
    document.apply(clips.trim_clips((clip.id,), "right", 5))
    trimmed = document.clip(clip.id)
    assert (trimmed.source, trimmed.length) == (1000, clip.length - 1000)
    document.apply(clips.trim_clips((clip.id,), "right", -(10**9)))
    assert document.clip(clip.id).length == clips.MIN_LENGTH


def test_fades_never_overlap() -> None:
    document, _, clip = _song()
    document.apply(clips.set_fades(clip.id, fade_in=6 * RATE))
    document.apply(clips.set_fades(clip.id, fade_out=9 * RATE))
    faded = document.clip(clip.id)
    assert faded.fade_in + faded.fade_out <= faded.length
    document.apply(clips.trim_clips((clip.id,), "right", -8 * RATE))
    faded = document.clip(clip.id)
    assert faded.fade_in + faded.fade_out <= faded.length


def test_duplicates_follow_and_keep_their_distance() -> None:
    project = small_song(2, 3)
    document = Document(project)
    chosen = [project.tracks[0].clips[0].id, project.tracks[1].clips[1].id]
    edit, ids = clips.duplicate_clips(project, chosen)
    document.apply(edit)
    time = document.project.time
    starts = [clip_start(document.clip(key), time) for key in ids]
    assert starts == [2 * RATE, 3 * RATE]
    assert [document.track_of(key).id for key in ids] == [t.id for t in project.tracks]


def test_a_section_of_rows_cannot_leave_the_list() -> None:
    document, _, clip = _song()
    with pytest.raises(EditRefused, match="no audio track"):
        document.apply(clips.move_clips((clip.id,), clip.id, 0, tracks=1))


def _record(document: Document, track: str, passes: list[tuple[int, int]], name: str = "Rec") -> None:
    length = sum(n for _, n in passes)
    source, made = 0, []
    for start, n in passes:
        made.append(takes.Pass(start, source, n))
        source += n
    document.apply(takes.record_passes(track, media(length, name), made))


def _sounding(document: Document, track: str) -> list[tuple[int, int, str]]:
    """(first, last + 1, media name) of all that sounds, borders at the middle of crossfades."""
    out = []
    for clip in document.project.track(track).clips:
        begin = clip_start(clip, document.project.time)
        for segment in segments(clip, RATE):
            name = document.media(segment.media).name
            out.append((begin + segment.start, begin + segment.start + segment.length, f"{name}@{segment.source}"))
    return out


def test_one_pass_on_empty_ground_is_a_clip() -> None:
    document = Document(new_project("Song"))
    track = tracks.fresh_track(document.project)
    document.apply(tracks.add_tracks((track,)))
    _record(document, track.id, [(RATE, 2 * RATE)])
    assert [type(clip) for clip in document.project.tracks[0].clips] == [AudioClip]
    assert _sounding(document, track.id) == [(RATE, 3 * RATE, "Rec@0")]


def test_recording_over_a_clip_makes_two_takes_and_loses_nothing() -> None:
    document, track, clip = _song("time", at=RATE)
    _record(document, track, [(3 * RATE, RATE)])
    (comp,) = document.project.track(track).clips
    assert isinstance(comp, Comp)
    assert [take.number for take in comp.takes] == [1, 2]
    assert comp.takes[0].media == clip.media
    assert _sounding(document, track) == [
        (RATE, 3 * RATE, "Sound@0"),
        (3 * RATE, 4 * RATE, "Rec@0"),
        (4 * RATE, 11 * RATE, f"Sound@{3 * RATE}"),
    ]


def test_a_loop_makes_a_numbered_take_a_pass_and_a_short_last_one_truncates_none() -> None:
    document = Document(new_project("Song"))
    track = tracks.fresh_track(document.project)
    document.apply(tracks.add_tracks((track,)))
    _record(document, track.id, [(RATE, 4 * RATE), (RATE, 4 * RATE), (RATE, RATE // 2)])
    (comp,) = document.project.tracks[0].clips
    assert [(take.number, take.length) for take in comp.takes] == [(1, 4 * RATE), (2, 4 * RATE), (3, RATE // 2)]
    assert _sounding(document, track.id) == [(RATE, 5 * RATE, f"Rec@{4 * RATE}")]


def test_swiping_a_take_crossfades_over_ten_milliseconds() -> None:
    document = Document(new_project("Song"))
    track = tracks.fresh_track(document.project)
    document.apply(tracks.add_tracks((track,)))
    _record(document, track.id, [(0, 4 * RATE), (0, 4 * RATE)])
    (comp,) = document.project.tracks[0].clips
    document.apply(takes.choose_range(comp.id, comp.takes[0].id, RATE, 2 * RATE))
    (comp,) = document.project.tracks[0].clips
    found = segments(comp, RATE)
    assert [(s.start, s.start + s.length) for s in found] == [
        (0, RATE + 240),
        (RATE - 240, 2 * RATE + 240),
        (2 * RATE - 240, 4 * RATE),
    ]
    assert [(s.fade_in, s.fade_out) for s in found] == [(0, 480), (480, 480), (480, 0)]
    assert all(s.source == s.start + (0 if i == 1 else 4 * RATE) for i, s in enumerate(found))


def test_trimming_and_splitting_a_comp_keep_what_sounds() -> None:
    document = Document(new_project("Song"))
    track = tracks.fresh_track(document.project)
    document.apply(tracks.add_tracks((track,)))
    _record(document, track.id, [(0, 4 * RATE), (0, 4 * RATE)])
    (comp,) = document.project.tracks[0].clips
    document.apply(takes.choose_range(comp.id, comp.takes[0].id, RATE, 2 * RATE))
    document.apply(clips.trim_clips((comp.id,), "left", RATE // 2))
    document.apply(clips.split_clips((comp.id,), 3 * RATE // 2))
    assert [(a, b) for a, b, _ in _sounding(document, track.id)] == [
        (RATE // 2, RATE + 240),
        (RATE - 240, 3 * RATE // 2),
        (3 * RATE // 2, 2 * RATE + 240),
        (2 * RATE - 240, 4 * RATE),
    ]


def test_recording_over_a_comp_adds_takes_to_it() -> None:
    document = Document(new_project("Song"))
    track = tracks.fresh_track(document.project)
    document.apply(tracks.add_tracks((track,)))
    _record(document, track.id, [(RATE, 2 * RATE), (RATE, 2 * RATE)])
    _record(document, track.id, [(RATE // 2, RATE)])
    (comp,) = document.project.tracks[0].clips
    assert [take.number for take in comp.takes] == [1, 2, 3]
    assert clip_start(comp, document.project.time) == RATE // 2
    assert clip_end(comp, document.project.time) == 3 * RATE
    document.apply(takes.delete_take(comp.id, comp.takes[2].id))
    sound = _sounding(document, track.id)
    assert sound[0][0] == RATE
    assert sound[-1][1] == 3 * RATE


def test_deleting_the_take_that_sounds_leaves_the_next_newest() -> None:
    document = Document(new_project("Song"))
    track = tracks.fresh_track(document.project)
    document.apply(tracks.add_tracks((track,)))
    _record(document, track.id, [(0, 2 * RATE)] * 3)
    (comp,) = document.project.tracks[0].clips
    document.apply(takes.delete_take(comp.id, comp.takes[2].id))
    assert _sounding(document, track.id) == [(0, 2 * RATE, f"Rec@{2 * RATE}")]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 99), st.integers(1, 60), st.sampled_from("abc")), min_size=1))
def test_painting_spans_is_painting(strokes: list[tuple[int, int, str]]) -> None:
    canvas, spans = [""] * 200, ()
    for begin, length, take in strokes:
        spans = takes.paint(spans, begin, begin + length, take)
        canvas[begin : begin + length] = [take] * length
    end = spans[-1].end
    shown = []
    for span in spans:
        shown += [span.take] * (span.end - len(shown))
    assert shown == canvas[:end]
    assert not any(canvas[end:])
    assert all(isinstance(span, Span) for span in spans)


def test_a_send_goes_to_another_bus() -> None:
    document, track, _ = _song()
    bus = tracks.fresh_track(document.project, "Reverb", kind="bus")
    document.apply(tracks.add_tracks((bus,)))
    document.apply(mix.set_send(track, Send(new_id("send"), bus.id)))
    for wrong in (track, bus.id):
        with pytest.raises(EditRefused):
            document.apply(mix.set_send(bus.id, Send(new_id("send"), wrong)))
    document.apply(tracks.remove_tracks((bus.id,)))
    assert document.project.track(track).strip.sends == ()


def test_signatures_stay_on_bar_lines() -> None:
    document = Document(new_project("Song"))
    document.apply(song.set_signature(4 * 4 * 960, 3, 4))
    document.apply(song.set_signature(0, 7, 8))
    ticks = [s.tick for s in document.project.signatures]
    assert ticks[1] % (7 * 480) == 0


def test_new_tracks_have_names_of_their_own() -> None:
    document = Document(new_project("Song"))
    for _ in range(3):
        document.apply(tracks.add_tracks((tracks.fresh_track(document.project),)))
    document.apply(tracks.add_tracks((tracks.fresh_track(document.project, "Bass"),)))
    document.apply(tracks.add_tracks((tracks.fresh_track(document.project, "Bass"),)))
    assert [t.name for t in document.project.tracks] == ["Track 1", "Track 2", "Track 3", "Bass", "Bass 2"]
