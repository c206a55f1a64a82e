"""The widget as a whole: scrolling, zooming, following, painting that fails, songs that change."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.document.edits import clips, song, takes, tracks
from studio.document.project import AudioClip
from studio.engine.audio.peaks import PeakBuilder
from studio.engine.audio.status import EngineStatus
from studio.ui.timeline.drops import ASSETS, DropTarget
from studio.ui.timeline.scene import LIVE
from studio.ui.timeline.view import TimelineView

from .conftest import RATE, Hand, OpenSong, Shown


def _fresh(shown: Shown) -> np.ndarray:
    """The canvas painted anew from nothing."""
    canvas = shown.view.stage.canvas
    canvas.mark_all()
    canvas.refresh(at_once=True)
    return canvas.backing.pixels


def _wheel(shown: Shown, turn: int, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier, x: float = 300) -> None:
    at = QPointF(x, 100)
    port = shown.view.viewport()
    event = QWheelEvent(
        at, port.mapToGlobal(at), QPoint(), QPoint(0, turn), Qt.MouseButton.NoButton, held,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(port, event)


@pytest.mark.parametrize("by", [(40, 0), (-25, 0), (333, 0), (0, 30), (0, -17), (60, 45), (-60, -45), (5000, 0)])
def test_a_scrolled_picture_equals_a_fresh_one(shown: Shown, by: tuple[int, int]) -> None:
    for name in range(12):
        shown.song.add_track(f"More {name}")
    shown.view.stage.select((shown.song.document.project.tracks[0].clips[0].id,))
    shown.view.navigation.scroll_by(200, 60)
    shown.picture()
    shown.view.navigation.scroll_by(*by)
    assert np.array_equal(shown.picture().copy(), _fresh(shown))


def test_edits_repaint_exactly_what_changed(shown: Shown) -> None:
    shown.picture()
    first, second = (clip.id for clip in shown.song.document.project.tracks[0].clips)
    steps = [
        clips.trim_clips((first,), "right", -RATE // 2),
        clips.split_clips((second,), 6 * RATE),
        clips.set_fades(first, RATE // 4, RATE // 4),
        clips.mute_clips((first,), True),
        tracks.recolor_track(shown.song.document.project.tracks[1].id, "#7fd1ae"),
        tracks.move_track(shown.song.document.project.tracks[2].id, 0),
        song.set_tempo(0, 90.0),
        song.set_signature(0, 3, 4),
        tracks.remove_tracks((shown.song.document.project.tracks[0].id,)),
    ]
    for edit in steps:
        shown.song.document.apply(edit)
        assert np.array_equal(shown.picture().copy(), _fresh(shown)), edit.label
    for _ in steps:
        shown.song.document.undo()
        assert np.array_equal(shown.picture().copy(), _fresh(shown))


def test_what_lies_under_another_clip_leaves_no_marks_on_it(shown: Shown) -> None:
    track, media = shown.song.document.project.tracks[2].id, shown.song.document.project.media[0]
    under = shown.song.put(track, media, 1.0, 2.0)
    shown.song.put(track, media, 2.0, 2.0)
    part = slice(round(shown.x(2.2)), round(shown.x(3.9)))
    both = shown.picture()[:, part].copy()
    shown.song.document.apply(clips.delete_clips((under,)))
    assert np.array_equal(shown.picture()[:, part], both)


def test_wheel_scrolls_and_zooms_at_the_pointer(shown: Shown) -> None:
    axis = shown.view.stage.canvas.axis
    _wheel(shown, -120, Qt.KeyboardModifier.ShiftModifier)
    assert shown.view.stage.canvas.axis.scroll > axis.scroll
    before = shown.view.stage.frame_at(300)
    _wheel(shown, 120, Qt.KeyboardModifier.ControlModifier)
    assert shown.view.stage.canvas.axis.per_tick > axis.per_tick
    assert abs(shown.view.stage.x_of(before) - 300) <= 1.5
    height = shown.view.stage.scene.logical_height(shown.song.document.project.tracks[0].id)
    _wheel(shown, 120, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert shown.view.stage.scene.logical_height(shown.song.document.project.tracks[0].id) > height


def test_a_zoom_step_ends_sharp(shown: Shown, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    shown.picture()
    shown.view.stage.canvas._took = 1.0
    shown.view.navigation.zoom(1.3, 400)
    stretched = shown.view.stage.canvas.backing.pixels.copy()
    while shown.view.stage.canvas.refresh():
        pass
    sharp = shown.view.stage.canvas.backing.pixels.copy()
    assert not np.array_equal(stretched, sharp)
    assert np.array_equal(sharp, _fresh(shown))


def test_the_playhead_is_followed_by_pages(shown: Shown) -> None:
    shown.view.navigation.follow_mode = "page"
    width = shown.view.stage.canvas.backing.width
    end = shown.view.stage.frame_at(width + 10)
    shown.view.tick(EngineStatus(playing=True, position=end))
    assert 0 <= shown.view.stage.x_of(end) < width * 0.1
    shown.view.navigation.follow_mode = "off"
    shown.view.tick(EngineStatus(playing=True, position=0))
    assert shown.view.stage.x_of(0) < 0


def test_painting_that_fails_is_counted_and_told(
    arranged: OpenSong, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = TimelineView()
    view.resize(800, 400)
    view.set_session(arranged)
    told: list[str] = []
    view.painting_failed.connect(lambda text, _detail: told.append(text))

    def broken(*_: object) -> None:
        raise ValueError("no picture")

    with monkeypatch.context() as patch:
        patch.setattr(view.stage.canvas.waves, "bins", broken)
        view.grab()
    assert view.paint_failures >= 1
    assert len(told) == 1
    failures = view.paint_failures
    view.stage.canvas.mark_all()
    view.grab()
    assert view.paint_failures == failures
    view.close_down()
    view.deleteLater()


def test_a_growing_take_is_drawn_and_goes_away(shown: Shown) -> None:
    track = shown.song.document.project.tracks[2].id
    empty = shown.picture().copy()
    builder = PeakBuilder(1)
    shown.song.growing[track] = builder
    for n in range(1, 6):
        builder.append(np.full((1, RATE // 2), 0.5, np.float32))
        taking = n * RATE // 2
        shown.view.tick(EngineStatus(playing=True, recording=True, position=RATE + taking, taking=taking))
        assert np.array_equal(shown.picture().copy(), _fresh(shown))
    row = shown.view.stage.scene.row(track)
    assert row is not None
    assert row.plan.ids == [LIVE]
    assert (row.plan.first[0], row.plan.last[0]) == (RATE, RATE + 5 * RATE // 2)
    shown.song.growing = {}
    shown.view.tick(EngineStatus())
    assert np.array_equal(shown.picture(), empty)


def test_a_loop_recording_starts_again_at_the_loop(shown: Shown) -> None:
    track = shown.song.document.project.tracks[2].id
    shown.song.document.apply(song.set_loop(1920, 3840, True))
    shown.song.growing[track] = PeakBuilder(1)
    for position, taking in ((RATE + 9000, 9000), (2 * RATE - 100, RATE - 100), (RATE + 500, RATE + 500)):
        shown.view.tick(EngineStatus(playing=True, recording=True, position=position, taking=taking))
    row = shown.view.stage.scene.row(track)
    assert row is not None
    assert (row.plan.first[0], row.plan.last[0]) == (RATE, RATE + 500)
    assert (row.plan.first[0] + row.plan.p_shift[-1]) == RATE


def _drop(shown: Shown, data: QMimeData, x: float, y: float) -> None:
    view = shown.view
    at, copy = QPoint(round(x), round(y)), Qt.DropAction.CopyAction
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
    enter = QDragEnterEvent(at, copy, data, left, none)
    QApplication.sendEvent(view.viewport(), enter)
    assert enter.isAccepted()
    QApplication.sendEvent(view.viewport(), QDropEvent(QPointF(at), copy, data, left, none))


def test_drops_say_which_files_and_where(shown: Shown, tmp_path: Path) -> None:
    found: list[tuple[list[str], DropTarget]] = []
    shown.view.files_dropped.connect(lambda paths, target: found.append((paths, target)))
    files = [tmp_path / "a b.wav", tmp_path / "ü.wav"]
    for file in files:
        file.write_bytes(b"RIFF")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    one, two = (track.id for track in shown.song.document.project.tracks[:2])
    _drop(shown, data, shown.x(4), shown.y(two))
    _drop(shown, data, shown.x(4), shown.y(two, part=0.0) + 1)
    _drop(shown, data, shown.x(4), shown.y(two, part=1.0) - 2)
    _drop(shown, data, shown.x(4), 400)
    assets = QMimeData()
    assets.setData(ASSETS, json.dumps(["/sounds/kick.wav"]).encode())
    _drop(shown, assets, shown.x(0), shown.y(one))
    assert [paths for paths, _ in found] == [[str(f) for f in files]] * 4 + [["/sounds/kick.wav"]]
    targets = [target for _, target in found]
    assert [(target.track, target.index) for target in targets] == [
        (two, 1),
        (None, 1),
        (None, 2),
        (None, 3),
        (one, 0),
    ]
    assert abs(targets[0].frame - 4 * RATE) < RATE / 50
    assert targets[4].frame == 0


def test_other_drags_are_refused(shown: Shown) -> None:
    data = QMimeData()
    data.setText("words")
    enter = QDragEnterEvent(
        QPoint(50, 50), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(shown.view.viewport(), enter)
    assert not enter.isAccepted()


def test_keys_walk_over_clips_and_tracks(shown: Shown) -> None:
    (first, second), (third,) = ([clip.id for clip in track.clips] for track in shown.song.document.project.tracks[:2])
    one, _, three = (track.id for track in shown.song.document.project.tracks)
    shown.view.select_track(one)
    steps = [
        (Qt.Key.Key_Right, {first}),
        (Qt.Key.Key_Right, {second}),
        (Qt.Key.Key_Left, {first}),
        (Qt.Key.Key_Down, {third}),
        (Qt.Key.Key_Up, {first}),
    ]
    for key, chosen in steps:
        QTest.keyClick(shown.view, key)
        assert shown.view.stage.selection == chosen
    QTest.keyClick(shown.view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert shown.view.stage.selection == {first, second}
    QTest.keyClick(shown.view, Qt.Key.Key_Escape)
    assert not shown.view.stage.selection
    QTest.keyClick(shown.view, Qt.Key.Key_Down)
    QTest.keyClick(shown.view, Qt.Key.Key_Down)
    assert shown.view.stage.track_id == three


def test_selection_follows_undo(shown: Shown) -> None:
    first = shown.song.document.project.tracks[0].clips[0].id
    shown.view.stage.select((first,))
    shown.view.editing.duplicate()
    assert len(shown.view.stage.selection) == 1
    assert first not in shown.view.stage.selection
    shown.song.document.undo()
    assert not shown.view.stage.selection


def test_missing_media_are_marked(shown: Shown) -> None:
    clip = shown.song.document.project.tracks[0].clips[0]
    assert isinstance(clip, AudioClip)
    usual = shown.picture().copy()
    shown.song.missing = frozenset({clip.media})
    shown.view.stage.restyle()
    assert not np.array_equal(shown.picture(), usual)
    assert shown.view.editing.relink_wanted(clip) == clip.media


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_every_pixel_ratio_scrolls_sharp(arranged: OpenSong, show: Callable[[OpenSong], Shown], ratio: float) -> None:
    media = next(iter(arranged.document.project.media))
    passes = [takes.Pass(8 * RATE, n * RATE, RATE) for n in range(3)]
    arranged.document.apply(takes.record_passes(arranged.document.project.tracks[2].id, media, passes))
    shown = show(arranged)
    stage = shown.view.stage
    stage.scene.rescale(ratio)
    stage.canvas.show(stage.canvas.axis.at_ratio(ratio), 0)
    stage.canvas.resize(round(800 * ratio), round(400 * ratio))
    stage.canvas.refresh()
    for scroll, top in ((37, 0), (90, 31), (20, 8)):
        stage.canvas.show(stage.canvas.axis.scrolled_to(scroll), top)
        stage.canvas.refresh()
        assert np.array_equal(stage.canvas.backing.pixels.copy(), _fresh(shown))


def test_no_song_shows_and_does_nothing(qapp: QApplication) -> None:
    view = TimelineView()
    view.resize(600, 300)
    view.show()
    hand = Hand(view.viewport())
    hand.drag((20, 20), (200, 100))
    hand.double_click(50, 50)
    QTest.keyClick(view, Qt.Key.Key_Right)
    view.tick(EngineStatus(position=5))
    for command in view.commands():
        assert command.enabled() is False or command.id.startswith("view.") or command.id == "timeline.focus"
    view.grab()
    assert view.paint_failures == 0
    view.close_down()
    view.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
