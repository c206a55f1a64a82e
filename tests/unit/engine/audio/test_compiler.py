"""What the compiler makes of clips: places, cuts, seams, comps; and that reuse gives what compiling anew gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from songs import numbers, perform, small_song
from studio.document.document import Document
from studio.document.edits import clips as clip_edits
from studio.document.project import (
    AudioClip,
    Clip,
    Comp,
    Insert,
    Media,
    Project,
    Send,
    Span,
    Strip,
    Take,
    Track,
    new_project,
)
from studio.document.time import TempoPoint
from studio.engine.audio.compiler import compile_plan
from studio.engine.audio.plan import RenderPlan, Segment

MEDIA = (Media("m1", "One", "media/1.wav", 100_000, 2, 48_000), Media("m2", "Two", "media/2.wav", 50_000, 1, 48_000))
PATHS: dict[str, Path | None] = {"m1": Path("/media/1.wav"), "m2": Path("/media/2.wav")}


def song(*clips: Clip, **more: object) -> Project:
    ordered = tuple(sorted(clips, key=lambda clip: (clip.anchor, clip.offset, clip.id)))
    track = Track("t1", "Track", "#ffffff", clips=ordered, **more)  # type: ignore[arg-type]
    return replace(new_project("Song"), tracks=(track,), media=MEDIA)


def clip(key: str, offset: int, source: int, length: int, **more: object) -> AudioClip:
    return AudioClip(key, key, "m1", 0, offset, source, length, **more)  # type: ignore[arg-type]


def sounding(project: Project) -> list[Segment]:
    (strip,) = compile_plan(project, PATHS).strips
    return strip.segments.between(-(10**9), 10**9)


def ends(segment: Segment) -> tuple[bool, bool]:
    """Whether a segment is softened at its start and at its end."""
    first = segment.envelope(segment.start, segment.start + 1)
    last = segment.envelope(segment.end - 1, segment.end)
    return first is not None and first[0] < 0.1, last is not None and last[0] < 0.1


def test_a_clip_is_a_segment() -> None:
    (one,) = sounding(song(clip("a", 500, 1000, 20_000, gain=0.5)))
    assert (one.start, one.end, one.source, one.gain) == (500, 20_500, 1000, 0.5)
    assert (one.media.path, one.media.channels, one.media.frames) == ("/media/1.wav", 2, 100_000)


def test_a_cut_is_softened_over_64_frames_and_no_more() -> None:
    (one,) = sounding(song(clip("a", 0, 1000, 20_000)))
    assert ends(one) == (True, True)
    assert one.envelope(64, 20_000 - 64) is None
    start = one.envelope(0, 64)
    assert start is not None
    assert start[0] < 0.01
    assert start[-1] > 0.99


def test_the_media_own_ends_are_left_alone() -> None:
    (one,) = sounding(song(clip("a", 0, 0, 100_000)))
    assert ends(one) == (False, False)
    assert one.ramps == ()


def test_a_seam_that_continues_is_left_alone() -> None:
    first, second = sounding(song(clip("a", 0, 1000, 20_000), clip("b", 20_000, 21_000, 5000)))
    assert (ends(first), ends(second)) == ((True, False), (False, True))


@pytest.mark.parametrize(
    "other",
    [
        clip("b", 20_001, 21_000, 5000),
        clip("b", 20_000, 21_001, 5000),
        clip("b", 20_000, 21_000, 5000, gain=0.9),
        clip("b", 20_000, 21_000, 5000, muted=True),
        replace(clip("b", 20_000, 21_000, 5000), media="m2"),
    ],
)
def test_a_seam_that_does_not_continue_is_softened(other: AudioClip) -> None:
    first = sounding(song(clip("a", 0, 1000, 20_000), other))[0]
    assert ends(first) == (True, True)


def test_a_seam_with_a_fade_is_softened_on_the_other_side() -> None:
    first, second = sounding(song(clip("a", 0, 0, 20_000), clip("b", 20_000, 20_000, 5000, fade_in=100)))
    assert ends(first)[1]
    assert ends(second)[0]


def test_the_halves_of_a_split_stay_seamless_through_tempo_changes() -> None:
    document = Document(song(clip("a", 0, 100, 90_000), base="musical"))
    document.apply(clip_edits.split_clips(("a",), 30_000))
    project = replace(document.project, tempo=(TempoPoint(0, 93.7, True), TempoPoint(7000, 171.3)))
    first, second = sounding(project)
    assert first.end == second.start
    assert (ends(first), ends(second)) == ((True, False), (False, True))


def test_user_fades_have_their_shape_and_length() -> None:
    (one,) = sounding(song(clip("a", 100, 0, 50_000, fade_in=1000, fade_out=2000, fade_shape="linear")))
    whole = one.envelope(100, 50_100)
    assert whole is not None
    assert whole[:1000] == pytest.approx((np.arange(1000) + 0.5) / 1000)
    assert whole[-2000:] == pytest.approx((np.arange(2000) + 0.5)[::-1] / 2000)
    (two,) = sounding(song(clip("a", 100, 0, 50_000, fade_in=1000)))
    rise = two.envelope(100, 1100)
    assert rise is not None
    assert rise == pytest.approx(np.sin((np.arange(1000) + 0.5) / 1000 * np.pi / 2), abs=1e-6)


def test_muted_clips_do_not_sound() -> None:
    assert sounding(song(clip("a", 0, 0, 5000, muted=True))) == []
    assert compile_plan(song(clip("a", 0, 0, 5000, muted=True)), PATHS).end == 0


def comp(**more: object) -> Comp:
    takes = (Take("t1", 1, "1", "m1", 0, 0, 40_000), Take("t2", 2, "2", "m1", 0, 50_000, 40_000, gain=0.5))
    spans = (Span(10_000, "t1"), Span(20_000, "t2"), Span(40_000, "t1"))
    return Comp("c", "Comp", 0, 1000, 0, 40_000, takes, spans, **more)  # type: ignore[arg-type]


def test_a_comp_crossfades_its_takes_with_equal_power() -> None:
    parts = sounding(song(comp()))
    assert [(p.start, p.end, p.source) for p in parts] == [
        (1000, 11_240, 0),
        (10_760, 21_240, 59_760),
        (20_760, 41_000, 19_760),
    ]
    fall, rise = parts[0].envelope(10_760, 11_240), parts[1].envelope(10_760, 11_240)
    assert fall is not None
    assert rise is not None
    assert fall**2 + (rise / 0.5) ** 2 == pytest.approx(np.ones(480), abs=1e-6)


def test_the_outer_fade_of_a_comp_reaches_over_its_takes() -> None:
    parts = sounding(song(comp(fade_in=15_000, fade_shape="linear")))
    inside = parts[1].envelope(15_000, 15_010)
    assert inside is not None
    assert inside == pytest.approx(0.5 * (np.arange(14_000, 14_010) + 0.5) / 15_000)


def test_missing_media_is_silent_but_stays() -> None:
    (strip,) = compile_plan(song(clip("a", 0, 0, 5000)), {"m1": None}).strips
    assert strip.segments.media[0].path == ""
    assert len(strip.segments) == 1


def test_end_rate_and_mono() -> None:
    plan = compile_plan(song(clip("a", 0, 0, 5000), replace(clip("b", 9000, 0, 500), media="m2")), PATHS)
    assert (plan.end, plan.rate, plan.strips[0].mono) == (9500, 48_000, False)
    assert compile_plan(song(replace(clip("b", 9000, 0, 500), media="m2")), PATHS).strips[0].mono


def test_loops_of_sends_are_left_out_with_a_notice() -> None:
    def bus(key: str, *to: str) -> Track:
        sends = tuple(Send(f"{key}{n}", target) for n, target in enumerate(to))
        return Track(key, key.upper(), "#ffffff", kind="bus", strip=Strip(sends=sends))

    project = replace(new_project("Song"), tracks=(bus("a", "b"), bus("b", "c"), bus("c", "a"), bus("d", "a", "x")))
    plan = compile_plan(project, {})
    kept = {(strip.id, send.bus) for strip in plan.strips for send in strip.sends}
    assert len(kept) == 3
    assert ("d", "a") in kept
    (notice,) = plan.notices
    assert "feed back" in notice


def test_unknown_effects_are_left_out_with_a_notice_and_bypassed_ones_silently() -> None:
    inserts = (Insert("1", "teleport"), Insert("2", "gain"), Insert("3", "peak", bypassed=True))
    plan = compile_plan(song(strip=Strip(inserts=inserts)), {})
    assert [insert.kind for insert in plan.strips[0].inserts] == ["gain"]
    assert "teleport" in plan.notices[0]


def same(one: RenderPlan, other: RenderPlan) -> bool:
    for a, b in zip(one.strips, other.strips, strict=True):
        if (a.id, a.mono, a.inserts, a.sends, a.gain) != (b.id, b.mono, b.inserts, b.sends, b.gain):
            return False
        left, right = a.segments.between(-(10**12), 10**12), b.segments.between(-(10**12), 10**12)
        for x, y in zip(left, right, strict=True):
            ramps = [[(r.start, r.length, r.shape, r.rising) for r in s.ramps] for s in (x, y)]
            if (x.start, x.end, x.source, x.gain, x.media) != (y.start, y.end, y.source, y.gain, y.media):
                return False
            if ramps[0] != ramps[1]:
                return False
    return (one.end, one.notices) == (other.end, other.notices)


@settings(max_examples=40, deadline=None)
@given(st.lists(numbers, min_size=1, max_size=12))
def test_compiling_from_the_plan_before_gives_what_compiling_anew_gives(
    drawn: list[tuple[int, int, int, float]],
) -> None:
    document = Document(small_song())
    plan = compile_plan(document.project, {})
    for one in drawn:
        perform(document, one)
        paths: dict[str, Path | None] = {m.id: Path("/") / m.file for m in document.project.media}
        plan = compile_plan(document.project, paths, plan)
        assert same(plan, compile_plan(document.project, paths))


def test_what_did_not_change_is_taken_over() -> None:
    document = Document(small_song(3, 4))
    plan = compile_plan(document.project, {})
    first, second, third = document.project.tracks
    document.apply(clip_edits.set_clip_gain((second.clips[1].id,), 0.3))
    changed = compile_plan(document.project, {}, plan)
    by_id = {strip.id: strip for strip in changed.strips}
    before = {strip.id: strip for strip in plan.strips}
    assert by_id[first.id].segments is before[first.id].segments
    assert by_id[third.id].segments is before[third.id].segments
    assert by_id[second.id].segments is not before[second.id].segments
