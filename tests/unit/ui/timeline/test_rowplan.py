"""What a row shows."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.document.project import AudioClip, Comp, Span, Take, Track
from studio.document.time import TempoPoint, tempo_map
from studio.ui.timeline.columns import Style
from studio.ui.timeline.rowplan import lane_plan, track_plan

TIME = tempo_map((TempoPoint(0, 120.0),), 48_000)


def _track(*clips: AudioClip | Comp) -> Track:
    return Track("track-1", "One", "#f2a33a", clips=clips)


spans = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 120)), min_size=1, max_size=8)


@given(spans, st.integers(-1, 7))
@settings(max_examples=150, deadline=None)
def test_pieces_never_overlap_and_the_later_clip_is_on_top(drawn: list[tuple[int, int]], growing: int) -> None:
    drawn = sorted(drawn, key=lambda pair: (pair[0], -pair[1]))
    clips = [AudioClip(f"clip-{n}", "", "media-1", 0, a, 1000 * n, b) for n, (a, b) in enumerate(drawn)]
    live = clips.pop(growing) if 0 <= growing < len(clips) - 1 else None
    plan = track_plan(_track(*clips), TIME, lambda _: 0, live)
    order = [plan.ids.index(clip.id) for clip in clips] + ([plan.live] if live else [])
    expected = np.full(500, -1)
    for i, clip in zip(order, [*clips, *([live] if live else [])], strict=True):
        expected[clip.offset : clip.offset + clip.length] = i
    shown = np.full(500, -1)
    begin, end = TIME.frames(plan.p_begin), TIME.frames(plan.p_end)
    for a, b, clip_index in zip(begin, end, plan.p_clip, strict=True):
        assert (shown[a:b] == -1).all()
        shown[a:b] = clip_index
    assert np.array_equal(shown, expected)


def test_clips_in_hand_lie_on_top_and_edges_say_what_is_seen() -> None:
    clips = [AudioClip(f"clip-{n}", "", "media-1", 0, a, 0, 100) for n, a in enumerate((0, 50, 300))]
    usual = track_plan(_track(*clips), TIME, lambda _: 0)
    assert usual.p_clip.tolist() == [0, 1, 2]
    assert (usual.left_seen.tolist(), usual.right_seen.tolist()) == ([True] * 3, [False, True, True])
    assert TIME.frames(usual.clear_to).tolist() == [50, 150, 400]
    held = track_plan(_track(*clips), TIME, lambda _: 0, front={"clip-0"})
    assert TIME.frames(held.p_begin).tolist() == [0, 100, 300]
    assert (held.left_seen.tolist(), held.right_seen.tolist()) == ([True, False, True], [True] * 3)


def test_a_piece_shows_the_media_frame_that_sounds() -> None:
    plan = track_plan(_track(AudioClip("clip-1", "", "media-1", 0, 1000, 70, 500)), TIME, lambda _: 0)
    assert (1000 + plan.p_shift).tolist() == [70]


def _comp() -> Comp:
    takes = (Take("take-1", 1, "One", "media-1", 0, 0, 1000), Take("take-2", 2, "Two", "media-1", 100, 1000, 900))
    return Comp("clip-1", "Comp", 0, 5000, 50, 900, takes, (Span(400, "take-1"), Span(1000, "take-2")))


def test_a_lane_shows_where_its_take_is_chosen() -> None:
    first, second = (lane_plan(_track(_comp()), lane, TIME, lambda _: 0) for lane in (0, 1))
    assert first.p_style.tolist() == [Style.CHOSEN, Style.PASSED_OVER]
    assert second.p_style.tolist() == [Style.PASSED_OVER, Style.CHOSEN]
    origin = 5000 - 50
    assert TIME.frames(first.p_begin).tolist() == [5000, origin + 400]
    assert TIME.frames(first.p_end).tolist() == [origin + 400, origin + 950]
    assert (TIME.frames(second.p_begin) + second.p_shift).tolist() == [1000, 1300]
    assert (first.takes, second.takes) == (["take-1"], ["take-2"])


def test_styles_say_what_is_selected_muted_or_missing() -> None:
    clips = [AudioClip(f"clip-{n}", "", f"media-{n}", 0, n * 100, 0, 90, muted=n == 1) for n in range(3)]
    plan = track_plan(_track(*clips), TIME, lambda _: 0)
    assert plan.restyle({"clip-0"}, {"media-2"})
    assert plan.style.tolist() == [Style.SELECTED, Style.MUTED, Style.MISSING]
    assert not plan.restyle({"clip-0"}, {"media-2"})
    plan.restyle({"clip-1", "clip-2"}, {"media-2"})
    assert plan.p_style.tolist() == [Style.NORMAL, Style.MUTED_SELECTED, Style.MISSING_SELECTED]
