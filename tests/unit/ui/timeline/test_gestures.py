"""Gestures on clips: each is one undo step, previewed while it lasts, and undone by Esc."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.document.edits import takes
from studio.document.project import AudioClip, Comp

from .conftest import RATE, OpenSong, Shown

Ctrl, Shift, Alt = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


def _ids(song: OpenSong) -> list[list[str]]:
    return [[clip.id for clip in track.clips] for track in song.document.project.tracks]


def _close(a: int, b: float, pixels: float, shown: Shown) -> bool:
    """Whether two frames are within some pixels of each other."""
    return abs(shown.x(a / RATE) - shown.x(b / RATE)) <= pixels


def test_click_selects_and_empty_ground_deselects(shown: Shown) -> None:
    (first, second), (third,), _ = _ids(shown.song)
    one, two = (track.id for track in shown.song.document.project.tracks[:2])
    shown.hand.click(shown.x(2), shown.y(one))
    assert shown.view.stage.selection == {first}
    shown.hand.click(shown.x(6), shown.y(one), Ctrl)
    assert shown.view.stage.selection == {first, second}
    shown.hand.click(shown.x(6), shown.y(one), Ctrl)
    assert shown.view.stage.selection == {first}
    shown.hand.click(shown.x(3), shown.y(two), Shift)
    assert shown.view.stage.selection == {first, third}
    shown.hand.click(shown.x(4.5), shown.y(one))
    assert not shown.view.stage.selection


def test_move_is_one_undo_step_and_snaps_to_an_edge(shown: Shown) -> None:
    first = _ids(shown.song)[0][0]
    one, two = (track.id for track in shown.song.document.project.tracks[:2])
    before, revisions = shown.song.document.project, len(shown.song.document.revisions)
    shown.view.pointer.grid = "off"
    near = shown.x(4) + 6
    shown.hand.drag((shown.x(1.5), shown.y(one)), (shown.x(1.5) + near - shown.x(1), shown.y(two)))
    track = shown.song.document.track_of(first)
    assert track is not None
    assert track.id == two
    assert shown.song.start(first) == 4 * RATE
    assert len(shown.song.document.revisions) == revisions + 1
    shown.song.document.undo()
    assert shown.song.document.project == before


def test_move_is_free_of_snapping_with_ctrl(shown: Shown) -> None:
    first = _ids(shown.song)[0][0]
    one = shown.song.document.project.tracks[0].id
    start = (shown.x(1.5), shown.y(one))
    shown.hand.press(*start)
    shown.hand.move(start[0] + 40, start[1], Ctrl)
    shown.hand.move(start[0] + 63, start[1], Ctrl)
    shown.hand.release(start[0] + 63, start[1], Ctrl)
    assert _close(shown.song.start(first), RATE + 63 * RATE / (shown.x(1) - shown.x(0)), 1.0, shown)


def test_escape_cancels_a_move_and_shows_what_was(shown: Shown) -> None:
    one = shown.song.document.project.tracks[0].id
    before, revision = shown.song.document.project, shown.song.document.revision
    shown.hand.click(shown.x(2), shown.y(one))
    picture = shown.picture().copy()
    shown.hand.drag((shown.x(2), shown.y(one)), (shown.x(4), shown.y(one) + 66), release=False)
    assert not np.array_equal(shown.picture(), picture)
    QTest.keyClick(shown.view, Qt.Key.Key_Escape)
    shown.hand.release(shown.x(4), shown.y(one))
    assert shown.song.document.project is before
    assert shown.song.document.revision == revision
    assert np.array_equal(shown.picture(), picture)


def test_a_clip_cannot_leave_the_song_to_the_left(shown: Shown) -> None:
    first = _ids(shown.song)[0][0]
    one = shown.song.document.project.tracks[0].id
    shown.hand.drag((shown.x(2), shown.y(one)), (-400, shown.y(one)))
    assert shown.song.start(first) == 0


def test_several_clips_move_together(shown: Shown) -> None:
    (first, second), (third,), _ = _ids(shown.song)
    one, two = (track.id for track in shown.song.document.project.tracks[:2])
    shown.view.stage.select((first, third))
    starts = shown.song.start(first), shown.song.start(third)
    shown.hand.drag((shown.x(1.5), shown.y(one)), (shown.x(2.5), shown.y(two)), Ctrl)
    moved = shown.song.start(first) - starts[0]
    assert moved > 0
    assert shown.song.start(third) - starts[1] == moved
    assert [clip.id for clip in shown.song.document.project.tracks[2].clips] == [third]
    assert shown.song.start(second) == 5 * RATE


def test_trim_moves_an_edge_as_far_as_the_media_reach(shown: Shown) -> None:
    first = _ids(shown.song)[0][0]
    one = shown.song.document.project.tracks[0].id
    shown.view.pointer.grid = "off"
    shown.hand.drag((shown.x(1) + 2, shown.y(one, part=0.9)), (shown.x(0.1), shown.y(one)))
    clip = shown.song.clip(first)
    assert isinstance(clip, AudioClip)
    assert clip.source == RATE - (RATE - shown.song.start(first))
    assert shown.song.end(first) == 3 * RATE
    shown.hand.drag((shown.x(3) - 2, shown.y(one, part=0.9)), (shown.x(4.9), shown.y(one)))
    assert shown.song.end(first) == 5 * RATE


def test_alt_drag_leaves_the_original_and_selects_the_copy(shown: Shown) -> None:
    first = _ids(shown.song)[0][0]
    one, _, three = (track.id for track in shown.song.document.project.tracks)
    shown.hand.drag((shown.x(2), shown.y(one)), (shown.x(2), shown.y(three)), Alt)
    assert shown.song.start(first) == RATE
    copies = shown.song.document.project.tracks[2].clips
    assert len(copies) == 1
    assert shown.view.stage.selection == {copies[0].id}
    shown.song.document.undo()
    assert not shown.song.document.project.tracks[2].clips


def test_fade_handles_and_gain_handle(shown: Shown) -> None:
    first = _ids(shown.song)[0][0]
    one = shown.song.document.project.tracks[0].id
    top = shown.y(one, part=0.0) + 18
    shown.hand.drag((shown.x(1) + 6, top), (shown.x(1.5), top))
    assert _close(shown.song.clip(first).fade_in, 0.5 * RATE, 1.5, shown)
    shown.hand.drag((shown.x(3) - 6, top), (shown.x(2.75), top))
    assert _close(shown.song.clip(first).fade_out, 0.25 * RATE, 1.5, shown)
    shown.hand.drag((shown.x(2), top + 4), (shown.x(2), top - 36))
    assert 1.9 < shown.song.clip(first).gain < 2.1
    assert [r.label for r in shown.song.document.revisions][-3:] == ["Fade", "Fade", "Clip gain"]


def test_rubber_band_selects_what_it_touches(shown: Shown) -> None:
    (first, second), (third,), _ = _ids(shown.song)
    one, two, three = (track.id for track in shown.song.document.project.tracks)
    shown.hand.drag((shown.x(4.5), shown.y(three)), (shown.x(2.5), shown.y(one)))
    assert shown.view.stage.selection == {first, third}
    shown.hand.drag((shown.x(4.5), shown.y(three)), (shown.x(5.5), shown.y(one)), Ctrl)
    assert shown.view.stage.selection == {first, second, third}
    shown.hand.drag((shown.x(4.5), shown.y(three)), (shown.x(2.5), shown.y(two)), release=False)
    assert shown.view.stage.selection == {third}
    QTest.keyClick(shown.view, Qt.Key.Key_Escape)
    assert shown.view.stage.selection == {first, second, third}


def test_swiping_over_a_take_chooses_a_range_and_a_click_all_of_it(
    opened: OpenSong, show: Callable[[OpenSong], Shown]
) -> None:
    media = opened.add_media("Takes", np.random.default_rng(1).uniform(-0.5, 0.5, 12 * RATE).astype(np.float32))
    track = opened.add_track("Voice")
    passes = [takes.Pass(RATE, n * 4 * RATE, 4 * RATE) for n in range(3)]
    opened.document.apply(takes.record_passes(track, media, passes))
    shown = show(opened)
    comp = opened.document.project.tracks[0].clips[0]
    assert isinstance(comp, Comp)
    assert len(shown.view.stage.scene.rows) == 4
    first = comp.takes[0].id
    shown.hand.drag((shown.x(2), shown.y(track, 0)), (shown.x(3), shown.y(track, 0)))
    after = opened.document.project.tracks[0].clips[0]
    assert isinstance(after, Comp)
    chosen = [
        (begin.end, span.end) for begin, span in zip(after.spans, after.spans[1:], strict=False) if span.take == first
    ]
    assert len(chosen) == 1
    assert _close(chosen[0][0], RATE, 1.5, shown)
    assert _close(chosen[0][1], 2 * RATE, 1.5, shown)
    shown.hand.click(shown.x(4), shown.y(track, 1))
    after = opened.document.project.tracks[0].clips[0]
    assert isinstance(after, Comp)
    assert {span.take for span in after.spans} == {comp.takes[1].id}
    assert shown.view.stage.scene.row(track, 1).plan.p_style.tolist() == [6]


def test_a_refused_edit_is_told_and_changes_nothing(shown: Shown) -> None:
    told: list[object] = []
    shown.view.failed.connect(told.append)
    shown.song.document.read_only = "This song is open in another window."
    one = shown.song.document.project.tracks[0].id
    before = shown.song.document.project
    shown.hand.drag((shown.x(2), shown.y(one)), (shown.x(4), shown.y(one)))
    shown.view.stage.select((_ids(shown.song)[0][0],))
    shown.view.editing.delete()
    assert shown.song.document.project is before
    assert [str(error) for error in told] == ["This song is open in another window."]
