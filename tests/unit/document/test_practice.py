"""A song as it is practised: everything stands where the pace puts it, and only what sounds of pitch moves."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from studio.document.instruments import DRUM_BANK, Instrument
from studio.document.notes import NoteClip
from studio.document.practice import Copy, Practice, copies_of, practised
from studio.document.project import (
    AudioClip,
    Comp,
    Media,
    Project,
    Span,
    Take,
    Track,
    clip_end,
    clip_start,
    new_project,
)
from studio.document.segments import segments
from studio.document.time import TempoPoint

SLOW = Practice(-2, 0.8)
BACKING = Media("m", "Backing", "media/b.wav", 480_000, 2, 48_000)
SUNG = Media("s", "Sung", "media/s.wav", 96_000, 1, 48_000, key=-2, pace=0.8)


def song() -> Project:
    comp = Comp("comp", "Comp", 0, 48_000, 0, 80_000, (Take("t", 1, "One", "m", 0, 7, 80_000),), (Span(80_000, "t"),))
    parts = (AudioClip("c", "B", "m", 0, 24_001, 10, 240_000, fade_in=480), comp)
    timed = Track("a", "Backing", "#ffffff", clips=parts)
    musical = Track("b", "Loop", "#ffffff", base="musical", clips=(AudioClip("d", "L", "m", 960, 5, 0, 48_000),))
    voice = Track("v", "Voice", "#ffffff", clips=(AudioClip("e", "V", "s", 0, 48_000, 0, 96_000),))
    notes = Track(
        "n", "Keys", "#ffffff", "instrument", "musical", clips=(NoteClip("f", "N", 0, 960),), instrument=Instrument()
    )
    drums = replace(notes, id="k", clips=(NoteClip("g", "K", 0, 960),), instrument=Instrument(bank=DRUM_BANK))
    tempo = (TempoPoint(0, 100.0), TempoPoint(9600, 140.0, True), TempoPoint(19200, 90.0))
    return replace(new_project("S"), tempo=tempo, tracks=(timed, musical, voice, notes, drums), media=(BACKING, SUNG))


def test_every_clip_stands_where_the_pace_puts_it() -> None:
    before, after = song(), practised(song(), SLOW)
    for old, new in zip(before.tracks, after.tracks, strict=True):
        for was, clip in zip(old.clips, new.clips, strict=True):
            assert abs(clip_start(clip, after.time) - clip_start(was, before.time) / 0.8) <= 1
            if was.id != "e":
                assert abs(clip_end(clip, after.time) - clip_end(was, before.time) / 0.8) <= 2
    for tick in (0, 960, 12_000, 30_000):
        assert abs(after.time.frame(tick) - before.time.frame(tick) / 0.8) <= 1


def test_the_key_moves_notes_but_no_drums() -> None:
    after = practised(song(), SLOW)
    keys, drums = after.tracks[3].clips[0], after.tracks[4].clips[0]
    assert isinstance(keys, NoteClip) and isinstance(drums, NoteClip)
    assert (keys.transpose, drums.transpose) == (-2, 0)


def test_copies_are_made_of_what_is_not_as_it_is_practised() -> None:
    assert copies_of(song(), SLOW) == (Copy("m", -2, 0.8),)
    assert copies_of(song(), Practice()) == ()
    assert copies_of(song(), Practice(1, 1.0)) == (Copy("m", 1, 1.0), Copy("s", 3, 1.25))


def test_what_was_sung_in_the_same_practice_keeps_its_length() -> None:
    clip = practised(song(), SLOW).tracks[2].clips[0]
    assert isinstance(clip, AudioClip)
    assert (clip.source, clip.length) == (0, 96_000)


@pytest.mark.parametrize("pace", [0.5, 0.77, 0.8, 1.1, 1.5])
def test_no_segment_asks_for_more_than_its_copy_has(pace: float) -> None:
    after = practised(song(), Practice(0, pace))
    frames = {media.id: media.frames for media in after.media}
    for track in after.tracks:
        for clip in track.clips:
            for part in segments(clip, after.rate):
                assert part.source >= 0 and part.source + part.length <= frames[part.media]


def test_without_a_practice_the_song_is_itself() -> None:
    project = song()
    assert practised(project, Practice()) is project
    assert (SLOW.words, Practice(3).words, Practice(0, 1.1).words, Practice().words) == (
        "key −2, 80 %", "key +3", "110 %", "",
    )  # fmt: skip
