"""What the note editor sounds while notes are drawn, moved and pointed at."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest

from studio.document.edits.notes import set_transpose
from studio.ui.drumgrid.headers import LaneHeaders
from studio.ui.pianoroll.keyboard import Keyboard

from .conftest import Editor, OpenSong

Left = Qt.MouseButton.LeftButton


def song(editor: Editor) -> OpenSong:
    found = editor.panel.stage.session
    assert isinstance(found, OpenSong)
    return found


def test_the_track_of_the_clip_is_played_by_hand(editor: Editor) -> None:
    assert song(editor).by_hand == [editor.document.project.tracks[0].id]


def test_a_drawn_note_sounds_for_a_moment(editor: Editor, qtbot) -> None:
    x, y = editor.at(4.3, 62)
    editor.hand.double_click(x, y)
    assert song(editor).keys == [(62, 96)]
    qtbot.waitUntil(lambda: song(editor).keys == [(62, 96), (62, 0)])


def test_a_moved_note_sounds_at_each_new_pitch_and_not_where_only_time_changes(editor: Editor, qtbot) -> None:
    editor.hand.drag(editor.at(0.25, 60), editor.at(2.25, 60))
    assert song(editor).keys == []
    editor.hand.drag(editor.at(2.25, 60), editor.at(2.25, 67))
    begun = [pitch for pitch, velocity in song(editor).keys if velocity]
    assert begun[-1] == 67
    qtbot.waitUntil(lambda: song(editor).keys[-1] == (67, 0))
    assert len([key for key in song(editor).keys if key[1] == 0]) == len(begun)


def test_a_key_sounds_while_it_is_held_and_the_next_one_under_the_pointer(editor: Editor) -> None:
    keys = editor.view.findChild(Keyboard)
    assert keys is not None
    first, second = (QPoint(20, round(editor.at(0, pitch)[1])) for pitch in (60, 62))
    QTest.mousePress(keys, Left, pos=first)
    assert song(editor).keys == [(60, 96)]
    at, none = QPointF(second), Qt.MouseButton.NoButton
    keys.mouseMoveEvent(QMouseEvent(QEvent.Type.MouseMove, at, at, none, Left, Qt.KeyboardModifier.NoModifier))
    QTest.mouseRelease(keys, Left, pos=second)
    assert song(editor).keys == [(60, 96), (60, 0), (62, 96), (62, 0)]


def test_a_transposed_clip_sounds_as_it_plays(editor: Editor) -> None:
    editor.document.apply(set_transpose(editor.clip.id, 12))
    editor.panel.stage.hear(60, held=True)
    editor.panel.stage.hear(120, held=True)
    assert song(editor).keys == [(72, 96)], "nothing sounds beyond the highest pitch"
    editor.panel.stage.hush()


def test_a_lane_sounds_when_it_is_clicked(kit: Editor) -> None:
    lanes = kit.view.findChild(LaneHeaders)
    assert lanes is not None
    QTest.mouseClick(lanes, Left, pos=QPoint(20, round(kit.at(0, 38)[1])))
    assert song(kit).keys[0] == (38, 96)


def test_nothing_hangs_when_another_song_is_opened(editor: Editor) -> None:
    before = song(editor)
    editor.panel.stage.hear(60, held=True)
    editor.panel.set_session(None)
    assert before.keys == [(60, 96), (60, 0)]
