"""The ruler's and the headers' gestures."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from studio.document.edits import song
from studio.document.project import Marker, Section
from studio.engine.audio.status import EngineStatus
from studio.ui.timeline.header_layout import WIDTH, layout
from studio.ui.timeline.ruler_lanes import BARS, LOOP, MARKERS, SECTIONS, time_step, time_text

from .conftest import RATE, Hand, Shown

LOOP_Y, BARS_Y, MARKERS_Y, SECTIONS_Y = LOOP[1] - 4, BARS[1] - 4, MARKERS[0] + 8, SECTIONS[0] + 8


def _x(shown: Shown, tick: int) -> float:
    return shown.view.stage.canvas.axis.x(tick)


def test_dragging_sets_the_loop_and_a_click_toggles_it(shown: Shown) -> None:
    hand, document = Hand(shown.view.ruler), shown.song.document
    revisions = len(document.revisions)
    hand.drag((_x(shown, 1930), LOOP_Y), (_x(shown, 5750), LOOP_Y))
    assert (document.project.loop.start, document.project.loop.end, document.project.loop.on) == (1920, 5760, True)
    assert len(document.revisions) == revisions + 1
    hand.drag((_x(shown, 5760) + 2, LOOP_Y), (_x(shown, 7680), LOOP_Y))
    assert (document.project.loop.start, document.project.loop.end) == (1920, 7680)
    hand.click(_x(shown, 4000), LOOP_Y)
    assert not document.project.loop.on
    hand.drag((_x(shown, 0), LOOP_Y), (_x(shown, 960), LOOP_Y), release=False)
    QTest.keyClick(shown.view, Qt.Key.Key_Escape)
    hand.release(_x(shown, 960), LOOP_Y)
    assert (document.project.loop.start, document.project.loop.end) == (1920, 7680)


def test_a_click_on_the_bars_locates_on_the_grid(shown: Shown) -> None:
    found: list[int] = []
    shown.view.locate_requested.connect(found.append)
    hand = Hand(shown.view.ruler)
    hand.click(_x(shown, 3840) + 3, BARS_Y)
    assert found == [2 * RATE]
    assert shown.view.stage.playhead == 2 * RATE
    hand.click(_x(shown, 3840) + 3, BARS_Y, Qt.KeyboardModifier.ControlModifier)
    assert found[1] > 2 * RATE


def test_sections_are_drawn_moved_sized_and_named(shown: Shown) -> None:
    hand, document = Hand(shown.view.ruler), shown.song.document
    hand.drag((_x(shown, 0), SECTIONS_Y), (_x(shown, 3840), SECTIONS_Y))
    (section,) = document.project.sections
    assert (section.start, section.length) == (0, 3840)
    editor = shown.view.ruler.findChild(QLineEdit)
    assert editor is not None
    QTest.keyClicks(editor, "Verse")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert document.project.sections[0].name == "Verse"
    hand.drag((_x(shown, 3840) - 1, SECTIONS_Y), (_x(shown, 7680), SECTIONS_Y))
    assert document.project.sections[0].length == 7680
    hand.drag((_x(shown, 2000), SECTIONS_Y), (_x(shown, 2000 + 3840), SECTIONS_Y))
    assert (document.project.sections[0].start, document.project.sections[0].length) == (3840, 7680)


def test_markers_are_moved_and_located(shown: Shown) -> None:
    document = shown.song.document
    document.apply(song.put_marker(Marker("marker-1", 3840, "Here")))
    found: list[int] = []
    shown.view.locate_requested.connect(found.append)
    hand = Hand(shown.view.ruler)
    hand.click(_x(shown, 3840) + 3, MARKERS_Y)
    assert found == [2 * RATE]
    hand.drag((_x(shown, 3840) + 3, MARKERS_Y), (_x(shown, 5760), MARKERS_Y))
    assert document.project.markers[0].start == 5760


def test_the_ruler_shows_lanes_without_failing(shown: Shown) -> None:
    shown.song.document.apply(song.put_section(Section("section-1", 0, "Verse", 3840)))
    shown.song.document.apply(song.set_tempo(3840, 60.0, True))
    shown.song.document.apply(song.set_signature(7680, 7, 8))
    before = shown.view.ruler.grab().toImage()
    for factor in (0.01, 3, 30, 100, 1000):
        shown.view.navigation.zoom(factor)
        assert shown.view.ruler.grab().toImage() != before
    assert shown.view.paint_failures == 0


def test_times_have_the_decimals_they_need() -> None:
    assert time_step(0.3) == 0.5
    assert [time_text(61.5, step) for step in (1, 0.5, 0.05, 0.001)] == ["1:02", "1:01.5", "1:01.50", "1:01.500"]
    assert time_text(59.9996, 0.5) == "1:00.0"


def _at(shown: Shown, track_id: str, letter: str) -> tuple[float, float]:
    row = shown.view.stage.scene.row(track_id)
    assert row is not None
    place = shown.view.headers.parts(row).buttons[letter].translated(shown.view.headers.box(row).topLeft())
    return place.center().x(), place.center().y()


def test_header_buttons_mute_solo_and_arm(shown: Shown) -> None:
    hand, document = Hand(shown.view.headers), shown.song.document
    track = document.project.tracks[1].id
    for letter in "MSR":
        hand.click(*_at(shown, track, letter))
    found = document.project.tracks[1]
    assert (found.strip.mute, found.strip.solo, found.armed) == (True, True, True)
    assert shown.view.stage.track_id == track
    assert [r.label for r in document.revisions][-3:] == ["Mute", "Solo", "Arm track"]


def test_every_button_is_large_enough_to_hit() -> None:
    for height in range(12, 200):
        parts = layout(height, True)
        for place in parts.buttons.values():
            assert min(place.width(), place.height()) >= 22
            assert place.right() < WIDTH
            assert place.top() >= 0
            assert place.bottom() < height


def test_the_level_is_felt_while_it_moves_and_one_edit_on_release(shown: Shown) -> None:
    hand, document = Hand(shown.view.headers), shown.song.document
    track = document.project.tracks[0]
    row = shown.view.stage.scene.row(track.id)
    assert row is not None
    place = shown.view.headers.parts(row).level.translated(shown.view.headers.box(row).topLeft())
    revisions = len(document.revisions)
    y = place.center().y()
    hand.drag((place.right() - 10, y), (place.left() + 5, y))
    assert len(shown.song.strips) > 2
    assert document.project.tracks[0].strip.gain < 1
    assert document.project.tracks[0].strip.gain == shown.song.strips[-1][1]
    assert len(document.revisions) == revisions + 1
    hand.drag((place.left() + 5, y), (place.right(), y), release=False)
    QTest.keyClick(shown.view, Qt.Key.Key_Escape)
    assert len(document.revisions) == revisions + 1
    assert shown.song.strips[-1] == (track.id, document.project.tracks[0].strip.gain)


def test_dragging_a_header_reorders_and_its_border_sizes(shown: Shown) -> None:
    hand, document = Hand(shown.view.headers), shown.song.document
    one, two, three = (track.id for track in document.project.tracks)
    hand.drag((100, 10), (100, 150))
    assert [track.id for track in document.project.tracks] == [two, three, one]
    document.undo()
    hand.drag((100, 65), (100, 105))
    assert shown.view.stage.scene.logical_height(one) == 66 + 40
    assert shown.view.stage.scene.logical_height(two) == 66


def test_double_click_renames_a_track_in_place(shown: Shown, qapp: QApplication) -> None:
    hand, document = Hand(shown.view.headers), shown.song.document
    hand.double_click(40, 16)
    editor = shown.view.headers.findChild(QLineEdit)
    assert editor is not None
    QTest.keyClicks(editor, "Voice")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert document.project.tracks[0].name == "Voice"


def test_meters_repaint_only_where_they_changed(shown: Shown, qapp: QApplication) -> None:
    track = shown.song.document.project.tracks[0].id
    before = shown.view.headers.grab().toImage()
    shown.view.tick(EngineStatus(meters={track: (0.5, 0.5)}))
    after = shown.view.headers.grab().toImage()
    row = shown.view.stage.scene.row(track)
    assert row is not None
    place = shown.view.headers.parts(row).meter
    changed = [
        QPoint(x, y)
        for x in range(before.width())
        for y in range(before.height())
        if before.pixel(x, y) != after.pixel(x, y)
    ]
    assert changed
    assert all(place.contains(point) for point in changed)


def test_a_scrolled_ruler_equals_a_fresh_one(shown: Shown) -> None:
    shown.song.document.apply(song.put_section(Section("section-1", 0, "Verse", 9600)))
    shown.song.document.apply(song.put_marker(Marker("marker-1", 3840, "Here")))
    shown.song.document.apply(song.set_loop(1920, 5760, True))
    ruler, navigation = shown.view.ruler, shown.view.navigation
    navigation.scroll_by(300, 0)
    ruler.grab()
    for by in (37, -11, 140, -166, 2000):
        navigation.scroll_by(by, 0)
        moved = ruler.grab().toImage()
        ruler.refresh()
        assert ruler.grab().toImage() == moved
